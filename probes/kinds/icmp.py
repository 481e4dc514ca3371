"""``icmp``: echo requests to a host, in bursts (RFC 792, RFC 4443).

    probe: {kind: icmp, host: 192.0.2.7, packets: 5, spacing: 100ms, up when: "loss <= 20%"}

Each packet waits one ``timeout`` of its target for its reply. One reply that counts makes the target Up, or
when ``up when`` says so; Down on silence that is proven, or on an ICMP error about our packet; else Unknown.
A host that is a literal address has its own family; a name is looked up as IPv4 unless ``family: 6`` says
otherwise. There is no silent fall-back from one to the other: the two are different paths.
"""

import asyncio
import ipaddress
import logging
import re
import socket
from collections.abc import Callable
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema, model_validator

from config.model import Target
from config.units import Duration, Line, between, format_duration, share
from probes.kind import Kit, ResolveError, Seen
from probes.net.icmp.engine import Engine
from probes.net.icmp.match import Counts
from probes.net.icmp.routes import Route
from probes.net.icmp.run import Plan, Run
from probes.net.icmp.verdict import Limit
from probes.net.icmp.wire import SMALLEST
from probes.sample import Outcome

NAME = "icmp"
MILLISECOND = 1_000_000
_LOSS = re.compile(r"loss (<=|<) (.+)")

log = logging.getLogger("upheld.probes.icmp")


def limit(value: object) -> Limit:
    """``loss <= 20%`` or ``loss < 20%``."""
    if isinstance(value, Limit):
        return value
    found = _LOSS.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise ValueError(f"{value!r} is no such condition; write it as 'loss <= 20%'")
    return Limit(share(found[2]), found[1] == "<")


UpWhen = Annotated[
    Limit,
    BeforeValidator(limit),
    PlainSerializer(str),
    WithJsonSchema({"type": "string", "pattern": "^loss (<=|<) .+%$", "examples": ["loss <= 20%"]}),
]


class Options(BaseModel):
    """What an ICMP probe is told. ``size``: bytes of payload; ``dscp`` 0–63; ``ttl``: hops; ``source``: an address
    of this machine; ``spacing``: time between packets of a burst."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, arbitrary_types_allowed=True)

    host: Line
    packets: int = Field(5, ge=1, le=100)
    spacing: Annotated[Duration, between(20 * MILLISECOND, 10_000 * MILLISECOND, format_duration)] = 100 * MILLISECOND
    size: int = Field(56, ge=SMALLEST, le=8952)
    dscp: int | None = Field(None, ge=0, le=63)
    ttl: int | None = Field(None, ge=1, le=255)
    source: Line | None = None
    family: Literal[4, 6] | None = None
    up_when: UpWhen | None = Field(None, alias="up when")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        """The families of host, source and ``family`` agree."""
        literal = _version(self.host)
        if literal and self.family and literal != self.family:
            raise ValueError(f"host {self.host!r} is an IPv{literal} address but family is {self.family}")
        if self.source is not None:
            version = _version(self.source)
            if version is None:
                raise ValueError(f"source {self.source!r} is no IP address; write one of this machine's")
            if version != self.version:
                raise ValueError(f"source {self.source!r} is IPv{version} but the probe goes over IPv{self.version}")
        return self

    @property
    def literal(self) -> bool:
        """Whether the host is an address and not a name."""
        return _version(self.host) is not None

    @property
    def version(self) -> int:
        """4 or 6: that of a literal host, what ``family`` says of a name, or 4."""
        return _version(self.host) or self.family or 4


def _version(text: str) -> int | None:
    try:
        return ipaddress.ip_address(text).version
    except ValueError:
        return None


class Icmp:
    """The one prober of this kind: its engine, and the names being looked up."""

    def __init__(self, kit: Kit, engine: Engine | None = None) -> None:
        self._kit = kit
        self._engine = engine or Engine(kit)
        self._plans: dict[str, tuple[Target, Plan]] = {}
        self._lookups: set[asyncio.Task[None]] = set()

    def start(self, target: Target, done: Callable[[Seen], None], explain: bool = False) -> None:
        """See ``probes.kind.Prober``. A few microseconds for a literal address; names are looked up in a task."""
        known = self._plans.get(target.name)
        if known is not None and known[0] is target:
            self._engine.add(Run(known[1], done, explain))
            return
        options = target.options
        if not isinstance(options, Options):
            raise TypeError(f"target {target.name!r} is not of kind icmp")
        if options.literal:
            plan = _plan(options, options.host, target.timeout)
            self._plans[target.name] = (target, plan)
            self._engine.add(Run(plan, done, explain))
            return
        address = self._kit.resolver.known(options.host, _family(options))
        if address is not None:
            self._engine.add(Run(_plan(options, address, target.timeout), done, explain))
            return
        task = asyncio.get_running_loop().create_task(self._look_up(target, options, done, explain))
        self._lookups.add(task)
        task.add_done_callback(self._lookups.discard)

    async def _look_up(self, target: Target, options: Options, done: Callable[[Seen], None], explain: bool) -> None:
        clock = self._kit.clock
        at, begun = clock.wall(), clock.monotonic()
        family = _family(options)
        try:
            address = await self._kit.resolver.resolve(options.host, family, target.timeout)
        except ResolveError as error:
            owners = error.reason in ("nxdomain", "no_address")
            outcome = Outcome.DOWN if owners else Outcome.UNKNOWN
            steps = (f"resolve {options.host} (IPv{options.version}): {error}",)
            done(Seen(at, outcome, error.reason, clock.monotonic() - begun, steps=steps if explain else ()))
            return
        except asyncio.CancelledError:
            done(Seen(at, Outcome.UNKNOWN, "shutdown", clock.monotonic() - begun))
            raise
        took = clock.monotonic() - begun
        plan = _plan(options, address, target.timeout)
        self._engine.add(Run(plan, done, explain, (("resolve", took),)))

    def counts(self, family: int) -> Counts:
        """What was sent and heard over ``socket.AF_INET`` or ``AF_INET6`` so far."""
        return self._engine.counts(family)

    def close(self) -> None:
        """See ``probes.kind.Prober``."""
        for task in list(self._lookups):
            task.cancel()
        self._engine.close()


def _family(options: Options) -> int:
    return int(socket.AF_INET if options.version == 4 else socket.AF_INET6)


def _plan(options: Options, address: str, timeout: int) -> Plan:
    route = Route(_family(options), address, options.size, options.dscp, options.ttl, options.source)
    return Plan(route, options.packets, options.spacing, timeout, options.up_when)


def open(kit: Kit) -> Icmp:
    """The prober; its sockets are opened when they are first needed."""
    return Icmp(kit)
