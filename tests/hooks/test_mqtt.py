"""The mqtt kind against a real Mosquitto."""

import asyncio
import contextlib
import json
import logging
import socket
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from monitor.hooks.client import Client
from monitor.hooks.hook import DeliveryError
from monitor.hooks.kinds import mqtt
from monitor.hooks.outbox import Outbox
from tests.hooks.kit import Queue, Scripted, ToldClock, delivery, event, free_port, hook, kinds, pause, until
from tests.hooks.mosquitto import Mosquitto, listening, opened, watching
from tests.hooks.test_topics import account

pytestmark = pytest.mark.needs("mosquitto")
EVENTS = "upheld/events/acme/hq/outage.opened"
STATES = ("upheld/state/acme", "upheld/state/acme/hq", "upheld/state/acme/hq/availability")


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Mosquitto]:
    broker = Mosquitto(tmp_path)
    await broker.start()
    yield broker
    await broker.kill()


@contextlib.asynccontextmanager
async def outbox_on(port: int, queue: Queue, clock: ToldClock, **others: Scripted) -> AsyncIterator[Outbox]:
    options = mqtt.Options(host="127.0.0.1", port=port, client_id="here", timeout=2 * 10**9)
    hooks = {"bus": hook("bus", "mqtt", options=options)} | {name: hook(name) for name in others}
    outbox = Outbox(queue, hooks, clock, {"mqtt": mqtt} | kinds(**others), lambda: 0.01)
    task = asyncio.create_task(outbox.run())
    try:
        yield outbox
    finally:
        task.cancel()
        await asyncio.wait({task})
        if not task.cancelled():
            await task


async def passing(clock: ToldClock, outbox: Outbox, true: Callable[[], bool]) -> None:
    """Let time pass, twenty seconds of it to one of ours, until something has come about."""

    def later() -> bool:
        clock.advance(0.1)
        outbox.wake()
        return true()

    await until(later)


@pytest.fixture
def clock() -> ToldClock:
    clock = ToldClock()
    clock.advance(3600)
    return clock


@pytest.mark.parametrize("version", ["5", "3.1.1"])
async def test_an_event_is_published_and_the_daemon_shows_itself(broker: Mosquitto, version: str) -> None:
    async with watching(broker.port) as watcher:
        async with opened(broker.port, version=version) as sender:
            await sender.ready()
            await sender.deliver(delivery())
            await until(lambda: watcher.last(EVENTS) is not None)
            assert watcher.of("upheld/status") == [b"online"]
        await until(lambda: watcher.of("upheld/status") == [b"online", b"offline"])
    told = json.loads(watcher.of(EVENTS)[0])
    assert (told["type"], told["summary"]) == ("upheld.outage.opened", "hq is down (1)")
    async with watching(broker.port) as afterwards:
        await until(lambda: bool(afterwards.got))
        await pause()
        assert afterwards.got == [("upheld/status", b"offline", True)]


async def test_a_daemon_that_is_killed_is_told_offline_by_the_broker(broker: Mosquitto) -> None:
    script = (
        "import asyncio\n"
        "from monitor.hooks.kinds import mqtt\n"
        "from tests.hooks.kit import ToldClock, hook\n"
        "async def main():\n"
        f"    options = mqtt.Options(host='127.0.0.1', port={broker.port})\n"
        "    sender = mqtt.open(hook(options=options), ToldClock())\n"
        "    await sender.ready()\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    async with watching(broker.port) as watcher:
        daemon = await asyncio.create_subprocess_exec(sys.executable, "-c", script)
        try:
            await until(lambda: watcher.of("upheld/status") == [b"online"], within=15)
        finally:
            daemon.kill()
            await daemon.wait()
        await until(lambda: watcher.last("upheld/status") == b"offline")
        assert watcher.of("upheld/status") == [b"online", b"offline"]


async def test_state_is_retained_and_published_again_only_when_it_matters_or_is_old(broker: Mosquitto) -> None:
    clock = ToldClock()
    async with watching(broker.port) as watcher, opened(broker.port, clock, refresh="60s") as sender:
        sender.state({"acme": account()})
        await until(lambda: all(len(watcher.of(topic)) == 1 for topic in STATES))
        sender.state({"acme": account(up_ns="6", as_of="8")})
        await asyncio.sleep(1.2)
        assert [len(watcher.of(topic)) for topic in STATES] == [1, 1, 1]
        sender.state({"acme": account(up_ns="7", as_of="9", verdict="breached")})
        await until(lambda: [len(watcher.of(topic)) for topic in STATES] == [2, 1, 2])
        clock.advance(60)
        sender.state({"acme": account(up_ns="8", as_of="9", verdict="breached")})
        await until(lambda: len(watcher.of(STATES[1])) == 2)
        assert json.loads(watcher.of(STATES[1])[1])["up_ns"] == "8"
    async with watching(broker.port) as newcomer:
        await until(lambda: len(newcomer.got) == 4)
        assert {topic for topic, _, kept in newcomer.got if kept} == {*STATES, "upheld/status"}


async def test_topics_of_what_is_configured_no_longer_are_taken_down(broker: Mosquitto) -> None:
    async with watching(broker.port) as watcher, opened(broker.port) as sender:
        sender.state({"acme": account(), "old": account()})
        await until(lambda: watcher.last("upheld/state/old/hq/availability") is not None)
        sender.state({"acme": account()})
        old = ["upheld/state/old", "upheld/state/old/hq", "upheld/state/old/hq/availability"]
        await until(lambda: [watcher.last(topic) for topic in old] == [b"", b"", b""])
        assert [watcher.last(topic) != b"" for topic in STATES] == [True, True, True]


async def test_what_an_earlier_run_left_is_taken_down_and_what_others_publish_is_not(broker: Mosquitto) -> None:
    async with watching(broker.port) as watcher:
        async with opened(broker.port) as sender, opened(broker.port, client_id="other") as other:
            sender.state({"old": account()})
            other.state({"theirs": account()})
            await until(lambda: bool(watcher.last("upheld/state/old/hq/availability")))
            await until(lambda: bool(watcher.last("upheld/state/theirs/hq/availability")))
        async with opened(broker.port) as sender:
            sender.state({"acme": account()})
            await until(lambda: watcher.last("upheld/state/old/hq/availability") == b"")
            await until(lambda: bool(watcher.last("upheld/state/acme/hq/availability")))
        assert watcher.of("upheld/state/theirs")[-1]


async def test_a_broker_killed_and_started_again_gets_everything_that_is_owed_and_shown(
    broker: Mosquitto, clock: ToldClock
) -> None:
    """It has no persistence: its retained topics are gone with it, and are all published again."""
    queue, well = Queue(event(1)), Scripted()
    async with outbox_on(broker.port, queue, clock, well=well) as outbox:
        outbox.state({"acme": account()})
        await until(lambda: ("bus", event(1).key) in queue.done)
        await broker.kill()
        queue.events += [event(2), event(3)]
        clock.advance(1)
        outbox.wake()
        await until(lambda: len(well.taken) == 3)
        assert ("bus", event(2).key) not in queue.done
        await broker.start()
        async with watching(broker.port) as watcher:
            await passing(clock, outbox, lambda: queue.queued("bus") == 0 and bool(watcher.last(STATES[2])))
            assert [json.loads(payload)["summary"][-2] for payload in watcher.of(EVENTS)] == ["2", "3"]
            assert [len(watcher.of(topic)) for topic in STATES] == [1, 1, 1]


async def test_a_broker_that_dies_under_load_leaves_nothing_to_the_event_loop(broker: Mosquitto) -> None:
    """Three times killed while twenty tasks publish: the loop never meets a socket that is gone."""
    troubles: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, trouble: troubles.append(trouble))

    async def publish(sender: mqtt.Mqtt) -> None:
        while True:
            with contextlib.suppress(DeliveryError):
                await sender.deliver(delivery())
            await asyncio.sleep(0.001)

    async with opened(broker.port, timeout="1s") as sender:
        for _ in range(3):
            await sender.ready()
            tasks = [asyncio.create_task(publish(sender)) for _ in range(20)]
            await asyncio.sleep(0.03)
            await broker.kill()
            await asyncio.sleep(0.03)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await broker.start()
    assert troubles == []


async def test_a_socket_closed_before_the_event_loop_came_to_it_is_not_watched() -> None:
    """Its number is already that of another connection's socket, which must stay untouched."""
    troubles: list[dict[str, object]] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, trouble: troubles.append(trouble))
    client = Client("127.0.0.1", 1)
    stale, other = socket.socketpair()
    number = stale.fileno()
    client._on_socket_register_write(None, None, stale)
    stale.close()
    reused = other.dup()
    assert reused.fileno() == number
    _, writer = await asyncio.open_connection(sock=reused)
    await pause()
    assert troubles == []
    writer.close()
    await writer.wait_closed()
    other.close()


async def test_an_event_whose_acknowledgement_is_lost_comes_again_with_the_same_id(
    broker: Mosquitto, clock: ToldClock
) -> None:
    """Between daemon and broker the connection breaks after the event passed and before its PUBACK did."""
    cuts = 1

    async def out(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, cut: asyncio.Event) -> None:
        nonlocal cuts
        while data := await reader.read(65536):
            if b"/events/" in data and cuts:
                cuts -= 1
                cut.set()
            writer.write(data)
            if cut.is_set():
                await asyncio.sleep(0.1)
                return

    async def back(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, cut: asyncio.Event) -> None:
        while data := await reader.read(65536):
            if not cut.is_set():
                writer.write(data)

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", broker.port)
        cut = asyncio.Event()
        ways = [
            asyncio.ensure_future(out(reader, far_writer, cut)),
            asyncio.ensure_future(back(far_reader, writer, cut)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            writer.close()
            far_writer.close()
            with contextlib.suppress(OSError):
                await far_writer.wait_closed()

    queue = Queue(event(1))
    async with listening(relay) as port, watching(broker.port) as watcher:
        async with outbox_on(port, queue, clock) as outbox:
            await passing(clock, outbox, lambda: len(queue.done) == 1)
        first, second = watcher.of(EVENTS)
        assert first == second
        assert queue.later["bus", event(1).key][0] >= 1


async def test_a_broker_that_is_away_harms_nothing_else(clock: ToldClock, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    queue, well = Queue(*(event(1, str(n)) for n in range(20))), Scripted()
    async with outbox_on(free_port(), queue, clock, well=well) as outbox:
        await until(lambda: len(well.taken) == 20, within=2)
        await until(lambda: "no connection to 127.0.0.1" in caplog.text)
        assert outbox.tally.deliveries["bus", "failed"] == 0
    assert queue.queued("bus") == 20


async def test_a_broker_that_accepts_and_says_nothing_holds_up_no_goodbye(clock: ToldClock) -> None:
    """The connection is open, no CONNACK ever comes: closing waits for nobody and leaves no socket behind."""
    connections = 0

    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await reader.read()
        writer.close()

    queue = Queue(event())
    async with listening(mute) as port:
        async with outbox_on(port, queue, clock):
            await until(lambda: connections == 2)  # one to see whether anybody is there, one in earnest
            began = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - began < 1
    assert not queue.done
