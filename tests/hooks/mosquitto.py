"""A real Mosquitto of the test's own: on a free port, in a folder of its own, killed and started at will."""

import asyncio
import asyncio.subprocess
import contextlib
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import aiomqtt

from config.options import checked
from monitor.hooks.kinds import mqtt
from tests.hooks.kit import ToldClock, free_port, hook


@dataclass
class Mosquitto:
    """``terms`` are lines of its configuration."""

    folder: Path
    terms: tuple[str, ...] = ("allow_anonymous true",)
    port: int = field(default_factory=free_port)
    process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it and wait until it accepts connections."""
        config = self.folder / "mosquitto.conf"
        config.write_text("\n".join((f"listener {self.port} 127.0.0.1", "user root", *self.terms)) + "\n")
        program = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/sbin")
        assert program is not None
        log = self.folder / "log"
        with log.open("ab") as out:
            self.process = await asyncio.create_subprocess_exec(program, "-c", str(config), stdout=out, stderr=out)
        async with asyncio.timeout(10):
            while True:
                with contextlib.suppress(OSError):
                    _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                    writer.close()
                    await writer.wait_closed()
                    return
                assert self.process.returncode is None, log.read_text()
                await asyncio.sleep(0.02)

    async def kill(self) -> None:
        """``kill -9``."""
        if self.process is not None:
            self.process.kill()
            await self.process.wait()
            self.process = None


@dataclass
class Watcher:
    """Everything a subscriber to ``#`` gets, in order, as (topic, payload, retained)."""

    got: list[tuple[str, bytes, bool]] = field(default_factory=list)

    def of(self, topic: str) -> list[bytes]:
        return [payload for name, payload, _ in self.got if name == topic]

    def last(self, topic: str) -> bytes | None:
        return next(iter(self.of(topic)[::-1]), None)


@contextlib.asynccontextmanager
async def watching(port: int, **terms: str) -> AsyncIterator[Watcher]:
    """A subscriber of its own; what it gets first is what the broker holds retained."""
    watcher = Watcher()
    async with aiomqtt.Client("127.0.0.1", port, protocol=aiomqtt.ProtocolVersion.V5, **terms) as client:
        await client.subscribe("#", qos=1)

        async def read() -> None:
            async for message in client.messages:
                assert isinstance(message.payload, bytes)
                watcher.got.append((message.topic.value, message.payload, message.retain))

        task = asyncio.create_task(read())
        try:
            yield watcher
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, aiomqtt.MqttError):
                await task


@contextlib.asynccontextmanager
async def listening(
    handler: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[int]:
    """A TCP server for a test, by its port; at the end every connection's handler is ended, and every one closed."""
    tasks: set[asyncio.Task[None]] = set()
    writers: set[asyncio.StreamWriter] = set()

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.add(writer)
        tasks.add(asyncio.ensure_future(handler(reader, writer)))

    async with await asyncio.start_server(begin, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for writer in writers:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


@contextlib.asynccontextmanager
async def opened(port: int, clock: ToldClock | None = None, **options: object) -> AsyncIterator[mqtt.Mqtt]:
    """A sender at work on the broker at that port."""
    terms = {"host": "127.0.0.1", "port": port, "client_id": "here", **options}
    sender = mqtt.open(hook(options=checked(mqtt.Options, terms)), clock or ToldClock())
    assert isinstance(sender, mqtt.Mqtt)
    try:
        yield sender
    finally:
        await sender.close()
