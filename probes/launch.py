"""A start of one target, and of several that begin together."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import repeat

from config.model import Target
from probes.kind import Cohort, Seen, Well

_DELAYS_KEPT = 8192


@dataclass(slots=True, eq=False)  # not frozen: thousands are made every second, see ``sample.record``
class Run:
    """One start of one target. ``scheduled_at`` is its slot (or recheck), ``started_at`` when it really
    began, both wall ns; ``config`` is the digest of the configuration it was started under."""

    target: Target
    scheduled_at: int
    started_at: int
    started: int
    config: str


@dataclass(slots=True, eq=False)
class Launch:
    """One start of the targets of a cohort at these places; the rest as of ``Run``. ``done`` and ``well`` are to be
    told how they end."""

    cohort: Cohort
    places: Sequence[int]
    scheduled_at: int
    started_at: int
    started: int
    config: str
    done: Callable[[int, Seen], None]
    well: Callable[[Well], None]


class Delays:
    """How late the recent starts were, ns after their slot."""

    def __init__(self) -> None:
        self._recent: deque[int] = deque(maxlen=_DELAYS_KEPT)

    def add(self, delay: int, starts: int = 1) -> None:
        """The delay of one start, or of several together."""
        self._recent.extend(repeat(delay, starts))

    def quantile(self, share: float) -> int:
        """By nearest rank over the recent starts; 0 before the first."""
        ordered = sorted(self._recent)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0
