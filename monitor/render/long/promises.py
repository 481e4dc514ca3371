"""Promises in the long form: one mapping each, its line with the measure by its name, the figure, the services."""

from config.contract.model import Contract, Promise
from config.contract.settled import decided
from config.dump import Plain
from monitor.render.long.measures import rule_of
from monitor.render.long.values import Clause, condition, figure, hours, kept, spoken


def promises(contract: Contract) -> list[Plain]:
    """Every promise, in the contract's order."""
    return [_promise(contract, one) for one in contract.promises]


def _promise(contract: Contract, one: Promise) -> Clause:
    return kept(
        {
            "id": one.id,
            "promise": line(contract, one, _services(contract, one)),
            "clock": one.clock,
            "per": one.per,
            "if": condition(one.where) or None,
            "replaces": one.replaces,
            "by": one.by,
        }
    )


def held(contract: Contract, one: Promise) -> str:
    """A line that a right arises from."""
    per = f" per {one.per}" if one.per is not None else ""
    return f"{line(contract, one, one.services)}{per}{spoken(one.where)}"


def line(contract: Contract, one: Promise, services: tuple[str, ...]) -> str:
    """``availability >= 99.9% of hq, branch``; a pooled measure has its services itself."""
    rule = rule_of(contract, one)
    target = _target(one, on_clock=one.clock is not None or rule.clock is not None)
    of = "" if rule.pool or not services else f" of {', '.join(services)}"
    return f"{rule.name} {one.operator} {target}{of}"


def _target(one: Promise, on_clock: bool) -> str:
    if one.unit == "ns" and on_clock:  # a day on a calendar would be that of its hours
        return hours(int(one.target))
    return figure(one.target, one.unit)


def _services(contract: Contract, one: Promise) -> tuple[str, ...]:
    """Those it was typed for: its own, and those for which another stands instead of it."""
    alike = [other for other in contract.promises if other.id == one.id]
    if one is not next((other for other in alike if not other.services), alike[0]):
        return one.services
    known = {service.name: service for service in contract.services}
    instead = [other for other in contract.promises if other.replaces == one.id and decided(other, known)]
    return tuple(dict.fromkeys([*one.services, *(name for other in instead for name in other.services)]))
