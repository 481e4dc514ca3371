"""Measures in the long form: those the contract defines, and the standard ones that it uses as if they were defined."""

from config.contract.defined import as_rule, is_standard
from config.contract.measure_fields import GIVEN_UNITS, LEGS
from config.contract.measures import measured
from config.contract.model import Contract, Promise
from config.contract.rules import MeasureRule
from config.contract.scope import OUTAGE, Scope
from config.dump import Plain
from monitor.render.long.ground import base
from monitor.render.long.values import Clause, condition, kept, listed, rounding, span, words


def measures(contract: Contract) -> Clause:
    """Every measure by name."""
    return {name: _measure(contract, rule) for name, rule in rules(contract).items()}


def rules(contract: Contract) -> dict[str, MeasureRule]:
    """The measures behind all that the contract says: its own before the standard ones, as they are read again."""
    used = [rule_of(contract, one) for one in (*contract.promises, *contract.conditions)]
    found = {rule.name: rule for rule in (*contract.measures, *used)}
    scope = Scope(base=contract.base)
    return dict(sorted(found.items(), key=lambda one: is_standard(one[1], scope)))


def rule_of(contract: Contract, promise: Promise) -> MeasureRule:
    """The measure of a promise; a standard one as if it were defined."""
    return contract.measure(promise.rule) if promise.rule is not None else as_rule(measured(_words(promise)))


def _words(promise: Promise) -> str:
    """A standard measure as a line has it."""
    what = words(promise.measure.replace("-", "_"))
    if promise.statistic == "share under":
        return f"share of samples under {span(promise.threshold or 0)}"
    if promise.threshold is not None:
        return f"{what} over {span(promise.threshold)}"
    return f"{promise.statistic} {what}" if promise.statistic is not None else what


def _measure(contract: Contract, rule: MeasureRule) -> Clause:
    return kept(
        {
            **_core(contract, rule),
            "of": listed(rule.services) if rule.services else None,
            "pool": True if rule.pool else None,
            "over": rule.over,
            "per": rule.per,
            "clock": rule.clock,
            "if": condition(rule.where) or None,
            "round": None if rule.round is None else rounding(rule.round, rule.unit),
            "unknown": rule.unknown,
        }
    )


def _core(contract: Contract, rule: MeasureRule) -> Clause:
    match rule.kind:
        case "ratio":
            whole = base(rule.base or contract.base)
            return {"ratio": rule.of, "base": whole, "absent": rule.absent, "weighted": rule.weighted}
        case "requests":
            bucket = None if rule.bucket is None else span(rule.bucket)
            return {
                "requests": rule.of,
                "bucket": bucket,
                "aggregate": words(rule.aggregate),
                "empty": rule.empty,
            }
        case "counts":
            return {"counts": rule.of, "number": rule.number, "empty": rule.empty}
        case "total":
            beyond = "allowance" if rule.allowance else span(rule.beyond)
            return {"total": rule.of, "beyond": beyond, "weighted": rule.weighted}
        case "longest":
            return {"longest": rule.of}
        case "count":
            longer = span(rule.longer) if rule.longer else None
            return {"count": rule.of, "longer than" if rule.strict_longer else "at least": longer}
        case "each":
            less = "excluded" if rule.less_excluded else None
            return {"each": _item(contract, rule.of), "stat": _statistic(rule), "less": less}
        case "tickets":
            return {"share of tickets": {_leg(leg): _limit(limit, leg in rule.in_days) for leg, limit in rule.legs}}
        case "samples":
            return _samples(rule)
        case "given":
            return {"given": rule.of, "unit": _unit(rule), "stat": rule.statistic}


def _item(contract: Contract, of: str) -> str:
    """An outage rule or a leg of tickets."""
    return of if of == OUTAGE or of in {rule.name for rule in contract.outages} else _leg(of)


def _leg(of: str) -> str:
    return of if of in LEGS else f"from {words(of)}"


def _statistic(rule: MeasureRule) -> str | None:
    if rule.statistic is None or rule.threshold is None or not rule.statistic.startswith("share"):
        return rule.statistic
    return f"{rule.statistic} {_limit(rule.threshold, bool(rule.in_days))}"


def _limit(limit: int, days: bool) -> str:
    """In ns, or in business days."""
    return f"{limit} business {'day' if limit == 1 else 'days'}" if days else span(limit)


def _samples(rule: MeasureRule) -> Clause:
    skip: list[Plain] = list(rule.skip)
    of_bins = rule.of_bins
    if of_bins is not None and of_bins.startswith("share"):
        of_bins = f"{of_bins} {span(rule.threshold or 0)}"
    return {
        "samples": rule.of.replace("-", " "),
        "stat": _statistic(rule) if rule.bins is None else rule.statistic,
        "skip": skip or None,
        "bucket": None if rule.bins is None else span(rule.bins),
        "of bins": of_bins,
    }


def _unit(rule: MeasureRule) -> str:
    return next(name for name, known in GIVEN_UNITS.items() if known == (rule.unit, rule.scale))
