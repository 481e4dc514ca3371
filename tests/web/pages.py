"""A listener on a free loopback port, and a way to ask it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import ClientSession, web


@asynccontextmanager
async def served(app: web.Application) -> AsyncIterator[ClientSession]:
    """The application on a real socket, and a session whose URLs are relative to it."""
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0]
    try:
        async with ClientSession(f"http://{host}:{port}", auto_decompress=False) as session:
            yield session
    finally:
        await runner.cleanup()
