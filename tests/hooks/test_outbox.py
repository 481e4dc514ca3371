"""What is owed is delivered: in order, again and again, without one hook holding up another."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from config.model import SECOND
from monitor.hooks.hook import DeliveryError
from monitor.hooks.outbox import Outbox
from monitor.store.port import Delivery
from tests.hooks.kit import Queue, Scripted, ToldClock, event, hook, kinds, pause, refuse, until


@contextlib.asynccontextmanager
async def running(
    queue: Queue, clock: ToldClock, hooks: dict | None = None, drawn: float = 0.999, **senders: Scripted
) -> AsyncIterator[Outbox]:
    """An outbox at work, over scripted senders, with the jitter as told."""
    hooks = {name: hook(name) for name in senders} if hooks is None else hooks
    outbox = Outbox(queue, hooks, clock, kinds(**senders), lambda: drawn)
    task = asyncio.create_task(outbox.run())
    try:
        yield outbox
    finally:
        task.cancel()
        await asyncio.wait({task})
        if not task.cancelled():
            await task


@pytest.fixture
def clock() -> ToldClock:
    clock = ToldClock()
    clock.advance(60)
    return clock


async def test_what_was_owed_before_the_start_is_delivered_and_recorded(clock: ToldClock) -> None:
    queue, ops = Queue(event(1), event(2)), Scripted()
    async with running(queue, clock, ops=ops) as outbox:
        await until(lambda: len(queue.done) == 2)
        await until(lambda: outbox.tally.queued == {"ops": 0})
        assert outbox.tally.deliveries["ops", "delivered"] == 2
    assert ops.taken == [event(1).key, event(2).key]
    assert ops.closed == 1


async def test_a_new_event_is_delivered_when_the_outbox_is_woken(clock: ToldClock) -> None:
    queue, ops = Queue(), Scripted()
    async with running(queue, clock, ops=ops) as outbox:
        await pause()
        queue.events.append(event())
        outbox.wake()
        await until(lambda: bool(ops.taken))
    assert ops.taken == [event().key]


async def test_a_failed_delivery_waits_longer_each_time_by_the_clock_alone(clock: ToldClock) -> None:
    """Tries at +0, +1, +3, +7 s … (jitter at its ceiling): nothing is tried before its time, nothing really sleeps."""
    queue, ops = Queue(event()), Scripted(refuse())
    async with running(queue, clock, ops=ops) as outbox:
        for tries, seconds in enumerate((1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300), 1):
            await until(lambda tries=tries: queue.later.get(("ops", event().key), (0,))[0] == tries)
            await pause()
            clock.advance(0.99 * seconds)
            outbox.wake()
            await pause()
            assert len(ops.tried) == tries
            clock.advance(0.01 * seconds)
            outbox.wake()
        await until(lambda: len(ops.tried) == 12)
        assert outbox.tally.deliveries["ops", "failed"] == 12
    assert queue.later["ops", event().key][2] == "no"
    assert set(ops.tried) == {event().key}


async def test_what_the_receiver_asks_for_is_waited_for_by_the_whole_hook(clock: ToldClock) -> None:
    """Retry-After 600 s on the first event; a second subject comes up meanwhile and waits too."""
    answers = [600]

    def busy_once(_: Delivery) -> float:
        if answers:
            raise DeliveryError("busy", answers.pop() * SECOND)
        return 0

    queue, ops = Queue(event(1, "a")), Scripted(busy_once)
    async with running(queue, clock, ops=ops) as outbox:
        await until(lambda: bool(queue.later))
        await pause()
        queue.events.append(event(1, "b"))
        clock.advance(599)
        outbox.wake()
        await pause()
        assert len(ops.tried) == 1
        clock.advance(1)
        outbox.wake()
        await until(lambda: len(ops.taken) == 2)


async def test_a_refusal_for_good_is_counted_and_stays_owed(clock: ToldClock) -> None:
    queue, ops = Queue(event()), Scripted(refuse(permanent=True))
    async with running(queue, clock, ops=ops, drawn=0.0) as outbox:
        await until(lambda: ("ops", event().key) in queue.later)
        assert queue.later["ops", event().key][1] == clock.wall() + 150 * SECOND
        await until(lambda: outbox.tally.queued == {"ops": 1})
        assert outbox.tally.deliveries["ops", "refused"] == 1
    assert not queue.done


async def test_events_of_one_subject_keep_their_order_whatever_fails(clock: ToldClock) -> None:
    """The first event of subject a fails three times: its second one waits, subject b does not."""
    fails = [1, 2, 3]

    def answer(given: Delivery) -> float:
        if given.event.subject == "a" and fails:
            raise DeliveryError(f"no {fails.pop()}")
        return 0

    events = [event(n, subject) for n in (1, 2, 3) for subject in "ab"]
    queue, ops = Queue(*events), Scripted(answer)
    async with running(queue, clock, ops=ops) as outbox:
        await until(lambda: sum(":b:" in taken for taken in ops.taken) == 3)
        for tries in (1, 2, 3):
            await until(lambda tries=tries: queue.later[("ops", event(1, "a").key)][0] == tries)
            await pause()
            clock.advance(10)
            outbox.wake()
        await until(lambda: len(ops.taken) == 6)
    for subject in "ab":
        order = [key for key in ops.taken if f":{subject}:" in key]
        assert order == [event(n, subject).key for n in (1, 2, 3)]


async def test_subjects_are_delivered_together_while_the_hook_works(clock: ToldClock) -> None:
    queue = Queue(*(event(1, str(n)) for n in range(8)))
    ops = Scripted(lambda given: 0.2)
    async with running(queue, clock, ops=ops):
        await until(lambda: len(ops.tried) == 8, within=0.15)
        assert not queue.done
        await until(lambda: len(queue.done) == 8)
    assert sorted(ops.taken) == sorted(event(1, str(n)).key for n in range(8))


async def test_a_hook_that_is_down_is_tried_with_one_delivery_at_a_time(clock: ToldClock) -> None:
    queue, ops = Queue(*(event(1, str(n)) for n in range(100))), Scripted(refuse())
    async with running(queue, clock, ops=ops) as outbox:
        for more in range(5):
            await until(lambda more=more: len(ops.tried) == 8 + more)
            await pause()
            assert len(ops.tried) == len(queue.later) == 8 + more
            clock.advance(2**more)
            outbox.wake()


async def test_a_hook_that_hangs_delays_no_other(clock: ToldClock) -> None:
    queue = Queue(*(event(1, str(n)) for n in range(50)))
    dead, failing, well = Scripted(lambda given: 3600), Scripted(refuse()), Scripted()
    async with running(queue, clock, dead=dead, failing=failing, well=well) as outbox:
        await until(lambda: len(well.taken) == 50, within=2)
        await until(lambda: outbox.tally.queued["well"] == 0)
        assert not dead.taken
        assert queue.queued("dead") == 50


async def test_a_restart_delivers_what_was_not_yet_taken_with_the_same_id(clock: ToldClock) -> None:
    """The first outbox is cut off in the middle of a delivery; the second one knows the store alone."""
    queue = Queue(event(1), event(2))
    before, after = Scripted(lambda given: 3600), Scripted()
    async with running(queue, clock, ops=before):
        await until(lambda: before.tried == [event(1).key])
    assert not queue.done
    async with running(queue, clock, ops=after):
        await until(lambda: len(queue.done) == 2)
    assert after.taken == [event(1).key, event(2).key]


async def test_a_postponed_delivery_keeps_its_time_over_a_restart(clock: ToldClock) -> None:
    queue, ops = Queue(event()), Scripted()
    queue.later["ops", event().key] = (5, clock.wall() + 20 * SECOND, "no")
    async with running(queue, clock, ops=ops) as outbox:
        await until(lambda: outbox.tally.queued == {"ops": 1})
        assert not ops.tried
        clock.advance(20)
        outbox.wake()
        await until(lambda: ops.taken == [event().key])


async def test_a_store_that_fails_after_a_delivery_does_not_make_it_sent_again(clock: ToldClock) -> None:
    """The receiver took it, the disk was full: only the recording is tried again."""
    queue = Queue(event())

    def take(_: Delivery) -> float:
        queue.broken = True
        return 0

    ops = Scripted(take)
    async with running(queue, clock, ops=ops) as outbox:
        await until(lambda: len(ops.taken) == 1)
        await pause()
        queue.broken = False
        outbox.wake()
        await until(lambda: len(queue.done) == 1)
        assert outbox.tally.deliveries["ops", "delivered"] == 1
    assert ops.tried == [event().key]


async def test_events_a_hook_does_not_want_leave_its_queue_untold(clock: ToldClock) -> None:
    queue, ops = Queue(event()), Scripted()
    async with running(queue, clock, {"ops": hook(events=("risk.raised",))}, ops=ops) as outbox:
        await until(lambda: len(queue.done) == 1)
        assert outbox.tally.deliveries["ops", "delivered"] == 0
    assert not ops.tried


async def test_a_reload_starts_stops_and_leaves_alone(clock: ToldClock) -> None:
    queue, a, b, c = Queue(), Scripted(), Scripted(), Scripted()
    hooks = {"a": hook("a"), "b": hook("b")}
    async with running(queue, clock, hooks, a=a, b=b, c=c) as outbox:
        await until(lambda: set(outbox.tally.queued) == {"a", "b"})
        outbox.reload({"a": hook("a"), "c": hook("c")})
        await until(lambda: set(outbox.tally.queued) == {"a", "c"})
        assert (a.closed, b.closed, c.closed) == (0, 1, 0)
        queue.events.append(event())
        outbox.wake()
        await until(lambda: len(a.taken) == len(c.taken) == 1)
        assert not b.tried
        assert outbox.tally.deliveries["a", "delivered"] == 1
        assert ("b", "delivered") not in outbox.tally.deliveries


async def test_a_hook_changed_by_a_reload_is_opened_anew(clock: ToldClock) -> None:
    queue, ops = Queue(event()), Scripted()
    async with running(queue, clock, {"ops": hook(contracts=("other",))}, ops=ops) as outbox:
        await until(lambda: len(queue.done) == 1)
        outbox.reload({"ops": hook(contracts=("acme",))})
        await until(lambda: ops.closed == 1)
        queue.events.append(event(2))
        outbox.wake()
        await until(lambda: bool(ops.taken))
    assert ops.taken == [event(2).key]


async def test_accounts_reach_a_hook_at_its_start_and_when_they_change(clock: ToldClock) -> None:
    ops = Scripted()
    hooks = {"ops": hook(contracts=("acme",))}
    async with running(Queue(), clock, hooks, ops=ops) as outbox:
        outbox.state({"acme": "1", "other": "1"})
        await until(lambda: ops.shown == [{"acme": "1"}])
        outbox.state({"acme": "2", "other": "2"})
        assert ops.shown[-1] == {"acme": "2"}


async def test_a_bug_in_a_kind_ends_the_outbox(clock: ToldClock) -> None:
    def bug(_: Delivery) -> float:
        raise ZeroDivisionError

    outbox = Outbox(Queue(event()), {"ops": hook()}, clock, kinds(ops=Scripted(bug)))
    with pytest.raises(ExceptionGroup) as ended:
        await outbox.run()
    assert ended.group_contains(ZeroDivisionError)
