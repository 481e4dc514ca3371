"""Revisions of one agreement in the order of their dates, gathered from all the texts it is made of.

A text may add to a revision of its base by the same id, and take it away by ``remove``.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from zoneinfo import ZoneInfo

from config.contract.amendments import AppliesBy, Patch
from config.contract.levels import Text
from config.contract.merge import Path, where
from config.contract.services import instant
from config.errors import unknown
from config.places import Place
from config.reader import Reader
from config.units import boolean


@dataclass(slots=True)
class Stamp:
    """One revision: since when (ns), and the patches by the name of the text over which each goes. ``at`` is where its
    date stands."""

    id: str
    start: int
    applies_by: AppliesBy
    at: Reader
    entries: list[Reader] = field(default_factory=list)
    patches: list[tuple[str, Reader]] = field(default_factory=list)

    def counts(self, starts: int | None) -> bool:
        """Whether later revisions build on it: not where it is for subscriptions that began later."""
        return self.applies_by != "subscription_start" or (starts is not None and starts >= self.start)


def read_stamps(chain: Sequence[Text], zone: ZoneInfo) -> tuple[Stamp, ...]:
    """All revisions of a chain of texts by date; two on one day are a problem."""
    found: dict[str, Stamp] = {}
    locks: dict[Path, Place] = {}
    for text in chain:
        own: dict[Path, Place] = {}
        for patch in text.patches:
            if not _locked(patch, locks):
                _take(patch, text.name, found, zone)
                own.update(_lock(patch))
        locks.update(text.locked)
        locks.update(own)
    stamps = sorted(found.values(), key=lambda one: one.start)
    for before, after in pairwise(stamps):
        if before.start == after.start:
            what = f"begins on the same day as revision {before.id!r}, {where(before.at.node.place, after.at)}"
            after.at.wrong(f"{what}; write both changes into one, or another day")
    return tuple(stamps)


def _take(patch: Patch, name: str, found: dict[str, Stamp], zone: ZoneInfo) -> None:
    known = found.get(patch.id)
    if patch.removed:
        if known is None:
            patch.reader.wrong(f"removes what is not there: {unknown('revision', patch.id, found)}")
        found.pop(patch.id, None)
        return
    start = None if patch.start is None else patch.start.read(lambda value: instant(value, zone), None)
    if known is None:
        if patch.start is None:
            patch.reader.fields().missing("from", "from: 2026-04-01")
        if patch.start is None or start is None:
            return
        known = found[patch.id] = Stamp(patch.id, start, patch.applies_by or "period_start", patch.start)
    elif patch.start is not None and start is not None and start != known.start:
        patch.start.wrong(
            f"the text below has revision {patch.id!r} on another day; leave 'from' out, or give it another id"
        )
    elif patch.applies_by not in (None, known.applies_by):
        words = known.applies_by.replace("_", " ")
        patch.reader.wrong(f"the text below has revision {patch.id!r} by {words}; leave 'applies by' out")
    known.entries.append(patch.reader)
    if patch.changes is not None:
        known.patches.append((name, patch.changes))


def _lock(patch: Patch) -> dict[Path, Place]:
    fields = patch.reader.fields()
    if not fields.get("locked", boolean, False):
        return {}
    return {("revisions", patch.id): fields.at("locked").key}


def _locked(patch: Patch, locks: dict[Path, Place]) -> bool:
    for path in (("revisions",), ("revisions", patch.id)):
        if path in locks:
            at = where(locks[path], patch.reader)
            patch.reader.wrong(f"{'.'.join(path)} is locked {at} and stays as it is there; leave this out")
            return True
    return False
