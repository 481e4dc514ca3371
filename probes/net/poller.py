"""One descriptor on the event loop for all sockets of a prober.

A probe's socket lives for milliseconds and changes direction once; on asyncio's own selector that is four system
calls and as many objects. Here each socket is entered once, edge-triggered for both directions (epoll(7)), and
leaves by being closed. Edge-triggered: ``ready`` is called when something changed, so it must go on until the
socket would block.
"""

import asyncio
import select
from collections.abc import Callable

BATCH = 256
_EDGES = select.EPOLLIN | select.EPOLLOUT | select.EPOLLET


class Poller:
    """Sockets and what to call when they are ready."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._epoll = select.epoll()
        self._ready: dict[int, Callable[[int], None]] = {}
        self._fresh: set[int] = set()
        loop.add_reader(self._epoll.fileno(), self._dispatch)

    def enter(self, fd: int, ready: Callable[[int], None]) -> None:
        """Call ``ready`` with the events whenever the descriptor becomes readable, writable or broken."""
        self._epoll.register(fd, _EDGES)
        self._ready[fd] = ready
        self._fresh.add(fd)

    def leave(self, fd: int, closing: bool) -> None:
        """Call nobody any more; where it is ``closing``, the kernel forgets it by itself."""
        if self._ready.pop(fd, None) is not None and not closing:
            self._epoll.unregister(fd)

    def close(self) -> None:
        """Let go of all."""
        self._loop.remove_reader(self._epoll.fileno())
        self._ready.clear()
        self._epoll.close()

    def _dispatch(self) -> None:
        """At most one batch, so that the loop gets its turn; what is left is still there at the next."""
        events = self._epoll.poll(0, BATCH)
        self._fresh.clear()
        for fd, which in events:
            # A number closed and used anew within this batch has had no event yet: this one was its forerunner's.
            if fd not in self._fresh and (ready := self._ready.get(fd)) is not None:
                ready(which)
