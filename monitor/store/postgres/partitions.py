"""The months in which samples lie: each a partition of its own, made when the first sample of it comes."""

from collections.abc import Iterable
from datetime import UTC, datetime

from monitor.store.postgres.connection import Connection

_SECOND = 1_000_000_000
_DAY = 86_400 * _SECOND
_LEAST, _MOST = -(1 << 63), (1 << 63) - 1

Month = tuple[int, int]


def months_of(ats: Iterable[int]) -> set[Month]:
    """(year, month) of these instants."""
    days = {at // _DAY for at in ats}
    moments = (datetime.fromtimestamp(day * 86_400, UTC) for day in days)
    return {(moment.year, moment.month) for moment in moments}


def partition(month: Month) -> str:
    """The name of a month's table."""
    return f"samples_{month[0]:04}_{month[1]:02}"


def span(month: Month) -> tuple[int, int]:
    """When a month begins and ends (ns UTC); the first and the last of 64 bits are cut off there."""
    return _begins(*month), _begins(month[0] + month[1] // 12, month[1] % 12 + 1)


def _begins(year: int, month: int) -> int:
    since = datetime(year, month, 1, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return min(max(since.days * _DAY, _LEAST), _MOST)


def ensure(connection: Connection, months: Iterable[Month]) -> None:
    """Make the partitions that are not there, in the transaction of their first samples.

    Made first and attached then, because that waits for no reader.
    """
    for month in sorted(months):
        name = partition(month)
        row = connection.execute("SELECT to_regclass(%s)", (name,)).fetchone()
        if row is None or row[0] is not None:
            continue
        first, after = span(month)
        bounds = (
            "MINVALUE" if first == _LEAST else f"'{first}'",
            "MAXVALUE" if after == _MOST else f"'{after}'",
        )
        connection.execute(f"CREATE TABLE {name} (LIKE samples INCLUDING DEFAULTS)".encode())
        connection.execute(
            f"ALTER TABLE samples ATTACH PARTITION {name} FOR VALUES FROM ({bounds[0]}) TO ({bounds[1]})".encode()
        )


def existing(connection: Connection) -> list[Month]:
    """The months there are, oldest first."""
    rows = connection.execute(
        "SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid "
        "WHERE inhparent = 'samples'::regclass ORDER BY relname"
    ).fetchall()
    names = [str(name).split("_") for (name,) in rows]
    return sorted((int(year), int(month)) for _, year, month in names)
