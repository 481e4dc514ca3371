"""People stand in what is recorded by pseudonyms; names lie beside it and can be erased."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.issuing.people import by_pseudonym, is_pseudonym, proven
from monitor.sla.facts import ExclusionFact, Fact, IncidentFact
from monitor.store.digest import digest
from monitor.store.factcodec import fact_text, span_of
from monitor.store.port import Batch, StoreError
from monitor.store.sqlite import open_store
from tests.store.made import DAY, HOUR, START, sample

NOTE = IncidentFact("hq", START, "note", START + HOUR, author="Zoë Müller", note="line cut")
EXCLUDED = ExclusionFact("M1", START, START + HOUR, "planned_maintenance", author="Zoë Müller", recorded_at=1)


def test_a_name_is_nowhere_but_in_its_own_table_and_can_be_erased(path: Path) -> None:
    with closing(open_store(path)) as store:
        store.append(Batch(facts=[NOTE, EXCLUDED]))
        store.append(Batch(facts=[EXCLUDED, NOTE]))
        assert list(store.facts(START, START + DAY)) == [NOTE, EXCLUDED]
        ((told, name),) = store.chain.names().items()
        assert name == "Zoë Müller" and is_pseudonym(told)
        assert store.chain.erase("Zoë Müller") == 1
        assert store.chain.erase("Zoë Müller") == 0
        hidden: list[Fact] = [replace(NOTE, author=told), replace(EXCLUDED, author=told)]
        assert list(store.facts(START, START + DAY)) == hidden
        store.append(Batch(facts=hidden))
        assert list(store.facts(START, START + DAY)) == hidden and store.chain.names() == {}
    assert "Müller".encode() not in path.read_bytes()


def test_an_author_proves_its_pseudonym_and_keeps_it_in_another_store(tmp_path: Path) -> None:
    with closing(open_store(tmp_path / "one.db")) as one, closing(open_store(tmp_path / "other.db")) as other:
        one.append(Batch(facts=[NOTE]))
        (fact,) = one.facts(START, START + DAY)
        assert isinstance(fact, IncidentFact) and fact.author_id is not None
        assert proven("Zoë Müller", fact.author_id)[0] == by_pseudonym(fact).author
        other.append(Batch(facts=[fact]))
        assert other.chain.names() == one.chain.names()
        other.append(Batch(facts=[replace(fact, note="another", author="Bo")]))
        assert sorted(other.chain.names().values()) == ["Bo", "Zoë Müller"]
    with pytest.raises(ValueError, match="author 'Bo' is not the one"):
        by_pseudonym(replace(fact, author="Bo"))


def test_an_older_store_gets_leaves_and_pseudonyms(path: Path) -> None:
    """A store of version 2: without chains, with names in its facts."""
    with closing(open_store(path)) as store:
        store.append(Batch(samples=[sample(seq) for seq in range(3 * 2880)], facts=[NOTE]))
        store.seal(START + 3 * DAY + HOUR)
    with closing(sqlite3.connect(path)) as hand:
        leaves = hand.execute("SELECT day, digest, marks FROM leaves ORDER BY day").fetchall()
        _made_older(hand)
    older = pytest.raises(StoreError, match=r"older upheld \(store version 2, this program reads 4\): `upheld run`")
    with older as error:
        open_store(path, read_only=True)
    assert error.value.code == "store_older"
    with closing(open_store(path)) as store:
        assert list(store.facts(START, START + DAY)) == [NOTE]
        assert list(store.chain.names().values()) == ["Zoë Müller"]
        assert store.integrity() == ()
    with closing(sqlite3.connect(path)) as hand:
        assert hand.execute("SELECT day, digest, marks FROM leaves ORDER BY day").fetchall() == leaves
        assert "Müller" not in hand.execute("SELECT body FROM facts").fetchone()[0]
        with pytest.raises(sqlite3.IntegrityError, match="facts is append-only"):
            hand.execute("UPDATE facts SET kind = 'x'")


def _made_older(hand: sqlite3.Connection) -> None:
    hand.execute("DROP TRIGGER facts_no_update")
    kind, text = fact_text(NOTE)
    hand.execute("UPDATE facts SET body = ?, digest = ?", (text, digest(text, kind, *span_of(NOTE))))
    hand.execute(
        "CREATE TRIGGER facts_no_update BEFORE UPDATE ON facts BEGIN SELECT RAISE(ABORT, 'facts is append-only'); END"
    )
    hand.execute("ALTER TABLE facts DROP COLUMN recorded")
    for table in ("leaves", "links", "late_beats", "people"):
        hand.execute(f"DROP TABLE {table}")
    hand.execute("DELETE FROM _sqlite_migrations WHERE name NOT IN ('first', 'issued')")
    hand.execute("PRAGMA user_version = 2")
    hand.commit()
