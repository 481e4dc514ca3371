"""What binds the evidence: links by the day, a chain that is whole where nothing was changed."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from monitor.issuing.binding import Horizon, bind
from monitor.issuing.heads import PARTED, heads_file, read_heads
from monitor.issuing.keys import public_text
from monitor.issuing.links import RECORDS, Link
from monitor.sla.facts import ExclusionFact, Fact, HeartbeatFact, IncidentFact
from monitor.store import deep, leaves
from monitor.store.connection import open_writer
from monitor.store.leaves import Leaf, new_beats
from monitor.store.linkstore import Chains
from monitor.store.port import Batch, Store, StoreError
from monitor.store.sql import Sql
from monitor.store.sqlite import open_store
from monitor.store.which import open_store as open_any
from tests.postgres import Databases
from tests.store.made import DAY, HOUR, SECOND, START, sample

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def day_of(store: Store, path: Path, day: int, horizon: Horizon | None = None) -> list[Link]:
    """Upkeep half an hour into a day counted from START."""
    now = START + day * DAY + HOUR // 2
    store.seal(now)
    return bind(store, str(path), KEY, now, horizon)


def found(store: Store, *anchors: deep.Anchor) -> list[str]:
    assert isinstance(store.chain, Chains)
    return deep.check(store.chain, public_text(KEY), anchors)


def filled(store: Store) -> None:
    """Three days of two targets, some facts, a heartbeat every ten minutes."""
    samples = [sample(seq * 10, target=f"t{seq % 2}") for seq in range(3 * 288)]
    beats = [HeartbeatFact("fra", "b1", START + n * 600 * SECOND, n) for n in range(3 * 144)]
    facts: list[Fact] = [
        IncidentFact("hq", START, "note", START + HOUR, author="Anna", note="line cut"),
        ExclusionFact("M1", START, START + HOUR, "planned_maintenance", author="Bo", recorded_at=1),
    ]
    store.append(Batch(samples=samples, facts=[*facts, *beats]))


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, path: Path, databases: Databases) -> Iterator[Store]:
    """A store that is filled."""
    place = databases.new() if request.param == "postgres" else path
    with closing(open_any(place, clock=lambda: START + 9 * DAY)) as made:
        filled(made)
        yield made


def test_each_day_of_a_vantage_gets_a_link_and_so_do_records(store: Store, path: Path) -> None:
    made = day_of(store, path, 2)
    assert [(link.chain, link.number, link.day) for link in made] == [
        ("samples/fra", 1, START // DAY),
        ("samples/fra", 2, START // DAY + 1),
        (RECORDS, 1, None),
    ]
    assert [link.count for link in made] == [288 + 144, 288 + 144, 2]
    assert made[1].before == made[0].head and made[0].before == ""
    assert day_of(store, path, 2) == []
    assert store.chain.heads() == [made[2], made[1]] == read_heads(heads_file(str(path)))
    assert found(store) == [] and store.integrity() == ()


def test_what_comes_late_gets_a_link_of_its_own(store: Store, path: Path) -> None:
    first = day_of(store, path, 2)
    late = [sample(seq * 10 + 5, target="t0") for seq in range(0, 3 * 288, 7)]
    store.append(Batch(samples=late, facts=[HeartbeatFact("fra", "b1", START + 7), HeartbeatFact("fra", "b2", START)]))
    assert [text.split(" outside")[0] for text in found(store)] == [
        "heartbeats of fra on 2026-10-01:",
        "samples of t0 seen from fra on 2026-10-01: 42",
        "samples of t0 seen from fra on 2026-10-02: 41",
    ]
    made = day_of(store, path, 2)
    assert [(link.number, link.day) for link in made[:2]] == [(3, START // DAY), (4, START // DAY + 1)]
    assert made[0].before == first[1].head
    assert found(store) == []
    day_of(store, path, 3)
    assert found(store) == []


def test_a_heartbeat_that_comes_while_its_day_is_bound_keeps_the_days_after_it_waiting(
    store: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the days before the last that has a leaf would never get theirs."""

    def meanwhile(connection: Sql, today: int) -> list[Leaf]:
        made = list(new_beats(connection, today))
        monkeypatch.setattr(leaves, "new_beats", new_beats)
        store.append(Batch(facts=[HeartbeatFact("fra", "b2", START + 7)]))
        return made

    monkeypatch.setattr(leaves, "new_beats", meanwhile)
    assert [link.count for link in day_of(store, path, 2)[:2]] == [288, 288]
    assert [link.count for link in day_of(store, path, 3)[:3]] == [145, 144, 432]
    assert found(store) == []


def test_a_heartbeat_put_into_a_day_that_had_only_late_ones_is_found(path: Path) -> None:
    with closing(open_store(path, clock=lambda: START + 9 * DAY)) as store:
        store.append(Batch(facts=[HeartbeatFact("fra", "b1", START + DAY)]))
        day_of(store, path, 3)
        store.append(Batch(facts=[HeartbeatFact("fra", "b1", START)]))
        day_of(store, path, 4)
        assert found(store) == []
        with closing(open_writer(path, 1000)) as connection:
            connection.execute("INSERT INTO heartbeats SELECT vantage, at + 60, boot, 0, 0, 0 FROM heartbeats LIMIT 1")
        assert found(store) == ["heartbeats of fra on 2026-10-01: 1 that were never bound"]


def test_what_retention_removes_by_the_day_is_no_finding_and_anything_else_is(store: Store, path: Path) -> None:
    day_of(store, path, 3)
    store.prune(START + DAY, ())
    assert any("removed; 144 bound, 0 there" in text for text in found(store))
    day_of(store, path, 3, Horizon(START + DAY))
    assert found(store) == []
    store.prune(START + 2 * DAY, [("t0", START, START + 9 * DAY)])
    assert [text.split(" on ")[0] for text in found(store)] == ["samples of t1 seen from fra"]
    day_of(store, path, 4, Horizon(START + 2 * DAY, (("t0", START + DAY, START + 9 * DAY),)))
    assert found(store) == []
    store.prune(START + 2 * DAY, ())
    assert [text.split(" on ")[0] for text in found(store)] == ["heartbeats of fra", "samples of t0 seen from fra"]


def test_records_are_bound_once_an_hour_with_samples_or_at_once(store: Store, path: Path) -> None:
    made = day_of(store, path, 2)
    now = made[0].at
    store.append(Batch(facts=[IncidentFact("hq", START, "resolve", START + 2 * HOUR)]))
    assert bind(store, str(path), KEY, now + HOUR - 1) == []
    (link,) = bind(store, str(path), KEY, now + HOUR)
    assert (link.chain, link.number, link.count) == (RECORDS, 2, 1)
    store.append(Batch(facts=[IncidentFact("hq", START, "note", START + 3 * HOUR)]))
    assert len(bind(store, str(path), KEY, now + HOUR + 1, at_once=True)) == 1
    store.append(Batch(facts=[IncidentFact("hq", START, "note", START + 4 * HOUR)]))
    assert len(bind(store, str(path), KEY, now - 48 * HOUR)) == 1, "the clock was days ahead, and is right again"
    store.append(Batch(facts=[IncidentFact("hq", START, "note", START + 5 * HOUR)]))
    assert bind(store, str(path), KEY, now - 47 * HOUR - 1) == []
    assert found(store) == []


def test_an_older_copy_put_back_is_found_and_told_for_ever(path: Path) -> None:
    copy = path.with_name("copy.db")
    with closing(open_store(path)) as store:
        filled(store)
        day_of(store, path, 2)
        store.backup(str(copy))
        store.append(Batch(samples=[sample(seq, at=START + 2 * DAY + seq) for seq in range(9000, 9100)]))
        ahead = day_of(store, path, 3)
    copy.replace(path)
    path.with_name("store.db-wal").unlink(missing_ok=True)
    with closing(open_store(path)) as store:
        anchor = deep.Anchor("a statement", ahead[0].chain, ahead[0].number, ahead[0].head, ahead[0].key)
        assert found(store) == []
        assert found(store, anchor) == [
            "chain samples/fra, link 3: missing, though a statement names it; the last is 2: cut off or rolled back"
        ]
        made = day_of(store, path, 3)
        assert made[-1].lost == ((ahead[0].chain, ahead[0].number, ahead[0].head),)
        assert day_of(store, path, 3) == []
        assert "gone since an older copy of the store was put back" in found(store)[0]
        assert "another one than a statement names: history was made anew" in found(store, anchor)[1]


def test_a_store_parted_from_its_heads_says_so_once(store: Store, path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """With its next link, which there is for that alone; and nobody takes a first round that was cut short for it."""
    (*_, last) = day_of(store, path, 2)
    heads_file(str(path)).write_bytes(b"")
    assert bind(store, str(path), KEY, last.at + 1) == []
    assert read_heads(heads_file(str(path))) == store.chain.heads() and caplog.records == []
    assert store.chain.lost_at() is None
    heads_file(str(path)).unlink()
    (made,) = bind(store, str(path), KEY, last.at + 2)
    assert (made.chain, made.number, made.count, made.lost) == (RECORDS, last.number + 1, 0, (PARTED,))
    assert [record.code for record in caplog.records] == ["heads_missing"]  # type: ignore[attr-defined]
    assert (store.chain.lost_at(), made.at) == (last.at + 2, last.at + 2)
    assert bind(store, str(path), KEY, last.at + 3) == []
    heads_file(str(path)).write_bytes(b"")
    store.append(Batch(facts=[IncidentFact("hq", START, "note", START + 9)]))
    (again,) = bind(store, str(path), KEY, last.at + 4, at_once=True)
    assert again.lost == () and read_heads(heads_file(str(path))) == store.chain.heads()
    (told,) = found(store)
    assert told.startswith(f"chain records, link {made.number}: the heads beside the store were gone")


def test_a_store_whose_heads_cannot_be_written_binds_nothing_at_first(store: Store, path: Path) -> None:
    """Else a kill after the first round would leave links without a file, as somebody who removed it does."""
    heads = path.with_name("gone") / "store.db"
    with pytest.raises(FileNotFoundError):
        day_of(store, heads, 2)
    assert store.chain.heads() == []


def test_a_link_is_of_a_key_and_of_what_follows(store: Store, path: Path) -> None:
    day_of(store, path, 2)
    other = Ed25519PrivateKey.from_private_bytes(bytes(32))
    assert isinstance(store.chain, Chains)
    texts = deep.check(store.chain, public_text(other))
    assert len(texts) == 3 and all("signed by" in text for text in texts)
    with pytest.raises(StoreError, match="does not follow the last one"):
        store.chain.bind([replace(store.chain.heads()[0], number=7)])


def test_another_key_is_told_when_it_signs_and_when_somebody_knew_the_one_before(
    store: Store, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (first, *_) = day_of(store, path, 2)
    other = Ed25519PrivateKey.from_private_bytes(bytes(32))
    store.append(Batch(facts=[IncidentFact("hq", START, "note", START + 9, note="more")]))
    assert caplog.records == []
    bind(store, str(path), other, first.at, at_once=True)
    assert [record.code for record in caplog.records] == ["key_changed"]  # type: ignore[attr-defined]
    anchor = deep.Anchor("a statement", first.chain, first.number, first.head, public_text(other))
    assert any("it was signed anew" in text for text in found(store, anchor))


def test_a_fact_dated_back_is_named_once_it_is_bound(path: Path) -> None:
    clock = [START + 2 * DAY]
    with closing(open_store(path, clock=lambda: clock[0])) as store:
        filled(store)
        day_of(store, path, 2)
        clock[0] = START + 2 * DAY
        store.append(Batch(facts=[ExclusionFact("M2", START, START + HOUR, "planned_maintenance", author="Bo")]))
        day_of(store, path, 3)
        assert found(store) == []
        clock[0] = START + DAY
        store.append(Batch(facts=[ExclusionFact("M3", START, START + HOUR, "planned_maintenance", author="Bo")]))
        day_of(store, path, 4)
        (told,) = found(store)
    assert told.startswith("facts, record 4 (exclusion M3): it says that it was recorded 2026-10-02T00:00:00Z")


def test_a_link_that_frees_what_is_still_to_come_is_named(store: Store, path: Path) -> None:
    day_of(store, path, 2, Horizon(START + 9 * DAY))
    assert found(store) == ["chain records, link 1: it lets samples be removed that were not taken when it was made"]


def test_leaves_do_not_depend_on_how_samples_came_and_lie(tmp_path: Path, databases: Databases) -> None:
    """Not on the kind of store either."""
    samples = [sample(seq, target=f"t{seq % 3}", boot=f"b{seq % 2}") for seq in range(2880)]
    places = [*(str(tmp_path / f"{number}.db") for number in range(3)), databases.new()]
    orders = (samples, samples[::-1], sorted(samples, key=lambda one: one.target), samples[::-1])
    leaves = []
    for number, (place, order) in enumerate(zip(places, orders, strict=True)):
        with closing(open_any(place)) as store:
            for start in range(0, len(order), 700 + number * 333):
                store.append(Batch(samples=order[start : start + 700 + number * 333]))
                store.seal(START + DAY // 2)
            assert [link.count for link in day_of(store, tmp_path / str(number), 1)] == [2880]
            query = "SELECT text, day, digest, marks FROM leaves JOIN names ON names.id = target ORDER BY text"
            with store.chain.view() as view:
                leaves.append(view.sql.execute(query).fetchall())
    assert leaves[0] == leaves[1] == leaves[2] == leaves[3] and len(leaves[0]) == 3


def test_an_older_database_gets_leaves(databases: Databases, path: Path) -> None:
    """A store of version 1: without leaves, without triggers that refuse to empty a table."""
    url = databases.new()
    with closing(open_any(url)) as store:
        filled(store)
    with psycopg.connect(url, autocommit=True, options="-csearch_path=upheld") as hand:
        hand.execute("DROP TABLE leaves, late_beats, days, late_samples")
        hand.execute("ALTER TABLE people RENAME COLUMN rowid TO seq")
        for table in ("facts", "quarantine", "security_events", "issued", "links"):
            hand.execute(f"DROP TRIGGER {table}_no_truncate ON {table}".encode())
        hand.execute("DELETE FROM migrations WHERE version > 1")
    older = pytest.raises(StoreError, match=r"older upheld \(store version 1, this program reads 2\): `upheld run`")
    with older as error:
        open_any(url, read_only=True)
    assert error.value.code == "store_older"
    with closing(open_any(url)) as store:
        assert [link.count for link in day_of(store, path, 2)] == [288 + 144, 288 + 144, 2]
        assert found(store) == [] and list(store.chain.names().values()) == ["Anna", "Bo"]
    emptied = pytest.raises(psycopg.errors.RaiseException, match="facts is append-only")
    with psycopg.connect(url, options="-csearch_path=upheld") as hand, emptied:
        hand.execute("TRUNCATE facts")
