"""Damage to any kind of record, in both kinds of store: it is told by name and costs itself; every call of the daemon
goes on."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from monitor.issuing.binding import Horizon, bind
from monitor.sla.facts import DamageFact, ExclusionFact, HeartbeatFact, StateFact
from monitor.store.outbox import delivery_id
from monitor.store.port import Batch, Issued, Receipt, Store, StoreError
from monitor.store.which import open_store
from tests.postgres import Databases
from tests.store.made import DAY, HOUR, START, event, sample

EVER = 2**62
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
NOW = START + 3 * DAY
BODIES = {
    "accounts": "body",
    "checkpoints": "body",
    "facts": "body",
    "outbox": "body",
    "issued": "body",
    "seen": "bits",
    "quarantine": "body",
}
"""The tables that both kinds have whose records have a digest, and what is damaged in them."""


class Kind:
    """One kind of store, opened again and again, and a hand that damages it meanwhile."""

    def __init__(self, place: str) -> None:
        self.place = place
        self.store: Store | None = None

    def open(self) -> Store:
        """Opened anew."""
        self.close()
        self.store = open_store(self.place, hooks=["ops", "mqtt"], clock=lambda: NOW)
        return self.store

    def close(self) -> None:
        if self.store is not None:
            self.store.close()

    def damage(self, table: str, which: str = "true") -> None:
        """The first bytes of each record's body become others; of the identities one bit."""
        self.close()
        column = BODIES[table]
        if self.place.startswith("postgresql"):
            other = f"'ZZZ' || substr({column}, 4)"
            if table in ("seen", "quarantine"):
                other = f"set_byte({column}, 0, get_byte({column}, 0) # 255)"
            with psycopg.connect(self.place, autocommit=True, options="-csearch_path=upheld") as hand:
                hand.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER".encode())
                done = hand.execute(f"UPDATE {table} SET {column} = {other} WHERE {which}".encode())
                hand.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER".encode())
        else:
            with closing(sqlite3.connect(self.place)) as file:
                kept = file.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
                for name, _ in kept:
                    file.execute(f"DROP TRIGGER {name}")
                other = (
                    f"CAST(x'5aff5a' || substr({column}, 4) AS {'BLOB' if table in ('seen', 'quarantine') else 'TEXT'})"
                )
                done = file.execute(f"UPDATE {table} SET {column} = {other} WHERE {which}")  # type: ignore[assignment]
                for _, text in kept:
                    file.execute(text)
                file.commit()
        assert done.rowcount > 0


@pytest.fixture(params=["sqlite", "postgres"])
def kind(request: pytest.FixtureRequest, path: Path, databases: Databases) -> Iterator[Kind]:
    """A store that has something of everything."""
    made = Kind(databases.new() if request.param == "postgres" else str(path))
    store = made.open()
    store.append(Batch(samples=[sample(seq) for seq in range(3000)], facts=[HeartbeatFact("fra", "b1", START)]))
    store.append(Batch(samples=[sample(3, at=START + 5)]))
    state = StateFact("web", START, START + HOUR, "down")
    store.append(
        Batch(
            facts=[state, ExclusionFact("M1", START, START + HOUR, "planned_maintenance", author="Anna")],
            accounts=[("acme", '{"figures":1}')],
            checkpoints=[("hq", '{"fold":1}')],
            events=[event("a1", "a"), event("a2", "a"), event("b1", "b")],
        )
    )
    for revision, contract in ((1, "acme"), (2, "acme"), (1, "zeta")):
        keep = (("hq", START, START + HOUR),)
        store.record_issued(Issued(contract, START, START + DAY, revision, NOW, "sha256:0", '{"s":1}', keep))
    yield made
    made.close()


def upkeep(store: Store, place: str) -> None:
    store.seal(NOW)
    bind(store, str(place), KEY, NOW, Horizon(START))
    store.prune(START - DAY, store.kept())


@pytest.mark.parametrize("table", sorted(BODIES))
def test_every_call_of_the_daemon_goes_on(kind: Kind, table: str, tmp_path: Path) -> None:
    kind.damage(table)
    store = kind.open()
    samples = [sample(seq) for seq in range(3000) if seq != 3]
    assert list(store.samples("hq", 0, EVER)) == samples
    assert store.damaged("hq", 0, EVER) == []
    more = [sample(seq) for seq in range(3000, 3010)]
    again = [sample(3, at=START + 6), *samples[:5], *more]
    assert store.append(Batch(samples=again, events=[event("c1", "c")])).recorded == 10
    store.accounts(), store.checkpoints(), store.kept(), store.chain.heads()
    for hook in ("ops", "mqtt"):
        for delivery in store.due(hook, NOW, 9):
            store.postpone(hook, delivery.id, NOW, "away")
            store.delivered(hook, delivery.id)
        assert store.queued(hook) <= 1
    list(store.facts(0, EVER)), list(store.heartbeats(0, EVER))
    upkeep(store, str(tmp_path / "any"))
    assert list(store.samples("hq", 0, EVER)) == [*samples, *more]
    assert store.last_before("hq", EVER) == more[-1]
    assert store.append(Batch(samples=more)).repeated == 10


@pytest.mark.parametrize("table", sorted(BODIES))
def test_each_is_named_by_doctor_and_told_once(kind: Kind, table: str) -> None:
    kind.damage(table)
    store = kind.open()
    found = store.integrity()
    assert found and set(store.quick_check()) >= {text for text in found if "what is stored is not" in text}
    told: list[Receipt] = [store.append(Batch()), store.append(Batch())]
    assert [*told[0].damaged, *told[0].passed_over] and (told[1].damaged, told[1].passed_over) == ((), ())
    names = {name for name, _ in told[0].damaged} | {name for _, name, _ in told[0].passed_over}
    assert all(any(text.startswith(name) for name in names) for text in found)
    events = store.security_events()
    store = kind.open()
    store.quick_check()
    store.append(Batch())
    assert store.security_events() == events, "told in an earlier life"


def test_a_fact_of_damage_that_is_damaged_itself_costs_itself(kind: Kind) -> None:
    """What was damaged of a target elsewhere is read at every start: that goes on, with what can be read of it."""
    first, second = (DamageFact(START + n * HOUR, START + (n + 1) * HOUR, "hq") for n in (9, 12))
    kind.open().append(Batch(facts=[first, second]))
    kind.damage("facts", f"kind = 'damage' AND start = {first.start}")
    store = kind.open()
    assert store.damaged("hq", 0, EVER) == [(second.start, second.end)]
    assert DamageFact(first.start, first.end) in list(store.facts(0, EVER))


def test_a_damaged_delivery_keeps_neither_its_subject_nor_its_hook_waiting(kind: Kind) -> None:
    kind.damage("outbox", f"delivery = '{delivery_id('a1')}' AND hook = 'ops'")
    store = kind.open()
    assert [each.event.key for each in store.due("ops", NOW, 9)] == ["a2", "b1"]
    assert [each.event.key for each in store.due("mqtt", NOW, 9)] == ["a1", "b1"]
    assert (store.queued("ops"), store.queued("mqtt")) == (2, 3)
    ((code, name, text),) = store.append(Batch()).passed_over
    assert (code, name) == ("delivery_damaged", f"delivery {delivery_id('a1')} to hook ops")
    assert text.startswith(f"{name}: what is stored is not what was written") and text.endswith("; it is not delivered")
    assert [each.code for each in store.security_events()][-1] == "delivery_damaged"


def test_damaged_identities_are_found_anew_and_nothing_is_counted_twice(kind: Kind) -> None:
    store = kind.open()
    store.seal(START + DAY + HOUR)
    kind.damage("seen")
    store = kind.open()
    receipt = store.append(Batch(samples=[sample(seq) for seq in range(3100)]))
    assert (receipt.recorded, receipt.repeated) == (100, 3000)
    assert [name for _, name, _ in receipt.passed_over] == ["identities of boot b1 from 0"]
    store = kind.open()
    assert store.integrity() == () and store.append(Batch(samples=[sample(7), sample(3050)])).repeated == 2
    assert len(list(store.samples("hq", 0, EVER))) == 3099


def test_a_damaged_statement_is_refused_by_name_and_keeps_what_it_may_rest_on(kind: Kind) -> None:
    kind.damage("issued", "contract = 'acme' AND revision = 2")
    store = kind.open()
    with pytest.raises(StoreError, match=r"issued statement acme from \d+ revision 2: what is stored") as error:
        store.issued("acme", START, START + DAY)
    assert error.value.code == "statement_damaged" and "no other is issued in its place" in str(error.value)
    assert [one.revision for one in store.issued("zeta", START, START + DAY)] == [1]
    assert store.prune(START + 2 * DAY, store.kept()) == 120, "a day of every target is kept, and the next is not"
    kind.damage("issued", "contract = 'zeta'")
    store = kind.open()
    with pytest.raises(StoreError, match="zeta"):
        store.issued("zeta", START, START + DAY)


def test_an_older_revision_that_is_damaged_hides_no_newer_one(kind: Kind) -> None:
    kind.damage("issued", "contract = 'acme' AND revision = 1")
    store = kind.open()
    assert [one.revision for one in store.issued("acme", START, START + DAY)] == [2]
    assert [code for code, _, _ in store.append(Batch()).passed_over] == ["statement_damaged"]
