"""What an older store gets when its evidence is bound for the first time: leaves for what was sealed, pseudonyms for
the people in its facts. Run once, in the transaction of the migration."""

import sqlite3

from monitor.store import leaves
from monitor.store.digest import digest, verify
from monitor.store.factcodec import fact_from, fact_text, span_of
from monitor.store.leaves import leaf_of
from monitor.store.packing.chunk import DAY
from monitor.store.people import hidden
from monitor.store.rows import CHUNK, open_chunk
from probes.columns import in_order


def bind_sealed(connection: sqlite3.Connection) -> None:
    """A leaf for each day of each chunk. Raises StoreError ``store_damaged``."""
    names = dict(connection.execute("SELECT id, text FROM names").fetchall())
    keys = [key for (key,) in connection.execute("SELECT id FROM chunks ORDER BY id")]
    for key in keys:
        row = connection.execute(f"SELECT {CHUNK} FROM chunks WHERE id = ?", (key,)).fetchone()
        target, vantage = names[row[1]], names[row[2]]
        for columns in map(in_order, open_chunk(row)):
            leaves.write(connection, leaf_of(vantage, target, int(columns["at"][0]) // DAY, columns, False))


def hide_people(connection: sqlite3.Connection) -> None:
    """Facts that name their author get a pseudonym instead. Their triggers are put back by whoever calls this."""
    rows = connection.execute(
        "SELECT id, kind, about, start, \"end\", digest, body FROM facts WHERE kind IN ('exclusion', 'incident')"
    ).fetchall()
    connection.execute("DROP TRIGGER facts_no_update")
    for key, kind, about, first, last, stored, body in rows:
        verify(stored, body, f"fact {key}", kind, about, first, last)
        _, text = fact_text(hidden(connection, fact_from(kind, body)))
        place = (kind, *span_of(fact_from(kind, text)))
        connection.execute("UPDATE facts SET digest = ?, body = ? WHERE id = ?", (digest(text, *place), text, key))
