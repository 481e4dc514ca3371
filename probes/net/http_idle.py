"""Connections kept for the next run of the same target, where ``keep alive`` asks for that."""

import asyncio
import socket
from collections.abc import Callable
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

    def take(self, key: Key, note: Callable[[str], None]) -> tuple[Link, str] | None:
        """The connection kept and the address it leads to. One on which something came since is closed, and ``note``
        told of it: whatever that is, it is no answer to what is asked next."""
        kept = self._kept.pop(key, None)
        if kept is None:
            return None
        kept.timer.cancel()
        if _quiet(kept.link):
            return kept.link, kept.address
        kept.link.sock.close()
        note("the kept connection was dead (something came on it meanwhile); connecting anew")
        return None

    def forget(self, target: str) -> None:
        """Close those of one target, whose options may be others now."""
        for key in [key for key in self._kept if key[0] == target]:
            self._drop(key)

    def close(self) -> None:
        """Close them all."""
        for key in list(self._kept):
            self._drop(key)

    def _drop(self, key: Key) -> None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            kept.timer.cancel()
            kept.link.sock.close()


def _quiet(link: Link) -> bool:
    """Whether nothing came, not even an end."""
    try:
        link.sock.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return True
    except OSError:
        pass  # it was reset
    return False
