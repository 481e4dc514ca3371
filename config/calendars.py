"""Business hours: which hours of which local days count, without holidays; time measured inside them."""

from dataclasses import dataclass
from datetime import date

Minutes = tuple[int, int]  # of the local day, [from, to); to may pass 1440 into the next day


@dataclass(frozen=True, slots=True)
class Calendar:
    """``hours`` for Monday to Sunday; ``holidays`` are local dates, ``yearly`` (month, day) of every year."""

    name: str
    timezone: str
    hours: tuple[tuple[Minutes, ...], ...]
    holidays: frozenset[date] = frozenset()
    yearly: frozenset[tuple[int, int]] = frozenset()
