"""What does not count, and on what conditions; and what becomes of time nobody observed."""

from collections.abc import Iterator

from config.contract.model import Contract, ExclusionTerm
from monitor.render.explaining.parties import hours
from monitor.render.explaining.words import conditions, listed, percent, span

_EFFECT = {
    "out_of_base": "leaves the time that is judged, whatever was measured in it",
    "not_down": "counts as up",
    "pause": "stops the clock of outages and tickets, and the time stays in the base",
    "void": "an outage that touches it is none",
}
_UNKNOWN = {
    "indeterminate": "A promise is met only if it is even should all of that time have been bad, breached only if "
    "it is even should all of it have been good; otherwise it is indeterminate, and people settle it.",
    "up": "It counts as up.",
    "down": "It counts as down.",
    "exclude": "It counts neither way: it leaves the time that is judged.",
}


def exclusions(contract: Contract) -> Iterator[str]:
    """Every cause with its conditions."""
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
    if term.notice_days is not None:
        yield f"announced at least {term.notice_days} business days ({term.calendar or 'Monday to Friday'}) ahead"
    else:
        yield f"announced at least {span(term.notice)} ahead" if term.notice else "no notice is needed"
    if term.cap is not None:
        yield f"at most {span(term.cap)} per {term.cap_period}, used up in the order of time"
    if term.cap_times is not None:
        yield f"at most {term.cap_times} times per {term.cap_period}"
    if term.cap is None and term.cap_times is None:
        yield "without a cap"
    if term.window is not None:
        yield f"only within {hours(term.window)}; what overruns it counts"
    if term.extends:
        yield f"it holds for {span(term.extends)} longer than it lasted"
    if term.services:
        yield f"only of {listed(term.services, 'and')}"
    if conditions(term.where):
        yield f"only for {conditions(term.where)}"
    yield _EFFECT[term.effect]


def unobserved(contract: Contract) -> Iterator[str]:
    """Time that nobody can speak for."""
    yield (
        "Time without a valid sample (the monitor was stopped, cut off, or failed itself) is neither up nor down. "
        + _UNKNOWN[contract.unknown]
    )
    yield (
        "Statistics of samples (latency, delivery, jitter) are judged only where at least "
        f"{percent(contract.minimum_coverage)} of the time was observed."
    )
