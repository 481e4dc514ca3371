"""The outbox over the real stores: what it is owed survives the process, and the order of a subject does."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from monitor.hooks.outbox import Outbox
from monitor.store.memory import MemoryStore
from monitor.store.port import Batch, Store
from monitor.store.sqlite import open_store
from tests.hooks.kit import Scripted, ToldClock, event, hook, kinds, refuse, until


@contextlib.asynccontextmanager
async def serving(store: Store, clock: ToldClock, **senders: Scripted) -> AsyncIterator[Outbox]:
    outbox = Outbox(store, {name: hook(name) for name in senders}, clock, kinds(**senders), lambda: 0.999)
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


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
async def test_events_are_told_to_every_hook_once_and_in_order(kind: str, tmp_path: Path, clock: ToldClock) -> None:
    hooks = ["a", "b"]
    store: Store = MemoryStore(hooks) if kind == "memory" else open_store(tmp_path / "upheld.db", hooks=hooks)
    events = [event(n, subject) for n in (1, 2, 3) for subject in ("x", "y")]
    a, b = Scripted(), Scripted()
    with contextlib.closing(store):
        async with serving(store, clock, a=a, b=b) as outbox:
            await asyncio.to_thread(store.append, Batch(events=events))
            await asyncio.to_thread(store.append, Batch(events=events))
            outbox.wake()
            await until(lambda: len(a.taken) == len(b.taken) == 6)
            await until(lambda: outbox.tally.queued == {"a": 0, "b": 0})
    for taken in (a, b):
        assert [told.summary for told in taken.events if told.subject == "x"] == [each.summary for each in events[::2]]
        assert [told.summary for told in taken.events if told.subject == "y"] == [each.summary for each in events[::2]]
        assert len(set(taken.taken)) == 6


async def test_what_is_owed_survives_the_process_with_its_tries_and_its_id(tmp_path: Path, clock: ToldClock) -> None:
    """Refused once, the store closed and opened again as after a restart: due at its time, same id, never more."""
    path = tmp_path / "upheld.db"
    before, after, afterwards = Scripted(refuse()), Scripted(), Scripted()
    with contextlib.closing(open_store(path, hooks=["ops"])) as store:
        store.append(Batch(events=[event()]))
        async with serving(store, clock, ops=before):
            await until(lambda: store.due("ops", clock.wall(), 9) == [])
    with contextlib.closing(open_store(path, hooks=["ops"])) as store:
        async with serving(store, clock, ops=after) as outbox:
            await until(lambda: outbox.tally.queued == {"ops": 1})
            assert not after.tried
            clock.advance(1)
            [owed] = store.due("ops", clock.wall(), 9)
            assert owed.attempts == 1
            outbox.wake()
            await until(lambda: store.queued("ops") == 0)
    assert before.tried == after.taken == [owed.id]
    with contextlib.closing(open_store(path, hooks=["ops"])) as store:
        store.append(Batch(events=[event()]))
        async with serving(store, clock, ops=afterwards) as outbox:
            await until(lambda: outbox.tally.queued == {"ops": 0})
    assert not afterwards.tried
