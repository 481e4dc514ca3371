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
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

import aiomqtt
from paho.mqtt.reasoncodes import ReasonCode
from pydantic import SecretStr

from config.model import SECOND
from monitor.hooks import backoff, tls
from monitor.hooks.names import lookup

CONNECT = 5 * SECOND
"""The longest wait for a host to answer, and again for the broker to accept."""
CONNECT_PAUSE = 60 * SECOND
"""The longest pause between two attempts to connect."""
GOODBYE = SECOND
"""The longest wait for the acknowledgement of ``offline``."""
NOTE_EVERY = 60 * SECOND

log = logging.getLogger(__name__)


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
    password: SecretStr | None
    tls: tuple[str | None, str | None, str | None, bool] | None
    keepalive: int
    timeout: int


class _Client(aiomqtt.Client):
    """aiomqtt takes every PUBACK for a yes. Under MQTT 5 one can be a no (§3.4.2.1), and must not count."""

    refusal: str | None = None

    def _on_publish(self, client: Any, userdata: Any, mid: int, reason_code: ReasonCode, properties: Any) -> None:
        if reason_code.is_failure:
            self.refusal = str(reason_code)
            return  # the publish that waits for this runs into its timeout
        super()._on_publish(client, userdata, mid, reason_code, properties)

    def abandon(self) -> None:
        """Drop the connection at once. aiomqtt leaves the socket behind where the broker refused or never answered."""
        self._client.disconnect()


class Link:
    """``up`` is set while connected. ``serve`` runs over each connection beside the publishing of events, ``hear``
    gets what comes in."""

    def __init__(
        self,
        name: str,
        terms: LinkTerms,
        serve: Callable[[aiomqtt.Client], Awaitable[None]],
        hear: Callable[[aiomqtt.Message], None],
    ) -> None:
        self.up = asyncio.Event()
        self._name = name
        self._terms = terms
        self._serve = serve
        self._hear = hear
        self._client: _Client | None = None
        self._noted_at: float | None = None

    async def run(self) -> None:
        """Stay connected until cancelled, then say goodbye."""
        failures = 0
        while True:
            try:
                await self._connection()
            except* (aiomqtt.MqttError, OSError) as errors:
                failures = 1 if self._client is not None else failures + 1
                self._note(errors)
            finally:
                self.up.clear()
                self._client = None
            pause = min(CONNECT_PAUSE, backoff.wait(failures, random.random))
            await asyncio.sleep(pause / SECOND)

    async def publish(self, topic: str, body: bytes) -> None:
        """Return once the broker has acknowledged it; else raise Refused, within the timeout of the terms."""
        client = self._client
        if client is None:
            raise Refused("not connected to the broker")
        client.refusal = None
        try:
            await client.publish(topic, body, qos=1, timeout=self._terms.timeout / SECOND)
        except aiomqtt.MqttError as error:
            if client.refusal is None:
                client.abandon()  # a broker that does not acknowledge any more is as good as gone: connect anew
            raise Refused(f"the broker did not take it: {client.refusal or error}") from error

    async def _connection(self) -> None:
        """From the first packet to the loss of the connection, which is raised."""
        terms = self._terms
        await _reach(terms.host, terms.port)
        context = await asyncio.to_thread(tls.context, *terms.tls) if terms.tls is not None else None
        client = _client(terms, context)
        await _enter(client)
        try:
            await client.publish(terms.status, b"online", qos=1, retain=True)
            self._client = client
            self.up.set()
            self._noted_at = None
            log.info("hook_connected: hook %s: connected to %s:%d", self._name, terms.host, terms.port)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._listen(client))
                group.create_task(_forever(self._serve, client))
        finally:
            await _leave(client, terms.status)

    async def _listen(self, client: aiomqtt.Client) -> None:
        """Hand on what comes in; raises MqttError when the connection is lost."""
        async for message in client.messages:
            self._hear(message)

    def _note(self, errors: BaseExceptionGroup[BaseException]) -> None:
        now = asyncio.get_running_loop().time()
        if self._noted_at is None or now - self._noted_at >= NOTE_EVERY / SECOND:
            self._noted_at = now
            first: BaseException = errors
            while isinstance(first, BaseExceptionGroup):
                first = first.exceptions[0]
            where = f"{self._terms.host}:{self._terms.port}"
            text = str(first) or type(first).__name__
            log.warning("hook_broker: hook %s: no connection to %s: %s; trying on", self._name, where, text)


async def _forever(serve: Callable[[aiomqtt.Client], Awaitable[None]], client: aiomqtt.Client) -> None:
    await serve(client)


def _client(terms: LinkTerms, context: ssl.SSLContext | None) -> _Client:
    password = terms.password.get_secret_value() if terms.password is not None else None
    client = _Client(
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


async def _reach(host: str, port: int) -> None:
    """Return if the host accepts connections on that port; else OSError (TimeoutError is one) in bounded time."""
    error: OSError | None = None
    async with asyncio.timeout(CONNECT / SECOND):
        for *_, address in await lookup(host, port):
            try:
                _, writer = await asyncio.open_connection(address[0], port)
            except OSError as failure:
                error = failure
                continue
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
            return
    raise error or OSError("the host's name does not resolve")


async def _enter(client: _Client) -> None:
    """Connect. The thread that connects cannot be stopped, so a cancellation waits for it and cleans up after it."""
    entering = asyncio.ensure_future(client.__aenter__())
    try:
        await asyncio.shield(entering)
    except BaseException:
        await asyncio.wait({entering})
        entering.exception()
        client.abandon()
        raise


async def _leave(client: _Client, status: str) -> None:
    """Say ``offline`` if anybody is there to hear it, and disconnect. A clean goodbye keeps the broker from sending
    the will, so it has to be said here."""
    with contextlib.suppress(aiomqtt.MqttError):
        await client.publish(status, b"offline", qos=1, retain=True, timeout=GOODBYE / SECOND)
    client.abandon()
