"""Leaves: what the samples of one target and vantage come to that were sealed together, a UTC day at most; and so the
heartbeats of a vantage.

A leaf is written in the transaction that seals its samples and never changed. Samples of a day that has a leaf already
get one of their own, which lists them, so that what came late never hides what was altered.
"""

import hashlib
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from monitor.store.canonical import FORM, digest_of, marks_of, pack_marks
from monitor.store.connection import breathe
from monitor.store.names import find, number_of
from monitor.store.packing.steady import Steady, as_steady
from monitor.store.sql import Begun, Sql
from monitor.store.whole import MOVING
from probes.columns import Columns

DAY = 86_400_000_000_000
HOUR = 3_600_000_000_000
BEATS = 0
"""Stands for the target of a leaf of heartbeats."""
_NEVER = -100_000
LEAF = "id, form, vantage, target, day, count, digest, marks, late"
LeafRow = tuple[int, int, int, int, int, int, bytes, bytes, bytes]
BeatRow = tuple[int, str, int | None, int | None, int]
"""(at, boot, loop_lag, clock_error, suspended)."""
Late = dict[str, list[int]]
"""By boot: sequence numbers of samples, or instants of heartbeats."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """``digest`` covers the samples wholly, ``marks`` tell hours apart, ``late`` lists them where the day had one."""

    vantage: str
    target: str | None
    day: int
    count: int
    digest: bytes
    marks: bytes
    late: Late


def leaf_of(vantage: str, target: str, day: int, samples: Columns | Steady, late: bool) -> Leaf:
    """The leaf of samples in order of ``(at, identity)``."""
    samples = as_steady(samples)
    listed = {boot: sorted(seqs.tolist()) for _, boot, seqs in samples.columns().sources()} if late else {}
    digest = digest_of(vantage, target, day, samples)
    return Leaf(vantage, target, day, samples.count, digest, marks_of(samples), listed)


def beats_leaf(vantage: str, day: int, beats: Sequence[BeatRow], late: bool) -> Leaf:
    """The leaf of heartbeats in order of ``(at, boot)``."""
    listed: Late = {}
    for at, boot, *_ in beats if late else ():
        listed.setdefault(boot, []).append(at)
    text = json.dumps([FORM, vantage, day, beats])
    return Leaf(vantage, None, day, len(beats), hashlib.sha256(text.encode()).digest(), _beat_marks(beats), listed)


def _beat_marks(beats: Sequence[BeatRow]) -> bytes:
    hours: dict[int, list[BeatRow]] = {}
    for beat in beats:
        hours.setdefault(beat[0] // HOUR % 24, []).append(beat)
    return pack_marks(
        {hour: (len(told), hashlib.sha256(json.dumps(told).encode()).digest()[:3]) for hour, told in hours.items()}
    )


def has_leaf(connection: Sql, vantage: int | None, target: int | None, day: int) -> bool:
    """Whether samples of that day were sealed before, of the vantage and target that have these numbers."""
    key = (vantage, target, day)
    row = connection.execute("SELECT 1 FROM leaves WHERE vantage = ? AND target = ? AND day = ?", key).fetchone()
    return row is not None


def write(connection: Sql, leaf: Leaf) -> bool:
    """Put a leaf down. False where it has to be made anew, because a heartbeat came while it was made; and in a store
    into which another is being moved, which gets that one's leaves."""
    if is_moving(connection):
        return False
    vantage, span = number_of(connection, leaf.vantage), (leaf.day * DAY, (leaf.day + 1) * DAY)
    if leaf.target is None:
        if not leaf.late and _count_beats(connection, vantage, *span) != leaf.count:
            return False
        _forget_late(connection, vantage, leaf.late)
    put(connection, vantage, BEATS if leaf.target is None else number_of(connection, leaf.target), leaf)
    return True


def is_moving(connection: Sql) -> bool:
    """Whether another store is being moved into this one."""
    return connection.execute("SELECT 1 FROM meta WHERE key = ?", (MOVING,)).fetchone() is not None


def put(connection: Sql, vantage: int, target: int, leaf: Leaf) -> None:
    """Put a leaf down, of the vantage and target that have these numbers."""
    late = b""
    if leaf.late:
        listed = [[boot, _steps(numbers)] for boot, numbers in sorted(leaf.late.items())]
        late = zlib.compress(json.dumps(listed).encode())
    connection.execute(
        f"INSERT INTO leaves ({LEAF}) VALUES ((SELECT coalesce(max(id), 0) + 1 FROM leaves), ?, ?, ?, ?, ?, ?, ?, ?)",
        (FORM, vantage, target, leaf.day, leaf.count, leaf.digest, leaf.marks, late),
    )


def _count_beats(connection: Sql, vantage: int, start: int, end: int) -> int:
    query = "SELECT count(*) FROM heartbeats WHERE vantage = ? AND at >= ? AND at < ?"
    return int(connection.execute(query, (vantage, start, end)).fetchone()[0])


def _forget_late(connection: Sql, vantage: int, late: Late) -> None:
    """They have a leaf now."""
    query = "DELETE FROM late_beats WHERE vantage = ? AND at = ? AND boot = ?"
    for boot, ats in late.items():
        number = find(connection, boot)
        connection.executemany(query, [(vantage, at, number) for at in ats])


def late_of(body: bytes) -> Late:
    """Which samples or heartbeats a leaf lists."""
    if not body:
        return {}
    return {boot: np.cumsum(steps).tolist() for boot, steps in json.loads(zlib.decompress(body))}


def _steps(numbers: Sequence[int]) -> list[int]:
    return [number - before for number, before in zip(numbers, (0, *numbers[:-1]), strict=True)]


def content(row: LeafRow, names: Mapping[int, str]) -> bytes:
    """What a link binds of a leaf."""
    target = None if row[3] == BEATS else names.get(row[3], "")
    told = [row[1], names.get(row[2], ""), target, row[4], row[5], row[6].hex(), row[7].hex(), row[8].hex()]
    return json.dumps(told).encode()


def leaf_digests(rows: Iterable[LeafRow], names: Mapping[int, str]) -> list[bytes]:
    """What each leaf comes to."""
    return [hashlib.sha256(content(row, names)).digest() for row in rows]


def beats_of(connection: Sql, vantage: int, start: int, end: int) -> list[BeatRow]:
    """A vantage's heartbeats of a span in order of ``(at, boot)``."""
    query = (
        "SELECT at, text, loop_lag, clock_error, suspended FROM heartbeats JOIN names ON names.id = boot "
        "WHERE vantage = ? AND at >= ? AND at < ?"
    )
    return sorted(connection.execute(query, (vantage, start, end)).fetchall())


def seal_beats(snapshot: Begun, transaction: Begun, going: Callable[[], bool], today: int) -> None:
    """Leaves for the heartbeats of days that are over, and for those that came late. Where one has to be made anew the
    days after it wait with it: no day before the last that has a leaf gets one."""
    with snapshot() as connection:
        made = [*new_beats(connection, today), *late_beats(connection)]
    waiting = set[str]()
    for leaf in made:
        if going() and leaf.vantage not in waiting:
            with transaction() as connection:
                if not write(connection, leaf):
                    waiting.add(leaf.vantage)
            breathe()


def new_beats(connection: Sql, today: int) -> Iterator[Leaf]:
    """Leaves for the heartbeats of days that are over and have none yet."""
    for vantage, name in _beating(connection):
        day = last_beats_day(connection, vantage) + 1
        while True:
            query = "SELECT min(at) FROM heartbeats WHERE vantage = ? AND at >= ?"
            (found,) = connection.execute(query, (vantage, day * DAY)).fetchone()
            if found is None or found // DAY >= today:
                break
            day = found // DAY + 1
            yield beats_leaf(name, day - 1, beats_of(connection, vantage, (day - 1) * DAY, day * DAY), False)


def late_beats(connection: Sql) -> Iterator[Leaf]:
    """Leaves for the heartbeats that came after those of their day, or of a later one, had theirs."""
    found: dict[tuple[int, str, int], set[tuple[int, str]]] = {}
    query = (
        "SELECT vantage, v.text, at, b.text FROM late_beats JOIN names v ON v.id = vantage JOIN names b ON b.id = boot"
    )
    for vantage, name, at, boot in connection.execute(query):
        found.setdefault((vantage, name, at // DAY), set()).add((at, boot))
    for (vantage, name, day), late in sorted(found.items()):
        beats = [beat for beat in beats_of(connection, vantage, day * DAY, (day + 1) * DAY) if beat[:2] in late]
        if beats:
            yield beats_leaf(name, day, beats, True)


def _beating(connection: Sql) -> list[tuple[int, str]]:
    """The vantages that have heartbeats, found without reading them all."""
    found: list[tuple[int, str]] = connection.execute(
        "SELECT id, text FROM names WHERE EXISTS (SELECT 1 FROM heartbeats WHERE vantage = names.id) ORDER BY id"
    ).fetchall()
    return found


def last_beats_day(connection: Sql, vantage: int) -> int:
    """The last day whose heartbeats have a leaf; long ago where none has."""
    query = "SELECT max(day) FROM leaves WHERE vantage = ? AND target = ?"
    (day,) = connection.execute(query, (vantage, BEATS)).fetchone()
    return _NEVER if day is None else int(day)
