"""The kinds of measure a contract can define: the key each is typed by, what it takes besides, and how that is read."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from config.contract import measure_fields as read_as
from config.contract.measures import FORMS
from config.contract.noun import Unit
from config.contract.rules import MeasureKind
from config.contract.scope import OUTAGE, Scope
from config.errors import nearest, unknown
from config.reader import Fields, Reader
from config.units import duration, line, said

Values = dict[str, object]
_EMPTY = ("good", "bad", "skip", "carry")
_SAMPLED: dict[str, Unit] = {form.words: form.unit for form in FORMS.values() if form.needs != "state"}


@dataclass(frozen=True, slots=True)
class Kind:
    """``keys``: what it takes besides the key it is typed by and those that all kinds take."""

    kind: MeasureKind
    keys: tuple[str, ...]
    read: Callable[[Fields, Scope], Values]


def _outage(fields: Fields, key: str, scope: Scope) -> str | None:
    return fields.at(key).read(lambda value: scope.outage(line(value)), None)


def _ratio(fields: Fields, scope: Scope) -> Values:
    return {
        "of": _outage(fields, "ratio", scope),
        "unit": "ratio",
        "base": fields.get("base", lambda value: read_as.base(value, scope), None),
        "absent": fields.get(
            "absent", lambda value: read_as.chosen(value, "way to count absent time", ("shrink", "up")), "shrink"
        ),
        "weighted": fields.get("weighted", read_as.yes, False),
    }


def _total(fields: Fields, scope: Scope) -> Values:
    allowance = "beyond" in fields and fields.entries["beyond"].value == "allowance"
    return {
        "of": _outage(fields, "total", scope),
        "unit": "ns",
        "allowance": allowance,
        "beyond": 0 if allowance else fields.get("beyond", duration, 0),
        "weighted": fields.get("weighted", read_as.yes, False),
    }


def _longest(fields: Fields, scope: Scope) -> Values:
    return {"of": _outage(fields, "longest", scope), "unit": "ns"}


def _count(fields: Fields, scope: Scope) -> Values:
    if "longer than" in fields and "at least" in fields:
        fields.at("at least").wrong("stands beside 'longer than'; write one of them", fields.at("at least").key)
    strict = "at least" not in fields
    return {
        "of": _outage(fields, "count", scope),
        "unit": "count",
        "longer": fields.get("longer than" if strict else "at least", read_as.positive, 0),
        "strict_longer": strict,
    }


def _signal(fields: Fields, key: str, scope: Scope) -> str | None:
    """A signal's name: one that is declared, or any other that is not nearly the same."""
    called = fields.at(key).read(line, None)
    if called is not None and called not in scope.signals and nearest(called, scope.signals):
        fields.at(key).wrong(unknown("signal", called, scope.signals))
    return called


def _requests(fields: Fields, scope: Scope) -> Values:
    signal = _signal(fields, "requests", scope)
    ways = ("mean of ratios", "ratio of sums")
    aggregate = fields.get("aggregate", lambda value: read_as.chosen(value, "aggregate", ways), "ratio of sums")
    if "bucket" not in fields and aggregate == "mean of ratios":
        fields.missing("bucket", "bucket: 5m")
    elif "bucket" not in fields and "empty" in fields and fields.entries["empty"].value == "carry":
        fields.at("empty").wrong("carries from one bucket to the next, and there are none; write 'bucket: 5m'")
    return {
        "of": signal,
        "unit": "ratio",
        "bucket": fields.get("bucket", read_as.positive, None),
        "aggregate": aggregate.replace(" ", "_"),
        "empty": fields.get("empty", lambda value: read_as.chosen(value, "way to take an empty bucket", _EMPTY), None),
        "services": scope.signals.get(signal or "", ()),
    }


def _counts(fields: Fields, scope: Scope) -> Values:
    signal = _signal(fields, "counts", scope)
    number = _number(fields)
    return {
        "of": signal,
        "unit": "ratio" if number == "share" else "count",
        "number": number,
        "empty": fields.get("empty", lambda value: read_as.chosen(value, "way to take no counts", _EMPTY[:3]), None),
        "services": scope.signals.get(signal or "", ()),
    }


def _number(fields: Fields) -> str:
    """What is taken of the counts: ``number: failed``, or ``of: failed`` where no services are named."""
    short = fields.entries["of"].value if "of" in fields else None
    ways = ("share", "failed", "total")
    if "number" not in fields:
        return str(short) if short in ways[1:] else ways[0]
    if short in ways[1:]:
        at = fields.at("of")
        at.wrong(f"{short!r} is what 'number' says; name services, or leave it out")
    return fields.get("number", lambda value: read_as.chosen(value, "number to take", ways), ways[0])


def _each(fields: Fields, scope: Scope) -> Values:
    stat = fields.get("stat", lambda value: read_as.statistic(value, "each"), None)
    less = fields.get("less", lambda value: read_as.chosen(value, "time to take off", ("excluded",)), None)
    of = fields.at("each").read(lambda value: _items(line(value), scope), None)
    if of is not None and stat is not None and stat.days and of in {*scope.outages, OUTAGE}:
        fields.at("stat").wrong(read_as.ONLY_LEGS)
    return {
        "of": of,
        "unit": "ratio" if stat and stat.share else "ns",
        "statistic": stat.name if stat else None,
        "threshold": stat.threshold if stat else None,
        "in_days": (of,) if of and stat and stat.days else (),
        "less_excluded": less is not None,
        "clock": _clock(fields, [fields.at("stat")] if stat else [], scope),
    }


def _items(called: str, scope: Scope) -> str:
    """An outage rule, or a leg of tickets."""
    rules = {*scope.outages, OUTAGE}
    if called in rules:
        return called
    if called.startswith("from ") or read_as.measure_name(called) in read_as.LEGS:
        return read_as.leg(called)
    raise ValueError(unknown("outage or leg of a ticket", called, {*rules, *read_as.LEGS}))


def _tickets(fields: Fields, scope: Scope) -> Values:
    at = fields.at("share of tickets")
    if not isinstance(at.node.value, dict):
        at.wrong(f"{said(at.node.value)} says nothing of which leg; write it as {{response: 4h, resolution: 16h}}")
        return {}
    typed = at.fields()
    limits = [(leg, limit) for key, limit in typed if (leg := _leg(key, limit)) is not None]
    read = [(leg, found) for leg, limit in limits if (found := limit.read(read_as.limit, None)) is not None]
    legs = [(leg, length) for leg, (length, _) in read]
    in_days = tuple(leg for leg, (_, days) in read if days)
    if not typed.entries and not typed.broken:
        at.wrong("is empty; say what a ticket has to keep, as in {response: 4h, resolution: 16h}")
    clock = _clock(fields, [limit for _, limit in limits], scope)
    return {
        "of": "tickets",
        "unit": "ratio",
        "legs": tuple(legs),
        "in_days": in_days,
        "clock": clock,
    }


def _clock(fields: Fields, limits: Iterable[Reader], scope: Scope) -> str | None:
    """The only calendar, where some limit is in business hours and no clock is named."""
    if "clock" in fields:
        return None
    for limit in limits:
        if isinstance(limit.node.value, str) and "business" in limit.node.value:
            return limit.read(lambda _: read_as.only_calendar(scope), None)
    return None


def _leg(key: str, limit: Reader) -> str | None:
    try:
        return read_as.leg(key)
    except ValueError as error:
        limit.wrong(str(error), limit.key)
        return None


def _samples(fields: Fields, scope: Scope) -> Values:
    called = fields.at("samples").read(_sampled, None)
    stat = fields.get("stat", lambda value: read_as.statistic(value, "samples"), None)
    bins = fields.get("bucket", read_as.positive, None)
    of_bins = fields.get("of bins", lambda value: read_as.statistic(value, "samples"), None)
    if "of bins" in fields and "bucket" not in fields:
        fields.missing("bucket", "bucket: 5m")
    pooled = called is not None and _SAMPLED[called] == "ratio"
    if stat is not None and stat.name != "mean" and (pooled or (bins and stat.share)):
        how = "is a ratio of sums" if pooled else "is taken in buckets"
        fields.at("stat").wrong(f"{called} {how}; say what is taken of them: 'bucket: 5m, of bins: max'")
    share = of_bins if bins else stat
    return {
        "of": called.replace(" ", "-") if called else None,
        "unit": "ratio" if share and share.share else _SAMPLED.get(called or ""),
        "statistic": None if pooled else stat.name if stat else "mean",
        "threshold": share.threshold if share else None,
        "skip": _skipped(fields, scope),
        "bins": bins,
        "of_bins": (of_bins.name if of_bins else "mean") if bins else None,
    }


def _sampled(value: object) -> str:
    called = read_as.measure_name(line(value))
    if called in _SAMPLED:
        return called
    raise ValueError(unknown("measure of samples", called, _SAMPLED))


def _skipped(fields: Fields, scope: Scope) -> tuple[str, ...]:
    """The outage rules whose time leaves samples out: one or a list."""
    if "skip" not in fields:
        return ()
    at = fields.at("skip")
    items = at.items() if isinstance(at.node.value, list) else [at]
    found = [item.read(lambda value: scope.outage(line(value)), None) for item in items]
    return tuple(name for name in found if name is not None)


def _given(fields: Fields, scope: Scope) -> Values:
    stat = fields.get("stat", lambda value: read_as.statistic(value, "given"), None)
    unit, scale = fields.need("unit", read_as.given_unit, "unit: score") or (None, 1)
    called = fields.at("given").read(line, None)
    return {"of": called, "unit": unit, "scale": scale, "statistic": stat.name if stat else "mean"}


KINDS: dict[str, Kind] = {
    "ratio": Kind("ratio", ("base", "absent", "weighted"), _ratio),
    "requests": Kind("requests", ("bucket", "aggregate", "empty"), _requests),
    "counts": Kind("counts", ("number", "empty"), _counts),
    "total": Kind("total", ("beyond", "weighted"), _total),
    "longest": Kind("longest", (), _longest),
    "count": Kind("count", ("longer than", "at least"), _count),
    "each": Kind("each", ("stat", "less"), _each),
    "share of tickets": Kind("tickets", (), _tickets),
    "samples": Kind("samples", ("stat", "skip", "bucket", "of bins"), _samples),
    "given": Kind("given", ("unit", "stat"), _given),
}
"""By the key that says what is measured."""
