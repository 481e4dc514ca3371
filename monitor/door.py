"""The door's inside: what came in and waits to be taken, cut to the stored precision, and bounded.

It needs neither a store nor a ledger, so that a vantage may put its samples here while both are still being opened.
Whatever waits is in the order in which it came.
"""

import logging
from collections import deque
from collections.abc import Sequence

from monitor.log import say
from monitor.sla.facts import Fact
from probes.clock import Clock
from probes.columns import Columns, concat, from_samples, to_samples
from probes.sample import HALF, MICROSECOND, MILLISECOND, Outcome, Sample
from probes.vocabulary import Vocabulary

BOUND = 100_000


def quantised(sample: Sample, received_at: int) -> Sample:
    """The sample as it is stored: instants to 1 ms (downwards), durations to 1 us (to the nearest)."""
    # Written out: this is done for every sample, ``replace`` takes twice as long, and so do calls for each number.
    at, slot, took, rtts, phases = sample.at, sample.scheduled_at, sample.took, sample.rtts, sample.phases
    received = received_at if sample.received_at is None else sample.received_at
    return Sample(
        sample.target, sample.vantage, sample.boot, sample.seq, at - at % MILLISECOND, sample.outcome, sample.reason,
        None if slot is None else slot - slot % MILLISECOND,
        None if took is None else (took + HALF) // MICROSECOND * MICROSECOND,
        sample.sent, sample.received,
        tuple([None if rtt is None else (rtt + HALF) // MICROSECOND * MICROSECOND for rtt in rtts]),
        sample.duplicates, sample.late,
        tuple([(name, (time + HALF) // MICROSECOND * MICROSECOND) for name, time in phases]) if phases else (),
        sample.address, sample.config, sample.clock, received - received % MILLISECOND,
    )  # fmt: skip


def _alike(parts: Sequence[Columns]) -> list[Columns]:
    """These with the words that most of them share, if they do."""
    shared = next((part.words for part in parts if isinstance(part.words, Vocabulary)), None)
    return [part if shared is None or part.words is shared else shared.put(part) for part in parts]


def oldest_of(samples: Sequence[Sample] | Columns) -> tuple[int, int] | None:
    """When the first of these samples began, and when it came in (wall ns)."""
    if not samples:
        return None
    if isinstance(samples, Columns):
        return int(samples["at"][0]), int(samples["received_at"][0])
    return samples[0].at, samples[0].received_at or samples[0].at


class Door:
    """``waiting``: how many samples wait here. ``taken``: how many were taken from here and are not recorded yet; they
    count for the bound too."""

    def __init__(self, clock: Clock, bound: int = BOUND) -> None:
        self._clock, self.bound = clock, bound
        self._line: deque[Sample | Columns] = deque()
        self.facts: list[Fact] = []
        self.waiting = self.taken = self.dropped = 0
        self._short: set[str] = set()

    def sample(self, sample: Sample) -> None:
        """A run's sample. Never waits, never raises."""
        self._keep(quantised(sample, self._clock.wall()))

    def samples(self, columns: Columns) -> None:
        """Those of many runs, cut to what is stored already, and with the instant at which they came in."""
        if self.held + len(columns) > self.bound:
            for sample in to_samples(columns):
                self._keep(sample)
            return
        self._line.append(columns)
        self.waiting += len(columns)

    def _keep(self, sample: Sample) -> None:
        kept = self._drop(sample) if self.held >= self.bound else sample
        if kept is not None:
            self._line.append(kept)
            self.waiting += 1

    def take(self, most: int) -> Sequence[Sample] | Columns:
        """Some of what waits, the oldest first, until there are ``most`` or a few more."""
        parts: list[Columns] = []
        alone: list[Sample] = []
        self.taken = 0
        while self._line and self.taken < most:
            one = self._line.popleft()
            if isinstance(one, Sample):
                alone.append(one)
                self.taken += 1
                continue
            if alone:
                parts.append(from_samples(alone))
                alone = []
            parts.append(one)
            self.taken += len(one)
        self.waiting -= self.taken
        if parts and alone:
            parts.append(from_samples(alone))
        return concat(_alike(parts)) if parts else alone

    @property
    def oldest(self) -> tuple[int, int] | None:
        """When the sample that waits longest began, and when it came in (wall ns)."""
        first = self._line[0] if self._line else ()
        return oldest_of([first] if isinstance(first, Sample) else first)

    def fact(self, fact: Fact) -> None:
        """A fact of the vantage's own: heartbeat, epoch. While the store is away only the newest are kept."""
        self.facts.append(fact)
        if len(self.facts) > self.bound:
            del self.facts[: self.bound // 10]

    @property
    def held(self) -> int:
        """How many samples are not recorded yet."""
        return self.waiting + self.taken

    def relieved(self) -> None:
        """What was taken is recorded: where there is room again, the next to be lost are told anew."""
        self.taken = 0
        if self.waiting < self.bound:
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
