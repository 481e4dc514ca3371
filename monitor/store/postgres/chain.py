"""The chains as a PostgreSQL store keeps them; see ``monitor.store.linkstore`` for what is bound, which is the same."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence

from monitor.issuing.links import RECORDS, Link, link_from
from monitor.store.linkstore import RECORD_TABLES, marks_of, root_of
from monitor.store.port import StoreError
from monitor.store.postgres import people
from monitor.store.postgres.connection import Connection, Writer
from monitor.store.postgres.readers import Readers


class PostgresChain:
    """Implements ``monitor.store.port.Chain``. ``writer`` is asked for only by what writes."""

    def __init__(self, readers: Readers, writer: Callable[[], Writer]) -> None:
        self._readers, self._writer = readers, writer

    def heads(self) -> list[Link]:
        """See the port."""
        with self._readers.snapshot() as connection:
            rows = connection.execute(
                "SELECT DISTINCT ON (chain) body FROM links ORDER BY chain, number DESC"
            ).fetchall()
        return [_link(body) for (body,) in rows]

    def has(self, chain: str, number: int, head: str) -> bool:
        """See the port."""
        with self._readers.snapshot() as connection:
            found = _at(connection, chain, number)
        return found is not None and found.head == head

    def unbound(self) -> list[Link]:
        """See the port: the records. A row a sample has no leaves to bind."""
        with self._readers.snapshot() as connection:
            return [*_unbound_records(connection)]

    def bind(self, links: Sequence[Link]) -> None:
        """See the port."""
        with self._writer().transaction() as connection:
            for link in links:
                before = _at(connection, link.chain, link.number - 1)
                if link.before != ("" if before is None else before.head) or (before is None) != (link.number == 1):
                    raise StoreError("chain_moved", f"{link.chain}: link {link.number} does not follow the last one")
                made = connection.execute(
                    "INSERT INTO links VALUES (%s, %s::bigint, %s) ON CONFLICT DO NOTHING",
                    (link.chain, link.number, link.text()),
                )
                if made.rowcount != 1:
                    raise StoreError("chain_moved", f"{link.chain}: there is a link {link.number}")

    def names(self) -> dict[str, str]:
        """See the port."""
        with self._readers.snapshot() as connection:
            return {told: name for told, (_, name) in people.names_of(connection).items()}

    def erase(self, name: str) -> int:
        """See the port."""
        with self._writer().transaction() as connection:
            return people.erase(connection, name)


def _at(connection: Connection, chain: str, number: int) -> Link | None:
    query = "SELECT body FROM links WHERE chain = %s AND number = %s::bigint"
    row = connection.execute(query, (chain, number)).fetchone()
    return None if row is None else _link(row[0])


def _link(body: object) -> Link:
    try:
        return link_from(str(body))
    except ValueError as error:
        raise StoreError("store_damaged", f"a link of the chain: {error}") from error


def _unbound_records(connection: Connection) -> Iterator[Link]:
    """One link for all rows that came since the last one; none where none did."""
    query = "SELECT body FROM links WHERE chain = %s ORDER BY number DESC LIMIT 1"
    row = connection.execute(query, (RECORDS,)).fetchone()
    before = {} if row is None else dict(_link(row[0]).rows)
    digests: list[bytes] = []
    rows = []
    for table in RECORD_TABLES:
        fresh = list(_record_digests(connection, table, before.get(table, 0)))
        rows.append((table, before.get(table, 0) + len(fresh)))
        digests += fresh
    if digests:
        yield Link(RECORDS, 0, 0, "", root_of(digests), len(digests), rows=tuple(rows), marks=marks_of(digests))


def _record_digests(connection: Connection, table: str, skip: int) -> Iterator[bytes]:
    """SHA-256 of the rows of a table after the first ``skip``, in order of recording."""
    query = f"SELECT {RECORD_TABLES[table]} FROM {table} ORDER BY id OFFSET %s"
    for row in connection.execute(query.encode(), (skip,)):
        told = [table, *(value.hex() if isinstance(value, bytes) else value for value in row)]
        yield hashlib.sha256(json.dumps(told).encode()).digest()
