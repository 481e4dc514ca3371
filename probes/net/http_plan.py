"""What the runs of HTTP probes share: the process's tools, and each target's options read once."""

import asyncio
import socket
from dataclasses import dataclass

from config.model import Target
from probes.kind import Kit
from probes.net import http_url
from probes.net.gate import Gate
from probes.net.hop import FirstHop
from probes.net.http_idle import Idle
from probes.net.http_options import Options
from probes.net.http_request import request
from probes.net.http_url import Url
from probes.net.matcher import Matcher
from probes.net.poller import Poller
from probes.net.tls import Contexts, Trust


@dataclass(frozen=True, slots=True)
class Tools:
    """What all runs of this process share."""

    loop: asyncio.AbstractEventLoop
    poller: Poller
    kit: Kit
    contexts: Contexts
    matcher: Matcher
    idle: Idle
    gate: Gate
    first_hop: FirstHop


@dataclass(frozen=True, slots=True)
class Plan:
    """A target with its options read: where the first request goes and what it says. ``family`` is
    ``socket.AF_INET`` or ``AF_INET6``, in which names are looked up. ``trust`` has its TLS context. ``statuses`` is
    whether nothing but the status decides.
    """

    target: Target
    options: Options
    first: Url
    family: int
    method: str
    request: bytes
    trust: Trust
    statuses: bool


def plan(target: Target, contexts: Contexts) -> Plan:
    """Read a target's options once, for all of its runs."""
    options = target.options
    if not isinstance(options, Options):
        raise TypeError(f"target {target.name} has no options of an http probe")
    first = http_url.parse(options.url)
    family = int(socket.AF_INET if options.ip == 4 else socket.AF_INET6)
    expect = options.expect
    statuses = not expect.headers and expect.body is None and expect.certificate_days is None
    says, trust = request(options, first, options.method, True), contexts.of(options.tls)
    return Plan(target, options, first, family, str(options.method), says, trust, statuses)
