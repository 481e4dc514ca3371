"""Damage costs the damaged records: the rest is read, the time they covered is Unknown, and each is named."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from monitor.sla.evidence import Facts
from monitor.sla.facts import DAMAGED, DamageFact, ExclusionFact, StateFact
from monitor.sla.ledger import Ledger
from monitor.sla.statement import build
from monitor.store.port import Batch, StoreError
from monitor.store.sqlite import SqliteStore
from probes.sample import Sample
from tests.oracle.build import config, contract, period, service, target
from tests.store.made import DAY, HOUR, SECOND, START, sample

EVER = 2**62
AGAIN = Callable[[], SqliteStore]
WRECK = (
    "UPDATE {table} SET body = CAST(substr(body, 1, {at}) || x'5a5a5a' || substr(body, {at} + 4) AS BLOB) WHERE {which}"
)


def wreck(path: Path, table: str, which: str, at: int = 200) -> None:
    """Three bytes of a record's body become others."""
    with closing(sqlite3.connect(path)) as hand:
        for name in ("journal", "chunks", "facts"):
            hand.execute(f"DROP TRIGGER IF EXISTS {name}_no_update")
        assert hand.execute(WRECK.format(table=table, which=which, at=at)).rowcount == 1
        hand.commit()


def batches(store: SqliteStore, count: int, size: int = 100) -> list[Sample]:
    samples = [sample(seq) for seq in range(count * size)]
    for start in range(0, len(samples), size):
        store.append(Batch(samples=samples[start : start + size]))
    return samples


def test_a_damaged_batch_costs_its_own_samples(path: Path, reopen: AGAIN) -> None:
    store = reopen()
    samples = batches(store, 3)
    store.close()
    wreck(path, "journal", "id = 2")
    store = reopen()
    assert list(store.samples("hq", 0, EVER)) == [*samples[:100], *samples[200:]]
    assert store.damaged("hq", 0, EVER) == [(samples[100].at, samples[199].at + 1)]
    assert store.damaged("hq", 0, START) == []
    assert store.last_before("hq", samples[150].at) == samples[99]
    assert sum(store.hours("hq", START, START + DAY)["up"]) == sum(
        s.outcome == "up" for s in [*samples[:100], *samples[200:]]
    )


def test_each_damaged_record_is_told_once_and_writing_goes_on(path: Path, reopen: AGAIN) -> None:
    store = reopen()
    samples = batches(store, 3)
    store.close()
    wreck(path, "journal", "id = 2")
    store = reopen()
    text = "journal row 2: what is stored is not what was written; restore the latest backup"
    assert store.quick_check() == (text,)
    assert store.append(Batch(samples=[sample(500)])).damaged == (("journal row 2", text),)
    assert store.append(Batch(samples=[sample(501)])).damaged == ()
    assert [(one.code, one.text) for one in store.security_events()] == [(DAMAGED, text)]
    store = reopen()
    assert store.append(Batch(samples=[samples[150]])).quarantined == (samples[150].identity,)
    assert len(store.security_events()) == 2
    assert store.damaged("hq", 0, EVER) and store.append(Batch(samples=[sample(502)])).damaged
    assert len(store.security_events()) == 2


def test_sealing_and_retention_pass_over_what_is_damaged(path: Path, reopen: AGAIN) -> None:
    store = reopen()
    samples = batches(store, 40)
    store.close()
    wreck(path, "journal", "id = 2")
    store = reopen()
    assert store.seal(START + 100 * DAY) == 3900
    assert list(store.samples("hq", 0, EVER)) == [*samples[:100], *samples[200:]]
    assert store.seal(START + 100 * DAY) == 0
    assert (
        store.prune(START + 90 * DAY, [("hq", START, START + DAY)])
        == 3900 - len([s for s in samples if s.at < START + DAY]) + 100
    )
    assert store.damaged("hq", 0, EVER)
    store.prune(START + 90 * DAY, [])
    assert store.damaged("hq", 0, EVER) == [] and list(store.samples("hq", 0, EVER)) == []


def test_a_row_that_only_an_index_still_has_is_told_and_closes_nothing(path: Path, reopen: AGAIN) -> None:
    store = reopen()
    batches(store, 100, 10)
    assert store.seal(START + 12 * HOUR) == 0  # sorted, and of a day that is not over
    store.close()
    indexes = "FROM sqlite_master WHERE type = 'index' AND tbl_name = 'journal'"
    with closing(sqlite3.connect(path)) as hand:
        kept = hand.execute(f"SELECT * {indexes}").fetchall()
        hand.execute("PRAGMA writable_schema = ON")
        hand.execute(f"DELETE {indexes}")
        hand.commit()
    with closing(sqlite3.connect(path)) as hand:  # which knows of no index
        assert hand.execute("DELETE FROM journal").rowcount == 1
        hand.execute("PRAGMA writable_schema = ON")
        hand.executemany("INSERT INTO sqlite_master VALUES (?, ?, ?, ?, ?)", kept)
        hand.commit()
    with pytest.raises(StoreError, match="journal row 101") as told:
        reopen().seal(START + 2 * DAY)
    assert told.value.code == "store_damaged"


def test_one_damaged_piece_of_a_chunk_costs_the_days_in_it(path: Path, reopen: AGAIN) -> None:
    store = reopen()
    samples = batches(store, 200)  # seven days
    store.seal(START + 100 * DAY)
    store.close()
    with closing(sqlite3.connect(path)) as hand:
        (chunks,) = hand.execute("SELECT count(*) FROM chunks").fetchone()
        (key,) = hand.execute("SELECT id FROM chunks ORDER BY length(body) DESC").fetchone()
    wreck(path, "chunks", f"id = {key}", 2000)
    store = reopen()
    read = list(store.samples("hq", 0, EVER))
    lost = sorted({s.at // DAY for s in samples} - {s.at // DAY for s in read})
    assert chunks == 1 and lost == list(range(lost[0], lost[-1] + 1)) and len(lost) in (1, 2, 4)
    assert read == [s for s in samples if s.at // DAY not in lost]
    assert [(a // DAY, (b - 1) // DAY) for a, b in store.damaged("hq", 0, EVER)] == [(lost[0], lost[-1])]
    assert len(store.quick_check()) == 1


def test_a_damaged_fact_leaves_its_span_unknown(path: Path, reopen: AGAIN) -> None:
    store = reopen()
    facts = [
        StateFact("web", START, START + HOUR, "down"),
        ExclusionFact("M1", START + 2 * HOUR, START + 3 * HOUR, "planned_maintenance"),
        StateFact("web", START + 4 * HOUR, START + 5 * HOUR, "up"),
    ]
    store.append(Batch(facts=facts))
    store.close()
    wreck(path, "facts", "id = 1", 20)
    wreck(path, "facts", "id = 2", 20)
    store = reopen()
    assert list(store.facts(0, EVER)) == [
        DamageFact(START, START + HOUR, service="web"),
        DamageFact(START + 2 * HOUR, START + 3 * HOUR),
        facts[2],
    ]
    assert len(store.quick_check()) == 2


@pytest.mark.parametrize("table", ["accounts", "checkpoints"])
def test_a_damaged_account_or_fold_is_worked_out_anew(path: Path, reopen: AGAIN, table: str) -> None:
    store = reopen()
    store.append(Batch(accounts=[("a", "x" * 40), ("b", "y")], checkpoints=[("a", "x" * 40), ("b", "y")]))
    store.close()
    key = "contract" if table == "accounts" else "target"
    wreck(path, table, f"{key} = 'a'", 10)
    assert getattr(reopen(), table)() == {"b": "y"}


def test_statement_and_live_account_call_it_damaged_and_assume_nothing(path: Path, reopen: AGAIN) -> None:
    """Twelve hours of a day, one batch of fifty minutes of it damaged; the folds saved before are of no use."""
    store, terms = reopen(), contract(service("hq"), period="day")
    settings = config(target("hq", every=30 * SECOND)).but(contracts={"acme": terms})
    samples = batches(store, 14)
    now = samples[-1].at + SECOND
    ledger = Ledger(settings)
    ledger.load(store, START + 1)
    ledger.take(samples)
    saved = [book for one in ledger.contracts.values() for book in one.save()]
    store.append(Batch(checkpoints=saved))
    store.close()
    wreck(path, "journal", "id = 7")
    store = reopen()
    statement = build(settings, terms, period(START, START + DAY), store, now)
    lost = [(span.start, span.end) for span in statement.unknown if span.cause == DAMAGED]
    assert lost == [(samples[600].at, samples[700].at)]
    again = Ledger(settings)
    again.load(store, now, store.accounts(), store.checkpoints())
    book = again.contracts["acme"].books["hq"]
    book.look()
    assert [(r.start, r.end) for r in book.fold.runs if r.reason == DAMAGED] == lost
    exported = [*store.samples("hq", 0, EVER), DamageFact(*store.damaged("hq", 0, EVER)[0], "hq")]
    assert build(settings, terms, period(START, START + DAY), Facts(exported), now) == statement


def test_what_a_restart_counts_from_columns_is_what_it_counts_one_by_one(reopen: AGAIN) -> None:
    """Tallies of every sample measure, from the store's columns and from samples in memory."""
    store, terms = reopen(), contract(service("hq"), period="day")
    settings = config(target("hq", every=30 * SECOND)).but(contracts={"acme": terms})
    samples = batches(store, 5)
    books = []
    for evidence in (store, Facts(samples)):
        ledger = Ledger(settings)
        ledger.load(evidence, samples[-1].at + SECOND)
        books.append(ledger.contracts["acme"].books["hq"].save())
    assert books[0] == books[1]
    assert '"tallies":{"' in books[0]
