"""A figure that is missed is an outage: rules whose buckets are judged by a measure, read once measures are known.

    lossy:   {bad when: packet loss > 0.1%, bucket: 5m}
    rolling: {bad when: packet loss > 0.1% per trailing 30 days, bucket: day}
    any:     {from: [probes, lossy]}

The line is one like a promise's and says what is bad. Rules and measures that rest on each other in a circle are
refused.
"""

from collections.abc import Mapping, Sequence

from config.contract.defined import Untold, as_rule, within
from config.contract.lines import ANYTHING, Line, parse
from config.contract.rules import MeasureRule, OutageRule, Source
from config.contract.scope import Scope
from config.reader import Reader

OF_OUTAGES = ("ratio", "total", "longest", "count", "each")
DEEPEST = 24


def read_missed(
    reader: Reader, rules: Sequence[OutageRule], scope: Scope
) -> tuple[tuple[OutageRule, ...], tuple[MeasureRule, ...]]:
    """The rules with the measures that judge them, and those of these measures that are made for it alone."""
    places = dict(reader.fields())
    found: list[OutageRule] = []
    made: dict[str, MeasureRule] = {}
    for rule in rules:
        read = _judged(rule, places[rule.name].fields().at("bad when"), scope) if _by_figures(rule) else (rule, None)
        found.append(read[0])
        if read[1] is not None:
            made[read[1].name] = read[1]
    measures = {**{name: one for name, one in scope.measures.items() if one is not None}, **made}
    _no_circles(found, measures, places)
    return tuple(found), tuple(one for one in made.values() if scope.measures.get(one.name) != one)


def _by_figures(rule: OutageRule) -> bool:
    return rule.bucket is not None and rule.bucket.when == "measure"


def _judged(rule: OutageRule, at: Reader, scope: Scope) -> tuple[OutageRule, MeasureRule | None]:
    """The rule with its measure; as it was where the line cannot be read."""
    assert rule.bucket is not None
    try:
        line = parse(rule.bucket.text, scope, any_side=True)
        _plain(line, rule.bucket.text)
    except Untold:
        return rule, None
    except ValueError as error:
        at.wrong(str(error))
        return rule, None
    measure = line.measured.rule or as_rule(line.measured)
    if line.over or (line.clock and measure.name not in scope.measures):
        measure = within(measure, line.over, line.clock)
    bucket = rule.bucket.but(operator=line.operator, target=line.target)
    sources = (Source(kind="measure", name=measure.name),)
    services = rule.services or measure.services
    return rule.but(sources=sources, bucket=bucket, services=services), measure


def _plain(line: Line, text: str) -> None:
    """What is said of a promise besides is here said of the rule, or of the measure."""
    if line.services:
        raise ValueError(f"{text!r} names services; write 'of' as a key of the outage")
    if line.where != ANYTHING:
        raise ValueError(
            f"{text!r} has a condition; define the measure with 'if', or write 'if' as a key of the outage"
        )
    if line.per is not None:
        raise ValueError(f"{text!r} says how long at a time; 'bucket' says that")
    if line.measured.rule is not None and line.measured.rule.pool:
        name = line.measured.rule.name
        raise ValueError(f"{name} is one figure of several services, and outages are of one; define it without 'pool'")
    if line.unit == "business_days":
        raise ValueError(f"{text!r}: business days are those of one ticket; write the hours in them")


def _no_circles(rules: Sequence[OutageRule], measures: Mapping[str, MeasureRule], places: Mapping[str, Reader]) -> None:
    named = {rule.name: rule for rule in rules}
    done: set[str] = set()
    for rule in rules:
        way = _circle(rule.name, (), named, measures, done)
        if way:
            at = places[rule.name]
            text = f"rests on itself: {' → '.join(way)}; leave one of them out"
            if len(set(way)) == len(way):
                text = f"rests on {DEEPEST} others one after the other; write fewer"
            at.wrong(text, at.key)
            return


def _circle(
    name: str,
    way: tuple[str, ...],
    named: Mapping[str, OutageRule],
    measures: Mapping[str, MeasureRule],
    done: set[str],
) -> tuple[str, ...]:
    """The way from a rule back to itself, or one that is too long; empty where there is neither."""
    if len(way) > DEEPEST:
        return way
    if name in way:
        return (*way[way.index(name) :], name)
    if name in done or name not in named:
        return ()
    for other in _under(named[name], measures):
        if found := _circle(other, (*way, name), named, measures, done):
            return found
    done.add(name)
    return ()


def _under(rule: OutageRule, measures: Mapping[str, MeasureRule]) -> list[str]:
    """The rules that a rule is made of."""
    found: list[str] = []
    for source in rule.sources:
        if source.kind == "outage" and source.name is not None:
            found.append(source.name)
        measure = measures.get(source.name or "") if source.kind == "measure" else None
        if measure is not None:
            found += [measure.of] if measure.kind in OF_OUTAGES else []
            found += measure.skip
    return found
