"""Slots: the instants at which targets are probed, and which targets have the same ones. See ``probes.schedule``."""

import hashlib
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass

from config.model import Target
from probes.kind import Cohort
from probes.launch import Launch, Run

SECOND = 1_000_000_000
GRID = 100_000_000
WIDE = 2 * GRID
"""The grid of targets that are started together: waking up costs as much as starting many of them."""
FIRST_WITHIN = 60 * SECOND
LARGEST = 256
"""Targets in one cohort at most."""
Key = tuple[int, int]
"""Interval and phase."""


@dataclass(slots=True, eq=False)
class Entry:
    """A target's place: its phase, its group, its run in flight, when it starts by itself (``due``), if at all, and
    when it was last ``started`` (monotonic ns)."""

    target: Target
    phase: int = 0
    group: "Group | None" = None
    due: int | None = None
    run: Run | Launch | None = None
    started: int = 0
    alive: bool = True

    @property
    def slot(self) -> int:
        """Its next slot."""
        assert self.group is not None
        return self.group.slot


@dataclass(slots=True, eq=False)
class Group:
    """Targets with the same slots: their next one; ``together``: whether they are started as one; ``skipped``: whether
    the last slot was skipped because it came too late."""

    cohort: Cohort
    entries: Sequence[Entry]
    every: int
    phase: int
    slot: int
    together: bool
    skipped: bool = False


def phase(name: str, every: int, grid: int = GRID) -> int:
    """The target's offset within its interval, ns: the same in every process, on the grid."""
    digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
    offset = int.from_bytes(digest, "big") % every
    return offset - offset % grid


def next_slot(after: int, every: int, phase: int) -> int:
    """The first slot later than an instant (wall ns)."""
    return ((after - phase) // every + 1) * every + phase


def soon(key: Key, now: int, slot: int) -> int | None:
    """When a target new to the schedule is started by itself. One with a long interval is first looked at within a
    minute, because until then nothing is known of it; the minute is spread like the interval."""
    every, offset = key
    first = now + offset % FIRST_WITHIN
    return first if every > FIRST_WITHIN and first < slot else None


def grouped(entries: Iterable[Entry], slots: Mapping[Key, int], together: Container[str]) -> list[Group]:
    """Who has the same slots, kind by kind. ``slots``: the next one of each interval and phase; ``together``: the kinds
    whose targets are started as one."""
    alike: dict[tuple[str, int, int], list[Entry]] = {}
    for entry in entries:
        alike.setdefault((entry.target.kind, entry.target.every, entry.phase), []).append(entry)
    groups = []
    for (kind, every, offset), members in alike.items():
        for first in range(0, len(members), LARGEST):
            some = members[first : first + LARGEST]
            cohort = Cohort(tuple(entry.target for entry in some))
            groups.append(Group(cohort, some, every, offset, slots[every, offset], kind in together))
            for entry in some:
                entry.group, entry.phase = groups[-1], offset  # one object for all
    return groups
