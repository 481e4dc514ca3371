"""How and until when to claim; what rights arise; what can be earned back."""

from collections.abc import Iterator

from config.contract.model import Contract, Promise
from config.contract.money import AllOf, AnyOf, Clause, Deadline, Holds, Missed
from config.model import Config
from config.period_kinds import noun
from monitor.render.explaining.measures import defined
from monitor.render.explaining.promises import what
from monitor.render.explaining.words import OPERATORS, conditions, figure, listed, percent, span

_EVENTS = {
    "outage_start": "the beginning of the outage",
    "outage_end": "the end of the outage",
    "ticket_opened": "the opening of the ticket",
    "ticket_closed": "the closing of the ticket",
    "publication": "the publication of the figures",
    "eligibility": "the day on which it became due",
}


def claims(config: Config, contract: Contract) -> Iterator[str]:
    """The way to the money."""
    issue, kind = span(config.daemon.issue_after), noun(contract.period)
    yield f"A statement of each {kind} is issued {issue} after its end; until then it takes in late samples."
    terms = contract.claim
    if terms is not None and terms.automatic:
        yield "Credits are given without being asked for."
    elif terms is None or terms.deadline is None:
        yield "The contract sets no time within which to claim."
    else:
        yield (
            f"{contract.customer} claims with that statement {_until(terms.deadline, kind)}; the statement names the "
            "instant."
        )
    if terms is None:
        return
    if terms.ticket_within is not None:
        within = span(terms.ticket_within)
        yield f"A ticket has to be open within {within} of the outage's beginning, or nothing is due."
    if terms.standing:
        yield f"The customer's account has to be {terms.standing.replace('_', ' ')}."
    if terms.settle:
        yield f"Settled with: {terms.settle.replace('_', ' ')}."
    if terms.expires:
        yield f"A credit that was not used expires with: {terms.expires.replace('_', ' ')}."
    if terms.consumes:
        yield "Outages before a claim that was granted are spent and do not count again."


def _until(deadline: Deadline, kind: str) -> str:
    event = _EVENTS.get(deadline.of, f"the end of the {kind}")
    if deadline.within is not None:
        return f"within {span(deadline.within)} of {event}"
    if deadline.business_days is not None:
        hours = f" ({deadline.calendar})" if deadline.calendar else ""
        return f"by the end of the {_nth(deadline.business_days)} business day{hours} after {event}"
    if deadline.months is not None:
        return f"within {deadline.months} months of {event}"
    if deadline.day_of_next_month is not None:
        return f"by day {deadline.day_of_next_month} of the month after"
    return f"by the end of the {_nth(deadline.end_of_period or 1)} {kind} after"


def _nth(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10 if number % 100 not in (11, 12, 13) else 0, "th")
    return f"{number}{ending}"


def rights(contract: Contract) -> Iterator[str]:
    """What a party may do when it goes on too long, and what goes back when it does not."""
    for right in contract.rights:
        until = "" if right.exercise_within is None else f", to be used within {span(right.exercise_within)}"
        yield f"- {right.gives.replace('_', ' ')}{until}, if {_clause(contract, right.condition)}. [{right.id}]"
    if contract.earn_back is not None:
        back = contract.earn_back
        names = f" of {listed(back.credits, 'and')}" if back.credits else ""
        yield (
            f"- {percent(back.share)} of a credit{names} goes back to {contract.provider} once its promises were kept "
            f"in {back.periods} {noun(contract.period)}s one after the other."
        )


def _clause(contract: Contract, clause: Clause) -> str:
    match clause:
        case Holds():
            return _held(contract, next(one for one in contract.conditions if one.id == clause.promise))
        case Missed():
            if clause.among is None:
                return f"{clause.promise} was breached in {clause.count} periods one after the other"
            return f"{clause.promise} was breached in {clause.count} of {clause.among} periods"
        case AllOf():
            return " and ".join(_grouped(contract, part) for part in clause.parts)
        case AnyOf():
            return " or ".join(_grouped(contract, part) for part in clause.parts)


def _held(contract: Contract, line: Promise) -> str:
    """What holds when the right arises; a measure that nobody promised is told here."""
    rule = None if line.rule is None else contract.measure(line.rule)
    promised = any(line.rule == one.rule for one in contract.promises)
    per = f" in a {line.per}" if line.per is not None else ""
    only = f" for {conditions(line.where)}" if conditions(line.where) else ""
    of = "" if set(line.services) >= {one.name for one in contract.services} else f" of {listed(line.services)}"
    means = "" if rule is None or promised else f" ({defined(contract, rule)})"
    if promised and rule is not None and rule.over is not None:
        per += f" over {rule.over}"
    is_ = f"is {OPERATORS[line.operator]} {figure(line.target, line.unit)}"
    return f"{what(contract, line)}{of} {is_}{per}{only}{means}"


def _grouped(contract: Contract, part: Clause) -> str:
    said = _clause(contract, part)
    return f"({said})" if isinstance(part, AllOf | AnyOf) else said
