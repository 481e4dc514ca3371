"""A listener on a free loopback port, and a way to ask it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import ClientSession

from monitor.web.exchange import Routes
from monitor.web.server import Server


@asynccontextmanager
async def served(routes: Routes) -> AsyncIterator[ClientSession]:
    """The pages on a real socket, and a session whose URLs are relative to it."""
    server = Server(routes)
    await server.start("127.0.0.1", 0)
    assert server.address is not None
    host, port = server.address
    try:
        async with ClientSession(f"http://{host}:{port}", auto_decompress=False) as session:
            yield session
    finally:
        await server.close()
