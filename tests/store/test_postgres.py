"""What is PostgreSQL's own: who may write, months, what the server has to promise, and how it is told."""

import random
from contextlib import closing
from dataclasses import replace

import psycopg
import pytest

from config.address import shown
from monitor.sla.facts import AssumeFact, HeartbeatFact
from monitor.store.port import Batch, StoreError, StoreHeld
from monitor.store.postgres.partitions import months_of, partition, span
from monitor.store.which import is_made, open_store
from probes.fields import MAX_NAME
from probes.sample import Outcome
from tests.postgres import Databases
from tests.store.made import DAY, HOUR, START, sample

EVER = 2**62


@pytest.fixture
def url(databases: Databases) -> str:
    """An empty database."""
    return databases.new()


def by_hand(url: str, *statements: str) -> list[tuple[object, ...]]:
    """What somebody does to the database beside us; what the last statement gives."""
    with psycopg.connect(url, autocommit=True, options="-csearch_path=upheld") as connection:
        for statement in statements:
            cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def refused(url: str, **options: bool) -> StoreError:
    """What opening the store there says."""
    with pytest.raises(StoreError) as error:
        open_store(url, **options)  # type: ignore[arg-type]
    return error.value


def test_a_server_that_may_forget_what_it_acknowledged_is_refused(url: str) -> None:
    (name,) = by_hand(url, "SELECT current_database()")[0]
    by_hand(url, f"ALTER DATABASE {name} SET synchronous_commit = off")
    said = refused(url)
    assert said.code == "store_unsafe" and "synchronous_commit = off: not durable" in str(said)
    assert not is_made(url)
    by_hand(url, f"ALTER DATABASE {name} SET synchronous_commit = local")
    open_store(url).close()


def test_one_writes_and_any_number_reads(url: str) -> None:
    with closing(open_store(url)) as store:
        store.append(Batch(samples=[sample(1)]))
        with pytest.raises(StoreHeld, match=r"held by another instance \(pid \d+ on "):
            open_store(url)
        with closing(open_store(url, read_only=True)) as reader:
            assert list(reader.samples("hq", 0, EVER)) == [sample(1)]
            with pytest.raises(StoreError, match="opened for reading only"):
                reader.append(Batch(samples=[sample(2)]))
        assert store.append(Batch(samples=[sample(2)])).recorded == 1
    with closing(open_store(url)) as store:
        assert store.unclean is None
        assert list(store.samples("hq", 0, EVER)) == [sample(1), sample(2)]


def test_what_lies_there_is_recognised(url: str) -> None:
    assert refused(url, read_only=True).code == "store_missing"
    assert not is_made(url)
    by_hand(url, "CREATE SCHEMA upheld", "CREATE TABLE upheld.theirs (id integer)")
    assert refused(url).code == refused(url, read_only=True).code == "store_foreign"
    by_hand(url, "DROP SCHEMA upheld CASCADE")
    open_store(url).close()
    assert is_made(url)
    by_hand(url, "INSERT INTO migrations (version, name) VALUES (99, 'later')")
    assert "store version 99" in str(refused(url)) and refused(url).code == "store_newer"


def test_a_password_is_never_shown(url: str) -> None:
    away = "postgresql://upheld:hunter2@127.0.0.1:1/db?sslpassword=hunter2&connect_timeout=1"
    assert shown(away) == "postgresql://upheld@127.0.0.1:1/db?connect_timeout=1"
    for address, code in ((away, "store_away"), (f"{away}&nonsense=hunter2", "store_unopenable")):
        said = refused(address)
        assert said.code == code and "hunter2" not in str(said)
    with closing(open_store(url)) as store, pytest.raises(StoreError, match="pg_dump --format=custom") as error:
        store.backup("/srv/copy")
    assert error.value.code == "backup_unsupported"


def test_another_database_put_in_its_place_is_noticed(url: str) -> None:
    with closing(open_store(url)) as store:
        store.append(Batch(samples=[sample(1)]))
        by_hand(url, "UPDATE meta SET value = 'other' WHERE key = 'commit'")
        with pytest.raises(StoreError) as error:
            store.append(Batch(samples=[sample(2)]))
        assert error.value.code == "store_replaced"
        assert list(store.samples("hq", 0, EVER)) == [sample(1)]


def test_a_batch_no_database_can_hold_is_refused_and_the_next_is_taken(url: str) -> None:
    with closing(open_store(url)) as store:
        for reason in ("a\0b", "\ud800"):
            with pytest.raises(StoreError) as error:
                store.append(Batch(samples=[sample(1), replace(sample(2), reason=reason)]))
            assert error.value.code == "store_refused"
        with pytest.raises(StoreError) as error:
            store.append(Batch(samples=[replace(sample(2), took=2**63)]))
        assert error.value.code == "store_refused"
        assert store.append(Batch(samples=[sample(1), sample(2)])).recorded == 2


def test_names_as_long_as_they_may_be_fit_into_every_index(url: str) -> None:
    """Each of characters of four bytes that cannot be made shorter, and in quarantine too."""
    rng = random.Random(7)
    target, vantage, boot, reason = (
        "".join(chr(rng.randrange(0x20000, 0x2A000)) for _ in range(MAX_NAME)) for _ in "1234"
    )
    one = replace(sample(1, target=target, vantage=vantage, boot=boot), reason=reason)
    beat = HeartbeatFact(vantage, boot, START)
    with closing(open_store(url)) as store:
        assert store.append(Batch([one], [beat])).recorded == 1
        assert len(store.append(Batch([replace(one, took=7)])).quarantined) == 1
        assert store.quick_check() == ()


def test_months_are_those_of_the_calendar() -> None:
    assert months_of([START - 1, START, START + 31 * DAY]) == {(2026, 9), (2026, 10), (2026, 11)}
    assert span((2026, 10)) == (START, START + 31 * DAY)
    assert span((2026, 12))[1] == span((2027, 1))[0]
    assert partition((2026, 2)) == "samples_2026_02"
    assert span((1677, 9))[0] == -(1 << 63) and span((2262, 4))[1] == (1 << 63) - 1


def test_a_month_that_goes_wholly_goes_as_a_partition(url: str) -> None:
    samples = [sample(seq, at=START + seq * 6 * HOUR) for seq in range(400)]
    tables = "SELECT relname FROM pg_class WHERE relname ~ '^samples_[0-9]+_[0-9]+$' ORDER BY relname"
    with closing(open_store(url)) as store:
        store.append(Batch(samples=samples))
        assert [name for (name,) in by_hand(url, tables)] == [f"samples_2026_{n}" for n in (10, 11, 12)] + [
            "samples_2027_01"
        ]
        before = START + 40 * DAY
        with closing(open_store(url, read_only=True)) as reader:
            reading = reader.samples("hq", 0, EVER)
            assert next(reading) == samples[0]
            assert store.prune(before, []) == 160, "a reader that is slow keeps nothing from going"
            assert [samples[0], *reading] == samples
        assert list(store.samples("hq", 0, EVER)) == samples[160:]
        assert store.append(Batch(samples=samples)).recorded == 0
        assert store.prune(before, []) == 0
        assert next(name for (name,) in by_hand(url, tables)) == "samples_2026_11"


def test_a_month_that_was_taken_away_is_named(url: str) -> None:
    """Its samples are read no more, and none of it can be taken."""
    with closing(open_store(url)) as store, psycopg.connect(url, autocommit=True) as db:
        store.append(Batch([sample(1)]))
        assert store.quick_check() == ()
        db.execute("ALTER TABLE upheld.samples DETACH PARTITION upheld.samples_2026_10")
        assert store.quick_check() == ("table samples_2026_10 is no partition of samples; attach it",)
        with pytest.raises(StoreError, match="no partition of relation"):
            store.append(Batch([sample(2)]))


def test_evidence_is_append_only(url: str) -> None:
    with closing(open_store(url)) as store:
        store.append(Batch(samples=[sample(1)], facts=[AssumeFact("hq", "up")]))
        for change in ("UPDATE samples SET outcome = 0", "UPDATE facts SET body = ''", "DELETE FROM facts"):
            with pytest.raises(psycopg.errors.RaiseException, match="is append-only"):
                by_hand(url, change)


def test_what_was_altered_costs_itself_and_is_named(url: str) -> None:
    down = replace(sample(18), outcome=Outcome.DOWN)
    samples = [down if seq == 18 else sample(seq) for seq in range(40)]
    with closing(open_store(url)) as store:
        store.append(Batch(samples=samples, facts=[AssumeFact("hq", "up")]))
    by_hand(
        url,
        "ALTER TABLE samples DISABLE TRIGGER USER",
        "ALTER TABLE facts DISABLE TRIGGER USER",
        "UPDATE samples SET outcome = 0 WHERE seq = 18",
        """UPDATE facts SET body = replace(body, 'up', 'ok')""",
    )
    with closing(open_store(url)) as store:
        assert store.damaged("hq", 0, EVER) == [(down.at, down.at + 1)]
        assert store.damaged("hq", 0, down.at) == []
        assert list(store.samples("hq", 0, EVER)) == [each for each in samples if each != down]
        assert list(store.facts(0, EVER)) == []
        found = store.integrity()
        assert [text.partition(":")[0] for text in found] == ["sample 18 of vantage fra, boot b1", "fact 1"]
        assert [name for name, _ in store.append(Batch()).damaged] == ["sample 18 of vantage fra, boot b1", "fact 1"]
        assert store.append(Batch()).damaged == ()
        assert [event.code for event in store.security_events()] == ["evidence_damaged"] * 2
