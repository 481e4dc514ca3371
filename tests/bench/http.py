"""CPU per HTTP and HTTPS probe, whole line, beside Prometheus scraping blackbox_exporter: ``make bench-http``.

Both sides probe the same targets of the same server over the same seconds: 500 every 5 s, a new connection and a
full handshake each time. Ours is the whole daemon (probing, judging a contract, storing, serving); theirs is both
of their processes. The server counts who asked, so that a probe that was not made is not paid for.
The last line is JSON: ``http_ratio`` and ``https_ratio``, ours over theirs.
"""

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from tests.probes.pages import authority, certificate

PATIENCE = 180
PROGRAMS = ("prometheus", "prometheus-blackbox-exporter")


class Side(NamedTuple):
    """Who is measured: its processes, and the name it gives itself to the server."""

    agent: str
    pids: tuple[int, ...]


def main() -> None:
    """Measure both schemes and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--targets", type=int, default=500)
    parser.add_argument("--seconds", type=int, default=40, help="length of the measured part, for each scheme")
    parser.add_argument("--warm", type=int, default=15, help="seconds before it")
    told = parser.parse_args()
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        sys.exit(f"bench-http compares with {' and '.join(missing)}; on Debian: apt install {' '.join(missing)}")
    figures: dict[str, float] = {"targets": told.targets, "every_s": 5, "seconds": told.seconds}
    for scheme in ("http", "https"):
        figures |= measure(scheme, told.targets, told.warm, told.seconds)
    print(json.dumps(figures))


def measure(scheme: str, targets: int, warm: int, seconds: int) -> dict[str, float]:
    """CPU of both sides per probe, in microseconds, and ours over theirs."""
    with tempfile.TemporaryDirectory() as made, ExitStack() as stack:
        place = Path(made)
        server, url, ca = serve(stack, place, scheme)
        urls = [f"{url}/{number}" for number in range(targets)]
        ours = Side("upheld", (daemon(stack, place, urls, ca),))
        theirs = Side("blackbox exporter", prometheus(stack, place, urls, ca))
        time.sleep(warm)
        before = begun(server, (ours, theirs), targets)
        time.sleep(seconds)
        after = spent(server, (ours, theirs))
    out: dict[str, float] = {f"{scheme}_wanted_probes": targets * seconds / 5}
    for side, name in ((ours, "upheld"), (theirs, "blackbox")):
        cpu, probes = (b - a for a, b in zip(before[side.agent], after[side.agent], strict=True))
        if probes < targets * seconds / 5 * 0.9:
            print(f"{scheme} {side.agent}: the machine was too busy for {targets * seconds // 5} probes", flush=True)
        out[f"{scheme}_{name}_us"] = round(cpu / probes * 1e6, 1)
        out[f"{scheme}_{name}_probes"] = probes
        print(f"{scheme} {side.agent}: {probes:.0f} probes, {cpu / probes * 1e6:.0f} us of CPU each", flush=True)
    return out | {f"{scheme}_ratio": round(out[f"{scheme}_upheld_us"] / out[f"{scheme}_blackbox_us"], 3)}


def begun(server: subprocess.Popen[str], sides: tuple[Side, ...], targets: int) -> dict[str, tuple[float, float]]:
    """``spent`` once both sides have asked for every target: what starting costs is neither's probing."""
    end = time.monotonic() + PATIENCE
    while min(probes for _, probes in spent(server, sides).values()) < targets:
        if time.monotonic() > end:
            raise TimeoutError(f"not every target was asked for within {PATIENCE} s")
        time.sleep(1)
    return spent(server, sides)


def spent(server: subprocess.Popen[str], sides: tuple[Side, ...]) -> dict[str, tuple[float, float]]:
    """CPU seconds so far and probes so far of each side."""
    assert server.stdin is not None and server.stdout is not None
    cpu = {side.agent: sum(seconds_of(pid) for pid in side.pids) for side in sides}
    server.stdin.write("\n")
    server.stdin.flush()
    asked = json.loads(server.stdout.readline())
    return {side.agent: (cpu[side.agent], float(asked.get(side.agent, 0))) for side in sides}


def seconds_of(pid: int) -> float:
    """CPU seconds of one process, user and system (proc(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def serve(stack: ExitStack, place: Path, scheme: str) -> tuple[subprocess.Popen[str], str, str | None]:
    """The server, where it is, and the authority that signed for it."""
    arguments, ca = [sys.executable, "-m", "tests.bench.page"], None
    if scheme == "https":
        signer = authority(place / "ca")
        arguments, ca = [*arguments, certificate(signer)], signer.file
    child = stack.enter_context(subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
    stack.callback(child.kill)
    assert child.stdout is not None
    return child, f"{scheme}://127.0.0.1:{int(child.stdout.readline())}", ca


def start(stack: ExitStack, place: Path, *arguments: str) -> int:
    """A process that is ended with the stack; what it says goes to a file."""
    log = stack.enter_context((place / f"{Path(arguments[0]).name}.log").open("w"))
    child = stack.enter_context(subprocess.Popen(arguments, stdout=log, stderr=log))
    stack.callback(child.kill)
    return child.pid


def daemon(stack: ExitStack, place: Path, urls: list[str], ca: str | None) -> int:
    """Upheld on these targets, with a contract over all of them."""
    tls = {"tls": {"ca": ca}} if ca else {}
    names = [f"t{number}" for number in range(len(urls))]
    config = {
        "upheld": 1,
        "daemon": {"listen": f"127.0.0.1:{free_port()}", "metrics": f"127.0.0.1:{free_port()}"},
        "targets": {
            name: {"probe": {"kind": "http", "url": url, **tls}, "every": "5s", "timeout": "4s"}
            for name, url in zip(names, urls, strict=True)
        },
        "contracts": {
            "bench": {
                "provider": "a server",
                "customer": "a bench",
                "timezone": "Europe/Berlin",
                "currency": "EUR",
                "period": "month",
                "services": {"pages": {"targets": names, "charge": "100.00"}},
                "promises": ["availability >= 99.9%", "longest outage <= 4h", "p95 latency <= 80ms"],
            }
        },
    }
    path = place / "upheld.yaml"
    path.write_text(json.dumps(config))
    arguments = ("-m", "monitor.cli", "run", "-c", str(path), "--store", str(place / "upheld.db"))
    return start(stack, place, sys.executable, *arguments)


def prometheus(stack: ExitStack, place: Path, urls: list[str], ca: str | None) -> tuple[int, int]:
    """blackbox_exporter, and Prometheus scraping it for the same targets."""
    prober, web = f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
    tls = {"tls_config": {"ca_file": ca}} if ca else {}
    module = {"prober": "http", "timeout": "4s", "http": {"preferred_ip_protocol": "ip4", **tls}}
    (place / "blackbox.yml").write_text(json.dumps({"modules": {"page": module}}))
    relabel = [
        {"source_labels": ["__address__"], "target_label": "__param_target"},
        {"source_labels": ["__param_target"], "target_label": "instance"},
        {"target_label": "__address__", "replacement": prober},
    ]
    job = {
        "job_name": "pages",
        "metrics_path": "/probe",
        "params": {"module": ["page"]},
        "static_configs": [{"targets": urls}],
        "relabel_configs": relabel,
    }
    scraping = {"global": {"scrape_interval": "5s", "scrape_timeout": "5s"}, "scrape_configs": [job]}
    (place / "prometheus.yml").write_text(json.dumps(scraping))
    exporter = start(stack, place, PROGRAMS[1], f"--config.file={place}/blackbox.yml", f"--web.listen-address={prober}")
    scraper = start(
        stack,
        place,
        PROGRAMS[0],
        f"--config.file={place}/prometheus.yml",
        f"--storage.tsdb.path={place}/tsdb",
        f"--web.listen-address={web}",
    )
    return exporter, scraper


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


if __name__ == "__main__":
    main()
