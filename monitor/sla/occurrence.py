"""An outage as a contract counts it, and the three worlds it is counted in.

Unknown time is left unknown (``measured``), or settled so that least is lost (``least``: it was up) or most
(``greatest``: it was down). What a measure gives in the last two are its bounds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from config.spans import Span

World = Literal["measured", "least", "greatest"]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One counted outage of a service, ``[start, end)`` in ns UTC; ``open``: nothing has ended it yet, and ``end`` is
    as far as is known.

    ``charged`` is what counts of it, in ns: inside its clock, less pauses and exclusions, rounded, less a franchise;
    before ``weight`` (the share of people or things that were affected). ``spans`` are the stretches behind it,
    ``kept`` what counts of those, before it is rounded. Where all of it is excluded ``charged`` is 0: it happened, and
    no total and no count knows it. ``counted``: it belongs to the period by its start; otherwise only its part within
    the period counts in totals.
    """

    service: str
    start: int
    end: int
    open: bool
    charged: Fraction
    spans: tuple[Span, ...]
    weight: Fraction = Fraction(1)
    counted: bool = True
    ticket: str | None = None
    cause: str | None = None
    severity: str | None = None
    category: str | None = None
    region: str | None = None
    kept: tuple[Span, ...] = ()

    def part(self, start: int, end: int) -> Fraction:
        """What counts of it within ``[start, end)`` (ns): its share of what was kept, so that parts add up to the
        whole whatever was rounded."""
        if start <= self.start and self.end <= end:
            return self.charged
        kept = self.kept or self.spans or ((self.start, self.end),)
        length = sum(to - since for since, to in kept)
        return self.charged * overlap(kept, start, end) / length if length else Fraction(0)


def overlap(spans: Sequence[Span], start: int, end: int) -> int:
    """How much of some spans (which may lie over one another) is within ``[start, end)``."""
    return sum(max(0, min(to, end) - max(since, start)) for since, to in spans)
