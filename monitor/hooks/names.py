"""Host names for hooks, looked up by the machine's own resolver without the event loop's shared threads.

``getaddrinfo`` cannot be told to give up. In the shared thread pool a few hooks with a dead name server would take
every thread, and whatever else needs one would wait for them; a daemon thread for each look-up holds nobody up.
"""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult

_Answer = Sequence[tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[Any, ...]]]


async def lookup(host: str, port: int, family: int = socket.AF_UNSPEC) -> _Answer:
    """The stream addresses of a host, as ``socket.getaddrinfo`` gives them. OSError where there are none.

    Not bounded in time: the caller cancels it.
    """
    loop = asyncio.get_running_loop()
    found: asyncio.Future[_Answer] = loop.create_future()

    def ask() -> None:
        tell: Callable[[], None]
        try:
            tell = partial(_answer, found, socket.getaddrinfo(host, port, family, socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            tell = partial(_fail, found, error if isinstance(error, OSError) else OSError("not a host name"))
        with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile: nobody waits any more
            loop.call_soon_threadsafe(tell)

    threading.Thread(target=ask, daemon=True, name="hook-lookup").start()
    return await found


def _answer(found: "asyncio.Future[_Answer]", addresses: _Answer) -> None:
    if not found.done():
        found.set_result(addresses)


def _fail(found: "asyncio.Future[_Answer]", error: OSError) -> None:
    if not found.done():
        found.set_exception(error)


class Names(AbstractResolver):
    """``lookup`` in the form aiohttp asks for."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=address[0],
                port=port,
                family=found,
                proto=protocol,
                flags=socket.AI_NUMERICHOST,
            )
            for found, _, protocol, _, address in await lookup(host, port, family)
        ]

    async def close(self) -> None:
        """Holds nothing."""
