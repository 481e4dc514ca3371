"""Facts, quarantine, security events and issued statements against the links that bind them, and statements against
what they say of themselves."""

import json
from collections.abc import Iterator, Sequence

from monitor.issuing.document import digest_of
from monitor.issuing.keys import signed_by
from monitor.issuing.links import Link
from monitor.store import issuedstore
from monitor.store.linkstore import RECORD_TABLES, first_other, marks_in, record_digests, root_of
from monitor.store.port import StoreError
from monitor.store.sql import Sql


def findings(connection: Sql, links: Sequence[Link], key: str | None) -> Iterator[str]:
    """What differs from what was bound."""
    before: dict[str, int] = {}
    for link in links:
        yield from _bound(connection, before, link)
        before = dict(link.rows)
    for row in issuedstore.rows(connection):
        yield from _statement(row, key)


def _bound(connection: Sql, before: dict[str, int], link: Link) -> Iterator[str]:
    """The rows that a link adds, table by table."""
    whole: list[bytes] = []
    named: list[str] = []
    marks = marks_in(link)
    for table, upto in link.rows:
        skip = before.get(table, 0)
        found = list(record_digests(connection, table, skip, upto - skip)) if table in RECORD_TABLES else []
        other = first_other(found, marks[: upto - skip])
        whole, marks = whole + found, marks[upto - skip :]
        if other is not None:
            number, what = skip + other[0] + 1, other[1]
            said = f" ({_told(connection, table, number)})" if what != "removed" else ""
            named.append(f"{table}, record {number}{said}: {what} (chain records, link {link.number})")
    if root_of(whole) != link.root:
        yield from named or [f"records: altered (chain records, link {link.number})"]


def _told(connection: Sql, table: str, number: int) -> str:
    """What the record says it is."""
    columns = {"facts": "kind, about", "issued": "contract, revision", "quarantine": "vantage, seq"}
    query = f"SELECT {columns.get(table, 'code, at')} FROM {table} ORDER BY id LIMIT 1 OFFSET ?"
    row = connection.execute(query, (number - 1,)).fetchone()
    return " ".join(str(value) for value in row or ())


def _statement(row: issuedstore.Row, key: str | None) -> Iterator[str]:
    """A statement by itself: whole, signed, and filed under its own name."""
    name = f"issued statement {row[0]} from {row[1]} revision {row[3]}"
    try:
        issuedstore.checked(row)
        document = json.loads(row[7])
        if digest_of(document) != row[5] or document.get("digest") != row[5]:
            raise ValueError("was altered: its members do not come to its digest")
        signer = signed_by(document.get("signature"), row[5])
        if key is not None and signer != key:
            raise ValueError(f"was signed by {signer}, not by {key}")
    except StoreError as error:
        yield str(error)
    except (ValueError, AttributeError, TypeError) as error:
        yield f"{name}: {error}"
