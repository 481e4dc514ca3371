"""Short histories written as text: one character a sample, one sample a minute from 10:00 UTC on."""

from dataclasses import dataclass
from fractions import Fraction

from config.contract.model import Contract, ExclusionTerm, Promise, Service
from config.model import Config, Target
from config.periods import Period
from monitor.sla.evidence import Facts
from monitor.sla.facts import Fact
from monitor.sla.model import PromiseResult, Statement
from monitor.sla.statement import build
from probes.sample import Outcome, Sample
from tests.nouns import made

SECOND = 1_000_000_000
MINUTE = 60 * SECOND
TEN = 1_790_848_800 * SECOND  # 2026-10-01T10:00:00Z
OUTCOMES = {"U": Outcome.UP, "d": Outcome.DOWN, "?": Outcome.UNKNOWN}


@dataclass(frozen=True)
class Nothing:
    """Options of a probe that has none."""


TARGET = Target(name="hq", kind="icmp", options=Nothing(), every=MINUTE, timeout=2 * SECOND)


def promise(measure: str, operator: str, target: Fraction | int, unit: str, **more: object) -> Promise:
    """A promise for the service ``hq``."""
    return made(
        Promise,
        {
            "id": more.pop("id", measure),
            "text": f"{measure} {operator} {target}",
            "measure": measure,
            "operator": operator,
            "target": Fraction(target),
            "unit": unit,
            "services": ("hq",),
            **more,
        },
    )


AVAILABILITY = promise("availability", ">=", Fraction(999, 1000), "ratio")
TOTAL = promise("total-outage", "<=", 10 * MINUTE, "ns")
LONGEST = promise("longest-outage", "<=", 4 * MINUTE, "ns")
OUTAGES = promise("outages", "<=", 1, "count")


def contract(*promises: Promise, exclusions: tuple[ExclusionTerm, ...] = (), **more: object) -> Contract:
    """A contract over the service ``hq`` of the target ``hq``, in UTC."""
    return made(
        Contract,
        {
            "name": "acme",
            "provider": "ExampleNet",
            "customer": "ACME",
            "timezone": "UTC",
            "period": "day",
            "services": (Service(name="hq", targets=("hq",)),),
            "promises": promises or (AVAILABILITY, TOTAL, LONGEST, OUTAGES),
            "exclusions": exclusions,
            **more,
        },
    )


def samples(text: str, start: int = TEN, every: int = MINUTE, **more: object) -> list[Sample]:
    """``U`` up, ``d`` down, ``?`` unknown (stall), ``.`` no sample."""
    return [
        Sample(
            target="hq",
            vantage="fra",
            boot="b1",
            seq=(start + index * every) // SECOND,
            at=start + index * every,
            outcome=OUTCOMES[mark],
            reason={"d": "timeout", "?": "stall"}.get(mark),
            **more,  # type: ignore[arg-type]
        )
        for index, mark in enumerate(text)
        if mark in OUTCOMES
    ]


def judge(
    facts: list[Fact],
    terms: Contract | None = None,
    start: int = TEN - 10 * MINUTE,
    end: int = TEN + 20 * MINUTE,
    config: Config | None = None,
    as_of: int | None = None,
) -> Statement:
    """The statement of ``[start, end)`` taken as if it were the contract's period."""
    period = Period("test", "day", start, end)
    return build(config or Config(targets={"hq": TARGET}), terms or contract(), period, Facts(facts), as_of)


def result(statement: Statement, id: str) -> PromiseResult:
    """The result of the promise with that id."""
    return next(found for found in statement.promises if found.id == id)
