"""Whom names are asked of, and what comes of it; without what asks, which takes some megabytes."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from probes.kind import ResolveError

if TYPE_CHECKING:
    import dns.name


@dataclass(frozen=True, slots=True)
class Answer:
    """One address and how long (ns) it may be kept."""

    address: str
    ttl: int


@dataclass(frozen=True, slots=True)
class Servers:
    """Who is asked, as (address, port), and which suffixes names with fewer than ``ndots`` dots are tried
    with.
    """

    addresses: tuple[tuple[str, int], ...]
    search: "tuple[dns.name.Name, ...]" = ()
    ndots: int = 1


class Silent(ResolveError):
    """No server answered within the time."""
