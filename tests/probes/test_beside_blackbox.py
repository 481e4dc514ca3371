"""The same servers seen by us and by the real blackbox_exporter: the same verdicts.

Where the two could differ by taste (which statuses are good, whether redirects are followed) both are told the same.
"""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from urllib.parse import quote

import aiohttp
import pytest

from probes.sample import Outcome
from tests.probes.pages import answer, authority, certificate, paths, probe, saying, server, serving

BLACKBOX = "prometheus-blackbox-exporter"
WITHIN = 1.0
LENGTHY = answer(body=b"well " * 20_000)
PAGES = {
    "/good": answer(body=b"all is well"),
    "/empty": answer(status="204 No Content", framed=False),
    "/missing": answer(status="404 Not Found"),
    "/broken": answer(status="500 Internal Server Error", body=b"all is well"),
    "/wrong": answer(body=b"all is lost"),
    "/lengthy": LENGTHY,
    "/moved": answer("Location: /good", status="301 Moved Permanently"),
    "/astray": answer("Location: /missing", status="302 Found"),
    "/round": answer("Location: /round", status="302 Found"),
    "/chunked": answer("Transfer-Encoding: chunked", framed=False) + b"4\r\nwell\r\n0\r\n\r\n",
    "/old": b"HTTP/1.0 200 OK\r\n\r\nall is well",
    "/nonsense": b"this is no HTTP\r\n\r\n",
}
PLAIN: Mapping[str, object] = {}
WELL: Mapping[str, object] = {"expect": {"body": {"contains": "well"}}}
STAYING: Mapping[str, object] = {"redirects": {"follow": 0}, "expect": {"status": "301"}}
MODULES: dict[str, dict[str, object]] = {
    "plain": {},
    "well": {"fail_if_body_not_matches_regexp": ["well"]},
    "staying": {"follow_redirects": False, "valid_status_codes": [301]},
}
ASKED: dict[str, Mapping[str, object]] = {"plain": PLAIN, "well": WELL, "staying": STAYING}


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@asynccontextmanager
async def blackbox(home: Path, ca: str) -> AsyncIterator[str]:
    """The exporter on loopback; gives where it probes."""
    tls = {"ca_file": ca}
    http = {
        name: {"preferred_ip_protocol": "ip4", "ip_protocol_fallback": False, "tls_config": tls, **more}
        for name, more in MODULES.items()
    }
    modules = {name: {"prober": "http", "timeout": f"{WITHIN}s", "http": told} for name, told in http.items()}
    (home / "blackbox.yml").write_text(json.dumps({"modules": modules}))
    where = f"127.0.0.1:{free_port()}"
    log = (home / "blackbox.log").open("wb")
    child = await asyncio.create_subprocess_exec(
        *(BLACKBOX, f"--config.file={home}/blackbox.yml", f"--web.listen-address={where}"), stdout=log, stderr=log
    )
    log.close()
    try:
        for _ in range(200):
            try:
                (await asyncio.open_connection(*where.split(":")))[1].close()
                break
            except OSError:
                await asyncio.sleep(0.05)
        yield f"http://{where}/probe"
    finally:
        child.terminate()
        await child.wait()


async def theirs(session: aiohttp.ClientSession, where: str, module: str, url: str) -> bool:
    """Whether blackbox_exporter calls the probe a success."""
    async with session.get(f"{where}?module={module}&target={quote(url, safe='')}") as told:
        lines = (await told.text()).splitlines()
    return "probe_success 1" in lines


async def urls(stack: AsyncExitStack, home: Path) -> dict[str, tuple[str, str]]:
    """Every server there is to judge: what it is called, by which module, and where."""
    ca = authority(home / "ca")
    other = authority(home / "other")

    async def secure(file: str) -> str:
        return f"https://127.0.0.1:{await stack.enter_async_context(server(paths(PAGES), serving(file)))}"

    plain = f"http://127.0.0.1:{await stack.enter_async_context(server(paths(PAGES)))}"
    silent = await stack.enter_async_context(server(saying(then="silence")))
    slow = await stack.enter_async_context(server(saying(answer(body=b"well")[:20], b"", pause=WITHIN * 2)))
    closing = await stack.enter_async_context(server(saying(b"")))
    late = await stack.enter_async_context(server(saying(b"", answer(body=b"well"), pause=WITHIN / 4)))
    good = await secure(certificate(ca))
    found = {f"{module} {page}": (module, f"{plain}{page}") for page in PAGES for module in ("plain", "well")}
    found |= {
        "stays": ("staying", f"{plain}/moved"),
        "does not stay": ("staying", f"{plain}/good"),
        "silent": ("plain", f"http://127.0.0.1:{silent}/"),
        "too slow": ("plain", f"http://127.0.0.1:{slow}/"),
        "late but in time": ("plain", f"http://127.0.0.1:{late}/"),
        "closes": ("plain", f"http://127.0.0.1:{closing}/"),
        "refused": ("plain", f"http://127.0.0.1:{free_port()}/"),
        "safe": ("plain", f"{good}/good"),
        "safe but wrong": ("well", f"{good}/wrong"),
        "safe and moved": ("plain", f"{good}/moved"),
        "expired": ("plain", f"{await secure(certificate(ca, days=(-9, -1)))}/good"),
        "not yet valid": ("plain", f"{await secure(certificate(ca, days=(1, 9)))}/good"),
        "for another": ("plain", f"{await secure(certificate(ca, names=('example.org',)))}/good"),
        "unknown authority": ("plain", f"{await secure(certificate(other))}/good"),
        "signed by itself": ("plain", f"{await secure(certificate(ca, own=True))}/good"),
        "plain on a TLS port": ("plain", good.replace("https", "http") + "/good"),
        "TLS on a plain port": ("plain", plain.replace("http", "https") + "/good"),
    }
    return found


@pytest.mark.needs(BLACKBOX)
async def test_the_same_servers_get_the_same_verdicts_from_blackbox_exporter(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        aims = await urls(stack, tmp_path)
        ca = str(tmp_path / "ca" / "ca.pem")
        where = await stack.enter_async_context(blackbox(tmp_path, ca))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        differ, ups = {}, 0
        for name, (module, url) in aims.items():
            tls = {"tls": {"ca": ca}} if url.startswith("https") else {}
            ours, blackboxes = await asyncio.gather(
                probe(url, WITHIN, **ASKED[module], **tls), theirs(session, where, module, url)
            )
            ups += blackboxes
            if (ours.outcome, blackboxes) not in ((Outcome.UP, True), (Outcome.DOWN, False)):
                differ[name] = (ours.outcome.value, ours.reason, blackboxes)
    assert differ == {}
    assert 10 < ups < len(aims) - 15
