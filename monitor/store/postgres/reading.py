"""Samples read back through server-side cursors: any number of them, a bounded number in memory."""

from collections.abc import Iterator, Sequence

import numpy as np

from config.spans import Span, union
from monitor.sla.evidence import damage
from monitor.sla.facts import Fact
from monitor.store.conflicts import Identity
from monitor.store.packing.hours import HOUR, Hours, hours_of, joined
from monitor.store.port import StoreError
from monitor.store.postgres.conflicts import quarantined
from monitor.store.postgres.connection import Connection
from monitor.store.postgres.damage import Damages
from monitor.store.postgres.facts import FACT, checked
from monitor.store.postgres.names import numbers_of
from monitor.store.postgres.readers import Readers
from monitor.store.postgres.rows import AT, SAMPLE, Row, columns_of
from monitor.store.rows import kept, order
from probes.columns import Columns, in_order, to_samples
from probes.sample import Sample

PIECE = 10_000
"""How many samples are held at a time; more only where more are of one instant."""
_LEAST, _MOST = -(1 << 63), (1 << 63) - 1


def read_samples(readers: Readers, damages: Damages, targets: Sequence[str], start: int, end: int) -> Iterator[Sample]:
    """Samples of these targets with ``start <= at < end``, by ``(at, identity)``."""
    for columns in read_columns(readers, damages, targets, start, end):
        yield from to_samples(columns)


def read_columns(
    readers: Readers, damages: Damages, targets: Sequence[str], start: int, end: int, barred: bool = True
) -> Iterator[Columns]:
    """The same as columns, piece by piece; without what is damaged, which is noted, and, unless not ``barred``, what is
    in quarantine."""
    with readers.snapshot() as connection:
        wanted = sorted(numbers_of(connection, targets).values())
        unread = quarantined(connection, targets) if barred else frozenset()
        last = start
        for rows in _pieces(connection, wanted, start, end):
            last = int(str(rows[-1][AT])) + 1
            columns = _unbarred(columns_of(connection, rows, damages), unread)
            if len(columns):
                yield in_order(columns)
    for target in targets:
        damages.looked(target, start, last)


def damaged(readers: Readers, damages: Damages, target: str, start: int, end: int) -> list[Span]:
    """When samples of the target were recorded that cannot be read, or facts say so of where they came from."""
    for first, after in damages.unseen(target, start, end):
        for _ in read_columns(readers, damages, (target,), first, after):
            pass
    with readers.snapshot() as connection:
        query = f"SELECT {FACT} FROM facts WHERE kind = 'damage' AND about = %s"
        rows = connection.cursor(binary=True).execute(query.encode(), (target,)).fetchall()
    told = damage(_sound(rows, damages), target, start, end)
    return [span for span in union([*told, *damages.spans(target)]) if span[0] < end and span[1] > start]


def _sound(rows: Sequence[tuple[object, ...]], damages: Damages) -> Iterator[Fact]:
    """The facts of rows selected as FACT. One that is damaged itself says of all that it may have been about what it
    said, as any fact does; it is noted."""
    for row in rows:
        try:
            yield checked(row)
        except StoreError as error:
            damages.note(f"fact {row[0]}", str(error))


def _pieces(connection: Connection, targets: list[int], start: int, end: int) -> Iterator[list[Row]]:
    """Rows in order of ``at``; those of one instant are in one piece."""
    which = "target = %s" if len(targets) == 1 else "target = ANY(%s)"
    query = f"SELECT {SAMPLE} FROM samples WHERE {which} AND at >= %s::bigint AND at < %s::bigint ORDER BY at"
    values = (targets[0] if len(targets) == 1 else targets, max(start, _LEAST), min(end, _MOST))
    with connection.cursor(name="samples", binary=True) as cursor:
        cursor.execute(query.encode(), values)
        rest: list[Row] = []
        while found := cursor.fetchmany(PIECE):
            rest += found
            cut = len(rest)
            while cut and rest[cut - 1][AT] == rest[-1][AT]:
                cut -= 1
            if cut:
                yield rest[:cut]
            rest = rest[cut:]
        if rest:
            yield rest


def read_hours(readers: Readers, damages: Damages, target: str, start: int, end: int) -> Hours:
    """The target's roll-ups of hours that begin in ``[start, end)``, computed from its samples."""
    first, last = -(-start // HOUR) * HOUR, -(-end // HOUR) * HOUR
    found = joined([])
    for columns in read_columns(readers, damages, (target,), first, last):
        found = joined([found, hours_of(columns)])
    return found


def last_before(readers: Readers, damages: Damages, target: str, at: int) -> Sample | None:
    """The latest sample of a target before an instant, by ``(at, identity)``."""
    query = f"SELECT {SAMPLE} FROM samples WHERE target = %s AND at < %s::bigint ORDER BY at DESC"
    with readers.snapshot() as connection:
        number = numbers_of(connection, [target]).get(target)
        barred = quarantined(connection, [target])
        best: Sample | None = None
        with connection.cursor(name="latest", binary=True) as cursor:
            cursor.execute(query.encode(), (number, max(_LEAST, min(at, _MOST))))
            while rows := cursor.fetchmany(20):
                for sample in to_samples(columns_of(connection, rows, damages)):
                    if best is not None and sample.at < best.at:
                        return best
                    if sample.identity not in barred and (best is None or order(sample) > order(best)):
                        best = sample
        return best


def _unbarred(columns: Columns, barred: frozenset[Identity]) -> Columns:
    if not barred or not len(columns):
        return columns
    words = columns.words
    identities = zip(*(columns[name].tolist() for name in ("vantage", "boot", "seq")), strict=True)
    return kept(
        columns, np.array([(words[vantage], words[boot], seq) not in barred for vantage, boot, seq in identities])
    )
