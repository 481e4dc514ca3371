"""A small server of HTTP for pages of our own: connections that stay open, bodies in and out, limits.

The library that posts to webhooks has a server as well, but takes ten megabytes, and a daemon without hooks does
without it. Requests of a connection are answered one after the other, and no more is read of it than what the one under
way asks for. Whoever keeps still for ``PATIENCE`` is put out.
"""

import asyncio

from monitor.web.connection import PIECE, Connection
from monitor.web.exchange import Gone, Routes

PATIENCE = 30.0
"""How long (s) a client may keep still: before a request is there, within one, with an answer it does not read."""
MOST = 512
"""Connections at a time; another one is closed at once."""


class Server:
    """Pages on one address."""

    def __init__(self, routes: Routes, patience: float = PATIENCE, most: int = MOST) -> None:
        self._routes, self._patience, self._most = routes, patience, most
        self._connections: dict[asyncio.Task[None], Connection] = {}
        self._listening: asyncio.Server | None = None
        self._closing = False
        self.address: tuple[str, int] | None = None
        """Where it listens, once it does: the port really taken."""

    async def start(self, host: str, port: int) -> None:
        """Listen. Raises OSError."""
        self._listening = await asyncio.start_server(self._connected, host, port, limit=PIECE)
        self.address = self._listening.sockets[0].getsockname()[:2]

    async def close(self, within: float = 0.0) -> None:
        """Take no more; answer what was asked, for so many seconds."""
        self._closing = True
        if self._listening is not None:
            self._listening.close()
        busy = [task for task, connection in self._connections.items() if connection.busy]
        if busy and within:
            await asyncio.wait(busy, timeout=within)
        left = list(self._connections)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connection = Connection(reader, writer, self._routes, self._patience)
        try:
            if self._closing or len(self._connections) >= self._most:
                return
            self._connections[task] = connection
            while await connection.answer() and not self._closing:
                pass
        except (OSError, TimeoutError, Gone):  # left, or kept still
            pass
        finally:
            self._connections.pop(task, None)
            writer.transport.abort()  # all that was answered is with the kernel
