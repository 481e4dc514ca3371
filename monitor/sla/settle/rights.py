"""Rights that arise from what was measured: conditions that hold, and promises missed period after period.

Every part is true, false or not known; a right has arisen, has not, or cannot be told.
"""

from collections.abc import Iterable

from config.contract.money import AllOf, AnyOf, Clause, Holds, Missed, Right
from monitor.sla.judgement import Judgement
from monitor.sla.model import PromiseResult, RightLine, Verdict
from monitor.sla.settle.shapes import said_figure

_TOLD = {Verdict.MET: True, Verdict.BREACHED: False, Verdict.INDETERMINATE: None}


def rights_of(judgement: Judgement) -> tuple[RightLine, ...]:
    """Every right of the contract as it stands at the end of the period."""
    return tuple(_right(judgement, right) for right in judgement.contract.rights)


def _right(judgement: Judgement, right: Right) -> RightLine:
    """It arises where one service, or those pooled, satisfies all of its condition."""
    services = _services(judgement, right.condition)
    arisen, steps = None if not services else False, []
    for service in services:
        said: list[str] = []
        held = _holds(right.condition, judgement, service, said)
        steps += said
        arisen = _any((arisen, held))
    within = right.exercise_within
    exercise_by = judgement.period.end + within if arisen and within is not None else None
    return RightLine(right.id, right.gives, arisen, tuple(dict.fromkeys(steps)), exercise_by)


def _services(judgement: Judgement, clause: Clause) -> list[str]:
    """The services that results of the clause are about."""
    names = set(_named(clause))
    known = [r.service for r in (*judgement.conditions, *judgement.results) if r.id in names]
    return list(dict.fromkeys(known))


def _named(clause: Clause) -> Iterable[str]:
    match clause:
        case AllOf() | AnyOf():
            for part in clause.parts:
                yield from _named(part)
        case Holds() | Missed():
            yield clause.promise


def _holds(clause: Clause, judgement: Judgement, service: str, said: list[str]) -> bool | None:
    match clause:
        case AllOf():
            return _all([_holds(part, judgement, service, said) for part in clause.parts])
        case AnyOf():
            return _any([_holds(part, judgement, service, said) for part in clause.parts])
        case Missed():
            return _missed(clause, judgement, service, said)
        case Holds():
            result = _result(judgement.conditions, clause.promise, service)
            if result is None:
                return None
            held = None if result.verdict is None else _TOLD[result.verdict]
            value = "not known" if result.value is None else said_figure(result.value, result.unit)
            said.append(f"{result.service}: {result.text}: {value}, {_word(held)}")
            return held


def _missed(clause: Missed, judgement: Judgement, service: str, said: list[str]) -> bool | None:
    """Broken in the last ``count`` periods, one after the other, or in so many of the last ``among``."""
    length = clause.count if clause.among is None else clause.among
    broken: list[bool | None] = []
    for n in range(length):
        then = judgement if n == 0 else judgement.before(n)
        result = None if then is None else _result(then.results, clause.promise, service)
        if result is None:
            broken.append(False)
        else:
            broken.append(None if result.verdict is None else _negated(_TOLD[result.verdict]))
    sure, possible = sum(one is True for one in broken), sum(one is not False for one in broken)
    held = True if sure >= clause.count else None if possible >= clause.count else False
    said.append(f"{service}: {clause.promise} breached in {sure} of the last {length} periods, {_word(held)}")
    return held


def _result(results: Iterable[PromiseResult], promise: str, service: str) -> PromiseResult | None:
    """The result of a service, or of the pool it is in."""
    found = [one for one in results if one.id == promise]
    own = next((one for one in found if one.service == service), None)
    return own or next((one for one in found if service in one.service.split("+")), None)


def _negated(value: bool | None) -> bool | None:
    return None if value is None else not value


def _all(values: Iterable[bool | None]) -> bool | None:
    found = list(values)
    return False if False in found else None if None in found else True


def _any(values: Iterable[bool | None]) -> bool | None:
    found = list(values)
    return True if True in found else None if None in found else False


def _word(held: bool | None) -> str:
    return "cannot be told" if held is None else "holds" if held else "does not hold"
