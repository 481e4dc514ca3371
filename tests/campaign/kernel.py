"""The edge of the simulation: a machine, its network, and two probe kinds that meet them.

Everything behind the edge is the real thing: vantage, schedule, proof of life, the judging of packets
(``probes.net.icmp.verdict``) and of connections (``probes.net.alive``, ``probes.net.reasons``). In front of it stands
what a kernel does: packets are sent or refused, answers arrive and are stamped whether or not the process runs.
"""

import errno
from collections.abc import Callable
from dataclasses import dataclass, field

from config.model import Target
from config.spans import Span
from probes.kind import Kit, Seen
from probes.net import alive, reasons
from probes.net.icmp.stamps import RealClock
from probes.net.icmp.verdict import Packet, Terms, judge
from probes.sample import MILLISECOND, Outcome
from tests.probes.clockwork import SECOND, Clockwork

PACKETS, SPACING = 3, 100 * MILLISECOND


@dataclass(frozen=True)
class Plain:
    """A probe of a host by its address, or by a ``named`` one; ``far``: beyond the uplink."""

    named: bool = False


@dataclass
class Machine:
    """The time, what is broken when (spans of monotonic ns), and how long the machine has slept (ns)."""

    time: Clockwork = field(default_factory=Clockwork)
    slept: int = 0
    broken: dict[str, list[Span]] = field(default_factory=dict)
    asleep: list[int] = field(default_factory=list)

    def holds(self, what: str, at: int) -> bool:
        """Whether something is broken at an instant: ``outage``, ``uplink``, or the name of an errno."""
        return any(start <= at < end for start, end in self.broken.get(what, ()))

    def reaches(self, target: Target, at: int) -> bool:
        """Whether a packet that is on its way at that instant arrives; asleep, the machine hears nothing."""
        cut = self.holds("uplink", at) or (self.holds("outage", at) and not target.name.startswith("witness"))
        return not cut

    def answer(self, target: Target, sent: int, rtt: int) -> int | None:
        """When the answer to a packet arrives at this machine (monotonic ns), if it does."""
        there_and_back = self.reaches(target, sent) and self.reaches(target, sent + rtt)
        return sent + rtt if there_and_back and not any(sent <= nap < sent + rtt for nap in self.asleep) else None

    def refuses(self, *errnos: str) -> str | None:
        """The errno of ours that stands in the way now, if any."""
        return next((name for name in errnos if self.holds(name, self.time.monotonic())), None)

    def sleep(self, ns: int) -> None:
        """The machine is suspended: MONOTONIC stands still, BOOTTIME and REALTIME run on."""
        self.asleep.append(self.time.monotonic())
        self.slept += ns
        self.time.machine += ns

    def real(self) -> int:
        """CLOCK_REALTIME."""
        return self.time.machine + self.time.monotonic()


class Ping:
    """Bursts over one socket, opened at start: later it needs no descriptor. Judged by the real verdict."""

    NAME = "ping"
    Options = Plain

    def __init__(self, machine: Machine, rtt: int) -> None:
        self._machine, self._rtt = machine, rtt

    def open(self, kit: Kit) -> "Ping":
        """See ``Kind``."""
        self._kit = kit
        self._clock = RealClock(self._machine.real, self._machine.time.monotonic)
        return self

    def start(self, target: Target, done: Callable[[Seen], None], explain: bool = False) -> None:
        """See ``Prober``."""
        _Burst(self._machine, self._kit, self._clock, self._rtt, target, done)

    def close(self) -> None:
        """Whoever closes abandons what is open."""


class _Burst:
    """One run: packets sent on timers, stamped by the kernel, judged when the last has waited long enough."""

    def __init__(
        self,
        machine: Machine,
        kit: Kit,
        clock: RealClock,
        rtt: int,
        target: Target,
        done: Callable[[Seen], None],
    ) -> None:
        self._machine, self._kit, self._clock, self._rtt = machine, kit, clock, rtt
        self._target, self._done = target, done
        self._at, self._begun = kit.clock.wall(), kit.clock.monotonic()
        self._steps = clock.check()
        self._packets: list[tuple[int, int | None, str | None]] = []
        self._send()

    def _send(self) -> None:
        now = self._kit.clock.monotonic()
        why = self._machine.refuses("ENOBUFS", "ENETUNREACH", "EPERM")
        arrives = None if why else self._machine.answer(self._target, now, self._rtt)
        self._packets.append((now, arrives, why))
        more = len(self._packets) < PACKETS
        wait = SPACING if more else self._target.timeout + 20 * MILLISECOND
        self._machine.time.call_later(wait / SECOND, self._send if more else self._judge)

    def _judge(self) -> None:
        now = self._kit.clock.monotonic()
        packets = [
            Packet(0, False, local=why)
            if why
            else Packet(sent, True, arrives if arrives is not None and arrives <= now else 0, heard=True)
            for sent, arrives, why in self._packets
        ]
        terms = Terms(
            timeout=self._target.timeout,
            limit=None,
            lag=lambda: self._kit.life.worst_lag(self._begun, now),
            overflow=False,
            stamps_received=True,
            expect_stamps=True,
            stepped=self._clock.check() != self._steps,
        )
        verdict = judge(packets, terms)
        sent, received = len(verdict.rtts), verdict.received
        took = now - self._begun
        self._done(Seen(self._at, verdict.outcome, verdict.reason, took, sent, received, verdict.rtts))


class Page:
    """Connections, each with a descriptor of its own and names to resolve. Judged by the real proof of life."""

    NAME = "page"
    Options = Plain

    def __init__(self, machine: Machine, rtt: int) -> None:
        self._machine, self._rtt = machine, rtt

    def open(self, kit: Kit) -> "Page":
        """See ``Kind``."""
        self._kit = kit
        return self

    def start(self, target: Target, done: Callable[[Seen], None], explain: bool = False) -> None:
        """See ``Prober``."""
        at = self._kit.clock.wall()
        assert isinstance(target.options, Plain)
        why = self._machine.refuses("dns_local") if target.options.named else None
        if why is not None:
            self._later(target.timeout, lambda: done(Seen(at, Outcome.UNKNOWN, why)))
            return
        why = self._machine.refuses("EMFILE", "ENFILE", "EADDRNOTAVAIL", "ENETUNREACH", "EPERM")
        if why is not None:
            outcome, reason = reasons.of_errno(getattr(errno, why))
            done(Seen(at, outcome, reason))
            return
        _Exchange(self._machine, self._kit, self._rtt, target, done)

    def _later(self, wait: int, then: Callable[[], None]) -> None:
        self._machine.time.call_later(wait / SECOND, then)

    def close(self) -> None:
        """Whoever closes abandons what is open."""


class _Exchange:
    """One run: connect, ask once connected, read. A process that sleeps before it has asked gets no answer."""

    def __init__(self, machine: Machine, kit: Kit, rtt: int, target: Target, done: Callable[[Seen], None]) -> None:
        self._machine, self._kit, self._rtt = machine, kit, rtt
        self._target, self._done = target, done
        self._at, self._begun = kit.clock.wall(), kit.clock.monotonic()
        self._answer: int | None = None
        self._over = False
        if machine.answer(target, self._begun, rtt) is not None:
            machine.time.call_later(rtt / SECOND, self._ask)
        machine.time.call_later(target.timeout / SECOND, self._expired)

    def _ask(self) -> None:
        if not self._over:
            self._answer = self._machine.answer(self._target, self._kit.clock.monotonic(), self._rtt)
            if self._answer is not None:
                self._machine.time.call_later(self._rtt / SECOND, self._read)

    def _read(self) -> None:
        if not self._over and self._answer is not None:
            self._end(Outcome.UP, None, self._answer - self._begun)

    def _expired(self) -> None:
        """Whatever lies in the socket is read first, as the real one does; silence needs proof of life."""
        now, timeout = self._kit.clock.monotonic(), self._target.timeout
        if self._answer is not None and self._answer <= min(now, self._begun + timeout):
            self._read()
        if not self._over:
            outcome, reason = alive.proven((Outcome.DOWN, "timeout"), self._kit.life, self._begun, now, timeout)
            self._end(outcome, reason, now - self._begun)

    def _end(self, outcome: Outcome, reason: str | None, took: int) -> None:
        self._over = True
        self._done(Seen(self._at, outcome, reason, took))
