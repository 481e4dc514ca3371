"""What a run tells a person who asked for it: one line a step, with the time since its start.

Never a request header's value, a credential or a body of ours: only names, sizes and what the server said.
"""

from probes.clock import Clock
from probes.net import tls
from probes.net.http_exchange import Exchange
from probes.net.http_expect import Check

MISSING = ("connection", "end of the TLS handshake", "first byte", "end of the answer")
"""What did not come, of a run whose time was over before each phase was."""


def milliseconds(ns: int) -> str:
    """``12.345 ms``."""
    return f"{ns / 1_000_000:.3f} ms"


class Steps:
    """Lines; made only where they were asked for: a paced probe must not pay for them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._start = clock.monotonic()
        self.lines: list[str] = []

    def restart(self, start: int) -> None:
        """Times count from here."""
        self._start = start

    def note(self, text: str) -> None:
        """One step."""
        since = (self._clock.monotonic() - self._start) / 1_000_000
        clean = "".join(letter if letter.isprintable() else "?" for letter in text)
        self.lines.append(f"{since:10.3f} ms  {clean}")

    def exchange(self, exchange: Exchange) -> None:
        """What was seen of a connection and its answer."""
        call, response = exchange.call, exchange.response
        self.note(f"{call.address} port {call.port}" + (f" from {call.source}" if call.source else ""))
        for name, took in exchange.phases():
            self.note(f"  {name.replace('_', ' ')} took {milliseconds(took)}")
        peer = exchange.peer
        if peer is not None and len(exchange.marks) > 2:
            self.note("  " + tls.describe(peer, tls.certificate(peer), self._clock.wall()))
        if response.head_done:
            cut = ", cut at our cap" if response.cut else ""
            self.note(f"  status {response.status}")
            size = sum(len(name) + len(value) + 4 for name, value in response.headers)
            self.note(f"  {len(response.headers)} headers of {size} bytes, body of {response.body_size}{cut}")

    def checks(self, checks: list[Check]) -> None:
        """What was expected, and whether it held."""
        for check in checks:
            self.note(f"{check.outcome}: {check.text}")
