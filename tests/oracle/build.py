"""Short words for configurations and facts, for the tests beside this and in tests/laws."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

from config.contract.model import Contract, ExclusionTerm, Operator, Promise, Service, Unit
from config.model import Config, Target, Vantage
from config.periods import Period
from probes.sample import Outcome, Sample

S = 1_000_000_000
MS = 1_000_000
HOUR = 3600 * S


@dataclass(frozen=True)
class NoOptions:
    """A probe that has nothing to set."""


def at(text: str) -> int:
    """``2026-10-05 10:00:05`` UTC in nanoseconds."""
    moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
    return int(moment.timestamp()) * S


def target(name: str, every: int = 60 * S, timeout: int = 2 * S, **rest: object) -> Target:
    """A target every 60 s with a timeout of 2 s, unless told otherwise."""
    return Target(name=name, kind="icmp", options=NoOptions(), every=every, timeout=timeout, **rest)


def config(*targets: Target, vantage: Vantage | None = None) -> Config:
    """A configuration with these targets."""
    return Config(targets={t.name: t for t in targets}, vantage=vantage or Vantage(name="v"))


PROMISES: dict[str, tuple[str, str | None, Operator, str, Unit]] = {
    "availability": ("availability", None, ">=", "0.999", "ratio"),
    "total-outage": ("total-outage", None, "<=", str(4 * 60 * S), "ns"),
    "longest-outage": ("longest-outage", None, "<=", str(3 * 60 * S), "ns"),
    "outages": ("outages", None, "<=", "1", "count"),
    "mean-latency": ("latency", "mean", "<=", str(20 * MS), "ns"),
    "p95-latency": ("latency", "p95", "<=", str(30 * MS), "ns"),
    "median-latency": ("latency", "median", "<", str(15 * MS), "ns"),
    "max-latency": ("latency", "max", "<=", str(60 * MS), "ns"),
    "packet-delivery": ("packet-delivery", None, ">=", "0.95", "ratio"),
    "packet-loss": ("packet-loss", None, "<=", "0.05", "ratio"),
    "mean-jitter": ("jitter", "mean", "<=", str(5 * MS), "ns"),
}


def promise(id: str, services: tuple[str, ...] = ("web",), **change: object) -> Promise:
    """One of PROMISES; ``change`` replaces fields."""
    measure, statistic, operator, goal, unit = PROMISES[id]
    fields: dict[str, object] = {
        "id": id,
        "text": id,
        "measure": measure,
        "statistic": statistic,
        "operator": operator,
        "target": Fraction(goal),
        "unit": unit,
        "services": services,
    }
    return Promise(**{**fields, **change})


def contract(*services: Service, zone: str = "UTC", **rest: object) -> Contract:
    """A contract with every promise for every service, unless told otherwise."""
    names = tuple(service.name for service in services)
    fields: dict[str, object] = {
        "name": "acme",
        "provider": "p",
        "customer": "c",
        "timezone": zone,
        "currency": "EUR",
        "services": services,
        "promises": tuple(promise(id, names) for id in PROMISES),
    }
    return Contract(**{**fields, **rest})


def service(*targets: str, name: str = "web", **rest: object) -> Service:
    """A service of these targets."""
    return Service(name=name, targets=targets, charge=Decimal("100.00"), **rest)


def term(cause: str, **rest: object) -> ExclusionTerm:
    """An exclusion term."""
    return ExclusionTerm(cause=cause, **rest)


def period(start: int, end: int) -> Period:
    """FROM/TO."""
    return Period(f"{start}/{end}", None, start, end)


def sample(at: int, outcome: str = "up", *, target: str = "t", vantage: str = "v", seq: int, **rest: object) -> Sample:
    """One sample; ``seq`` is asked for because it is the identity."""
    fields = {"boot": "b", **rest}
    return Sample(target=target, vantage=vantage, seq=seq, at=at, outcome=Outcome(outcome), **fields)


def minutes(start: int, words: str, **rest: object) -> list[Sample]:
    """One sample a minute: ``u`` up, ``d`` down, ``?`` unknown, ``.`` none."""
    meaning = {"u": "up", "d": "down", "?": "unknown"}
    return [sample(start + i * 60 * S, meaning[word], seq=i, **rest) for i, word in enumerate(words) if word in meaning]
