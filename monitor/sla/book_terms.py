"""What the books of a service have in common, so that it is there once and not in each of very many."""

from collections.abc import Sequence
from typing import NamedTuple

from config.contract.model import Promise
from config.model import Target
from config.spans import Span


class Terms(NamedTuple):
    """The promises that samples are counted for, which of its phases a target's latency is, the period ``[start, end)``
    and what is left out of it. ``sums``: whether counts and totals are all that the promises need; ``asked``: what
    each of them asks of samples, in words."""

    promises: tuple[Promise, ...]
    latency_of: str
    start: int
    end: int
    excluded: tuple[Span, ...]
    sums: bool
    asked: tuple[str, ...]

    def saved(self, target: Target, damaged: Sequence[Span]) -> list[object]:
        """What a saved fold of a target rests on: it is of no use once any of it is another."""
        spans = [list(span) for span in self.excluded]
        cadence = [target.every, target.timeout, self.latency_of]
        terms: list[object] = [cadence, [*self.asked], spans]
        return [*terms, [list(span) for span in damaged]] if damaged else terms

    def counts(self, at: int) -> bool:
        """Whether what was said at an instant counts."""
        if not self.start <= at < self.end:
            return False
        return not any(start <= at < end for start, end in self.excluded)
