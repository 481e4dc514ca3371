"""``upheld what-if``: a past period judged again under other facts or other terms."""

import json
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

import click

from config.contract.measures import value_of
from config.contract.model import Contract
from config.contract.revisions import in_force
from config.errors import unknown
from config.periods import from_ns, to_ns
from config.spans import Span
from monitor.cli.common import USAGE, config_option, configuration, contract_of, fail, period_of, store_option
from monitor.cli.statement import evidence_of, judged, open_at
from monitor.sla.matching import same_words
from monitor.sla.model import PromiseResult, Statement

OPERATORS = ("<=", ">=", "==", "<", ">", "=")


@click.command("what-if")
@click.argument("contract")
@click.argument("period")
@click.option("--outage", "outages", multiple=True, metavar="FROM/TO", help="Suppose it down then; may be given again.")
@click.option("--up", "ups", multiple=True, metavar="FROM/TO", help="Suppose it up then: an outage that had not been.")
@click.option("--excluded", multiple=True, metavar="FROM/TO=CAUSE", help="Suppose this cause, announced in time.")
@click.option("--service", metavar="NAME", help="Of which service; needed where the contract has several.")
@click.option("--target", "targets", multiple=True, metavar="PROMISE=VALUE", help="Another target: availability=99.5%.")
@click.option("--facts", "facts_path", metavar="FILE", help="Judge this file instead of the store.")
@click.option("--json", "as_json", is_flag=True, help="Both statements as JSON.")
@store_option
@config_option
def command(
    contract: str,
    period: str,
    outages: tuple[str, ...],
    ups: tuple[str, ...],
    excluded: tuple[str, ...],
    service: str | None,
    targets: tuple[str, ...],
    facts_path: str | None,
    as_json: bool,
    store_path: str | None,
    config_path: str | None,
) -> None:
    """Judge CONTRACT's PERIOD again, supposing other outages or other targets, beside what it is.

    Times are RFC 3339, or local ones of the contract's zone: 2026-10-05T10:00/2026-10-05T11:30. A period that is open
    is judged as of now, or of the end of what is supposed.
    """
    from monitor.sla.what_if import Supposed, Supposition, with_targets

    config = configuration(config_path, store_path)
    agreed = contract_of(config, contract)
    span, zone = period_of(agreed, period), ZoneInfo(agreed.timezone)
    here = in_force(agreed, span.start)
    about = _service(here, service) if outages or ups else ""
    supposition = Supposition(
        down=[(about, _span("--outage", text, zone)) for text in outages],
        up=[(about, _span("--up", text, zone)) for text in ups],
        excluded=[_excluded(here, text, zone) for text in excluded],
    )
    spans = [one for _, one in (*supposition.down, *supposition.up, *supposition.excluded)]
    for start, end in spans:
        if end <= span.start or start >= span.end:
            click.echo(f"note: {_said((start, end), zone)} lies outside {span.label}", err=True)
    now = open_at(span, time.time_ns()) if facts_path is None else None
    then = None if now is None else open_at(span, max(now, *(end for _, end in spans)) if spans else now)
    other = with_targets(agreed, dict(_target(here, text) for text in targets))
    with evidence_of(config, facts_path) as evidence:
        before = judged(config, agreed, span, evidence, now)
        after = judged(config, other, span, Supposed(evidence, supposition, agreed), then)
    click.echo(_both(before, after) if as_json else "\n".join(_beside(before, after)))


def _service(contract: Contract, given: str | None) -> str:
    names = [service.name for service in contract.services]
    if given is None and len(names) == 1:
        return names[0]
    if given is None:
        fail(USAGE, f"--service: the contract has several; name one of {', '.join(names)}")
    if given not in names:
        fail(USAGE, f"--service: {unknown('service', given, names)}")
    return given


def _span(option: str, text: str, zone: ZoneInfo) -> Span:
    first, separator, last = text.partition("/")
    try:
        start, end = _instant(first, zone), _instant(last, zone)
    except ValueError:
        fail(USAGE, f"{option}: {text!r} is no span; write it as 2026-10-05T10:00/2026-10-05T11:30")
    if not separator or end <= start:
        fail(USAGE, f"{option}: {text!r} ends before it begins")
    return start, end


def _instant(text: str, zone: ZoneInfo) -> int:
    moment = datetime.fromisoformat(text.strip())
    return to_ns(moment if moment.tzinfo is not None else moment.replace(tzinfo=zone))


def _said(span: Span, zone: ZoneInfo) -> str:
    return "/".join(from_ns(at, zone).isoformat(timespec="seconds") for at in span)


def _excluded(contract: Contract, text: str, zone: ZoneInfo) -> tuple[str, Span]:
    span, _, cause = text.partition("=")
    if not cause.strip():
        fail(USAGE, f"--excluded: {text!r} names no cause; write it as FROM/TO=planned maintenance")
    if not any(same_words(cause, term.cause) for term in contract.exclusions):
        causes = [term.cause.replace("_", " ") for term in contract.exclusions]
        fail(USAGE, f"--excluded: {unknown('cause', cause.strip(), causes)}")
    return cause.strip().replace(" ", "_"), _span("--excluded", span, zone)


def _target(contract: Contract, text: str) -> tuple[str, Fraction]:
    """``availability=99.5%``; an operator may stand for the sign, and is the promise's anyway."""
    sign = next((sign for sign in OPERATORS if sign in text), None)
    name, _, value = text.partition(sign) if sign else (text, "", "")
    slug = "-".join(name.replace("_", " ").split())
    promise = next((one for one in contract.promises if one.id == slug), None)
    if promise is None:
        fail(USAGE, f"--target: {unknown('promise', slug, [one.id for one in contract.promises])}")
    try:
        return slug, value_of(value.strip(), promise.unit)
    except ValueError as error:
        fail(USAGE, f"--target: {error}")


def _both(before: Statement, after: Statement) -> str:
    from monitor.render.statement_json import members

    return json.dumps({"as_it_is": members(before), "what_if": members(after)}, ensure_ascii=False, sort_keys=True)


def _beside(before: Statement, after: Statement) -> Iterator[str]:
    """Each promise as it is and as it would be, then the money."""
    yield f"{before.contract}, {before.period.label}: as it is → what if"
    for left, right in zip(before.promises, after.promises, strict=True):
        name = f"{left.service}, {left.id}"
        changed = _shown(left) != _shown(right)
        yield f"  {name}: {_shown(left)}" + (f" → {_shown(right)}" if changed else " (unchanged)")
    left_money, right_money = _money(before), _money(after)
    yield f"  credits: {left_money}" + (f" → {right_money}" if left_money != right_money else " (unchanged)")
    yield from (f"    {line}" for line in _steps(after))


def _shown(result: PromiseResult) -> str:
    from monitor.render.statement_json import scale

    shown = scale(result)
    value = "no value" if result.value is None else shown.display(result.value)
    verdict = "no verdict" if result.verdict is None else result.verdict.value
    return f"{value} against {result.operator} {shown.display_target()}, {verdict}"


def _money(statement: Statement) -> str:
    from monitor.render.numbers import decimal

    parts = [f"{decimal(amount)} {unit}" for unit, amount in statement.in_kind]
    if statement.credit_total is not None:
        parts.insert(0, f"{statement.credit_total:f} {statement.currency or ''}".rstrip())
    return ", ".join(parts) or "none"


def _steps(statement: Statement) -> Sequence[str]:
    return [f"{line.service}, {line.id}: {'; '.join(line.steps)}" for line in statement.credits]
