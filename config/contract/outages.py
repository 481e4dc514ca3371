"""``outages:`` how states and tickets become counted outages, one rule a name; every key is an independent choice.

unavailable: {from: tickets, starts: report, ends: restored, at least: 10m, clock: office}
"""

from collections.abc import Mapping
from dataclasses import replace

from config.calendars import ALWAYS
from config.contract import measure_fields as read_as
from config.contract import outage_fields as typed_as
from config.contract.conditions import read_condition
from config.contract.exclusions import cause
from config.contract.noun import Condition, Rounding
from config.contract.rules import Bucket, Edge, OutageRule, Source
from config.contract.scope import OUTAGE, Scope
from config.contract.signals import Signal
from config.names import check_name, known_names
from config.reader import Fields, Reader
from config.units import count, said

KEYS = (
    "from",
    "any of",
    "all of",
    "of",
    "bad when",
    "bucket",
    "minimum samples",
    "empty",
    "consecutive",
    "only while up",
    "starts",
    "ends",
    "confirm after",
    "longer than",
    "at least",
    "counts",
    "accumulate",
    "merge within",
    "merge at least",
    "merge counts",
    "overlap",
    "clock",
    "pauses",
    "grace",
    "grace counts",
    "grace from",
    "reopen",
    "reported within",
    "if",
    "affected at least",
    "round",
    "split",
    "weight",
)
_NEEDS = {
    "bad when": ("bucket", "bucket: 5m"),
    "bucket": ("bad when", "bad when: all fail"),
    "minimum samples": ("bucket", "bucket: 5m"),
    "empty": ("bucket", "bucket: 5m"),
    "merge at least": ("merge within", "merge within: 3h"),
    "merge counts": ("merge within", "merge within: 3h"),
    "grace counts": ("grace", "grace: 15m"),
    "grace from": ("grace", "grace: 2h"),
}


def read_outages(reader: Reader, scope: Scope, signals: Mapping[str, Signal]) -> tuple[OutageRule, ...]:
    """Every rule, in order; what of them rests on measures is left to ``config.contract.missed``."""
    found = []
    typed = list(reader.fields())
    for called, entry in typed:
        check_name(entry, called)
        others = {OUTAGE, *(name for name, _ in typed)} - {called}
        found.append(_read_rule(entry, called, replace(scope, outages=frozenset(others)), signals))
    return tuple(found)


def _read_rule(entry: Reader, called: str, scope: Scope, signals: Mapping[str, Signal]) -> OutageRule:
    fields = entry.fields(KEYS)
    for key, (needed, example) in _NEEDS.items():
        if key in fields and needed not in fields:
            at = fields.at(key)
            at.wrong(f"says nothing without {needed!r}; write for instance '{example}'", at.key)
    bucket = _bucket(fields)
    sources, every, own = _measured(fields) if _by_figures(bucket) else _sources(fields, signals, scope.outages)
    rule = OutageRule(
        name=called,
        sources=sources,
        every_source=every,
        services=_services(fields, own, scope),
        bucket=bucket,
        consecutive=fields.get("consecutive", typed_as.at_least_one, 1),
        control=fields.get("only while up", lambda value: typed_as.control(value, scope), None),
        pauses=_pauses(fields),
        where=read_condition(fields.at("if")) if "if" in fields else Condition(),
        round=_round(fields.at("round")) if "round" in fields else None,
    )
    more = {**_edges(fields), **_threshold(fields), **_merge(fields), **_counting(fields, scope)}
    rule = rule.but(**more)
    _check(fields, rule)
    return rule


def _edges(fields: Fields) -> dict[str, object]:
    """From where to where an outage counts."""
    plain = Edge(of=("first_failure",)), Edge(of=("first_success",))
    again = fields.get("reopen", lambda value: typed_as.either(value, "continues", "new"), False)
    return {
        "starts": fields.get("starts", lambda value: typed_as.edge(value, typed_as.STARTS), plain[0]),
        "ends": fields.get("ends", lambda value: typed_as.edge(value, typed_as.ENDS), plain[1]),
        "confirm_after": fields.get("confirm after", read_as.positive, 0),
        "reopen": "new" if again else "continues",
        "split": fields.get("split", typed_as.split, None),
    }


def _counting(fields: Fields, scope: Scope) -> dict[str, object]:
    """Which outages count, and how much of them."""
    return {
        "accumulate": fields.get("accumulate", typed_as.accumulated, None),
        "overlap": fields.get("overlap", typed_as.overlap, "union"),
        "clock": fields.get("clock", lambda value: _clock(value, scope), None),
        "grace": fields.get("grace", read_as.positive, 0),
        "grace_beyond": fields.get("grace counts", lambda value: typed_as.either(value, "whole", "beyond"), False),
        "grace_from": fields.get("grace from", typed_as.moment, None),
        "reported_within": fields.get("reported within", read_as.positive, None),
        "affected": fields.get("affected at least", count, 0),
        "weighted": fields.get("weight", lambda value: typed_as.either(value, "none", "share"), False),
    }


def _by_figures(bucket: Bucket | None) -> bool:
    return bucket is not None and bucket.when == "measure"


def _measured(fields: Fields) -> tuple[tuple[Source, ...], bool, tuple[str, ...]]:
    """The source of a rule whose buckets are judged by a figure, which is named once measures are read."""
    for key in ("from", "any of", "all of"):
        if key in fields:
            at = fields.at(key)
            at.wrong(
                "stands beside a figure that judges; leave it out, and name this rule in another one's sources", at.key
            )
    return (Source(kind="measure"),), False, ()


def _sources(
    fields: Fields, signals: Mapping[str, Signal], outages: frozenset[str]
) -> tuple[tuple[Source, ...], bool, tuple[str, ...]]:
    """The sources, whether all of them have to be down, and the services that the signals among them are for."""
    typed = [key for key in ("from", "any of", "all of") if key in fields]
    for key in typed[1:]:
        at = fields.at(key)
        at.wrong(f"stands beside {typed[0]!r}; write the sources once, below 'any of' or 'all of'", at.key)
    if not typed:
        return (Source(kind="probes"),), False, ()
    at = fields.at(typed[0])
    found: list[Source] = []
    services: list[str] = []
    if at.node.value == []:
        at.wrong("is empty; write probes, tickets, or counts and a signal")
    for item in at.items() if isinstance(at.node.value, list) else [at]:
        one = item.read(lambda value: typed_as.source(value, signals, outages), None)
        if one is None:
            continue
        if one[0] in found:
            item.wrong(f"{said(item.node.value)} stands in the list twice")
        found.append(one[0])
        services += [name for name in one[1].services if name not in services] if one[1] else []
    return tuple(found), typed[0] == "all of", tuple(services)


def _services(fields: Fields, own: tuple[str, ...], scope: Scope) -> tuple[str, ...]:
    return known_names(fields.at("of"), "service", scope.services) if "of" in fields else own


def _bucket(fields: Fields) -> Bucket | None:
    bad = fields.get("bad when", typed_as.bad_when, None)
    figures = _by_figures(bad)
    length, daily = fields.get("bucket", lambda value: typed_as.bucket(value, figures), (None, False))
    empty = fields.get("empty", typed_as.empty, "skip" if figures else "good")
    minimum = fields.get("minimum samples", typed_as.at_least_one, 1)
    if length is None or bad is None:
        return None
    return bad.but(length=length, daily=daily, minimum=minimum, empty=empty)


def _threshold(fields: Fields) -> dict[str, object]:
    """What qualifies, and how much of it counts."""
    if "longer than" in fields and "at least" in fields:
        at = fields.at("at least")
        at.wrong("stands beside 'longer than'; an outage qualifies by one of them, leave the other out", at.key)
    strict = "longer than" in fields
    least = fields.get("longer than" if strict else "at least", read_as.positive, 0)
    excess = fields.get("counts", lambda value: typed_as.either(value, "whole", "excess"), False)
    if excess and not strict and "at least" not in fields:
        at = fields.at("counts")
        at.wrong("'excess' is what lies beyond a length; write 'longer than: 3m' beside it")
    return {"least": least, "strict": strict, "excess": excess}


def _merge(fields: Fields) -> dict[str, object]:
    return {
        "merge_within": fields.get("merge within", read_as.positive, None),
        "merge_least": fields.get("merge at least", read_as.positive, 0),
        "merge_span": fields.get("merge counts", lambda value: typed_as.either(value, "sum", "span"), False),
    }


def _pauses(fields: Fields) -> tuple[str, ...] | None:
    """The causes of pauses; None for all."""
    if "pauses" not in fields:
        return None
    at = fields.at("pauses")
    if at.node.value in ("all", "none"):
        return None if at.node.value == "all" else ()
    items = at.items() if isinstance(at.node.value, list) else [at]
    causes = [item.read(cause, None) for item in items]
    return tuple(dict.fromkeys(one for one in causes if one is not None))


def _round(reader: Reader) -> Rounding | None:
    """``1m down``: each outage's own duration, so that there is nothing to choose between."""
    value = reader.node.value
    if (isinstance(value, dict) and "for" in value) or (isinstance(value, str) and " for " in value):
        reader.wrong("each outage is rounded as it is counted; leave 'for' out, or write 'round' at the measure")
        return None
    return read_as.read_rounding(reader, "ns")


def _clock(value: object, scope: Scope) -> str | None:
    called = read_as.calendar(value, scope)
    return None if called == ALWAYS else called


def _check(fields: Fields, rule: OutageRule) -> None:
    """What the keys say together has to be possible."""
    kinds = {one.kind for one in rule.sources}
    told: list[tuple[str, str]] = []
    if kinds == {"tickets"} and rule.bucket is not None:
        told.append(
            ("bucket", "tickets are not judged in buckets; leave it out, or add probes or counts to the sources")
        )
    if rule.consecutive > 1 and "probes" not in kinds and "bucket" not in fields:
        told.append(
            ("consecutive", "counts failing samples or bad buckets, and there are none; read probes, or write 'bucket'")
        )
    if rule.control is not None and "probes" not in kinds:
        told.append(("only while up", "holds failing samples against another service's; read probes"))
    if rule.control is not None and rule.control in rule.services:
        told.append(("only while up", f"{rule.control!r} is one of the services it is for, and would never be down"))
    if kinds == {"probes"} and rule.starts.of == ("confirmation",) and not rule.confirm_after:
        told.append(("starts", "nothing says when an outage is confirmed; write 'confirm after: 5m' beside it"))
    for key, text in told:
        at = fields.at(key)
        at.wrong(text, at.key)
