"""The certificate that we show: what is wrong with it is our own fault, and what they make of it is not."""

from pathlib import Path

import pytest

from probes.sample import Outcome
from tests.probes.pages import (
    Authority,
    answer,
    authority,
    certificate,
    probe,
    prober,
    run,
    saying,
    server,
    serving,
    target,
)
from tests.probes.test_http_tls import GOOD, blocking

UP, DOWN, UNKNOWN = Outcome.UP, Outcome.DOWN, Outcome.UNKNOWN


@pytest.fixture
def ca(tmp_path: Path) -> Authority:
    return authority(tmp_path)


def behind(file: str, other: str) -> None:
    """Add the other file's certificate to one."""
    added = Path(other).read_text()
    Path(file).write_text(Path(file).read_text() + added[added.index("-----BEGIN CERT") :])


@pytest.mark.parametrize("days", [(-9, -1), (1, 30)])
async def test_a_client_certificate_of_ours_that_is_out_of_its_time_is_our_fault(
    ca: Authority, days: tuple[float, float]
) -> None:
    own = certificate(ca, days=days)
    with blocking(serving(certificate(ca), clients=ca)) as port:
        seen = await probe(f"https://127.0.0.1:{port}/", tls={"ca": ca.file, "certificate": own})
    assert (seen.outcome, seen.reason) == (UNKNOWN, "tls_files")
    assert "renew it" in " ".join(seen.steps) and own in " ".join(seen.steps)


async def test_whatever_the_server_answers_to_an_expired_certificate_of_ours_proves_nothing(ca: Authority) -> None:
    """Web servers say it with a page (400), or close; what is wrong with theirs, or nobody there, stands."""
    own = certificate(ca, days=(-9, -1))
    asked = {"ca": ca.file, "certificate": own}
    async with server(saying(answer(status="400 Bad Request")), serving(certificate(ca))) as port:
        seen = await probe(f"https://127.0.0.1:{port}/", tls=asked)
        assert (seen.outcome, seen.reason) == (UNKNOWN, "tls_files")
        good = {**asked, "certificate": certificate(ca)}
        assert (await probe(f"https://127.0.0.1:{port}/", tls=good)).reason == "status"
    async with server(saying(b""), serving(certificate(ca))) as port:
        assert (await probe(f"https://127.0.0.1:{port}/", tls=asked)).reason == "tls_files"
    async with server(GOOD, serving(certificate(ca))) as port:
        assert (await probe(f"https://127.0.0.1:{port}/", tls=asked)).outcome is UP
    async with server(GOOD, serving(certificate(ca, ["other.test"]))) as port:
        assert (await probe(f"https://127.0.0.1:{port}/", tls=asked)).reason == "tls_hostname"
    assert (await probe(f"https://127.0.0.1:{port}/", tls=asked)).reason == "refused"
    async with server(saying(then="silence"), serving(certificate(ca))) as port:
        seen = await probe(f"https://127.0.0.1:{port}/", within=0.4, tls=asked)
    assert (seen.outcome, seen.reason) == (DOWN, "timeout")


async def test_a_client_certificate_for_servers_only_is_our_fault(ca: Authority) -> None:
    with blocking(serving(certificate(ca), clients=ca)) as port:
        for uses, outcome in ((("server",), UNKNOWN), (("server", "client"), UP)):
            own = certificate(ca, uses=uses)
            seen = await probe(f"https://127.0.0.1:{port}/", tls={"ca": ca.file, "certificate": own})
            assert (seen.outcome, seen.reason) == (outcome, None if outcome is UP else "tls_files")


async def test_an_expired_authority_behind_our_certificate_matters_where_that_is_refused(
    ca: Authority, tmp_path: Path
) -> None:
    strange = certificate(authority(tmp_path / "strange"))
    behind(strange, certificate(ca, days=(-9, -1)))
    asked = {"ca": ca.file, "certificate": strange}
    with blocking(serving(certificate(ca), clients=ca)) as port:
        assert (await probe(f"https://127.0.0.1:{port}/", tls=asked)).reason == "tls_files"
    async with server(saying(answer(status="400 Bad Request")), serving(certificate(ca))) as port:
        assert (await probe(f"https://127.0.0.1:{port}/", tls=asked)).reason == "status"


async def test_a_refusal_of_our_certificate_proves_nothing_by_a_clock_that_nobody_keeps(
    ca: Authority, tmp_path: Path
) -> None:
    """It may be out of its time, and we do not know it."""
    strange = certificate(authority(tmp_path / "strange"))
    with blocking(serving(certificate(ca), clients=ca)) as port:
        aim = target(f"https://127.0.0.1:{port}/", tls={"ca": ca.file, "certificate": strange})
        for kept, found in ((True, (DOWN, "tls_client_certificate")), (False, (UNKNOWN, "clock"))):
            async with prober(kept=kept) as made:
                seen = await run(made, aim)
            assert (seen.outcome, seen.reason) == found
