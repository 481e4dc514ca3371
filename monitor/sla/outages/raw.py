"""An outage on its way: what is known of it while rules are applied one after the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from config.spans import Span, total
from monitor.sla.matching import Qualities

UNTOLD = Qualities()


@dataclass(frozen=True, slots=True)
class Raw:
    """``[start, end)`` in ns; ``open``: nothing ended it yet. ``spans`` are the stretches that were down, ``stops``
    those in which its own clock stood still, ``kept`` what counts so far of the spans."""

    start: int
    end: int
    open: bool
    spans: tuple[Span, ...]
    stops: tuple[Span, ...] = ()
    kept: tuple[Span, ...] = ()
    weight: Fraction = Fraction(1)
    affected: int | None = None
    ticket: str | None = None
    known: Qualities = UNTOLD

    @property
    def length(self) -> int:
        """What counts of it so far, in ns."""
        return total(self.kept)


def after(spans: Sequence[Span], amount: int) -> tuple[Span, ...]:
    """Some spans without their first ``amount`` ns."""
    out: list[Span] = []
    for start, end in spans:
        cut = min(amount, end - start)
        amount -= cut
        if start + cut < end:
            out.append((start + cut, end))
    return tuple(out)
