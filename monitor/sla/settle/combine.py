"""How credits for the same thing go together: all of them, the greatest, or the first that gives something."""

from collections.abc import Callable, Container, Iterable, Sequence
from fractions import Fraction

from config.contract.model import Contract
from config.contract.money import Combine
from monitor.sla.settle.owed import Owed

ZERO = Fraction(0)


def combine(contract: Contract, lines: Sequence[Owed], asked: Container[str] = ()) -> list[Owed]:
    """The lines with those held back that do not go together with others; none is left out. ``asked``: the credits
    that were claimed by name, which decides where someone may choose."""
    out = list(lines)
    for rule in contract.combine:
        if rule.take != "sum":
            for group in _groups(rule, out):
                keep, why = _chosen(rule, [out[i] for i in group], asked)
                for i in group:
                    if out[i].credit.id != keep:
                        out[i] = out[i].hold_back(why)
    return out


def _groups(rule: Combine, lines: Sequence[Owed]) -> list[list[int]]:
    """The places of the lines that are for the same: one service's period, or what happened at the same time."""
    found: list[list[int]] = []
    for place, line in enumerate(lines):
        if line.credit.id not in rule.credits or not line.issued:
            continue
        same = [group for group in found if any(_same(rule, line, lines[i]) for i in group)]
        found = [group for group in found if group not in same]
        found.append(sorted([place, *(i for group in same for i in group)]))
    return found


def _same(rule: Combine, one: Owed, other: Owed) -> bool:
    if one.service != other.service:
        return False
    if rule.per == "period":
        return True
    left, right = one.thing, other.thing
    if left.key is None or right.key is None:
        return left.key == right.key
    overlap = left.start < right.end and right.start < left.end
    return left.key == right.key or left.start == right.start or overlap


def _chosen(rule: Combine, group: Sequence[Owed], asked: Container[str]) -> tuple[str, str]:
    """The credit that is given, and why the others are not."""
    present = [id for id in rule.credits if any(line.credit.id == id for line in group)]
    picked = next((id for id in present if rule.chooser and id in asked), None)
    if picked is not None:
        return picked, f"{rule.chooser} chose {picked} of {_listed(rule)}"
    if rule.take == "one":
        keep = present[0]
        other = f"; {rule.chooser} may choose another" if rule.chooser else ""
        return keep, f"{keep} is given, and no other of {_listed(rule)}{other}"
    keep = max(present, key=lambda id: _worth(line for line in group if line.credit.id == id))
    return keep, f"{keep} is the greatest of {_listed(rule)}"


def _worth(lines: Iterable[Owed]) -> tuple[Fraction, Fraction, Fraction]:
    """What lines are compared by: their money, else the part of the base, else the number of what is given."""
    found = list(lines)
    money = _sum(found, lambda line: line.exact if line.exact is not None else ZERO)
    return money, _sum(found, lambda line: line.share or ZERO), _sum(found, lambda line: line.quantity)


def _sum(lines: Iterable[Owed], of: Callable[[Owed], Fraction]) -> Fraction:
    return sum((of(line) for line in lines), ZERO)


def _listed(rule: Combine) -> str:
    return ", ".join(rule.credits)
