"""The door: what it does to a sample, what it records, what it does while the store is away."""

import asyncio
import logging
import threading
from itertools import pairwise

import pytest

from monitor.sla.facts import HeartbeatFact
from monitor.store.port import Batch, Receipt, StoreError
from probes.sample import Outcome
from tests.intake.kit import CountingLedger, Door, FlakyStore, Verdict, one
from tests.probes.clockwork import MIDNIGHT, SECOND

MS = 1_000_000


async def test_what_is_recorded_is_what_was_judged_in_one_batch_and_one_thread() -> None:
    door = Door(FlakyStore())
    door.put(1, 2, 3)
    await door.intake.flush()
    (batch,) = door.store.batches
    assert list(batch.samples) == door.ledger.taken
    assert [sample.seq for sample in batch.samples] == [1, 2, 3]
    assert batch.accounts == [("acme", "3")]
    door.put(4)
    await door.intake.flush()
    assert door.store.threads == {"upheld-store_0"}


async def test_nothing_is_shown_before_it_is_recorded() -> None:
    door = Door(FlakyStore(refusals=1))
    door.put(1)
    seen: list[int] = []

    async def look(seconds: float) -> None:
        seen.append(len(door.committed))

    door.intake._sleep = look
    await door.intake.flush()
    assert seen == [0]
    assert door.committed == door.store.batches


async def test_a_refused_batch_is_offered_again_unchanged_and_ever_more_slowly() -> None:
    door = Door(FlakyStore(refusals=8))
    door.put(1, 2)
    await door.intake.flush()
    assert len(door.store.offered) == 9
    assert all(batch is door.store.offered[0] for batch in door.store.offered)
    assert door.pauses == [0.5, 1, 2, 4, 8, 15, 15, 15]
    assert len(door.ledger.taken) == 2


async def test_the_log_says_when_the_store_goes_and_when_it_is_back(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "upheld")
    door = Door(FlakyStore(refusals=2))
    door.put(1, 2)
    await door.intake.flush()
    door.put(3)
    await door.intake.flush()
    assert [record.code for record in caplog.records] == ["store_full", "store_full", "store_back"]  # type: ignore[attr-defined]


async def test_samples_wait_while_the_store_is_away_and_none_is_lost_within_the_bound() -> None:
    door = Door(FlakyStore(refusals=3))
    door.put(1)

    async def meanwhile(seconds: float) -> None:
        start = 2 + 100 * len(door.pauses)
        door.pauses.append(seconds)
        door.put(*range(start, start + 100))

    door.intake._sleep = meanwhile
    await door.intake.flush()
    assert [sample.seq for sample in door.store.samples] == list(range(1, 302))
    assert door.intake.dropped == 0


async def test_beyond_the_bound_a_sample_is_lost_counted_and_its_time_is_unknown() -> None:
    """Bound 10. While the store refuses, 8 more of a and of b than fit: one Unknown stands for each target."""
    door = Door(FlakyStore(refusals=1), bound=10)
    door.put(*range(1, 11))

    async def meanwhile(seconds: float) -> None:
        door.put(*range(11, 19))
        door.put(*range(11, 19), target="b")

    door.intake._sleep = meanwhile
    await door.intake.flush()
    assert door.intake.dropped == 16
    lost = [sample for sample in door.store.samples if sample.reason == "store_full"]
    assert [(sample.target, sample.seq, sample.outcome) for sample in lost] == [
        ("a", 11, Outcome.UNKNOWN),
        ("b", 11, Outcome.UNKNOWN),
    ]
    assert door.store.samples == door.ledger.taken
    door.put(19)
    await door.intake.flush()
    assert door.store.samples[-1] == door.ledger.taken[-1]
    assert door.store.samples[-1].outcome is Outcome.UP


async def test_a_backlog_is_recorded_in_steps_and_judged_by_its_own_time() -> None:
    """12,001 samples of 12,001 s wait: the first two steps are judged when the next waiting one was seen."""
    door = Door(FlakyStore(), bound=100_000)
    door.put(*range(12_001))
    door.time.hold(20_000 * SECOND)
    await door.intake.flush()
    assert [len(batch.samples) for batch in door.store.batches] == [5_000, 5_000, 2_001]
    assert door.ledger.judged_at == [
        MIDNIGHT + 5_000 * SECOND,
        MIDNIGHT + 10_000 * SECOND,
        door.time.wall(),
    ]


async def test_time_is_judged_every_second_without_a_sample() -> None:
    door = Door(FlakyStore())
    for _ in range(8):
        await door.intake.flush()
        door.time.hold(SECOND // 2)
    assert len(door.ledger.judged_at) == 4


async def test_where_many_samples_come_batches_are_recorded_half_as_often() -> None:
    door = Door(FlakyStore())
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            raise asyncio.CancelledError
        door.put(*range(1000 * len(pauses), 1000 * len(pauses) + (300 if len(pauses) == 1 else 200)))

    door.intake._sleep = pause
    with pytest.raises(asyncio.CancelledError):
        await door.intake.run()
    assert pauses == [0.5, 1.0, 0.5]
    assert [len(batch.samples) for batch in door.store.batches if batch.samples] == [300, 200]


async def test_heartbeats_are_recorded_with_the_samples() -> None:
    door = Door(FlakyStore())
    beat = HeartbeatFact("fra", "b1", MIDNIGHT)
    door.intake.fact(beat)
    await door.intake.flush()
    assert door.store.batches[0].facts == [beat]


async def test_a_batch_cut_off_by_a_cancelled_flush_is_offered_again() -> None:
    door = Door(FlakyStore(refusals=1))
    door.put(1)
    stuck = asyncio.Event()

    async def forever(seconds: float) -> None:
        stuck.set()
        await asyncio.Event().wait()

    door.intake._sleep = forever
    flushing = asyncio.create_task(door.intake.flush())
    await stuck.wait()
    flushing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await flushing
    door.put(2)
    await door.intake.flush()
    assert [sample.seq for sample in door.store.samples] == [1, 2]
    assert [sample.seq for sample in door.ledger.taken] == [1, 2]


async def test_another_ledger_reads_everything_recorded_and_takes_everything_after() -> None:
    door = Door(FlakyStore(refusals=1))
    door.put(1, 2)

    async def cut(seconds: float) -> None:
        raise asyncio.CancelledError

    sleep, door.intake._sleep = door.intake._sleep, cut
    with pytest.raises(asyncio.CancelledError):
        await door.intake.flush()
    door.intake._sleep = sleep
    fresh = CountingLedger()

    def load() -> CountingLedger:
        fresh.taken = door.store.samples
        return fresh

    await door.intake.swap(load)
    door.put(3)
    await door.intake.flush()
    assert fresh.taken == door.store.samples
    assert [sample.seq for sample in fresh.taken] == [1, 2, 3]


async def test_a_swap_that_has_begun_is_waited_for_and_one_that_cannot_begin_is_not() -> None:
    """Else what it recorded would hold, and what it is for would not."""
    door = Door(FlakyStore())
    old, fresh = door.intake._ledger, CountingLedger()
    async with door.intake._turn:
        with pytest.raises(TimeoutError):
            await door.intake.swap(lambda: fresh, 0.01)
    assert door.intake._ledger is old
    begun = threading.Event()
    asyncio.get_running_loop().call_later(0.2, begun.set)
    await door.intake.swap(lambda: fresh if begun.wait(10) else old, 0.05)
    assert door.intake._ledger is fresh


async def test_a_bug_in_the_store_is_not_retried() -> None:
    class Broken(FlakyStore):
        def append(self, batch: Batch) -> Receipt:
            raise TypeError("a bug")

    door = Door(Broken())
    door.put(1)
    with pytest.raises(TypeError):
        await door.intake.flush()


async def test_the_lag_is_the_age_of_the_oldest_sample_not_recorded() -> None:
    door = Door(FlakyStore())
    assert door.intake.lag == 0
    door.put(1)
    door.time.hold(3 * SECOND)
    assert door.intake.lag == 3 * SECOND
    await door.intake.flush()
    assert door.intake.lag == 0


async def test_a_changed_past_is_read_again_once_it_is_recorded() -> None:
    door = Door(FlakyStore())
    door.ledger.stale = True
    door.put(1, 2)
    await door.intake.flush()
    assert door.ledger.rebuilt == [2]
    door.put(3)
    await door.intake.flush()
    assert door.ledger.rebuilt == [2]


async def test_facts_from_people_are_recorded_when_the_door_says_so() -> None:
    door = Door(FlakyStore())
    await door.intake.submit([HeartbeatFact("fra", "b1", MIDNIGHT), one(1)])
    assert len(door.store.batches[0].facts) == 2


async def test_what_no_store_can_hold_is_not_offered_for_ever() -> None:
    class Refuses(FlakyStore):
        def append(self, batch: Batch) -> Receipt:
            raise StoreError("store_refused", "a number too great")

    door = Door(Refuses())
    door.put(1)
    with pytest.raises(StoreError, match="too great"):
        await door.intake.flush()
    assert door.pauses == []


async def test_a_long_judging_takes_a_quarter_of_the_time_and_delays_no_sample() -> None:
    """Judging takes 2 s: 8 s pass from one to the next, while each batch is recorded at once."""
    door = Door(FlakyStore())
    judge = door.ledger.judge

    def slowly(now: int) -> Verdict:
        door.time.hold(2 * SECOND)
        return judge(now)

    door.ledger.judge = slowly  # type: ignore[method-assign]
    began = door.time.wall()
    for seq in range(40):
        door.put(seq)
        await door.intake.flush()
        door.time.hold(SECOND)
    assert len(door.store.samples) == 40
    spans = [after - before for before, after in pairwise(door.ledger.judged_at)]
    assert min(spans) >= 8 * SECOND
    assert door.ledger.judged_at[-1] - began <= 60 * SECOND


async def test_what_changes_the_past_is_judged_at_once_however_long_that_takes() -> None:
    door = Door(FlakyStore())
    door.intake._rested_at = door.time.monotonic() + 100 * SECOND
    door.ledger.stale = True
    door.put(1)
    await door.intake.flush()
    assert door.store.batches[0].accounts == [("acme", "1")]


async def test_a_sample_in_quarantine_makes_the_accounts_be_read_again() -> None:
    """The live account took it; the store does not count it."""
    door = Door(FlakyStore(doubted=(("fra", "b1", 1),)))
    door.put(1)
    await door.intake.flush()
    assert door.ledger.rebuilt == [1]
