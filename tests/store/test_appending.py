"""Several batches in one transaction: all of them or none, and each sees what came before it."""

from dataclasses import replace

import numpy as np
import pytest

from monitor.sla.facts import AssumeFact, HeartbeatFact
from monitor.store.port import Batch, Receipt, Store, StoreError
from probes.columns import Columns, concat, from_samples
from tests.store.made import DAY, START, sample

EVER = START + 400 * DAY
ASSUMED = AssumeFact("hq", "up")
BEAT = HeartbeatFact("fra", "b1", START)


def test_batches_of_one_transaction_are_recorded_together(store: Store) -> None:
    store.append(Batch([sample(1)]))
    with store.appending() as append:
        assert append(Batch([sample(1), sample(2)], [ASSUMED, BEAT])) == Receipt(1, 1, (), facts=2)
        assert append(Batch([sample(2), sample(3)], [ASSUMED, BEAT])) == Receipt(1, 1, (), facts=0)
        assert [one.seq for one in store.samples("hq", START, EVER)] == [1] or type(store).__name__ == "MemoryStore"
    assert [one.seq for one in store.samples("hq", START, EVER)] == [1, 2, 3]
    assert list(store.facts(START, EVER)) == [ASSUMED]
    assert store.append(Batch([sample(3)], [BEAT])) == Receipt(0, 1, (), facts=0)


def test_where_one_is_refused_none_is_recorded(store: Store) -> None:
    store.append(Batch([sample(1)]))
    with pytest.raises(RuntimeError), store.appending() as append:
        append(Batch([sample(2)], [ASSUMED, BEAT]))
        assert append(Batch([replace(sample(1), took=7)])).quarantined == (("fra", "b1", 1),)
        raise RuntimeError("no")
    with pytest.raises((StoreError, RuntimeError)), store.appending() as append:
        append(Batch([sample(4)]))
        append(Batch([replace(sample(5), took=1 << 70)]))  # only one in memory takes this
        raise RuntimeError("no")
    assert [one.seq for one in store.samples("hq", START, EVER)] == [1]
    assert not list(store.facts(START, EVER)) and store.last_heartbeat("fra") is None
    assert not store.security_events()
    assert store.append(Batch([sample(2), sample(4)], [ASSUMED])) == Receipt(2, 0, (), facts=1)


def test_columns_are_recorded_as_their_samples_are_and_stay_whose_they_are(store: Store) -> None:
    samples = [sample(seq, target=f"t{seq % 3}", boot=f"b{seq % 2}") for seq in range(60)]
    whole = from_samples(samples)
    before = whole.table.copy()
    assert store.append(Batch(whole.take(np.arange(20)))) == Receipt(20, 0, ())
    again = replace(samples[7], took=1)
    mixed = Batch(concat([whole, from_samples([again])]), [samples[3], sample(99), ASSUMED])
    assert store.append(mixed) == Receipt(41, 21, (again.identity,), facts=1)
    assert (whole.table == before).all()
    found = [one for one in (*samples, sample(99)) if one.identity != again.identity]
    assert list(store.read_samples(["t0", "t1", "t2", "hq"], START, EVER)) == found


def test_words_that_stand_twice_are_one_word(store: Store) -> None:
    whole = from_samples([sample(1), sample(2, boot="b2")])
    words = ["b1" if word == "b2" else word for word in whole.words]
    twice = Columns(words, whole.table, whole.rtts, whole.steps)
    assert store.append(Batch(twice)) == Receipt(2, 0, ())
    assert store.append(Batch([sample(1), sample(2)])) == Receipt(0, 2, ())
    assert [one.boot for one in store.samples("hq", START, EVER)] == ["b1", "b1"]


def test_numbers_in_a_row_are_known_again_whatever_the_order(store: Store) -> None:
    run = [sample(seq) for seq in range(4000, 8300)]
    assert store.append(Batch(run)).recorded == len(run)
    few = [*run[90:100], sample(8300), *reversed(run[4180:4200])]
    assert store.append(Batch(few)) == Receipt(1, 30, ())
    assert store.append(Batch([sample(3999), *run[:3]])) == Receipt(1, 3, ())
    assert [one.seq for one in store.samples("hq", START, EVER)] == [*range(3999, 8301)]
