"""Figures of what was counted elsewhere: one ratio of all, or the mean of those of equal buckets."""

from collections.abc import Sequence
from fractions import Fraction

from config.contract.rules import MeasureRule
from monitor.sla.facts import CountsFact
from tests.oracle.sources import Desk
from tests.oracle.ticks import TICK


def _told(desks: Sequence[Desk], rule: MeasureRule) -> list[tuple[CountsFact, Desk, Fraction]]:
    """Every count once, with the service it is judged with and its weight."""
    out = []
    for number, desk in enumerate(desks):
        for fact in desk.facts:
            if isinstance(fact, CountsFact) and fact.signal == rule.of:
                if fact.service == desk.service.name:
                    out.append(
                        (fact, desk, (fact.weight or Fraction(1)) * (desk.service.weight if len(desks) > 1 else 1))
                    )
                elif fact.service is None and number == 0:
                    out.append((fact, desk, fact.weight or Fraction(1)))
    return out


def _sums(told: Sequence[tuple[CountsFact, Desk, Fraction]], span: range) -> tuple[Fraction, Fraction, bool]:
    """Failed and total within some ticks, and whether anybody told of them; what is exempted does not count."""
    failed = total = Fraction(0)
    spoken = False
    for fact, desk, weight in told:
        ticks = desk.grid.within(fact.start, fact.end)
        gone = desk.gone
        for t in range(max(ticks.start, span.start), min(ticks.stop, span.stop)):
            if gone.get(t) in ("absent", "out_of_base"):
                continue
            spoken = True
            total += weight * fact.total / len(ticks)
            failed += 0 if gone.get(t) == "not_down" else weight * fact.failed / len(ticks)
    return failed, total, spoken


def requests(desks: Sequence[Desk], rule: MeasureRule) -> Fraction | None:
    told = _told(desks, rule)
    desk = desks[0]
    if rule.aggregate == "mean_of_ratios":
        return _mean(desks, rule, told)
    failed, total, spoken = _sums(told, desk.period)
    if rule.number != "share":
        return (failed if rule.number == "failed" else total) if spoken or rule.empty else None
    if total:
        return 1 - failed / total
    return {"good": Fraction(1), "bad": Fraction(0)}.get(rule.empty or "")


def _mean(
    desks: Sequence[Desk], rule: MeasureRule, told: Sequence[tuple[CountsFact, Desk, Fraction]]
) -> Fraction | None:
    """The mean of the ratios of equal buckets."""
    desk, length = desks[0], (rule.bucket or 0) // TICK
    values: list[Fraction] = []
    before: Fraction | None = None
    for a in range(desk.period.start, desk.period.stop, length):
        span = range(a, min(a + length, desk.period.stop))
        if all(d.gone.get(t) in ("absent", "out_of_base") for d in desks for t in span):
            continue
        failed, total, _ = _sums(told, span)
        value = 1 - failed / total if total else None
        if value is None:
            value = {"good": Fraction(1), "bad": Fraction(0), "carry": before}.get(rule.empty or "")
        before = value if value is not None else before
        values += [] if value is None else [value]
    return sum(values, Fraction(0)) / len(values) if values else None
