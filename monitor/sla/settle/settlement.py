"""What is owed for a judged period, and what follows from it beside money.

    each credit, thing by thing ──▶ combined ──▶ raised to a floor ──▶ within the caps ──▶ held back: no ticket, a claim
    refused, too small a total ──▶ earned back ──▶ total

Exact until each line is rounded; caps are applied to what was rounded. Every line lists its steps.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from config.contract.model import Contract
from config.contract.money import Credit
from config.contract.revisions import at_event
from config.periods import Period
from monitor.sla.judgement import Judgement
from monitor.sla.model import ClaimLine, CreditLine, PromiseResult, RightLine, Verdict
from monitor.sla.settle.bases import parts
from monitor.sla.settle.caps import capped
from monitor.sla.settle.charges import Charges
from monitor.sla.settle.claims import chosen, claim_lines, decided, ticketed, with_deadlines
from monitor.sla.settle.combine import combine
from monitor.sla.settle.earn_back import earned_back
from monitor.sla.settle.floor import raised, suppressed
from monitor.sla.settle.owed import Owed
from monitor.sla.settle.owing import owing
from monitor.sla.settle.rights import rights_of
from monitor.sla.settle.worth import kind


@dataclass(frozen=True, slots=True)
class Settled:
    """Every line, what is issued in money and in kind (unit, quantity), claims, rights, and the first instant by which
    something has to be claimed."""

    lines: tuple[CreditLine, ...] = ()
    total: Decimal | None = None
    in_kind: tuple[tuple[str, Fraction], ...] = ()
    claims: tuple[ClaimLine, ...] = ()
    rights: tuple[RightLine, ...] = ()
    claim_by: int | None = None


def settle(judgement: Judgement) -> Settled:
    """All that follows from one judged period."""
    owed = issued(judgement)
    lines = (*(one.line() for one in owed), *earned_back(judgement))
    counted = [line for line in lines if line.withheld is None]
    ends = [line.claim_by for line in counted if line.claim_by is not None]
    return Settled(
        lines=lines,
        total=_total(counted),
        in_kind=_in_kind(counted),
        claims=claim_lines(judgement, owed),
        rights=rights_of(judgement),
        claim_by=min(ends, default=None),
    )


def issued(judgement: Judgement) -> tuple[Owed, ...]:
    """Every credit of the period, before anything of earlier ones is earned back."""
    contract = judgement.contract
    lines: list[Owed] = combine(contract, _each(judgement), chosen(judgement))
    lines = capped(judgement, raised(contract, ticketed(judgement, lines)))
    lines = decided(judgement, with_deadlines(judgement, lines))
    return tuple(suppressed(contract, lines))


def lines_of(judgement: Judgement) -> tuple[CreditLine, ...]:
    """The credits a period comes to, for those that look back at it."""
    return tuple(one.line() for one in issued(judgement))


def exposure(contract: Contract, period: Period, results: Sequence[PromiseResult], charges: Charges) -> Decimal | None:
    """The money owed if an open period closed on the values so far; None where the contract knows no credits.

    It reads the promises' figures only: what depends on earlier periods, on claims, or on measures nobody promised
    is left out, and credits per outage or day are read for the period where a promise has no items of its own.
    """
    if not contract.credits:
        return None
    missed = tuple(
        replace(result, verdict=Verdict.BREACHED, lower=result.value, upper=result.value)
        for result in results
        if result.below_target_so_far or result.verdict is Verdict.BREACHED
    )
    alone = Judgement(contract, period, missed, {}, charges, lambda n: None, lambda one: (), lambda n: charges)
    paid = [one.amount for one in issued(alone) if one.issued and one.amount is not None]
    return sum(paid, Decimal(0))


def _each(judgement: Judgement) -> list[Owed]:
    """Every credit for every service, in the contract's order; those that read another's points after it."""
    credits = judgement.contract.credits
    found: dict[str, list[Owed]] = {}
    waiting = list(credits)
    while waiting:
        ready = [c for c in waiting if c.points_of is None or c.points_of not in {w.id for w in waiting}]
        if not ready:
            raise ValueError(f"the credits {', '.join(c.id for c in waiting)} read each other's points")
        for credit in ready:
            found.setdefault(credit.id, []).extend(_of_credit(credit, judgement, found))
        waiting = [credit for credit in waiting if credit not in ready]
    for credit, later, since, until in _later(judgement):
        found.setdefault(credit.id, []).extend(_by_service(credit, later, since, until))
    return [line for id in dict.fromkeys([*(credit.id for credit in credits), *found]) for line in found[id]]


def _of_credit(credit: Credit, judgement: Judgement, found: dict[str, list[Owed]]) -> list[Owed]:
    if credit.points_of is None:
        texts = _texts(judgement) if credit.per != "period" else []
        return _by_service(credit, judgement, None, texts[0][1] if texts else None)
    read = [one for one in found.get(credit.points_of, ()) if one.issued]
    lines: list[Owed] = []
    for service in credit.services or tuple(dict.fromkeys(one.service for one in read)):
        own = [one.quantity for one in read if one.service == service] or [one.quantity for one in read]
        lines += owing(credit, judgement, service, sum(own, Fraction(0)))
    return lines


def _texts(judgement: Judgement) -> list[tuple[Contract, int]]:
    """The texts that are in force for what begins in the course of the period, each with the instant it begins with."""
    period, agreed = judgement.period, judgement.agreed
    if agreed is None:
        return []
    dated = [one.start for one in agreed.revisions if one.applies_by == "event_start"]
    return [(at_event(agreed, at, period.start), at) for at in dated if period.start < at < period.end]


def _later(judgement: Judgement) -> Iterator[tuple[Credit, Judgement, int, int | None]]:
    """The credits for single outages, days and tickets as later texts have them, and from when to when they do."""
    texts = _texts(judgement)
    for place, (contract, since) in enumerate(texts):
        until = texts[place + 1][1] if place + 1 < len(texts) else None
        for credit in contract.credits:
            if credit.per != "period" and credit.points_of is None:
                yield credit, replace(judgement, contract=contract), since, until


def _by_service(credit: Credit, judgement: Judgement, since: int | None, until: int | None) -> list[Owed]:
    services = services_of(credit, judgement)
    return [one for service in services for one in owing(credit, judgement, service, None, since, until)]


def services_of(credit: Credit, judgement: Judgement) -> tuple[str, ...]:
    """The services a credit is for: those it names, those of its promises, those of its measure, or all."""
    if credit.promises:
        wanted = set(credit.services)
        made = [result.service for result in judgement.results if result.id in credit.promises]
        return tuple(dict.fromkeys(one for one in made if not wanted or wanted & set(parts(one, judgement.charges))))
    own = tuple(dict.fromkeys(result.service for result in judgement.results if result.id == credit.by))
    if own:
        return tuple(one for one in own if not credit.services or one in credit.services)
    rule = next((one for one in judgement.contract.measures if one.name == credit.by), None)
    named = credit.services or (rule.services if rule is not None else ())
    names = named or tuple(service.name for service in judgement.contract.services)
    return ("+".join(names),) if rule is not None and rule.pool and not credit.services else names


def _total(lines: Iterable[CreditLine]) -> Decimal | None:
    amounts = [line.amount for line in lines if line.amount is not None]
    return sum(amounts[1:], amounts[0]) if amounts else None


def _in_kind(lines: Iterable[CreditLine]) -> tuple[tuple[str, Fraction], ...]:
    """What is given in kind, by its unit as it was first written."""
    found: dict[str, tuple[str, Fraction]] = {}
    for line in lines:
        if line.unit is not None and line.quantity is not None and line.amount is None and line.share is None:
            unit, sum_ = found.get(kind(line.unit), (line.unit, Fraction(0)))
            found[kind(line.unit)] = unit, sum_ + line.quantity
    return tuple(found.values())
