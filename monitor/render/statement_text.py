"""A statement as text for people: what was promised, what was measured, what was excluded and why, what follows.

Instants stand in the contract's zone with their offset, figures rounded toward the unfavourable side of their
target, bounds only where they differ from each other.
"""

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from config.spans import clip, total, union
from monitor.render.numbers import between, lasting, moment, percent
from monitor.render.statement_json import members, scale
from monitor.sla.measures import TIMELINE
from monitor.sla.model import (
    CreditLine,
    ExclusionUse,
    Incident,
    PartialOutage,
    PromiseResult,
    ServiceFigures,
    Statement,
    UnknownSpan,
    Verdict,
)

_PROMISED = {">=": "", "<=": "at most ", "<": "under ", ">": "over ", "==": "exactly "}
_MOST_ROWS = 50
"""Tables end here; the JSON has every row."""


def render(statement: Statement) -> str:
    """The whole statement, one line a fact."""
    return "\n".join(_lines(statement)) + "\n"


def _lines(statement: Statement) -> Iterator[str]:
    zone = ZoneInfo(statement.timezone)
    yield from _head(statement, zone)
    for figures in statement.services:
        yield ""
        yield from _service(statement, figures, zone)
    yield from _credits(statement, zone)
    yield from _table("Incidents", [_incident(one, zone) for one in statement.incidents])
    yield from _table("Exclusions", list(_exclusions(statement, zone)))
    yield from _table("Unknown", [_row(one, _words(one.cause), zone) for one in statement.unknown])
    yield from _table("Seen by a minority of vantages only, not charged", list(_minority(statement, zone)))
    yield ""
    if statement.insecure:
        yield f"Insecure switches in use: {', '.join(statement.insecure)}"
    yield f"Methods: {', '.join(sorted({result.method for result in statement.promises}))}; tzdata {statement.tzdata}"
    yield f"Contract {statement.contract_digest or 'without digest'}"
    yield f"Digest {members(statement)['digest']}"


def _head(statement: Statement, zone: ZoneInfo) -> Iterator[str]:
    revision = f"revision {statement.revision}, {'issued' if statement.issued else 'not issued'}"
    yield f"Statement {statement.period.label} of contract {statement.contract} ({revision})"
    yield f"{statement.provider} for {statement.customer}"
    yield f"{between((statement.period.start, statement.period.end), zone)}, {statement.timezone}"
    if statement.as_of is not None:
        yield f"The period is open: figures as of {moment(statement.as_of, zone)}"
    if any(result.verdict is None for result in statement.promises):
        yield "Not a period of this contract: figures without verdicts and credits"


def _service(statement: Statement, figures: ServiceFigures, zone: ZoneInfo) -> Iterator[str]:
    yield f"{figures.service}: {_buckets(figures)}"
    for result in statement.promises:
        if result.service == figures.service:
            yield f"  {_promise(statement, figures, result)}"


def _buckets(figures: ServiceFigures) -> str:
    spans = [("up", figures.up), ("down", figures.down), ("unknown", figures.unknown - figures.pending)]
    spans += [("excluded", figures.excluded), ("still to come", figures.pending)]
    told = ", ".join(f"{name} {lasting(ns)}" for name, ns in spans if ns or name in ("up", "down"))
    coverage = "nothing observed" if figures.coverage is None else f"coverage {percent(figures.coverage)}"
    return f"{told}; {coverage}"


def _promise(statement: Statement, figures: ServiceFigures, result: PromiseResult) -> str:
    shown = scale(result)
    value = "no value" if result.value is None else shown.display(result.value)
    promised = f"promised {_PROMISED[result.operator]}{shown.display_target()}"
    parts = [*_bounds(result), *_facts(statement, figures, result)]
    detail = f": {', '.join(parts)}" if parts else ""
    return f"{_name(result)} {value} ({promised}){detail} → {_follows(statement, result)}"


def _name(result: PromiseResult) -> str:
    """The promise as typed, up to its operator."""
    return result.text.split(result.operator)[0].strip() or result.id


def _bounds(result: PromiseResult) -> list[str]:
    if result.lower == result.upper:
        return []
    low, high = ("" if bound is None else scale(result).display(bound) for bound in (result.lower, result.upper))
    if low and high:
        return [f"between {low} and {high}"]
    return [f"at least {low}" if low else f"at most {high}"]


def _facts(statement: Statement, figures: ServiceFigures, result: PromiseResult) -> Iterator[str]:
    """What went into the figure: lost and excluded time for what counts time, the number of values otherwise."""
    if result.measure in TIMELINE:
        if figures.down:
            yield f"lost {lasting(figures.down)}"
        for cause, ns in _by_cause(statement, figures.service).items():
            yield f"excluded {lasting(ns)} {_words(cause)}"
        if figures.unknown > figures.pending:
            yield f"unknown {lasting(figures.unknown - figures.pending)}"
    if result.samples is not None:
        yield f"of {result.samples} values"
    if result.sufficiency is not None:
        yield f"coverage {result.sufficiency}"


def _by_cause(statement: Statement, service: str) -> dict[str, int]:
    """Excluded time of a service within the period, by cause."""
    spans: dict[str, list[tuple[int, int]]] = {}
    for use in statement.exclusions:
        if use.service == service:
            spans.setdefault(use.cause, []).extend(use.applied)
    period = statement.period
    within = {cause: total(clip(union(each), period.start, period.end)) for cause, each in spans.items()}
    return {cause: ns for cause, ns in within.items() if ns}


def _follows(statement: Statement, result: PromiseResult) -> str:
    if result.verdict is None:
        return "no verdict"
    said = result.verdict.value
    if result.below_target_so_far and result.verdict is not Verdict.BREACHED:
        said += ", below target so far"
    if result.at_risk and result.verdict is not Verdict.BREACHED:
        said += ", at risk"
    for line in statement.credits:
        if (line.service, line.promise) == (result.service, result.id):
            said += f", {_credit(line)}"
    return said


def _credit(line: CreditLine) -> str:
    amount = "" if line.amount is None else f", {line.amount:f} {line.currency or ''}".rstrip()
    return f"{percent(line.share)} credit{amount}" if line.share is not None else f"credit{amount}"


def _credits(statement: Statement, zone: ZoneInfo) -> Iterator[str]:
    rows = [f"{line.service}, {line.promise}: {'; '.join(line.steps)}" for line in statement.credits]
    yield from _table("Credits", rows)
    if statement.credit_total is not None:
        yield f"  total {statement.credit_total:f} {statement.currency or ''}".rstrip()
    if statement.claim_by is not None:
        yield f"  to be claimed by {moment(statement.claim_by, zone)}"


def _table(title: str, rows: Sequence[str]) -> Iterator[str]:
    """A headed list; nothing where there is nothing."""
    if not rows:
        return
    yield ""
    yield title
    for row in rows[:_MOST_ROWS]:
        yield f"  {row}"
    if len(rows) > _MOST_ROWS:
        yield f"  and {len(rows) - _MOST_ROWS} more"


def _row(one: UnknownSpan | PartialOutage | ExclusionUse, text: str, zone: ZoneInfo) -> str:
    return f"{one.service}: {between((one.start, one.end), zone)}: {text}"


def _incident(incident: Incident, zone: ZoneInfo) -> str:
    """Both edges, what is charged of it, and what the probing interval leaves open about its length."""
    if incident.end is None:
        head = f"{incident.service}: since {moment(incident.start, zone)}, open"
    else:
        head = f"{incident.service}: {between((incident.start, incident.end), zone)}"
    parts = [f"charged {lasting(incident.charged)}"]
    if incident.lower != incident.upper:
        possible = "" if incident.upper is None else f", possible {lasting(incident.upper)}"
        parts.append(f"certain {lasting(incident.lower)}{possible}")
    if incident.cause:
        parts.append(_words(incident.cause))
    if incident.seen_by:
        parts.append(f"seen by {', '.join(incident.seen_by)}")
    if not incident.counted:
        parts.append("counted in the period of its start")
    parts += [_handled(*one, zone) for one in incident.handling]
    return f"{head}: {', '.join(parts)}"


def _handled(at: int, action: str, author: str | None, note: str | None, zone: ZoneInfo) -> str:
    by = f" by {author}" if author else ""
    return f"{action}{by} {moment(at, zone)}" + (f" ({note})" if note else "")


def _exclusions(statement: Statement, zone: ZoneInfo) -> Iterator[str]:
    """Each as announced, with what became of it within the period."""
    start, end = statement.period.start, statement.period.end
    for use in statement.exclusions:
        if use.end <= start or use.start >= end:
            continue
        parts = [_words(use.cause) if use.id is None else f"{use.id}, {_words(use.cause)}"]
        applied = total(clip(union(use.applied), start, end))
        parts.append(f"{lasting(applied)} {_EFFECT[use.effect]}" if applied else "nothing excluded")
        for lapsed_from, lapsed_to, why in use.lapsed:
            parts.append(f"{lasting(lapsed_to - lapsed_from)} lapsed {why}")
        if use.announced_at is not None:
            parts.append(f"announced {moment(use.announced_at, zone)}")
        if use.author:
            parts.append(f"by {use.author}")
        if use.reason:
            parts.append(use.reason)
        if use.retroactive:
            parts.append("entered after it began")
        yield _row(use, ", ".join(parts), zone)


def _minority(statement: Statement, zone: ZoneInfo) -> Iterator[str]:
    for one in statement.partial:
        yield _row(one, f"{one.target} from {', '.join(one.seen_by)}", zone)


def _words(cause: str) -> str:
    """A cause as words."""
    return cause.replace("_", " ")


_EFFECT = {"out_of_base": "left out of the base", "not_down": "counted as up", "none": "left out"}
