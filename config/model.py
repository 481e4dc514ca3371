"""A whole configuration, as typed values: what the daemon runs on. Durations are integer nanoseconds."""

from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Literal

from config.address import is_url, shown
from config.contract.model import Contract, Noun
from config.typed import Options, Secret

SECOND = 1_000_000_000
DAY = 86_400 * SECOND
VantageKind = Literal["external", "onsite"]


@dataclass(frozen=True, slots=True)
class Target:
    """Something probed: ``kind`` names the probe kind that owns ``options``; ``every``, ``timeout``, ``recheck`` in ns.

    ``recheck``: how soon a failing probe is run again; None: not before its next slot. ``confirm`` of the last
    ``confirm_of`` samples must fail before an outage is told as confirmed. ``quorum``: None is 1 with one vantage,
    else 2. ``hidden``: what references such as ``${TOKEN}`` in the options stood for, not to be printed.
    """

    name: str
    kind: str
    options: Options
    every: int
    timeout: int
    recheck: int | None = None
    confirm: int = 2
    confirm_of: int = 2
    vantages: tuple[str, ...] = ()
    quorum: int | None = None
    hidden: tuple[tuple[str, Secret], ...] = ()

    @property
    def max_gap(self) -> int:
        """The longest time between two samples over which the first still speaks: 2.5 intervals and the timeout."""
        return self.every * 5 // 2 + self.timeout


@dataclass(frozen=True, slots=True, kw_only=True)
class Vantage(Noun):
    """The named place probes run from. ``witnesses`` are targets whose silence means that the vantage is cut off."""

    name: str = "here"
    kind: VantageKind = "external"
    witnesses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen(Noun):
    """A host and port to serve on; port 0 lets the kernel choose."""

    host: str
    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskTerms(Noun):
    """When a running period is at risk: shares of a budget used, shares of an incident's limit used, time left until
    the breach if the outage goes on (ns), burn rates over the last 1 h and 6 h."""

    budget: tuple[Fraction, ...] = (Fraction(1, 2), Fraction(3, 4), Fraction(9, 10), Fraction(1))
    incident: tuple[Fraction, ...] = (Fraction(1, 2), Fraction(3, 4), Fraction(9, 10))
    forecast: tuple[int, ...] = (3600 * SECOND, 900 * SECOND)
    burn_1h: Decimal = Decimal("14.4")
    burn_6h: Decimal = Decimal("6")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook(Noun):
    """An outside party told of events. ``events`` are the names it wants (empty: all); ``contracts`` likewise."""

    name: str
    kind: str
    options: Options
    events: tuple[str, ...] = ()
    contracts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Daemon(Noun):
    """The process itself: where it listens, where it keeps, how long, how it tells. ``store`` is a path or a URL, which
    may hold a password: show ``shown``. ``state`` is the directory of what lies beside it, None: its own."""

    store: str = field(default="upheld.db", repr=False)
    state: str | None = None
    web: Listen = Listen(host="127.0.0.1", port=8420)
    metrics: Listen = Listen(host="127.0.0.1", port=9420)
    retention: int = 400 * DAY
    issue_after: int = 3 * DAY
    log_format: Literal["text", "json"] = "text"
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @property
    def shown(self) -> str:
        """The store as it may be printed."""
        return shown(self.store)

    @property
    def beside(self) -> str:
        """The path to which ``.token``, ``.key`` and the like are added: the store's own, where that is a file and
        nothing else was asked for."""
        if is_url(self.store):
            return str(Path(self.state or ".") / "upheld")
        return str(Path(self.state) / Path(self.store).name) if self.state else self.store


@dataclass(frozen=True, slots=True, kw_only=True)
class Config(Noun):
    """Everything that was promised and how it is to be watched. ``digest`` is that of the text it came from."""

    daemon: Daemon = Daemon()
    vantage: Vantage = Vantage()
    targets: dict[str, Target] = field(default_factory=dict)
    contracts: dict[str, Contract] = field(default_factory=dict)
    hooks: dict[str, Hook] = field(default_factory=dict)
    risk: RiskTerms = RiskTerms()
    digest: str = ""
