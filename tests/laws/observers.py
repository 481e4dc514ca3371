"""What observers would have recorded: vantages with their restarts, suspends and clock steps, and their samples."""

from collections.abc import Sequence
from itertools import count
from random import Random

from config.model import Target
from monitor.sla.facts import EpochFact, Fact, HeartbeatFact, ScheduleFact
from probes.sample import Outcome, Sample
from tests.oracle.build import HOUR, MS, S

BEAT = HOUR // 2


class Observer:
    """One vantage over ``[start, end)``: alive except in its breaks, each of which is a restart or a suspend."""

    def __init__(self, rng: Random, name: str, start: int, end: int) -> None:
        self.rng, self.name, self.start, self.end = rng, name, start, end
        self.sequence = count(rng.randrange(1_000_000_000))
        self.beating = rng.random() < 0.4
        self.breaks: list[tuple[int, int, bool]] = []
        self.step = (end, 0)
        self.calm = rng.choice((2, 12, 60))
        event = rng.random()
        if event < 0.35:
            self._add_breaks()
        elif event < 0.45:
            self.step = (start + rng.randrange(1, 20) * HOUR, rng.choice((100, 1000, 600_000, -1000, -600_000)) * MS)

    def _add_breaks(self) -> None:
        clock = self.start
        for _ in range(self.rng.choice((1, 1, 2))):
            clock += self.rng.randrange(2, 10) * HOUR + self.rng.randrange(900) * S
            until = clock + self.rng.choice((30, 900, 3600, 10_000)) * S
            self.breaks.append((clock, until, self.beating and self.rng.random() < 0.4))
            clock = until

    def boot(self, at: int) -> str:
        """The boot running at that instant."""
        return f"b{sum(until <= at and not suspended for _, until, suspended in self.breaks)}"

    def samples(self, target: Target, schedule: Sequence[ScheduleFact]) -> list[Fact]:
        """A run of one target: mostly up, with outages, unknown stretches and missing samples."""
        out: list[Fact] = []
        weights = (6 * self.calm, 3, 2, 1, 1) if self.calm > 2 else (12, 3, 2, 1, 1)
        mood, clock = "up", self.start + self.rng.randrange(target.every // MS) * MS
        while clock < self.end:
            mood = self.rng.choices(
                (mood if mood in ("up", "down") else "up", "up", "down", "unknown", "none"), weights
            )[0]
            at = clock + self.rng.randrange(3) * 7 * MS
            if mood != "none":
                out += self.sample(target, at, mood)
                if mood == "down" and target.recheck and self.rng.random() < 0.5:
                    out += self.sample(target, at + target.recheck, self.rng.choice(("up", "down")))
            clock += next((s.every for s in reversed(schedule) if s.start <= clock), target.every)
        return out

    def sample(self, target: Target, at: int, outcome: str, slot: int | None = None) -> list[Fact]:
        """One sample, unless the vantage was not alive; dated by its clock."""
        if any(start <= at < until for start, until, _ in self.breaks):
            return []
        if at >= self.step[0]:
            at += self.step[1]
        fields = _packets(self.rng, outcome) if target.name.endswith(("0", "2")) else _page(self.rng, outcome)
        return [
            Sample(
                target=target.name,
                vantage=self.name,
                boot=self.boot(at),
                seq=next(self.sequence),
                at=at,
                outcome=Outcome(outcome),
                reason=None if outcome == "up" else "timeout" if outcome == "down" else "stall",
                scheduled_at=slot,
                **fields,
            )
        ]

    def signs_of_life(self) -> list[Fact]:
        """Heartbeats, where this vantage keeps them, and its clock's epochs."""
        facts: list[Fact] = []
        at, step = self.step
        if step:
            facts.append(EpochFact(self.name, self.boot(at), at + step, step))
        if not self.beating:
            return facts
        beats = range(self.start, self.end, BEAT)
        facts += [HeartbeatFact(self.name, self.boot(b), self._dated(b)) for b in beats if not self._broken(b)]
        for start, until, suspended in self.breaks:
            facts.append(HeartbeatFact(self.name, self.boot(start - 1), start))
            if suspended:
                facts.append(HeartbeatFact(self.name, self.boot(until), until, suspended=until - start))
        return facts

    def _dated(self, at: int) -> int:
        return at + self.step[1] if at >= self.step[0] else at

    def _broken(self, at: int) -> bool:
        return any(start <= at <= until for start, until, _ in self.breaks)


def many_vantages(rng: Random, target: Target, first: Observer, start: int, end: int) -> list[Fact]:
    """A target seen from several vantages: mostly of one mind, sometimes not, sometimes missing."""
    first.step = (end, 0)
    observers = [first, *(Observer(rng, name, start, end) for name in target.vantages[1:])]
    for other in observers[1:]:
        other.breaks, other.beating, other.step = [], False, (end, 0)
    out: list[Fact] = []
    truth = "up"
    slot = -(-start // target.every) * target.every
    while slot < end:
        truth = rng.choices((truth, "up", "down", "unknown"), (10, 3, 3, 1))[0]
        for observer in observers:
            word = rng.choices((truth, "up", "down", "unknown", "none"), (12, 1, 1, 1, 1))[0]
            if word != "none":
                at = slot + rng.randrange(20_000) * MS
                out += observer.sample(target, at, word, rng.choice((None, slot)))
        slot += target.every
    return out


def _packets(rng: Random, outcome: str) -> dict[str, object]:
    if outcome == "unknown":
        return {"sent": rng.choice((0, 3)), "received": 0, "rtts": rng.choice(((), (None, None, None)))}
    rtts = [rng.randrange(5_000, 40_000) * 1000 if rng.random() < 0.85 else None for _ in range(4)]
    took = {}
    if outcome == "down":
        rtts = [None] * 4
        took = {"took": rng.randrange(6_000) * MS} if rng.random() < 0.8 else {}
    return took | {"sent": 4, "received": sum(rtt is not None for rtt in rtts), "rtts": tuple(rtts)}


def _page(rng: Random, outcome: str) -> dict[str, object]:
    took = rng.randrange(5_000, 90_000) * 1000
    phases = (("resolve", took // 3), ("connect", took // 3)) if rng.random() < 0.7 else ()
    return {"took": took, "phases": phases}
