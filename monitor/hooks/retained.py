"""The retained state topics of one hook: shown when they change, all again after every connection, and taken
down when what they speak of is configured no longer.

A broker may have lost its retained topics while it was away, so nothing is taken for shown beyond one connection.
What an earlier run of this daemon left behind is found by reading the topics back; only those that name this
client as their ``publisher`` are touched, so that two daemons under one prefix do not take down each other's.
"""

import asyncio
from collections.abc import Mapping

from aiomqtt import Message

from config.model import SECOND
from monitor.hooks import topics
from monitor.hooks.client import Client
from monitor.hooks.topics import Shown
from probes.clock import Clock

PACE = SECOND
"""Accounts move with every sample; they are looked at this often."""
QUIET = SECOND // 2
"""Retained topics come in one go after subscribing; after this silence there are no more."""


class Board:
    """What this hook shows. ``timeout`` and ``refresh`` in ns."""

    def __init__(self, prefix: str, publisher: str, timeout: int, refresh: int, clock: Clock) -> None:
        self._prefix = prefix
        self._publisher = publisher
        self._timeout = timeout
        self._refresh = refresh
        self._clock = clock
        self._accounts: dict[str, str] | None = None
        self._fresh = asyncio.Event()
        self._heard = asyncio.Event()
        self._found: set[str] = set()

    def show(self, accounts: Mapping[str, str]) -> None:
        """These accounts are to be shown, and no others."""
        self._accounts = dict(accounts)
        self._fresh.set()

    async def serve(self, client: Client) -> None:
        """Keep the topics right over one connection, until it is lost (MqttError)."""
        left = await self._left_behind(client)
        shown: dict[str, tuple[Shown | None, int]] = dict.fromkeys(left, (None, 0))
        self._fresh.set()
        while True:
            await self._fresh.wait()
            self._fresh.clear()
            if self._accounts is not None:
                wanted = await asyncio.to_thread(topics.retained, self._prefix, self._publisher, self._accounts)
                await self._bring(client, shown, wanted)
            await asyncio.sleep(PACE / SECOND)

    async def _bring(
        self, client: Client, shown: dict[str, tuple[Shown | None, int]], wanted: dict[str, Shown]
    ) -> None:
        """Publish what differs, clear what is wanted no longer; ``shown`` keeps what stands there since when."""
        now = self._clock.monotonic()
        for topic, want in wanted.items():
            old, since = shown.get(topic, (None, 0))
            stale = old is not None and old.body != want.body and now - since >= self._refresh
            if old is None or old.matter != want.matter or stale:
                await client.send(topic, want.body, self._timeout, retain=True)
                shown[topic] = want, now
        for topic in sorted(shown.keys() - wanted.keys()):
            await client.send(topic, b"", self._timeout, retain=True)
            del shown[topic]

    def hear(self, message: Message) -> None:
        """What the broker sends: while reading back, the retained topics of an earlier connection."""
        payload = message.payload if isinstance(message.payload, bytes) else b""
        if message.retain and topics.owner(payload) == self._publisher:
            self._found.add(message.topic.value)
        self._heard.set()

    async def _left_behind(self, client: Client) -> set[str]:
        """The state topics an earlier connection of ours published that the broker still holds."""
        every = topics.state(self._prefix) + "/#"
        self._found.clear()
        await client.listen(every, self._timeout)
        try:
            while True:
                self._heard.clear()
                async with asyncio.timeout(QUIET / SECOND):
                    await self._heard.wait()
        except TimeoutError:
            await client.ignore(every, self._timeout)
            return set(self._found)
