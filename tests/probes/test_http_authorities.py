"""The authorities that servers' certificates are held against, where the system's are meant."""

import os
import subprocess
from pathlib import Path

import pytest

from probes.net.http_options import Tls
from probes.net.tls import Trust
from probes.sample import Outcome
from tests.probes.descriptors import few_descriptors
from tests.probes.pages import Authority, answer, authority, certificate, prober, run, saying, server, serving, target

UP, UNKNOWN = Outcome.UP, Outcome.UNKNOWN
GOOD = saying(answer(body=b"safe"))


@pytest.fixture
def ca(tmp_path: Path) -> Authority:
    return authority(tmp_path)


def _system(monkeypatch: pytest.MonkeyPatch, file: object, directory: object) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    monkeypatch.setenv("SSL_CERT_DIR", str(directory))


def _hashed(ca: Authority, directory: Path) -> Path:
    """A directory as openssl-rehash makes it, and a link in it that leads nowhere."""
    directory.mkdir()
    asked = ["openssl", "x509", "-hash", "-noout", "-in", ca.file]
    name = subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()
    (directory / f"{name}.0").symlink_to(ca.file)
    (directory / "00000000.0").symlink_to(directory / "nowhere")
    return directory


async def test_a_machine_without_authorities_is_at_fault_itself_until_it_has_some(
    ca: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _system(monkeypatch, tmp_path / "system.pem", tmp_path / "none")
    async with server(GOOD, serving(certificate(ca))) as port, prober() as made:
        seen = await run(made, target(f"https://127.0.0.1:{port}/"))
        assert (seen.outcome, seen.reason) == (UNKNOWN, "tls_files")
        (tmp_path / "system.pem").symlink_to(ca.file)
        assert (await run(made, target(f"https://127.0.0.1:{port}/"))).outcome is UP


@pytest.mark.needs("openssl")
@pytest.mark.parametrize("bundled", [True, False])
async def test_authorities_that_could_not_be_opened_for_want_of_descriptors_are_not_missing(
    ca: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bundled: bool
) -> None:
    """First there is none; then one for each end of the connection. OpenSSL says nothing of what it cannot open."""
    none, directory = tmp_path / "none", _hashed(ca, tmp_path / "certs")
    _system(monkeypatch, ca.file if bundled else none, none if bundled else directory)
    async with server(GOOD, serving(certificate(ca))) as port:
        aim = target(f"https://127.0.0.1:{port}/")
        async with prober() as made:
            with few_descriptors(0):
                assert (await run(made, aim)).outcome is UNKNOWN
            assert (await run(made, aim)).outcome is UP
        async with prober() as made:
            with few_descriptors(2):
                assert (await run(made, aim)).outcome is UP


def test_authorities_that_were_renewed_are_trusted_without_a_restart(
    ca: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = tmp_path / "system.pem"
    bundle.write_bytes(Path(authority(tmp_path / "old").file).read_bytes())
    _system(monkeypatch, bundle, tmp_path / "none")
    trust = Trust(Tls())
    before = trust.context(0)
    assert trust.context(59 * 10**9) is before
    bundle.write_bytes(Path(ca.file).read_bytes())
    os.utime(bundle, ns=(1, 1))
    assert trust.context(61 * 10**9) is not before
