"""The story as samples, taken in as a daemon would have taken them: judged and recorded batch by batch."""

import random
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from config.model import Config
from monitor.demo.story import DAY, EVERY, SECOND, TIMEOUT, VANTAGE, Story
from monitor.intake import judged_batch
from monitor.sla.facts import ExclusionFact, Fact
from monitor.sla.ledger import Ledger
from monitor.store.port import Store
from probes.sample import MICROSECOND, MILLISECOND, Outcome, Sample

BATCH = 2 * DAY
BOOT = "demo-1"


def write(story: Story, config: Config, store: Store, progress: Callable[[int], None]) -> int:
    """Every sample and fact of the story into the store; gives the number of samples. ``progress`` is called with
    the ns of history that each batch covers."""
    ledger = Ledger(config)
    ledger.load(store, story.start)
    samples, facts = Samples(story), _by_time(story)
    count = 0
    for start in range(story.start, story.end, BATCH):
        end = min(start + BATCH, story.end)
        some = list(samples.between(start, end))
        known = [fact for at, fact in facts if start <= at < end]
        store.append(judged_batch(ledger, some, known, end))
        if ledger.stale:
            ledger.rebuild(store, end)
        count += len(some)
        progress(end - start)
    store.append(judged_batch(ledger, [], [], story.end))
    return count


def _by_time(story: Story) -> list[tuple[int, Fact]]:
    """Facts with the instant at which they were put on record."""
    return [
        (fact.recorded_at or story.start if isinstance(fact, ExclusionFact) else story.start, fact)
        for fact in story.facts
    ]


@dataclass(frozen=True, slots=True)
class _Line:
    """One target: when in its slot it is probed, its usual latency, and its troubles by start."""

    name: str
    phase: int
    base: int
    starts: list[int]
    troubles: list[tuple[int, str]]

    def reason(self, at: int) -> str | None:
        """Why it does not answer at an instant; None if it does."""
        index = bisect_left(self.starts, at + 1) - 1
        if index >= 0 and at < self.troubles[index][0]:
            return self.troubles[index][1]
        return None


class Samples:
    """Draws the samples in the order of time; the same ones for the same story."""

    def __init__(self, story: Story) -> None:
        base = {customer.target: customer.base for customer in story.customers}
        self._lines = [self._line(story, name, i, base.get(name, 3_000_000)) for i, name in enumerate(story.targets)]
        self._random = random.Random(f"lighthouse {story.start}")
        self._seq = 0

    @staticmethod
    def _line(story: Story, name: str, index: int, base: int) -> _Line:
        mine = sorted((t.start, t.end, t.reason) for t in story.troubles if name in t.targets)
        return _Line(name, 41 * SECOND * index, base, [t[0] for t in mine], [(t[1], t[2]) for t in mine])

    def between(self, start: int, end: int) -> Iterator[Sample]:
        """Those of ``[start, end)``; spans must be asked for one after the other."""
        first = start - start % EVERY
        for slot in range(first, end, EVERY):
            for line in self._lines:
                due = slot + line.phase
                if start <= due < end:
                    self._seq += 1
                    yield self._sample(line, due)

    def _sample(self, line: _Line, at: int) -> Sample:
        reason = line.reason(at)
        luck = self._random.random()
        took = line.base + int(luck * luck * luck * line.base) // MICROSECOND * MICROSECOND
        connect = took // 4 // MICROSECOND * MICROSECOND
        if reason == "timeout":
            took = TIMEOUT
        return Sample(
            target=line.name,
            vantage=VANTAGE,
            boot=BOOT,
            seq=self._seq,
            at=at,
            outcome=Outcome.UP if reason is None else Outcome.DOWN,
            reason=reason,
            scheduled_at=at,
            took=took,
            phases=() if reason else (("connect", connect), ("first_byte", took - connect)),
            address="127.0.0.1",
            received_at=at + 250 * MILLISECOND,
        )
