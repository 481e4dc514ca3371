"""HTTPS: every way a certificate or a handshake can be wrong has its own reason; our own files are our own fault."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from probes.sample import Outcome
from tests.probes.pages import (
    Authority,
    Names,
    answer,
    authority,
    certificate,
    paths,
    probe,
    prober,
    run,
    saying,
    server,
    serving,
    target,
)

UP, DOWN, UNKNOWN = Outcome.UP, Outcome.DOWN, Outcome.UNKNOWN
GOOD = saying(answer(body=b"safe"))


@pytest.fixture
def ca(tmp_path: Path) -> Authority:
    return authority(tmp_path)


@contextmanager
def blocking(context: ssl.SSLContext) -> Iterator[int]:
    """A server on plain blocking sockets: unlike asyncio's it sends its alert before it closes."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                taken, _ = listening.accept()
            except OSError:
                return
            with taken, context.wrap_socket(taken, server_side=True, do_handshake_on_connect=False) as spoken:
                try:
                    spoken.do_handshake()
                    spoken.recv(65536)
                    spoken.sendall(answer(body=b"safe"))
                except ssl.SSLError:
                    while socket.socket.recv(spoken, 65536):  # closing on unread bytes would reset the alert away
                        pass

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()


async def test_a_good_certificate_is_up_and_its_handshake_a_phase(ca: Authority) -> None:
    async with server(GOOD, serving(certificate(ca))) as port:
        seen = await probe(f"https://127.0.0.1:{port}/", tls={"ca": ca.file}, expect={"body": {"contains": "safe"}})
    assert (seen.outcome, seen.reason) == (UP, None)
    assert [name for name, _ in seen.phases] == ["connect", "tls", "first_byte", "transfer"]
    told = "\n".join(seen.steps)
    assert "TLSv1.3" in told and "CN=test authority" in told and "valid until" in told and "(29 days)" in told


@pytest.mark.parametrize(
    ("names", "days", "own", "reason"),
    [
        (["127.0.0.1"], (-9, -1), False, "tls_expired"),
        (["127.0.0.1"], (1, 30), False, "tls_not_yet_valid"),
        (["192.0.2.1", "other.test"], (-1, 30), False, "tls_hostname"),
        (["127.0.0.1"], (-1, 30), True, "tls_untrusted"),
    ],
)
async def test_each_fault_of_a_certificate_has_its_reason(
    ca: Authority, names: list[str], days: tuple[float, float], own: bool, reason: str
) -> None:
    async with server(GOOD, serving(certificate(ca, names, days, own))) as port:
        seen = await probe(f"https://127.0.0.1:{port}/", tls={"ca": ca.file})
        assert (seen.outcome, seen.reason) == (DOWN, reason)
        seen = await probe(f"https://127.0.0.1:{port}/", tls={"insecure skip verify": "true"})
        assert seen.outcome is UP


@pytest.mark.parametrize(("kept", "outcome"), [(True, DOWN), (None, DOWN), (False, UNKNOWN)])
async def test_dates_prove_nothing_by_a_clock_that_nobody_keeps(
    ca: Authority, kept: bool | None, outcome: Outcome
) -> None:
    """None: the kernel does not say. What is wrong with the name stays wrong by any clock."""
    cases = {"tls_not_yet_valid": ["127.0.0.1"], "tls_hostname": ["other.test"]}
    found = {}
    for reason, names in cases.items():
        days = (1, 30) if reason == "tls_not_yet_valid" else (-1, 30)
        async with server(GOOD, serving(certificate(ca, names, days))) as port, prober(kept=kept) as made:
            found[reason] = await run(made, target(f"https://127.0.0.1:{port}/", tls={"ca": ca.file}))
    by_date, by_name = found["tls_not_yet_valid"], found["tls_hostname"]
    assert (by_date.outcome, by_date.reason) == (outcome, "clock" if kept is False else "tls_not_yet_valid")
    assert (by_name.outcome, by_name.reason) == (DOWN, "tls_hostname")
    assert kept is not False or "nobody keeps this machine's clock" in " ".join(by_date.steps)


async def test_an_authority_nobody_told_us_of_is_not_trusted(ca: Authority) -> None:
    async with server(GOOD, serving(certificate(ca))) as port:
        seen = await probe(f"https://127.0.0.1:{port}/")
    assert (seen.outcome, seen.reason) == (DOWN, "tls_untrusted")


async def test_the_server_name_can_be_said(ca: Authority) -> None:
    async with server(GOOD, serving(certificate(ca, ["inner.test"]))) as port:
        told = {"ca": ca.file, "server name": "inner.test"}
        assert (await probe(f"https://127.0.0.1:{port}/", tls=told)).outcome is UP
        told = {"ca": ca.file, "server name": "outer.test"}
        assert (await probe(f"https://127.0.0.1:{port}/", tls=told)).reason == "tls_hostname"


@pytest.mark.parametrize(("least", "outcome"), [(29, UP), (31, DOWN)])
async def test_a_certificate_must_be_valid_for_the_days_wanted(ca: Authority, least: int, outcome: Outcome) -> None:
    async with server(GOOD, serving(certificate(ca))) as port:
        for how in ({"ca": ca.file}, {"insecure_skip_verify": True}):
            asked = target(f"https://127.0.0.1:{port}/", tls=how, expect={"certificate days": least})
            for kept, found in ((True, outcome), (False, outcome if outcome is UP else UNKNOWN)):
                async with prober(kept=kept) as made:
                    seen = await run(made, asked)
                reason = {UP: None, DOWN: "certificate", UNKNOWN: "clock"}[found]
                assert (seen.outcome, seen.reason) == (found, reason)


async def test_a_client_certificate_is_shown_where_one_is_wanted(ca: Authority, tmp_path: Path) -> None:
    own = certificate(ca)
    strange = certificate(authority(tmp_path / "strange"))
    with blocking(serving(certificate(ca), clients=ca)) as port:
        url = f"https://127.0.0.1:{port}/"
        assert (await probe(url, tls={"ca": ca.file, "certificate": own, "key": own})).outcome is UP
        assert (await probe(url, tls={"ca": ca.file, "certificate": own})).outcome is UP
        for wrong in ({"ca": ca.file}, {"ca": ca.file, "certificate": strange}):
            seen = await probe(url, tls=wrong)
            assert (seen.outcome, seen.reason) == (DOWN, "tls_client_certificate")


async def test_files_of_ours_that_cannot_be_used_are_our_fault(ca: Authority, tmp_path: Path) -> None:
    (tmp_path / "junk.pem").write_text("junk")
    async with server(GOOD, serving(certificate(ca))) as port:
        for files in (
            {"ca": str(tmp_path / "none")},
            {"ca": str(tmp_path / "junk.pem")},
            {"certificate": str(tmp_path / "junk.pem")},
            {"certificate": certificate(ca), "key": certificate(ca)},
        ):
            seen = await probe(f"https://127.0.0.1:{port}/", tls=files)
            assert (seen.outcome, seen.reason) == (UNKNOWN, "tls_files")


async def test_a_name_that_ends_in_a_dot_is_looked_for_in_certificates_without_it(ca: Authority) -> None:
    """``a.test.`` is the absolute form of a name; neither certificates nor SNI know it (RFC 6066 section 3)."""
    names = Names({"a.test.": "127.0.0.1"})
    async with server(GOOD, serving(certificate(ca, ["a.test"]))) as port, prober(names=names) as made:
        seen = await run(made, target(f"https://a.test.:{port}/", tls={"ca": ca.file}))
    assert seen.outcome is UP


@pytest.mark.parametrize(
    "name", [".a.test", "a..test", "a" * 64 + ".test", "", "a test", "*.a.test", "a.test\0", "1.2.3"]
)
def test_a_server_name_that_tls_cannot_ask_for_is_refused_with_the_configuration(name: str) -> None:
    with pytest.raises(ValueError, match=r"server.name"):
        target("https://a.test/", tls={"server name": name})


@pytest.mark.parametrize("name", ["a_b.test", "a.test.", "BÜCHER.test", "127.0.0.1"])
async def test_every_server_name_that_is_taken_can_be_asked_for(ca: Authority, name: str) -> None:
    found = name.rstrip(".").lower().encode("idna").decode()
    async with server(GOOD, serving(certificate(ca, [found]))) as port:
        seen = await probe(f"https://127.0.0.1:{port}/", tls={"ca": ca.file, "server name": name})
    assert seen.outcome is UP


async def test_the_zone_of_an_address_is_no_part_of_what_a_certificate_names(ca: Authority) -> None:
    names = Names({"a.test": "127.0.0.1"})
    async with server(GOOD, serving(certificate(ca, ["fe80::7"]))) as port, prober(names=names) as made:
        aim = target(f"https://a.test:{port}/", tls={"ca": ca.file, "server name": "fe80::7%lo"})
        assert (await run(made, aim)).outcome is UP


async def test_the_oldest_version_accepted_can_be_said(ca: Authority) -> None:
    old = serving(certificate(ca))
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with blocking(old) as port:
        assert (await probe(f"https://127.0.0.1:{port}/", tls={"ca": ca.file})).outcome is UP
        seen = await probe(f"https://127.0.0.1:{port}/", tls={"ca": ca.file, "minimum": "1.3"})
    assert (seen.outcome, seen.reason) == (DOWN, "tls_protocol")


async def test_a_server_that_speaks_plain_http_is_told_so() -> None:
    async with server(saying(answer())) as port:
        seen = await probe(f"https://127.0.0.1:{port}/", within=0.4)
    assert (seen.outcome, seen.reason) == (DOWN, "timeout")  # it waits for the end of a head that never comes

    async def at_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer())
        await writer.drain()
        writer.close()

    listening = await asyncio.start_server(at_once, "127.0.0.1", 0)
    seen = await probe(f"https://127.0.0.1:{listening.sockets[0].getsockname()[1]}/")
    listening.close()
    assert (seen.outcome, seen.reason) == (DOWN, "tls_protocol")


async def test_a_stalled_handshake_is_a_timeout_after_connecting() -> None:
    async with server(saying(then="silence")) as port:
        seen = await probe(f"https://127.0.0.1:{port}/", within=0.3)
    assert (seen.outcome, seen.reason) == (DOWN, "timeout")
    assert [name for name, _ in seen.phases] == ["connect"]
    assert any("no end of the TLS handshake within the timeout" in step for step in seen.steps)


async def test_a_handshake_cut_off_is_told_from_a_bad_certificate() -> None:
    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.close()

    listening = await asyncio.start_server(cut, "127.0.0.1", 0)
    seen = await probe(f"https://127.0.0.1:{listening.sockets[0].getsockname()[1]}/")
    listening.close()
    assert seen.outcome is DOWN and seen.reason in ("tls_closed", "reset")


async def test_a_redirect_from_https_to_http_is_refused_unless_allowed(ca: Authority) -> None:
    async with server(paths({"/": answer()})) as plain:
        page = answer(f"Location: http://127.0.0.1:{plain}/", status="301 Moved")
        async with server(saying(page), serving(certificate(ca))) as port:
            seen = await probe(f"https://127.0.0.1:{port}/", tls={"ca": ca.file})
            assert (seen.outcome, seen.reason) == (DOWN, "redirect_refused")
            seen = await probe(f"https://127.0.0.1:{port}/", tls={"ca": ca.file}, redirects={"insecure": "true"})
            assert seen.outcome is UP


async def test_a_large_body_over_tls_is_read_whole(ca: Authority) -> None:
    page = answer(body=b"x" * 900_000 + b"end")
    async with server(saying(page), serving(certificate(ca))) as port:
        seen = await probe(f"https://127.0.0.1:{port}/", tls={"ca": ca.file}, expect={"body": {"contains": "xend"}})
    assert (seen.outcome, seen.reason) == (UP, None)


async def test_many_started_at_once_are_spread_and_all_answered(ca: Authority) -> None:
    async with server(GOOD, serving(certificate(ca))) as port, prober() as made:
        aims = [target(f"https://127.0.0.1:{port}/", f"t{n}", timeout=5, tls={"ca": ca.file}) for n in range(40)]
        seen = await asyncio.gather(*(run(made, aim, explain=False) for aim in aims))
    assert {one.outcome for one in seen} == {UP}
    starts = sorted(one.at for one in seen)
    assert all(starts[n + 5] - starts[n] > 5_000_000 for n in range(35))


async def test_a_kept_tls_connection_is_used_again(ca: Authority) -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes) -> None:
        while head:
            writer.write(answer(body=b"x"))
            head = await reader.readuntil(b"\r\n\r\n")

    async with server(handle, serving(certificate(ca))) as port, prober() as made:
        aim = target(f"https://127.0.0.1:{port}/", keep_alive="true", tls={"ca": ca.file})
        first, second = await run(made, aim), await run(made, aim)
    assert (first.outcome, second.outcome) == (UP, UP)
    assert "tls" in dict(first.phases) and "tls" not in dict(second.phases)
