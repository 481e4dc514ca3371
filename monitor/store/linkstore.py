"""The chains as a store keeps them: what no link covers yet, the links, and the names of people."""

import base64
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager

from monitor.issuing.links import RECORDS, Link, link_from, samples_of
from monitor.store import people
from monitor.store.leaves import LEAF, LeafRow, leaf_digests
from monitor.store.names import every as names_of
from monitor.store.port import StoreError
from monitor.store.sql import Begun, Sql
from monitor.store.view import View

RECORD_TABLES = {
    "facts": 'kind, about, start, "end", body, recorded',
    "quarantine": "vantage, boot, seq, target, content, body",
    "security_events": "at, code, text",
    "issued": 'contract, start, "end", revision, at, statement, body, keep',
}
"""The tables whose rows the chain of records binds, and what of a row is bound."""
MARK = 6
"""How many bytes of a digest a link keeps to tell which leaf or row differs."""
ALL = 1 << 62
"""More rows than there can be."""


class Chains:
    """Implements ``monitor.store.port.Chain`` for both kinds of store. ``view`` is what a check of the chains reads;
    ``erasing`` is said before a name is erased, so that its bytes go too."""

    def __init__(
        self,
        snapshot: Begun,
        transaction: Begun,
        view: Callable[[], AbstractContextManager[View]],
        erasing: str | None = None,
    ) -> None:
        self._snapshot, self._transaction, self.view, self._erasing = snapshot, transaction, view, erasing

    def heads(self) -> list[Link]:
        """See the port."""
        with self._snapshot() as connection:
            return _last_links(connection)

    def has(self, chain: str, number: int, head: str) -> bool:
        """See the port."""
        with self._snapshot() as connection:
            found = _at(connection, chain, number)
        return found is not None and found.head == head

    def lost_at(self) -> int | None:
        """See the port."""
        query = "SELECT body FROM links WHERE chain = ? AND body LIKE ? ORDER BY number DESC LIMIT 1"
        with self._snapshot() as connection:
            row = connection.execute(query, (RECORDS, '%"lost":[[%')).fetchone()
        return None if row is None else _link(row[0]).at

    def unbound(self) -> list[Link]:
        """See the port."""
        with self._snapshot() as connection:
            return [*_unbound_samples(connection), *_unbound_records(connection)]

    def bind(self, links: Sequence[Link]) -> None:
        """See the port."""
        with self._transaction() as connection:
            for link in links:
                before = _at(connection, link.chain, link.number - 1)
                if link.before != ("" if before is None else before.head) or (before is None) != (link.number == 1):
                    raise StoreError("chain_moved", f"{link.chain}: link {link.number} does not follow the last one")
                row = (link.chain, link.number, link.text())
                if connection.execute("INSERT INTO links VALUES (?, ?, ?) ON CONFLICT DO NOTHING", row).rowcount != 1:
                    raise StoreError("chain_moved", f"{link.chain}: there is a link {link.number}")

    def names(self) -> dict[str, str]:
        """See the port."""
        with self._snapshot() as connection:
            return {told: name for told, (_, name) in people.names(connection).items()}

    def erase(self, name: str) -> int:
        """See the port."""
        with self._transaction() as connection:
            if self._erasing is not None:
                connection.execute(self._erasing)
            return people.erase(connection, name)


def _at(connection: Sql, chain: str, number: int) -> Link | None:
    row = connection.execute("SELECT body FROM links WHERE chain = ? AND number = ?", (chain, number)).fetchone()
    return None if row is None else _link(row[0])


def _link(body: str) -> Link:
    try:
        return link_from(body)
    except ValueError as error:
        raise StoreError("store_damaged", f"a link of the chain: {error}; see `upheld doctor --deep`") from error


def _last_links(connection: Sql) -> list[Link]:
    """The last link of each chain. A chain grows by a link a day, so their names are found by leaps."""
    query = (
        "SELECT chain, body FROM links WHERE chain = (SELECT min(chain) FROM links WHERE chain > ?) "
        "ORDER BY number DESC LIMIT 1"
    )
    found: list[Link] = []
    chain = ""
    while row := connection.execute(query, (chain,)).fetchone():
        chain = row[0]
        found.append(_link(row[1]))
    return found


def _unbound_samples(connection: Sql) -> Iterator[Link]:
    """A link for each vantage and day that has leaves no link covers."""
    covered = max((link.last for link in _last_links(connection)), default=0)
    query = f"SELECT {LEAF} FROM leaves WHERE id > ? ORDER BY id"
    rows: list[LeafRow] = connection.execute(query, (covered,)).fetchall()
    names = names_of(connection)
    days: dict[tuple[int, int], list[LeafRow]] = {}
    for row in rows:
        days.setdefault((row[4], row[2]), []).append(row)
    for (day, vantage), leaves in sorted(days.items()):
        digests = leaf_digests(leaves, names)
        yield Link(
            chain=samples_of(names[vantage]),
            number=0,
            at=0,
            before="",
            root=root_of(digests),
            count=sum(row[5] for row in leaves),
            day=day,
            first=rows[0][0],
            last=rows[-1][0],
            marks=marks_of(digests),
        )


def _unbound_records(connection: Sql) -> Iterator[Link]:
    """One link for all rows that came since the last one; none where none did."""
    query = "SELECT body FROM links WHERE chain = ? ORDER BY number DESC LIMIT 1"
    row = connection.execute(query, (RECORDS,)).fetchone()
    before = {} if row is None else dict(_link(row[0]).rows)
    digests, rows = [], []
    for table in RECORD_TABLES:
        fresh = list(record_digests(connection, table, before.get(table, 0), ALL))
        rows.append((table, before.get(table, 0) + len(fresh)))
        digests += fresh
    if digests:
        yield Link(
            chain=RECORDS,
            number=0,
            at=0,
            before="",
            root=root_of(digests),
            count=len(digests),
            rows=tuple(rows),
            marks=marks_of(digests),
        )


def record_digests(connection: Sql, table: str, skip: int, count: int) -> Iterator[bytes]:
    """SHA-256 of ``count`` rows of a table after the first ``skip``, in order of recording."""
    query = f"SELECT {RECORD_TABLES[table]} FROM {table} ORDER BY id LIMIT ? OFFSET ?"
    for row in connection.execute(query, (count, skip)):
        told = [table, *(value.hex() if isinstance(value, bytes) else value for value in row)]
        yield hashlib.sha256(json.dumps(told).encode()).digest()


def root_of(digests: Sequence[bytes]) -> str:
    """What the leaves or rows of a link come to."""
    return hashlib.sha256(b"".join(digests)).hexdigest()


def marks_of(digests: Sequence[bytes]) -> str:
    """Their marks, as a link carries them."""
    return base64.b64encode(b"".join(digest[:MARK] for digest in digests)).decode()


def marks_in(link: Link) -> list[bytes]:
    """The marks of a link, one for each leaf or row. Raises ValueError where they are none."""
    told = base64.b64decode(link.marks)
    return [told[start : start + MARK] for start in range(0, len(told), MARK)]


def first_other(digests: Sequence[bytes], marks: Sequence[bytes]) -> tuple[int, str] | None:
    """The place of the first leaf or row that does not bear its mark, and what happened to it; None where all do.

    One that was taken out is at the place where the one after it now stands.
    """
    found = [digest[:MARK] for digest in digests]
    if found == list(marks):
        return None
    place = next((at for at, (one, other) in enumerate(zip(marks, found, strict=False)) if one != other), None)
    if place is None:
        place = min(len(marks), len(found))
    gone = place == len(found) or list(marks[place + 1 : place + 2]) == [found[place]]
    come = place == len(marks) or found[place + 1 : place + 2] == [marks[place]]
    if gone and come:
        return place, "exchanged with the next"
    return place, "removed" if gone else "added" if come else "altered"
