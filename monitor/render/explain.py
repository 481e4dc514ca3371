"""A contract in plain language, with every default spelled out: what ``upheld explain`` prints.

Written for somebody who has to rely on the contract and will not read its file: what is promised, how it is
measured, what does not count, what follows from a breach, and by which rules the figures are judged.
"""

import textwrap
from collections.abc import Iterable, Iterator
from fractions import Fraction
from zoneinfo import ZoneInfo

from config.contract.measures import format_value
from config.contract.model import Contract, ExclusionTerm, Promise, Service
from config.contract.money import Credit, Give, Limit, PerUnit, Table
from config.model import Config, Target
from config.period_kinds import noun, told
from config.periods import from_ns
from config.units import format_duration, format_share

WIDTH = 100
OPERATORS = {">=": "at least", ">": "more than", "<=": "at most", "<": "less than", "==": "exactly"}
_MEANING = {
    "availability": "time up, over time up or down",
    "longest-outage": "the longest charged time of one incident",
    "total-outage": "all charged time down, added up",
    "outages": "incidents with any charged time",
    "latency": "of all valid answers",
    "packet-delivery": "packets answered, over packets proven sent",
    "packet-loss": "packets not answered, over packets proven sent",
    "jitter": "of the differences between neighbouring answered packets of a burst (RFC 3393)",
}
_UNKNOWN = {
    "indeterminate": "A promise is met only if it is even should all of that time have been bad, breached only if "
    "it is even should all of it have been good; otherwise it is indeterminate, and people settle it.",
    "up": "It counts as up.",
    "down": "It counts as down.",
    "exclude": "It counts neither way: it leaves the time that is judged.",
}


def explain(config: Config, contract: Contract) -> str:
    """The whole text, ending in a line break. Pure: says nothing about figures, only about rules."""
    sections = (
        (f"Contract {contract.name}", _parties(contract)),
        ("What is promised", _promises(contract)),
        ("How it is measured", _measuring(config, contract)),
        ("What does not count", _exclusions(contract)),
        ("Time that nobody observed", _unknown(contract)),
        ("What follows from a breach", _credits(contract)),
        ("How to claim, and until when", _claims(config, contract)),
        ("How figures are judged", _judging(contract)),
    )
    lines: list[str] = []
    for title, body in sections:
        lines += [title, "-" * len(title), *_wrapped(body), ""]
    return "\n".join([*lines, f"Digest of the contract's text: {contract.digest}"]) + "\n"


def _wrapped(body: Iterable[str]) -> Iterator[str]:
    for text in body:
        indent = " " * (len(text) - len(text.lstrip()))
        hanging = indent + ("  " if text.lstrip().startswith("- ") else "")
        yield from textwrap.wrap(
            text, WIDTH, initial_indent="", subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False
        ) or [""]


def _parties(contract: Contract) -> Iterator[str]:
    yield f"{contract.provider} promises, {contract.customer} is promised."
    kind = noun(contract.period)
    yield (
        f"Accounted by {told(contract.period)} in the time zone {contract.timezone}: a {kind} begins "
        f"there with the first instant of its first day, and is as long as the clock changes make it."
    )
    for service in contract.services:
        charge = f", {service.charge} {contract.currency} a {kind}" if service.charge is not None else ""
        yield f"- {service.name}{charge}: {_down_rule(service)}"
        if service.in_service_from is not None:
            since = from_ns(service.in_service_from, ZoneInfo(contract.timezone))
            yield f"  In service from {since.isoformat(sep=' ')}; time before that is not judged."


def _down_rule(service: Service) -> str:
    names = ", ".join(service.targets)
    if len(service.targets) == 1:
        return f"down while its target {names} is."
    if service.down_when == 1:
        return f"down while any of its targets ({names}) is."
    if service.down_when == len(service.targets):
        return f"down while all of its targets ({names}) are."
    return f"down while at least {service.down_when} of its targets ({names}) are."


def _promises(contract: Contract) -> Iterator[str]:
    for promise in contract.promises:
        yield f"- {_said(promise)}, for {', '.join(promise.services)}. [{promise.id}]"
        yield f"  {_meaning(promise)}."
    yield "Each is made for each of its services by itself, and judged once a " + noun(contract.period) + "."


def _said(promise: Promise) -> str:
    what = promise.measure.replace("-", " ")
    if promise.statistic == "share under" and promise.threshold is not None:
        what = f"share of samples under {format_duration(promise.threshold)}"
    elif promise.statistic is not None:
        what = f"{promise.statistic} {what}"
    elif promise.threshold is not None:
        what = f"{what} over {format_duration(promise.threshold)}"
    return f"{what}: {OPERATORS[promise.operator]} {format_value(promise.target, promise.unit)}"


def _meaning(promise: Promise) -> str:
    text = _MEANING[promise.measure]
    if promise.statistic == "share under" and promise.threshold is not None:
        under = format_duration(promise.threshold)
        return f"Measured as the share of valid answers that took strictly less than {under}"
    if promise.measure == "outages" and promise.threshold is not None:
        return f"Measured as the number of incidents charged for longer than {format_duration(promise.threshold)}"
    if promise.statistic is None:
        return f"Measured as {text}"
    how = "by nearest rank" if promise.statistic[0] == "p" or promise.statistic == "median" else "exactly"
    return f"Measured as the {promise.statistic}, {how}, {text}"


def _measuring(config: Config, contract: Contract) -> Iterator[str]:
    for name in dict.fromkeys(name for service in contract.services for name in service.targets):
        yield from _target(config.targets[name])
    vantage = config.vantage
    witnesses = ", ".join(vantage.witnesses)
    where = {"external": "outside the customer's site", "onsite": "on the customer's site"}[vantage.kind]
    yield f"Probed from the vantage {vantage.name}, which is {where}."
    if witnesses:
        yield f"While its witnesses ({witnesses}) are all silent it is cut off, and what it takes for down is unknown."
    else:
        yield "It has no witnesses, so that losing its own connection cannot be told from the service being down."
    yield (
        "An outage begins with the start of the first failing sample and ends with that of the first good one, "
        "whatever confirmation the alert waited for."
    )


def _target(target: Target) -> Iterator[str]:
    packets = getattr(target.options, "packets", None)
    burst = f" with {packets} packets each time" if packets is not None else ""
    yield (
        f"- {target.name} is probed by {target.kind}{burst} every {format_duration(target.every)}, waiting at most "
        f"{format_duration(target.timeout)} for the answer."
    )
    again = (
        f"again {format_duration(target.recheck)} later" if target.recheck is not None else "not before its next turn"
    )
    yield (
        f"  A sample speaks until the next one if that comes within {format_duration(target.max_gap)}, else for "
        f"{format_duration(target.every)}; the rest is unknown. After a failure it is probed {again}. An outage is "
        f"told as confirmed once {target.confirm} of the last {target.confirm_of} samples failed."
    )
    if len(target.vantages) > 1:
        quorum = target.quorum or 2
        yield f"  Seen from {', '.join(target.vantages)}: down needs {quorum} of them and the majority."


def _exclusions(contract: Contract) -> Iterator[str]:
    for term in contract.exclusions:
        yield f"- {term.cause.replace('_', ' ')}: {'; '.join(_conditions(term))}."
    if contract.exclusions:
        yield (
            "Nothing else. Where two of them overlap, the first in this list holds. Beyond a cap, or without its "
            "notice, an exclusion lapses and what was measured stands."
        )
    else:
        yield "Nothing: everything that was measured counts."
    yield "Excluded time shortens an incident and never splits one."


def _conditions(term: ExclusionTerm) -> Iterator[str]:
    notice = "announced at least " + format_duration(term.notice) + " ahead" if term.notice else "no notice is needed"
    yield notice
    if term.cap is None:
        yield "without a cap"
    else:
        yield f"at most {format_duration(term.cap)} per {term.cap_period}, used up in the order of time"
    effect = {
        "out_of_base": "leaves the time that is judged, whatever was measured in it",
        "not_down": "counts as up",
    }
    yield effect[term.effect]


def _unknown(contract: Contract) -> Iterator[str]:
    yield (
        "Time without a valid sample (the monitor was stopped, cut off, or failed itself) is neither up nor down. "
        + _UNKNOWN[contract.unknown]
    )
    yield (
        "Statistics of samples (latency, delivery, jitter) are judged only where at least "
        f"{format_share(contract.minimum_coverage)} of the time was observed."
    )


def _credits(contract: Contract) -> Iterator[str]:
    if not contract.credits:
        yield "The contract names no credits: a breach is stated, and nothing is owed by its terms."
        return
    for credit in contract.credits:
        yield from _credit(contract, credit)
    limit = next(iter(contract.caps), Limit(give=Give(amount=Fraction(1))))
    scope = "all services together" if limit.of == "contract" else "the service"
    default = "" if contract.caps else " (the contract names no other cap)"
    most = format_share(limit.give.amount)
    yield f"The credits of a {noun(contract.period)} add up to at most {most} of the charge of {scope}{default}."
    yield (
        "Owed only on a breach, never where the verdict is indeterminate. Tables are read with the value most "
        "favourable to the provider that unobserved time allows; amounts are rounded half up to the currency's "
        "smallest coin, each once."
    )


def _credit(contract: Contract, credit: Credit) -> Iterator[str]:
    promise = next(promise for promise in contract.promises if promise.id in credit.promises)
    yield f"- {promise.id}, in shares of the service's charge:"
    shape = credit.shape
    if isinstance(shape, Table):
        for row in shape.rows:
            edge = format_value(row.edge, promise.unit)
            yield f"  {OPERATORS[row.operator]} {edge}: {format_share(row.give.amount)}"
        if len(shape.rows) > 1:
            yield "  The worst row that holds is paid; rows do not add up."
    if isinstance(shape, PerUnit):
        part = "a part counts as a whole one" if shape.count == "started" else "only whole ones count"
        unit, beyond = format_duration(int(shape.unit)), format_duration(int(shape.beyond))
        yield f"  {format_share(shape.give.amount)} for each {unit} beyond {beyond}; {part}."


def _claims(config: Config, contract: Contract) -> Iterator[str]:
    issue, kind = format_duration(config.daemon.issue_after), noun(contract.period)
    yield f"A statement of each {kind} is issued {issue} after its end; until then it takes in late samples."
    deadline = contract.claim.deadline if contract.claim is not None else None
    if deadline is None or deadline.within is None:
        yield "The contract sets no time within which to claim."
    else:
        yield (
            f"{contract.customer} claims with that statement within {format_duration(deadline.within)} of the "
            f"end of the {kind}; the statement names the instant."
        )


def _judging(contract: Contract) -> Iterator[str]:
    yield (
        "Figures are exact fractions and are compared unrounded; what is shown is rounded toward the unfavourable "
        "side of what was promised, so that 99.9499 % is never shown as 99.95 %."
    )
    kind = noun(contract.period)
    yield (
        f"An outage over the edge of a {kind} is divided there for totals. For limits on one incident and "
        f"for counts it belongs whole to the {kind} it began in."
    )
    yield "Unknown time between two outages does not make them two: they are one incident with unknown time inside."
