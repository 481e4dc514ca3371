"""Records that both kinds of store keep alike, each looked at by itself: is it what was written?"""

from collections.abc import Iterator
from typing import Any

from monitor.sla.facts import DAMAGED
from monitor.store import conflicts, issuedstore, latest, outbox, seen
from monitor.store.digest import verify
from monitor.store.port import StoreError
from monitor.store.register import DELIVERY, IDENTITIES, STATEMENT, Damage
from monitor.store.sql import Sql


def problems(connection: Sql) -> Iterator[Damage]:
    """Every one of them that cannot be read."""
    yield from _identities(connection)
    for table in (latest.ACCOUNTS, latest.CHECKPOINTS):
        for name, stored, body in connection.execute(f"SELECT {table[1]}, digest, body FROM {table[0]} ORDER BY 1"):
            yield from _problem(DAMAGED, f"{table[0]} {name}", stored, body, name)
    for row in issuedstore.rows(connection):
        *place, body, stored = row
        yield from _problem(STATEMENT, issuedstore.name_of(row), stored, body, *place)
    yield from _deliveries(connection)
    for row in connection.execute(f"SELECT {conflicts.QUARANTINE} FROM quarantine ORDER BY id"):
        yield from _problem(DAMAGED, f"quarantine row {row[0]}", row[6], row[7], *row[1:6])


def _identities(connection: Sql) -> Iterator[Damage]:
    query = (
        "SELECT (SELECT text FROM names WHERE id = boot), vantage, boot, block, digest, bits FROM seen "
        "ORDER BY vantage, boot, block"
    )
    for boot, *place, stored, bits in connection.execute(query):
        yield from _problem(IDENTITIES, seen.name_of(boot, place[2]), stored, bits, *place)


def _deliveries(connection: Sql) -> Iterator[Damage]:
    query = "SELECT hook, delivery, digest, body FROM outbox WHERE body IS NOT NULL ORDER BY id"
    for hook, identity, stored, body in connection.execute(query):
        yield from _problem(DELIVERY, outbox.name_of(identity, hook), stored, body, hook, identity)


def _problem(code: str, name: str, stored: bytes, body: Any, *place: object) -> Iterator[Damage]:
    try:
        verify(stored, body, name, *place)
    except StoreError as error:
        yield Damage(name, str(error), code)
