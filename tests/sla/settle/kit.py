"""Judged periods made by hand, for what settles them: figures as given, charges as given, a chain of months."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from config.contract.model import Contract, Promise, Service
from config.contract.money import Credit, Give, PerUnit, Shape, Table, Tier
from config.periods import containing, previous, to_ns
from config.units import duration, share
from monitor.sla.judgement import Judgement
from monitor.sla.model import CreditLine, Item, PromiseResult, Verdict
from monitor.sla.settle import Settled, lines_of, settle
from monitor.sla.settle.charges import charges
from monitor.sla.verdict import holds, judge

HOUR = 3_600_000_000_000
MINUTE = HOUR // 60
DAY = 24 * HOUR
ZONE = ZoneInfo("UTC")


def at(text: str) -> int:
    """``2026-06-05T10:00`` UTC in ns."""
    return to_ns(datetime.fromisoformat(text).replace(tzinfo=UTC))


def given(text: str) -> Give:
    """``10%``, ``25 money``, ``3 service days``."""
    if text.endswith("%"):
        return Give(amount=Fraction(text[:-1]) / 100)
    amount, unit = text.split(" ", 1)
    return Give(amount=Fraction(amount), unit=unit)


def figure(text: str) -> Fraction:
    """``99.9%``, ``4h``, ``3``."""
    if text.endswith("%"):
        return share(text)
    return Fraction(text) if text.replace(".", "").isdigit() else Fraction(duration(text))


def table(*rows: str, tail: PerUnit | None = None) -> Table:
    """``< 99.9%: 10%`` and ``>= 95%, < 99%: 25%``, one text a row."""
    return Table(rows=tuple(_row(text) for text in rows), tail=tail)


def _row(text: str) -> Tier:
    sides, _, give = text.partition(": ")
    first, _, second = sides.partition(", ")
    operator, edge = first.split()
    found: dict[str, Any] = {"operator": operator, "edge": figure(edge), "give": given(give)}
    if second:
        found |= {"other": second.split()[0], "other_edge": figure(second.split()[1])}
    return Tier(**found)


def units(give: str, unit: str, count: str = "started", beyond: str = "0s", **more: Any) -> PerUnit:
    """So much for each unit of time, or of a share (``1%``)."""
    edge = Fraction(0) if beyond == "0s" else figure(beyond)
    return PerUnit(give=given(give), unit=figure(unit), count=count, beyond=edge, **more)


def credit(shape: Shape, *promises: str, id: str = "", **more: Any) -> Credit:
    """A credit for promises; its id is the first of theirs."""
    return Credit(id=id or next(iter(promises), "credit"), promises=promises, shape=shape, **more)


def result(id: str, value: str, promised: str = ">= 99.9%", service: str = "hq", **more: Any) -> PromiseResult:
    """A promise with its figure, exactly known unless ``lower`` and ``upper`` say otherwise, and its verdict."""
    operator, target = promised.split()
    found = figure(value)
    lower, upper = figure(more.pop("lower", value)), figure(more.pop("upper", value))
    unit = "ratio" if target.endswith("%") else "count" if target.isdigit() else "ns"
    fields: dict[str, Any] = {
        "id": id,
        "service": service,
        "text": f"{id} {promised}",
        "measure": id,
        "statistic": None,
        "operator": operator,
        "target": figure(target),
        "unit": unit,
        "value": found,
        "lower": lower,
        "upper": upper,
        "verdict": judge(operator, figure(target), lower, upper),
        "method": "given/1",
    }
    return PromiseResult(**{**fields, **more})


def item(key: str, value: str, *, limit: str | None = None, start: str = "2026-06-05T10:00", **more: Any) -> Item:
    """A ticket or an outage with its length; ``limit`` decides whether it was kept."""
    length, begin = figure(value), at(start)
    verdict = None
    if limit is not None:
        verdict = Verdict.MET if holds("<=", length, figure(limit)) else Verdict.BREACHED
    return Item(key, begin, begin + int(length), length, length, length, verdict=verdict, **more)


def service(name: str = "hq", charge: str | None = "1000.00", **more: Any) -> Service:
    """A service that costs so much in a period."""
    return Service(name=name, charge=None if charge is None else Decimal(charge), **more)


def promise(found: PromiseResult) -> Promise:
    """The promise behind a result."""
    return Promise(
        id=found.id,
        text=found.text,
        measure=found.measure,
        operator=found.operator,
        target=found.target,
        unit=found.unit,
        services=(found.service,),
    )


def contract(*credits: Credit, services: Sequence[Service] = (), **more: Any) -> Contract:
    """A contract accounted by calendar months, in UTC and EUR."""
    fields: dict[str, Any] = {
        "name": "acme",
        "provider": "ExampleNet",
        "customer": "ACME",
        "timezone": "UTC",
        "currency": "EUR",
        "services": tuple(services) or (service(),),
        "promises": (),
        "credits": credits,
    }
    return Contract(**{**fields, **more})


def months(terms: Contract, *results: Sequence[PromiseResult], last: str = "2026-06", **more: Any) -> Judgement:
    """The judgement of the last of so many months, the earlier ones behind it."""
    end = containing("month", at(f"{last}-15T00:00"), ZONE)
    made: list[Judgement] = []
    told = tuple(more.pop("facts", ()))
    settled: dict[int, tuple[CreditLine, ...]] = {}

    def lines(one: Judgement) -> tuple[CreditLine, ...]:
        if one.period.start not in settled:
            settled[one.period.start] = lines_of(one)
        return settled[one.period.start]

    for place, found in enumerate(results):
        back = len(results) - 1 - place
        period = end if back == 0 else previous(end, back, ZONE)
        made.append(
            Judgement(
                contract=terms,
                period=period,
                results=tuple(found),
                scenes={},
                charges=charges(terms, period.label, told),
                before=lambda n, place=place: made[place - n] if 0 < n <= place else None,  # type: ignore[misc]
                lines=lines,
                charged=lambda n, p=period: charges(terms, previous(p, n, ZONE).label, told),  # type: ignore[misc]
                **(more if back == 0 else {}),
            )
        )
    return made[-1]


def june(terms: Contract, *results: PromiseResult, **more: Any) -> Settled:
    """What June 2026 (30 days) comes to."""
    return settle(months(terms, results, **more))


def amounts(found: Settled) -> list[str]:
    """The money of each line that is issued."""
    return [f"{line.amount:f}" for line in found.lines if line.withheld is None and line.amount is not None]
