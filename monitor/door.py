"""The door's inside: what came in and waits to be taken, cut to the stored precision, and bounded.

It needs neither a store nor a ledger, so that a vantage may put its samples here while both are still being opened.
Whatever waits is in the order in which it came.
"""

import logging
from collections import deque

from monitor.log import say
from monitor.sla.facts import Fact
from probes.clock import Clock
from probes.sample import MICROSECOND, MILLISECOND, Outcome, Sample

BOUND = 100_000


_HALF = MICROSECOND // 2


def quantised(sample: Sample, received_at: int) -> Sample:
    """The sample as it is stored: instants to 1 ms (downwards), durations to 1 us (to the nearest)."""
    # Written out: this is done for every sample, ``replace`` takes twice as long, and so do calls for each number.
    at, slot, took, rtts, phases = sample.at, sample.scheduled_at, sample.took, sample.rtts, sample.phases
    received = received_at if sample.received_at is None else sample.received_at
    return Sample(
        sample.target, sample.vantage, sample.boot, sample.seq, at - at % MILLISECOND, sample.outcome, sample.reason,
        None if slot is None else slot - slot % MILLISECOND,
        None if took is None else (took + _HALF) // MICROSECOND * MICROSECOND,
        sample.sent, sample.received,
        tuple([None if rtt is None else (rtt + _HALF) // MICROSECOND * MICROSECOND for rtt in rtts]),
        sample.duplicates, sample.late,
        tuple([(name, (time + _HALF) // MICROSECOND * MICROSECOND) for name, time in phases]) if phases else (),
        sample.address, sample.config, sample.clock, received - received % MILLISECOND,
    )  # fmt: skip


class Door:
    """``taken``: how many samples were taken from here and are not recorded yet; they count for the bound too."""

    def __init__(self, clock: Clock, bound: int = BOUND) -> None:
        self._clock, self.bound = clock, bound
        self.waiting: deque[Sample] = deque()
        self.facts: list[Fact] = []
        self.taken = self.dropped = 0
        self._short: set[str] = set()

    def sample(self, sample: Sample) -> None:
        """A run's sample. Never waits, never raises."""
        kept = quantised(sample, self._clock.wall())
        if self.held >= self.bound:
            kept_instead = self._drop(kept)
            if kept_instead is None:
                return
            kept = kept_instead
        self.waiting.append(kept)

    def fact(self, fact: Fact) -> None:
        """A fact of the vantage's own: heartbeat, epoch. While the store is away only the newest are kept."""
        self.facts.append(fact)
        if len(self.facts) > self.bound:
            del self.facts[: self.bound // 10]

    @property
    def held(self) -> int:
        """How many samples are not recorded yet."""
        return len(self.waiting) + self.taken

    def relieved(self) -> None:
        """What was taken is recorded: where there is room again, the next to be lost are told anew."""
        self.taken = 0
        if len(self.waiting) < self.bound:
            self._short.clear()

    def _drop(self, sample: Sample) -> Sample | None:
        """No room: the sample is lost. The first lost of its target leaves an Unknown in its place."""
        self.dropped += 1
        waiting = f"{self.bound} samples wait for the store; newer ones are lost and their time is Unknown"
        say(logging.ERROR, "store_full", "intake", f"{waiting}. Make the store writable again (disk space?)")
        if sample.target in self._short:
            return None
        self._short.add(sample.target)
        return Sample(
            target=sample.target,
            vantage=sample.vantage,
            boot=sample.boot,
            seq=sample.seq,
            at=sample.at,
            outcome=Outcome.UNKNOWN,
            reason="store_full",
            scheduled_at=sample.scheduled_at,
            config=sample.config,
            clock=sample.clock,
            received_at=sample.received_at,
        )
