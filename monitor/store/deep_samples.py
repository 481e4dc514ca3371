"""Samples and heartbeats against their leaves, and leaves against the links that bind them."""

import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

import numpy as np

from monitor.issuing.links import RECORDS, Link, samples_of
from monitor.store.canonical import Marks, digest_of, marks_of, read_marks
from monitor.store.leaves import (
    BEATS,
    DAY,
    LEAF,
    BeatRow,
    Late,
    LeafRow,
    beats_leaf,
    beats_of,
    late_of,
    leaf_digests,
)
from monitor.store.linkstore import first_other, marks_in, root_of
from monitor.store.names import every as names_of
from monitor.store.port import StoreError
from monitor.store.rows import kept
from monitor.store.sql import Sql
from monitor.store.view import View
from probes.columns import Columns, concat
from probes.notation import instant_text

HOUR = 3_600_000_000_000
Names = Mapping[int, str]
_OUTSIDE = "outside the chain (what comes late is bound within a minute: look again then)"
_LAST_DAY = (1 << 63) // DAY - 1
_BROKEN = (ValueError, TypeError, KeyError, struct.error, zlib.error)


class Removable(Protocol):
    """What retention may have removed."""

    def may_be_gone(self, target: str | None, start: int, end: int) -> bool:
        """Whether all of a target's samples (None: heartbeats) of a span may be gone."""


def findings(view: View, chains: Mapping[str, Sequence[Link]], removable: Removable) -> Iterator[str]:
    """What differs from what was bound."""
    names = names_of(view.sql)
    links = {chain: links for chain, links in chains.items() if chain != RECORDS}
    for chain in sorted(links):
        for link in links[chain]:
            yield from _rooted(view.sql, link, names)
    yield from _unbound(view.sql, links, names)
    series = view.series() | set(view.sql.execute("SELECT DISTINCT target, vantage FROM leaves").fetchall())
    for target, vantage in sorted(series, key=lambda one: (one[1], one[0])):
        yield from _series(view, target, vantage, removable, names)
    yield from _outside(view, links)


def _rooted(connection: Sql, link: Link, names: Names) -> Iterator[str]:
    query = f"SELECT {LEAF} FROM leaves WHERE id >= ? AND id <= ? AND day = ? ORDER BY id"
    rows = connection.execute(query, (link.first, link.last, link.day)).fetchall()
    rows = [row for row in rows if samples_of(names.get(row[2], "")) == link.chain]
    digests = leaf_digests(rows, names)
    if root_of(digests) != link.root:
        place, what = first_other(digests, marks_in(link)) or (0, "altered")
        said = _said(rows[place], names) if what != "removed" and place < len(rows) else _day(link.day or 0)
        yield f"chain {link.chain}, link {link.number}: {said}: leaf {place + 1} of it was {what}"


def _unbound(connection: Sql, links: Mapping[str, Sequence[Link]], names: Names) -> Iterator[str]:
    """Leaves that no link covers. Upkeep binds what it seals at once."""
    spans: dict[tuple[str, int], list[tuple[int, int]]] = {}
    for chain, each in links.items():
        for link in each:
            spans.setdefault((chain, link.day or 0), []).append((link.first, link.last))
    for row in _every_leaf(connection):
        covers = spans.get((samples_of(names.get(row[2], "")), row[4]), ())
        if not any(first <= row[0] <= last for first, last in covers):
            yield f"{_said(row, names)}: sealed, but bound by no link"


def _every_leaf(connection: Sql) -> Iterator[LeafRow]:
    """All leaves, some at a time: there is one a day for each target."""
    query = f"SELECT {LEAF} FROM leaves WHERE id > ? ORDER BY id LIMIT 10000"
    last = -(1 << 63)
    while rows := connection.execute(query, (last,)).fetchall():
        yield from rows
        last = rows[-1][0]


def _series(view: View, target: int, vantage: int, removable: Removable, names: Names) -> Iterator[str]:
    """All days of one target and vantage, or of a vantage's heartbeats."""
    leaves: dict[int, list[LeafRow]] = {}
    query = f"SELECT {LEAF} FROM leaves WHERE vantage = ? AND target = ? ORDER BY day, id"
    for row in view.sql.execute(query, (vantage, target)):
        if abs(row[4]) > _LAST_DAY:
            yield f"{_said(row, names)}: its leaf cannot be read: it is of no day"
            continue
        leaves.setdefault(row[4], []).append(row)
    if target == BEATS:
        yield from _beats(view.sql, vantage, leaves, removable, names)
        return
    where = (names.get(vantage, ""), names.get(target, ""))
    for days, found in view.days(target, vantage):
        if isinstance(found, StoreError):
            yield f"{_of(*where)}, {_day(days[0])} to {_day(days[-1])}: {found}"
            leaves = {day: rows for day, rows in leaves.items() if day not in days}
        elif rows := leaves.pop(days[0], []):
            yield from _compare(rows, _SampleParts(*where, days[0], found), removable, names)
        else:
            yield f"{_of(*where)} on {_day(days[0])}: {len(found)} that were never sealed"
    for day, rows in leaves.items():
        yield from _compare(rows, _SampleParts(*where, day, concat([])), removable, names)


def _beats(
    connection: Sql,
    vantage: int,
    leaves: Mapping[int, Sequence[LeafRow]],
    removable: Removable,
    names: Names,
) -> Iterator[str]:
    query = "SELECT at, text FROM late_beats JOIN names ON names.id = boot WHERE vantage = ? ORDER BY at"
    late = set(connection.execute(query, (vantage,)).fetchall())
    for day, rows in leaves.items():
        beats = beats_of(connection, vantage, day * DAY, (day + 1) * DAY)
        bound = [beat for beat in beats if beat[:2] not in late]
        yield from _compare(rows, _BeatParts(names.get(vantage, ""), day, bound), removable, names)
    for day in sorted({at // DAY for at, _ in late}):
        yield f"heartbeats of {names.get(vantage, '')} on {_day(day)}: {_OUTSIDE}"
    last = max(leaves, default=-_LAST_DAY)
    query = "SELECT DISTINCT at / ? FROM heartbeats WHERE vantage = ? AND at < ? ORDER BY 1"
    for (day,) in connection.execute(query, (DAY, vantage, (last + 1) * DAY)).fetchall():
        if day not in leaves and day not in {at // DAY for at, _ in late}:
            yield f"heartbeats of {names.get(vantage, '')} on {_day(day)}: never bound"


class _Parts(Protocol):
    """What lies in the store of one day, taken apart as it was sealed."""

    def take(self, late: Late, listed: Sequence[Late]) -> tuple[int, bytes, bytes]:
        """(how many, digest, marks) of those a leaf lists, or of the rest where it lists none."""


class _SampleParts:
    def __init__(self, vantage: str, target: str, day: int, columns: Columns) -> None:
        self._where, self._columns = (vantage, target, day), columns

    def take(self, late: Late, listed: Sequence[Late]) -> tuple[int, bytes, bytes]:
        part = self._columns
        if listed and len(part):
            inside = np.zeros(len(part), dtype=np.bool_)
            for each in [late] if late else listed:
                for boot, seqs in each.items():
                    places = [place for place, word in enumerate(part.words) if word == boot]
                    inside |= np.isin(part["boot"], places) & np.isin(part["seq"], seqs)
            part = kept(part, inside if late else ~inside)
        if not len(part):
            return 0, b"", b""
        return len(part), digest_of(*self._where, part), marks_of(part)


class _BeatParts:
    def __init__(self, vantage: str, day: int, beats: Sequence[BeatRow]) -> None:
        self._vantage, self._day, self._beats = vantage, day, beats

    def take(self, late: Late, listed: Sequence[Late]) -> tuple[int, bytes, bytes]:
        names = {(boot, at) for each in ([late] if late else listed) for boot, ats in each.items() for at in ats}
        part = [beat for beat in self._beats if ((beat[1], beat[0]) in names) == bool(late)]
        leaf = beats_leaf(self._vantage, self._day, part, False)
        return (leaf.count, leaf.digest, leaf.marks) if part else (0, b"", b"")


def _compare(rows: Sequence[LeafRow], parts: _Parts, removable: Removable, names: Names) -> Iterator[str]:
    """A day's leaves with what lies in the store."""
    try:
        lates = [late_of(row[8]) for row in rows]
        for row, late in zip(rows, lates, strict=True):
            count, digest, marks = parts.take(late, [each for each in lates if each])
            target = None if row[3] == BEATS else names.get(row[3], "")
            if digest == row[6] or (not count and removable.may_be_gone(target, row[4] * DAY, (row[4] + 1) * DAY)):
                continue
            hour = _hour(row[4], read_marks(row[7]), read_marks(marks))
            yield f"{_said(row, names)}{hour}; {row[5]} bound, {count} there"
        if all(lates) and (rest := parts.take({}, lates)[0]):
            yield f"{_said(rows[0], names)}: {rest} that were never bound"
    except _BROKEN as error:
        yield f"{_said(rows[0], names)}: its leaf cannot be read: {error}"


def _hour(day: int, told: Marks, found: Marks) -> str:
    """The first hour that differs."""
    for hour in sorted({*told, *found}):
        there, bound = found.get(hour, (0, b"")), told.get(hour, (0, b""))
        if there != bound:
            what = {True: "altered", False: "removed" if there[0] < bound[0] else "added"}[there[0] == bound[0]]
            return f", hour from {instant_text(day * DAY + hour * HOUR)}: {what}"
    return ": altered"


def _outside(view: View, links: Mapping[str, Sequence[Link]]) -> Iterator[str]:
    """Samples of bound days that wait to be sealed. Those that came late do so for a minute."""
    bound = {chain: max(link.day or 0 for link in each) for chain, each in links.items()}
    for one in view.waiting():
        if isinstance(one, StoreError):
            yield str(one)
        elif one.day <= bound.get(samples_of(one.vantage), -(1 << 40)):
            since = instant_text(one.first)
            yield f"{_of(one.vantage, one.target)} on {_day(one.day)}: {one.count} {_OUTSIDE}, first {since}"


def _said(row: LeafRow, names: Names) -> str:
    vantage = names.get(row[2], "")
    of = f"heartbeats of {vantage}" if row[3] == BEATS else _of(vantage, names.get(row[3], ""))
    return f"{of} on {_day(row[4])}"


def _of(vantage: str, target: str) -> str:
    return f"samples of {target} seen from {vantage}"


def _day(day: int) -> str:
    try:
        return instant_text(day * DAY)[:10]
    except (ValueError, OverflowError):
        return f"day {day}"
