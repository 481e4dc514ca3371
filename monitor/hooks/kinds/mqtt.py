"""``kind: mqtt``: events as QoS 1 messages, and how things stand as retained topics, on any MQTT 5 or 3.1.1 broker.

A delivery counts once the broker has acknowledged it (PUBACK), and under MQTT 5 only if that says that it was
accepted; under 3.1.1 a broker that forbids a topic cannot say so. Receivers see an event at least once and
tell repeats by its ``id``. ``PREFIX/status`` is retained: ``online`` from connection on, ``offline`` after a goodbye
or, by the will, after a loss.

The broker is optional to everything else: while it is away, events wait in the outbox and this hook tries to
reach it with a back-off of its own.
"""

import asyncio
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from config.model import SECOND, Hook
from config.typed import STRICT, After, Before, Secret, Within
from config.units import Duration, Line, between, boolean, format_duration
from monitor.hooks import message, topics
from monitor.hooks.hook import DeliveryError, Sender
from probes.clock import Clock

if TYPE_CHECKING:  # the client takes five megabytes, which only a daemon with a broker is to spend
    from monitor.hooks.broker import LinkTerms
    from monitor.store.port import Delivery

NAME = "mqtt"


def _prefix(prefix: str) -> str:
    if any(char in "+#" or not char.isprintable() for char in prefix):
        raise ValueError(f"{prefix!r} cannot lead a topic: no '+', no '#', no control characters")
    if not prefix or prefix.startswith(("/", "$")) or prefix.endswith("/"):
        raise ValueError(f"{prefix!r} cannot lead a topic: it must not begin with '/' or '$' nor end with '/'")
    return prefix


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Which broker, and where on it. ``port``: 8883 with TLS, else 1883. ``timeout`` (ns) bounds the wait for an
    acknowledgement, ``refresh`` (ns) is how often running figures are shown anew where nothing else changed.

    ``client_id`` must be this daemon's alone on the broker: a second client with it throws the first one out.
    """

    __pydantic_config__ = STRICT

    host: Line
    port: Annotated[int, Within(1, 65535)] | None = None
    prefix: Annotated[Line, After(_prefix)] = "upheld"
    version: Annotated[Literal["5", "3.1.1"], Before(str)] = "5"
    client_id: Line | None = None
    username: Line | None = None
    password: Secret | None = None
    tls: Annotated[bool, Before(boolean)] = False
    ca_file: str | None = None
    cert_file: str | None = None
    key_file: str | None = None
    insecure_skip_verify: Annotated[bool, Before(boolean)] = False
    keepalive: Annotated[Duration, between(SECOND, 3600 * SECOND, format_duration)] = 30 * SECOND
    timeout: Annotated[Duration, between(SECOND // 10, 60 * SECOND, format_duration)] = 10 * SECOND
    refresh: Annotated[Duration, between(SECOND, 86400 * SECOND, format_duration)] = 60 * SECOND


def open(hook: Hook, clock: Clock) -> Sender:
    """The sender of one MQTT hook."""
    if not isinstance(hook.options, Options):
        raise TypeError(f"hook {hook.name} is no mqtt hook")
    return Mqtt(hook.name, hook.options, clock)


class Mqtt:
    """Events and state over one connection."""

    def __init__(self, name: str, options: Options, clock: Clock) -> None:
        from monitor.hooks.broker import Link
        from monitor.hooks.retained import Board

        self._options = options
        identifier = options.client_id or f"upheld-{name}-{socket.gethostname()}"
        self._board = Board(options.prefix, identifier, options.timeout, options.refresh, clock)
        self._link = Link(name, _terms(options, identifier), self._board.serve, self._board.hear)
        self._task = asyncio.create_task(self._link.run(), name=f"mqtt {name}")

    async def ready(self) -> None:
        """Once connected. A bug that ended the connection's task is raised here."""
        up = asyncio.create_task(self._link.up.wait())
        try:
            await asyncio.wait({up, self._task}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            up.cancel()
        if self._task.done():
            await self._task

    async def deliver(self, delivery: "Delivery") -> None:
        """Publish once and wait for the acknowledgement."""
        from monitor.hooks.broker import Refused

        topic = topics.event(self._options.prefix, delivery.event)
        try:
            await self._link.publish(topic, message.body(delivery))
        except Refused as error:
            raise DeliveryError(str(error)) from error

    def state(self, accounts: Mapping[str, str]) -> None:
        """Show these from now on."""
        self._board.show(accounts)

    async def close(self) -> None:
        """Say ``offline`` and leave."""
        self._link.ended = True
        self._task.cancel()
        await asyncio.wait({self._task})


def _terms(options: Options, identifier: str) -> "LinkTerms":
    from monitor.hooks.broker import LinkTerms

    return LinkTerms(
        host=options.host,
        port=options.port or (8883 if options.tls else 1883),
        identifier=identifier,
        status=topics.status(options.prefix),
        version=options.version,
        username=options.username,
        password=options.password,
        tls=(options.ca_file, options.cert_file, options.key_file, options.insecure_skip_verify)
        if options.tls
        else None,
        keepalive=options.keepalive,
        timeout=options.timeout,
    )
