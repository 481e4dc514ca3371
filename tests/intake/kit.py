"""What the tests of the door share: a ledger that counts, a store that refuses, a door on a clockwork."""

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from monitor.intake import Intake
from monitor.sla.events import Event
from monitor.sla.facts import Fact
from monitor.store.port import Batch, Receipt, StoreError
from probes.sample import Outcome, Sample
from tests.probes.clockwork import MIDNIGHT, SECOND, Clockwork

MS = 1_000_000


@dataclass
class Verdict:
    """What judging gives here: one account that counts what was taken."""

    accounts: Sequence[tuple[str, str]]
    events: Sequence[Event] = ()
    checkpoints: Sequence[tuple[str, str]] = ()


@dataclass
class CountingLedger:
    """A ledger whose only account is the number of samples taken."""

    taken: list[Sample] = field(default_factory=list)
    judged_at: list[int] = field(default_factory=list)
    stale: bool = False
    rebuilt: list[int] = field(default_factory=list)

    def take(self, samples: Sequence[Sample], facts: Sequence[Fact]) -> None:
        self.taken += samples

    def judge(self, now: int) -> Verdict:
        self.judged_at.append(now)
        return Verdict([("acme", str(len(self.taken)))])

    def rebuild(self, evidence: "FlakyStore", now: int) -> None:
        self.stale = False
        self.rebuilt.append(len(evidence.samples))

    def distrust(self) -> None:
        self.stale = True


@dataclass
class FlakyStore:
    """Keeps what is appended; refuses the next ``refusals`` batches, half of them after having kept them."""

    refusals: int = 0
    doubted: tuple[tuple[str, str, int], ...] = ()
    batches: list[Batch] = field(default_factory=list)
    offered: list[Batch] = field(default_factory=list)
    threads: set[str] = field(default_factory=set)

    def append(self, batch: Batch) -> Receipt:
        self.threads.add(threading.current_thread().name)
        self.offered.append(batch)
        if self.refusals:
            self.refusals -= 1
            raise StoreError("store_full", "no space left on the device")
        self.batches.append(batch)
        return Receipt(len(batch.samples), 0, self.doubted)

    @property
    def samples(self) -> list[Sample]:
        return [sample for batch in self.batches for sample in batch.samples]


class Door:
    """An intake on a clockwork whose pauses pass the clockwork's time."""

    def __init__(self, store: FlakyStore, bound: int = 1000) -> None:
        self.time, self.store, self.ledger = Clockwork(), store, CountingLedger()
        self.committed: list[Batch] = []
        self.pauses: list[float] = []
        self.intake = Intake(store, self.ledger, self.time, self.committed.append, bound, self._pause)

    async def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.time.hold(round(seconds * SECOND))
        await asyncio.sleep(0)

    def put(self, *seqs: int, target: str = "a") -> None:
        for seq in seqs:
            self.intake.sample(one(seq, target))


def one(seq: int, target: str = "a", outcome: Outcome = Outcome.UP) -> Sample:
    return Sample(target, "fra", "b1", seq, MIDNIGHT + seq * SECOND, outcome)
