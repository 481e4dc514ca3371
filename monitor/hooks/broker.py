"""One connection to an MQTT broker, made again whenever it is lost.

aiomqtt connects in the event loop's shared threads and blocks one there for as long as the host is silent. A broker
that is away must not use those up, so the host is first reached from the event loop alone; only when it
answers is the connection left to aiomqtt.
"""

import asyncio
import contextlib
import logging
import random
import socket
import ssl
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Literal

import aiomqtt

from config.model import SECOND
from config.typed import Secret
from monitor.hooks import backoff, tls
from monitor.hooks.client import Client
from monitor.hooks.names import lookup
from monitor.log import say

CONNECT = 5 * SECOND
"""The longest wait for a host to answer, and again for the broker to accept."""
CONNECT_PAUSE = 60 * SECOND
"""The longest pause between two attempts to connect."""
GOODBYE = SECOND
"""The longest wait for the acknowledgement of ``offline``."""


class Refused(Exception):
    """The broker did not acknowledge. The text holds no secret."""


@dataclass(frozen=True, slots=True)
class LinkTerms:
    """How to connect. ``tls``: authorities' file, certificate, key, and whether not to verify; None: in the clear.
    ``keepalive`` and ``timeout`` in ns."""

    host: str
    port: int
    identifier: str
    status: str
    version: Literal["5", "3.1.1"]
    username: str | None
    password: Secret | None
    tls: tuple[str | None, str | None, str | None, bool] | None
    keepalive: int
    timeout: int


class Link:
    """``up`` is set while connected. ``serve`` runs over each connection beside the publishing of events, ``hear``
    gets what comes in."""

    def __init__(
        self,
        name: str,
        terms: LinkTerms,
        serve: Callable[[Client], Coroutine[None, None, None]],
        hear: Callable[[aiomqtt.Message], None],
    ) -> None:
        self.up = asyncio.Event()
        self.ended = False
        self._name = name
        self._terms = terms
        self._serve = serve
        self._hear = hear
        self._client: Client | None = None
        self._failures = 0

    async def run(self) -> None:
        """Stay connected until ``ended`` and cancelled, then say goodbye."""
        while not self.ended:  # a task group that ends by an error and by a cancellation at once hides the latter
            try:
                await self._connection()
            except* (aiomqtt.MqttError, OSError) as errors:
                self._failures += 1
                self._note(errors)
            pause = min(CONNECT_PAUSE, backoff.wait(self._failures, random.random))
            await asyncio.sleep(pause / SECOND)

    async def publish(self, topic: str, body: bytes) -> None:
        """Return once the broker has acknowledged it; else raise Refused, within the timeout of the terms."""
        client = self._client
        if client is None:
            raise Refused("not connected to the broker")
        client.refusal = None
        sending = asyncio.ensure_future(client.send(topic, body, self._terms.timeout))
        losing = asyncio.ensure_future(client.gone.wait())
        try:
            await asyncio.wait({sending, losing}, return_when=asyncio.FIRST_COMPLETED)
            if not sending.done():
                raise Refused("the connection was lost before the broker acknowledged")
            await sending
        except (aiomqtt.MqttError, TimeoutError) as error:
            if client.refusal is None:
                client.abandon()  # a broker that does not acknowledge any more is as good as gone: connect anew
            text = client.refusal or str(error) or "no acknowledgement in time"
            raise Refused(f"the broker did not take it: {text}") from error
        finally:
            losing.cancel()
            sending.cancel()

    async def _connection(self) -> None:
        """From the first packet to the loss of the connection, which is raised."""
        terms = self._terms
        context = await asyncio.to_thread(tls.context, *terms.tls) if terms.tls is not None else None
        await _reach(terms.host, terms.port, context)
        client = _client(terms, context)
        await _enter(client)
        try:
            await client.send(terms.status, b"online", terms.timeout, retain=True)
            self._client, self._failures = client, 0
            self.up.set()
            say(logging.INFO, "hook_connected", f"hook {self._name}", f"connected to {terms.host}:{terms.port}")
            async with asyncio.TaskGroup() as group:
                group.create_task(self._listen(client))
                group.create_task(self._serve(client))
        finally:
            self._client = None
            self.up.clear()
            client.gone.set()
            await _leave(client, terms.status)

    async def _listen(self, client: Client) -> None:
        """Hand on what comes in; raises MqttError when the connection is lost."""
        async for message in client.messages:
            self._hear(message)

    def _note(self, errors: BaseExceptionGroup[BaseException]) -> None:
        first: BaseException = errors
        while isinstance(first, BaseExceptionGroup):
            first = first.exceptions[0]
        where = f"{self._terms.host}:{self._terms.port}"
        text = f"no connection to {where}: {str(first) or type(first).__name__}; events wait, trying on"
        say(logging.WARNING, "hook_broker", f"hook {self._name}", text)


def _client(terms: LinkTerms, context: ssl.SSLContext | None) -> Client:
    password = terms.password.text if terms.password is not None else None
    client = Client(
        terms.host,
        terms.port,
        username=terms.username,
        password=password,
        identifier=terms.identifier,
        protocol=aiomqtt.ProtocolVersion.V5 if terms.version == "5" else aiomqtt.ProtocolVersion.V311,
        will=aiomqtt.Will(terms.status, b"offline", qos=1, retain=True),
        timeout=CONNECT / SECOND,
        keepalive=terms.keepalive // SECOND,
        tls_context=context,
        # small messages that wait for an acknowledgement each: coalescing would hold back every one of them
        socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
    )
    client.pending_calls_threshold = 100
    return client


async def _reach(host: str, port: int, context: ssl.SSLContext | None) -> None:
    """Return if the host accepts connections on that port, and with TLS if there is a context; else OSError
    (TimeoutError and SSLError are) in bounded time."""
    name = host if context is not None else None
    error: OSError | None = None
    async with asyncio.timeout(CONNECT / SECOND):
        for *_, address in await lookup(host, port):
            try:
                _, writer = await asyncio.open_connection(address[0], port, ssl=context, server_hostname=name)
            except OSError as failure:
                error = failure
                continue
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
            return
    raise error or OSError("the host's name does not resolve")


async def _enter(client: Client) -> None:
    """Connect; whatever goes wrong, or a cancellation, leaves nothing behind."""
    entering = asyncio.ensure_future(client.__aenter__())
    try:
        await asyncio.shield(entering)
    except BaseException:
        await client.dialled.wait()
        client.abandon()
        entering.cancel()
        await asyncio.wait({entering})
        raise


async def _leave(client: Client, status: str) -> None:
    """Say ``offline`` if anybody is there to hear it, and disconnect. A clean goodbye keeps the broker from sending
    the will, so it has to be said here."""
    with contextlib.suppress(aiomqtt.MqttError, TimeoutError):
        await client.send(status, b"offline", GOODBYE, retain=True)
    client.abandon()
