"""An outage as a contract counts it, and the three worlds it is counted in.

Unknown time is left unknown (``measured``), or settled so that least is lost (``least``: it was up) or most
(``greatest``: it was down). What a measure gives in the last two are its bounds.
"""

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
    before ``weight`` (the share of people or things that were affected). ``spans`` are the stretches behind it.
    ``counted``: it belongs to the period by its start; otherwise only its part within the period counts in totals.
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
