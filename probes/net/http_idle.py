"""Connections kept for the next run of the same target, where ``keep alive`` asks for that."""

import asyncio
from dataclasses import dataclass

from probes.net.http_link import Link

Key = tuple[str, tuple[str, str, int]]
"""A target's name and the origin its connection leads to."""


@dataclass(slots=True)
class _Kept:
    link: Link
    address: str
    timer: asyncio.TimerHandle


class Idle:
    """At most one connection a target and origin, closed when nobody came back for it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._kept: dict[Key, _Kept] = {}

    def put(self, key: Key, link: Link, address: str, keep: int) -> None:
        """Keep a connection to ``address`` for ``keep`` ns."""
        self._drop(key)
        timer = self._loop.call_later(keep / 1_000_000_000, self._drop, key)
        self._kept[key] = _Kept(link, address, timer)

    def take(self, key: Key) -> tuple[Link, str] | None:
        """The connection kept and the address it leads to; its server may have closed it since."""
        kept = self._kept.pop(key, None)
        if kept is None:
            return None
        kept.timer.cancel()
        return kept.link, kept.address

    def close(self) -> None:
        """Close them all."""
        for key in list(self._kept):
            self._drop(key)

    def _drop(self, key: Key) -> None:
        taken = self.take(key)
        if taken is not None:
            taken[0].sock.close()
