"""Issued statements: each revision once, never changed, never removed."""

import json

from monitor.store.digest import digest, verify
from monitor.store.issuedstore import issued_already
from monitor.store.port import Issued
from monitor.store.postgres.connection import Connection

ISSUED = 'contract, start, "end", revision, at, statement, keep, body, digest'


def write(connection: Connection, statement: Issued) -> None:
    """Record one. Raises StoreError ``issued_already`` where that revision is there."""
    place = (statement.contract, statement.start, statement.end, statement.revision)
    row = (*place, statement.at, statement.digest, json.dumps(statement.keep))
    made = connection.execute(
        f"INSERT INTO issued ({ISSUED}) VALUES (%s, %s::bigint, %s::bigint, %s::bigint, %s::bigint, %s, %s, %s, %s) "
        "ON CONFLICT DO NOTHING".encode(),
        (*row, statement.body, digest(statement.body, *row)),
    )
    if made.rowcount != 1:
        raise issued_already(statement)


def read(connection: Connection, contract: str, start: int, end: int) -> list[Issued]:
    """All revisions of one period."""
    rows = connection.execute(
        f'SELECT {ISSUED} FROM issued WHERE contract = %s AND start = %s::numeric AND "end" = %s::numeric '
        "ORDER BY revision".encode(),
        (contract, start, end),
    ).fetchall()
    return [checked(row) for row in rows]


def checked(row: tuple[object, ...]) -> Issued:
    """A row selected as ISSUED, as it was written. Raises StoreError ``store_damaged``."""
    *place, body, stored = row
    assert isinstance(stored, bytes) and isinstance(body, str)
    verify(stored, body, f"issued statement {place[0]} revision {place[3]}", *place)
    contract, start, end, revision, at, statement, keep = place
    spans = tuple(map(tuple, json.loads(str(keep))))
    return Issued(contract, start, end, revision, at, statement, body, spans)  # type: ignore[arg-type]


def kept(connection: Connection) -> list[tuple[str, int, int]]:
    """The samples that statements rest on."""
    rows = connection.execute("SELECT keep FROM issued ORDER BY id").fetchall()
    return [(str(target), int(start), int(end)) for (keep,) in rows for target, start, end in json.loads(str(keep))]
