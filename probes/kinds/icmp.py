"""``icmp``: echo requests to a host, in bursts (RFC 792, RFC 4443).

    probe: {kind: icmp, host: 192.0.2.7, packets: 5, spacing: 100ms, up when: "loss <= 20%"}

Each packet waits one ``timeout`` of its target for its reply. One reply that counts makes the target Up, or
when ``up when`` says so; Down on silence that is proven, or on an ICMP error about our packet; else Unknown.
A host that is a literal address has its own family; a name is looked up as IPv4 unless ``family: 6`` says
otherwise. There is no silent fall-back from one to the other: the two are different paths.
"""

import ipaddress
import re
from dataclasses import dataclass
from typing import Annotated, Literal

from config.typed import SPACED, Before, Shape, Within
from config.units import Duration, Line, between, format_duration, share
from probes.kind import Kit, Prober
from probes.net.host import host, of_one_machine
from probes.net.icmp import SMALLEST
from probes.net.icmp.verdict import Limit

NAME = "icmp"
MILLISECOND = 1_000_000
_LOSS = re.compile(r"loss (<=|<) (.+)")


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
    Before(limit),
    Shape({"type": "string", "pattern": "^loss (<=|<) .+%$", "examples": ["loss <= 20%"]}),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What an ICMP probe is told. ``size``: bytes of payload; ``dscp`` 0–63; ``ttl``: hops; ``source``: an address
    of this machine; ``spacing``: time between packets of a burst."""

    __pydantic_config__ = SPACED

    host: Line
    packets: Annotated[int, Within(1, 100)] = 5
    spacing: Annotated[Duration, between(20 * MILLISECOND, 10_000 * MILLISECOND, format_duration)] = 100 * MILLISECOND
    size: Annotated[int, Within(SMALLEST, 8952)] = 56
    dscp: Annotated[int, Within(0, 63)] | None = None
    ttl: Annotated[int, Within(1, 255)] | None = None
    source: Line | None = None
    family: Literal[4, 6] | None = None
    up_when: UpWhen | None = None

    def __post_init__(self) -> None:
        """The host is one machine; the families of host, source and ``family`` agree."""
        _one_machine(self.host)
        literal = _version(self.host)
        if literal and self.family and literal != self.family:
            raise ValueError(f"host {self.host!r} is an IPv{literal} address but family is {self.family}")
        if self.source is not None:
            version = _version(self.source)
            if version is None:
                raise ValueError(f"source {self.source!r} is no IP address; write one of this machine's")
            if version != self.version:
                raise ValueError(f"source {self.source!r} is IPv{version} but the probe goes over IPv{self.version}")

    @property
    def literal(self) -> bool:
        """Whether the host is an address and not a name."""
        return _version(self.host) is not None

    @property
    def version(self) -> int:
        """4 or 6: that of a literal host, what ``family`` says of a name, or 4."""
        return _version(self.host) or self.family or 4


def _one_machine(text: str) -> None:
    """What others answer for, or nobody, would be Down for ever."""
    found, literal = host(text)
    if literal and not of_one_machine(found):
        raise ValueError(f"host {text!r} is not the address of one machine; write one that answers by itself")


def _version(text: str) -> int | None:
    try:
        return ipaddress.ip_address(text).version
    except ValueError:
        return None


def open(kit: Kit) -> Prober:
    """The prober; its sockets are opened when they are first needed."""
    from probes.net.icmp.prober import Icmp  # it counts with arrays, which whoever reads a configuration does without

    return Icmp(kit)
