"""What was counted of a signal in a span: facts that name the service or none, less what is excluded.

A fact that only partly lies in a span is in it by that part of its length, so that parts of a period add up to it.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from config.spans import Span, clip, subtract, total, union
from monitor.sla.facts import CountsFact

if TYPE_CHECKING:
    from monitor.sla.scene import Scene


@dataclass(frozen=True, slots=True)
class Tallied:
    """``told``: some fact speaks of the span, if only to say that nothing was there to be counted."""

    total: Fraction
    failed: Fraction
    told: bool


class Counted:
    """The counts of one signal for one service in its scene's period."""

    def __init__(self, scene: "Scene", signal: str, unnamed: bool = True) -> None:
        """``unnamed``: with the facts that name no service."""
        names = {scene.service.name, None} if unnamed else {scene.service.name}
        until = scene.period.end if scene.now is None else min(scene.now, scene.period.end)
        told = [f for f in scene.known.counts.get(signal, ()) if f.service in names and f.start < until]
        self._facts: Sequence[CountsFact] = sorted(told, key=lambda fact: fact.start)
        self._starts = [fact.start for fact in self._facts]
        self._longest = max((fact.end - fact.start for fact in self._facts), default=0)
        excluded = scene.view.excluded
        self._out = union(excluded.out_of_base)
        self._lifted = subtract(union(excluded.not_down), self._out)

    def within(self, span: Span) -> Tallied | None:
        """What was counted in a span; None where all of it is excluded."""
        kept = subtract([span], self._out) if self._out else [span]
        if not kept:
            return None
        all_of_it, failed, told = Fraction(0), Fraction(0), False
        plain = not self._lifted
        first = bisect_left(self._starts, span[0] - self._longest)
        for fact in self._facts[first : bisect_left(self._starts, span[1])]:
            counts = clip(kept, fact.start, fact.end)
            if not counts:
                continue
            told = True
            weight = 1 if fact.weight is None else fact.weight
            if plain and counts == [(fact.start, fact.end)]:
                all_of_it, failed = all_of_it + weight * fact.total, failed + weight * fact.failed
                continue
            part = Fraction(weight) / (fact.end - fact.start)
            all_of_it += part * fact.total * total(counts)
            failed += part * fact.failed * total(subtract(counts, self._lifted))
        return Tallied(all_of_it, failed, told)
