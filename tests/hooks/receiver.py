"""A webhook receiver of the test's own, on loopback, that answers by a script."""

import asyncio
import base64
import hashlib
import hmac
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web

from tests.hooks.kit import free_port

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Receiver:
    """Notes every request and answers by the script; after the script it says 200."""

    url: str = ""
    script: list[Answer] = field(default_factory=list)
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.heard.append((headers, await request.read()))
        return await self.script.pop(0)(request) if self.script else web.Response()


async def serve(receiver: Receiver, context: ssl.SSLContext | None = None) -> web.AppRunner:
    app = web.Application()
    app.router.add_post("/in", receiver.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port, ssl_context=context).start()
    receiver.url = f"http{'s' if context else ''}://127.0.0.1:{port}/in"
    return runner


def status(code: int, **headers: str) -> Answer:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(status=code, headers={k.replace("_", "-"): v for k, v in headers.items()})

    return answer


async def hang(request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(30)
    return web.Response()


async def cut(request: web.Request) -> web.StreamResponse:
    """It was taken, but the connection breaks before the sender can know."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


def verify(headers: dict[str, str], payload: bytes, secret: bytes, now: int) -> bool:
    """What the documentation tells receivers to do, with nothing of ours."""
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + payload
    right = base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
    fresh = abs(now - int(headers["webhook-timestamp"])) <= 300
    given = [each.removeprefix("v1,") for each in headers["webhook-signature"].split(" ")]
    return fresh and any(hmac.compare_digest(right, each) for each in given)
