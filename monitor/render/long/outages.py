"""Outages and exclusions in the long form: every key with its default."""

from config.calendars import ALWAYS
from config.contract.model import Contract, ExclusionTerm
from config.contract.rules import Bucket, Edge, OutageRule, Source
from config.contract.scope import OUTAGE
from config.dump import Plain
from monitor.render.long.ground import window
from monitor.render.long.values import Clause, condition, kept, listed, percent, rounding, span, words


def outages(contract: Contract) -> Clause:
    """Every rule by name; the plain one of probes that is always there, too."""
    named = {rule.name: rule for rule in contract.outages}
    plain = {} if OUTAGE in named else {OUTAGE: contract.outage(OUTAGE)}
    return {name: _rule(rule) for name, rule in (plain | named).items()}


def _rule(rule: OutageRule) -> Clause:
    return kept(
        {
            **_sources(rule),
            "of": listed(rule.services) if rule.services else None,
            **({} if rule.bucket is None else _bucket(rule.bucket)),
            "consecutive": rule.consecutive,
            "only while up": rule.control,
            "starts": _edge(rule.starts),
            "ends": _edge(rule.ends),
            **_qualifies(rule),
            **_together(rule),
            "overlap": rule.overlap,
            "clock": rule.clock or ALWAYS,
            "pauses": "all" if rule.pauses is None else _causes(rule.pauses),
            **_grace(rule),
            "reopen": rule.reopen,
            "reported within": None if rule.reported_within is None else span(rule.reported_within),
            "if": condition(rule.where) or None,
            "affected at least": rule.affected,
            "round": None if rule.round is None else rounding(rule.round, "ns", purpose=False),
            "split": rule.split,
            "weight": "share" if rule.weighted else "none",
        }
    )


def _sources(rule: OutageRule) -> Clause:
    if rule.sources[0].kind == "measure":
        return {}
    named: list[Plain] = [_source(one) for one in rule.sources]
    if len(named) == 1 and not rule.every_source:
        return {"from": named[0]}
    return {"all of" if rule.every_source else "any of": named}


def _source(one: Source) -> str:
    if one.kind == "outage" and one.name is not None:
        return one.name
    return f"counts {one.name}" if one.kind == "counts" else one.kind


def _bucket(bucket: Bucket) -> Clause:
    sign = ">" if bucket.strict else ">="
    typed = {"error_ratio": f"error ratio {sign} {percent(bucket.ratio)}", "measure": bucket.text}
    return {
        "bad when": typed.get(bucket.when, words(bucket.when)),
        "bucket": "day" if bucket.daily else span(bucket.length),
        "minimum samples": bucket.minimum,
        "empty": bucket.empty,
    }


def _edge(edge: Edge) -> str:
    named = ", ".join(words(one) for one in edge.of)
    return named if edge.pick == "one" else f"{edge.pick} of {named}"


def _qualifies(rule: OutageRule) -> Clause:
    need = None if rule.accumulate is None else f"{span(rule.accumulate[0])} within {span(rule.accumulate[1])}"
    return {
        "confirm after": span(rule.confirm_after) if rule.confirm_after else None,
        "longer than" if rule.strict else "at least": span(rule.least) if rule.least else None,
        "counts": "excess" if rule.excess else "whole",
        "accumulate": need,
    }


def _together(rule: OutageRule) -> Clause:
    if rule.merge_within is None:
        return {}
    return {
        "merge within": span(rule.merge_within),
        "merge at least": span(rule.merge_least) if rule.merge_least else None,
        "merge counts": "span" if rule.merge_span else "sum",
    }


def _grace(rule: OutageRule) -> Clause:
    if not rule.grace:
        return {}
    counts: Clause = {"grace": span(rule.grace), "grace counts": "beyond" if rule.grace_beyond else "whole"}
    return counts if rule.grace_from is None else {**counts, "grace from": words(rule.grace_from)}


def _causes(causes: tuple[str, ...]) -> Plain:
    return [words(one) for one in causes] if causes else "none"


def exclusions(contract: Contract) -> list[Plain]:
    """Every cause with its conditions, in precedence."""
    return [{words(one.cause): _conditions(one)} for one in contract.exclusions]


def _conditions(one: ExclusionTerm) -> Clause:
    cap = None if one.cap is None else span(one.cap)
    cap = cap if one.cap_times is None else f"{one.cap_times} times"
    days = None if one.notice_days is None else f"{one.notice_days} business days"
    return kept(
        {
            "notice": days if one.notice is None else span(one.notice),
            "calendar": one.calendar,
            "cap": None if cap is None else f"{cap} per {one.cap_period}",
            "over cap": None if cap is None else "counts",
            "window": None if one.window is None else window(one.window),
            "extends by": span(one.extends) if one.extends else None,
            "effect": words(one.effect),
            "of": listed(one.services) if one.services else None,
            "if": condition(one.where) or None,
        }
    )
