"""The daemon as a process of its own, on free ports, with a store in a directory of the test's."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

ROOT = Path(__file__).parents[2]


class Site:
    """A web server that answers ``status`` until the test changes it."""

    def __init__(self) -> None:
        site = self
        self.status = 200
        self.hits = 0

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.hits += 1
                self.send_response(site.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def settings(url: str, every: str = "1s", more: str = "", promise: str = "availability >= 99.9%") -> str:
    """A configuration with five HTTP targets a second, a contract for one, and ports the kernel chooses."""
    probe = f'{{probe: {{kind: http, url: "{url}"}}, every: {every}, timeout: 900ms}}'
    return f"""
upheld: 1
daemon: {{listen: "127.0.0.1:0", metrics: "127.0.0.1:0"}}
targets:
  site: {probe}
  a: {probe}
  b: {probe}
  c: {probe}
  d: {probe}
{more}
contracts:
  acme:
    provider: P
    customer: C
    timezone: UTC
    services:
      web: {{targets: [site]}}
    promises:
      - {promise}
    exclusions:
      - planned maintenance
"""


class Running:
    """One ``upheld run``; its standard output and error end in files."""

    def __init__(self, home: Path, config: str, *options: str, name: str = "run") -> None:
        self.config = home / "upheld.yaml"
        self.config.write_text(config)
        self._out, self._err = home / f"{name}.out", home / f"{name}.err"
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "monitor.cli", "run", "-c", str(self.config), *options],
                cwd=ROOT, stdout=out, stderr=err, env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )  # fmt: skip

    @property
    def out(self) -> str:
        return self._out.read_text()

    @property
    def err(self) -> str:
        return self._err.read_text()

    def url(self, page: str) -> str:
        found = re.search(r"pages +(\S+)/\n", self.out)
        assert found is not None, self.out + self.err
        return found[1] + page

    @property
    def metrics_url(self) -> str:
        found = re.search(r"metrics +(\S+)\n", self.out)
        assert found is not None, self.out + self.err
        return found[1]

    def ask(self, url: str, method: str = "GET") -> tuple[int, str]:
        request = urllib.request.Request(url, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def metrics(self) -> dict[str, float]:
        """Every series by its text, e.g. ``upheld_samples_total{outcome="up",vantage="here"}``."""
        found = {}
        for family in text_string_to_metric_families(self.ask(self.metrics_url)[1]):
            for sample in family.samples:
                labels = ",".join(f"{name}={json.dumps(value)}" for name, value in sorted(sample.labels.items()))
                found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
        return found

    def samples(self, outcome: str) -> float:
        return self.metrics()[f'upheld_samples_total{{outcome="{outcome}",vantage="here"}}']

    def until(self, ready: Callable[[], bool], within: float = 20.0) -> None:
        """Ask until it is so; fails with the daemon's own words when it does not come."""
        end = time.monotonic() + within
        while time.monotonic() < end:
            assert self.process.poll() is None, f"ended with {self.process.returncode}: {self.err}"
            if ready():
                return
            time.sleep(0.05)
        raise AssertionError(f"not within {within} s; out: {self.out} err: {self.err}")

    def until_ready(self) -> None:
        self.until(lambda: "status" in self.out)
        self.until(lambda: self.ask(self.url("/-/ready"))[0] == 200)

    def end(self, number: int = signal.SIGTERM) -> tuple[int, float]:
        """Signal it and wait: exit code, and seconds until it was gone."""
        began = time.monotonic()
        self.process.send_signal(number)
        return self.process.wait(10), time.monotonic() - began

    def kill(self) -> None:
        """However it stands, it ends."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
