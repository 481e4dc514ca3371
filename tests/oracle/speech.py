"""What the samples of one target say at one instant: up, down, unknown, or nothing at all (None)."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import inf

from config.model import Config
from monitor.sla.facts import DamageFact, EpochFact, Fact, HeartbeatFact, ScheduleFact, WitnessesFact
from probes.sample import Sample

STEP = 250_000_000
UP, DOWN, UNKNOWN, EXCLUDED = "up", "down", "unknown", "excluded"


def trusted(facts: Sequence[Fact]) -> list[Sample]:
    """Each sample once, by ``at``; two that share an identity and differ are both left out."""
    by_identity: dict[tuple[str, str, int], set[Sample]] = {}
    for fact in facts:
        if isinstance(fact, Sample):
            by_identity.setdefault(fact.identity, set()).add(fact)
    alone = [next(iter(same)) for same in by_identity.values() if len(same) == 1]
    return sorted(alone, key=lambda sample: (sample.at, sample.identity))


class CutOff:
    """When our own vantage was blind: all who were its witnesses then failed at once, each from its last good sample to
    its next, as far as they were heard while they were witnesses or before."""

    def __init__(self, config: Config, facts: Sequence[Fact], samples: Sequence[Sample]) -> None:
        self.vantage = config.vantage.name
        self.seen = [s for s in samples if s.vantage == self.vantage]
        told = {f.start: f.witnesses for f in facts if isinstance(f, WitnessesFact) and f.vantage == self.vantage}
        self.starts = sorted(told)
        self.witnesses = [told[start] for start in self.starts] or [config.vantage.witnesses]
        self.words = [self._words(number) for number in range(len(self.witnesses))]

    def _words(self, number: int) -> list[tuple[list[int], list[int]]]:
        """Of the witnesses of one time: when each was good, and when it failed."""
        over = self.starts[number + 1] if number + 1 < len(self.starts) else inf
        heard = [[s for s in self.seen if s.target == name and s.at < over] for name in self.witnesses[number]]
        return [([s.at for s in own if s.outcome == UP], [s.at for s in own if s.outcome != UP]) for own in heard]

    def at(self, instant: int) -> bool:
        """Whether the vantage was cut off at that instant."""
        words = self.words[max(0, bisect_right(self.starts, instant) - 1)]
        return bool(words) and all(self._fails(good, failures, instant) for good, failures in words)

    def edges(self) -> list[int]:
        """Every instant at which that may change."""
        return [*self.starts, *(at for words in self.words for good, _ in words for at in good)]

    @staticmethod
    def _fails(good: list[int], failures: list[int], instant: int) -> bool:
        place = bisect_right(good, instant)
        after = good[place - 1] if place else None
        before = good[place] if place < len(good) else None
        return any((after is None or at >= after) and (before is None or at < before) for at in failures)


class Speech:
    """The word of one target at any instant, from all its samples."""

    def __init__(self, config: Config, target: str, facts: Sequence[Fact], samples: Sequence[Sample]) -> None:
        self.target = config.targets[target]
        self.cut_off = CutOff(config, facts, samples)
        self.schedules = sorted(
            (f for f in facts if isinstance(f, ScheduleFact) and f.target == target), key=lambda f: f.start
        )
        self.heartbeats: dict[tuple[str, str], list[HeartbeatFact]] = {}
        for fact in facts:
            if isinstance(fact, HeartbeatFact):
                self.heartbeats.setdefault((fact.vantage, fact.boot), []).append(fact)
        self.epochs = [f for f in facts if isinstance(f, EpochFact) and abs(f.step) > STEP]
        mine = [s for s in samples if s.target == target]
        vantages = self.target.vantages or tuple(sorted({s.vantage for s in mine}))
        self.samples = [s for s in mine if s.vantage in vantages]
        self.vantages = len(vantages)
        self.turns = self._slots() if self.vantages > 1 else self._alone()
        self.starts = [start for start, _, _ in self.turns]
        damaged = [(f.start, f.end) for f in facts if isinstance(f, DamageFact) and f.target == target]
        self.lost = [span for first, last in damaged for span in self._lost(first, last)]

    def every_timeout(self, at: int) -> tuple[int, int]:
        """Interval and timeout in force at an instant."""
        found = (self.target.every, self.target.timeout)
        for schedule in self.schedules:
            if schedule.start <= at:
                found = (schedule.every, schedule.timeout)
        return found

    def word(self, instant: int) -> str | None:
        """What is said at that instant."""
        if any(start <= instant < end for start, end in self.lost):
            return UNKNOWN
        place = bisect_right(self.starts, instant) - 1
        if place < 0:
            return None
        _, end, word = self.turns[place]
        if instant >= end:
            return None
        if self.vantages == 1 and any(a <= instant < b for a, b in self._torn(self.samples[place].vantage)):
            return None
        sample = self.samples[place] if self.vantages == 1 else None
        if word == DOWN and sample and sample.vantage == self.cut_off.vantage and self.cut_off.at(instant):
            return UNKNOWN
        return word

    def judged(self, sample: Sample) -> str:
        """The word of one sample by itself: a Down says nothing if the vantage was blind while it was looked for."""
        last = sample.at + max((sample.took or 0) - 1, 0)
        looks = [sample.at, last, *(edge for edge in self.cut_off.edges() if sample.at < edge < last)]
        blind = sample.vantage == self.cut_off.vantage and any(map(self.cut_off.at, looks))
        if sample.outcome == DOWN and blind:
            return UNKNOWN
        return str(sample.outcome)

    def edges(self) -> list[int]:
        """Every instant at which the word may change."""
        mine = [edge for start, end, _ in self.turns for edge in (start, end)]
        torn = [edge for span in self._torn(self.cut_off.vantage) for edge in span]
        return mine + torn + self.cut_off.edges() + [edge for span in self.lost for edge in span]

    def _lost(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        """What damage from ``first`` to ``last`` leaves unknown, between every two words that nothing proves to be
        neighbours."""
        every, timeout = self.every_timeout(first)
        for before, after in pairwise([None, *range(len(self.turns)), None]):
            start = -inf if before is None else self.starts[before]
            end = inf if after is None else self.starts[after]
            if first >= end or last <= start or self._neighbours(before, after):
                continue
            reach = end if end - last <= every * 5 // 2 + timeout else min(end, last + every)
            yield max(first, start), reach

    def _neighbours(self, before: int | None, after: int | None) -> bool:
        if before is None or after is None:
            return False
        start = self.starts[before]
        if self.starts[after] - start > self.every_timeout(start)[0] * 3 // 2:
            return False
        if self.vantages > 1:
            return True
        one, next_one = self.samples[before], self.samples[after]
        return one.boot == next_one.boot and self.judged(one) != DOWN

    def _torn(self, vantage: str) -> list[tuple[int, int]]:
        """Wall time that this vantage lived twice, because its clock was set back."""
        return [(e.at, e.at - e.step) for e in self.epochs if e.vantage == vantage and e.step < 0]

    def _alone(self) -> list[tuple[int, int, str]]:
        following: list[Sample | None] = [*self.samples[1:], None]
        return [
            (sample.at, self._until(sample, after), self.judged(sample))
            for sample, after in zip(self.samples, following, strict=False)
        ]

    def _until(self, sample: Sample, after: Sample | None) -> int:
        end = self._reach(sample.at, None if after is None else after.at)
        if after is not None and after.boot != sample.boot:
            beats = [h.at for h in self._beats(sample)]
            end = min(end, max([sample.at, *beats]) if beats else sample.at + self.every_timeout(sample.at)[0])
        for beat in self._beats(sample):
            if beat.suspended and beat.at > sample.at:
                earlier = [h.at for h in self._beats(sample) if h.at < beat.at]
                end = min(end, max(sample.at, max(earlier, default=beat.at - beat.suspended)))
        for epoch in self.epochs:
            if epoch.vantage == sample.vantage and epoch.at > sample.at and epoch.step > 0:
                end = min(end, max(sample.at, epoch.at - epoch.step))
        return end

    def _reach(self, start: int, after: int | None) -> int:
        every, timeout = self.every_timeout(start)
        if after is not None and after - start <= every * 5 // 2 + timeout:
            return after
        return start + every

    def _beats(self, sample: Sample) -> list[HeartbeatFact]:
        return self.heartbeats.get((sample.vantage, sample.boot), [])

    def _slots(self) -> list[tuple[int, int, str]]:
        slots: dict[int, list[Sample]] = {}
        for sample in self.samples:
            due = sample.at if sample.scheduled_at is None else sample.scheduled_at
            slots.setdefault(due // self.every_timeout(due)[0], []).append(sample)
        turns = sorted(self._vote(voters) for voters in slots.values())
        following: list[int | None] = [*[start for start, _ in turns[1:]], None][: len(turns)]
        return [(start, self._reach(start, after), word) for (start, word), after in zip(turns, following, strict=True)]

    def _vote(self, voters: list[Sample]) -> tuple[int, str]:
        words = [(sample.at, self.judged(sample)) for sample in voters]
        down = sum(word == DOWN for _, word in words)
        up = sum(word == UP for _, word in words)
        quorum = 2 if self.target.quorum is None else self.target.quorum
        verdict = UNKNOWN
        if down >= quorum and 2 * down > down + up:
            verdict = DOWN
        elif 2 * up > down + up:
            verdict = UP
        agreeing = [at for at, word in words if word == verdict] or [at for at, _ in words]
        return min(agreeing), verdict
