"""Facts, quarantine, security events and issued statements against the links that bind them, and statements against
what they say of themselves."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from monitor.issuing.document import digest_of
from monitor.issuing.keys import signed_by
from monitor.issuing.links import Link
from monitor.store import issuedstore
from monitor.store.linkstore import RECORD_TABLES, first_other, marks_in, record_digests, root_of
from monitor.store.port import StoreError
from monitor.store.sql import Sql
from probes.notation import instant, instant_text

HOUR = 3_600_000_000_000


def findings(connection: Sql, links: Sequence[Link], key: str | None) -> Iterator[str]:
    """What differs from what was bound."""
    before: dict[str, int] = {}
    since: int | None = None
    for link in links:
        yield from _bound(connection, before, link)
        if since is not None and since <= link.at:
            yield from _dated_back(connection, before.get("facts", 0), link, since)
        before, since = dict(link.rows), link.at
    newest: dict[Sequence[object], tuple[int, str | None]] = {}
    for row in issuedstore.rows(connection):
        yield from _statement(row, key, newest)


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


def _dated_back(connection: Sql, skip: int, link: Link, since: int) -> Iterator[str]:
    """Facts that say they were recorded long before the link ahead of theirs, which would have bound them. Where the
    clock was set back, that link is the later one of the two."""
    query = "SELECT recorded FROM facts ORDER BY id LIMIT ? OFFSET ?"
    rows = connection.execute(query, (dict(link.rows).get("facts", 0) - skip, skip)).fetchall()
    for number, (recorded,) in enumerate(rows, skip + 1):
        if isinstance(recorded, int) and recorded + HOUR < since:
            told = _told(connection, "facts", number)
            yield (
                f"facts, record {number} ({told}): it says that it was recorded {instant_text(recorded)}, and came "
                f"after {instant_text(since)}: dated back (chain records, link {link.number})"
            )


def _told(connection: Sql, table: str, number: int) -> str:
    """What the record says it is."""
    columns = {"facts": "kind, about", "issued": "contract, revision", "quarantine": "vantage, seq"}
    query = f"SELECT {columns.get(table, 'code, at')} FROM {table} ORDER BY id LIMIT 1 OFFSET ?"
    row = connection.execute(query, (number - 1,)).fetchone()
    return " ".join(str(value) for value in row or ())


def _statement(
    row: issuedstore.Row, key: str | None, newest: dict[Sequence[object], tuple[int, str | None]]
) -> Iterator[str]:
    """A statement: whole, signed, filed under its own name, and the one after the ``newest`` of its period."""
    name = issuedstore.name_of(row)
    revision, before = newest.get(row[:3], (0, None))
    newest[row[:3]] = row[3], row[5]
    try:
        issuedstore.checked(row)
        document = json.loads(row[7])
        if digest_of(document) != row[5] or document.get("digest") != row[5]:
            raise ValueError("was altered: its members do not come to its digest")
        signer = signed_by(document.get("signature"), row[5])
        if key is not None and signer != key:
            raise ValueError(f"was signed by {signer}, not by {key}")
        if _place(document) != row[:5]:
            raise ValueError("is another statement than it is filed as")
        if (row[3], document["supersedes"]) != (revision + 1, before):
            raise ValueError(f"does not follow revision {revision} of its period: one was removed or put in between")
    except StoreError as error:
        yield str(error)
    except (ValueError, AttributeError, TypeError, KeyError) as error:
        yield f"{name}: {error}"


def _place(document: Mapping[str, Any]) -> tuple[object, ...]:
    """The columns under which a statement is filed: what it is of, which revision, and when it was issued."""
    span = (instant(document["period"][end]) for end in ("from", "to"))
    return (document["contract"], *span, document["revision"], instant(document["issued_at"]))
