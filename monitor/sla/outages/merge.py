"""Outages that lie over one another, and outages so near one another that they are one."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from config.contract.rules import OutageRule
from config.spans import Span, subtract, union
from monitor.sla.outages.raw import Raw

Charge = Callable[[Sequence[Span]], list[Span]]


def overlapping(raws: Sequence[Raw], rule: OutageRule) -> list[Raw]:
    """``union``: those that overlap in time are one; ``longest``: of those only the longest (the earlier of two)
    counts; ``sum``: each counts, whatever else happened."""
    ordered = sorted(raws, key=lambda raw: (raw.start, raw.end))
    if rule.overlap == "sum":
        return ordered
    out = []
    for group in _groups(ordered, lambda end, raw: raw.start < end):
        if len(group) == 1:
            out.append(group[0])
        elif rule.overlap == "longest":
            out.append(max(group, key=lambda raw: raw.length))
        else:
            out.append(_one(group))
    return out


def merged(raws: Sequence[Raw], rule: OutageRule, charge: Charge) -> list[Raw]:
    """Outages with a gap of at most ``merge_within`` between them are one; only those of at least ``merge_least``.
    What counts of it is the sum of them, or with ``merge_span`` what is charged of the gaps too."""
    if rule.merge_within is None:
        return list(raws)
    within = rule.merge_within
    chosen = [raw for raw in raws if raw.kept and raw.length >= rule.merge_least]
    out = [raw for raw in raws if not raw.kept or raw.length < rule.merge_least]
    for group in _groups(chosen, lambda end, raw: raw.start - end <= within):
        one = group[0] if len(group) == 1 else _joined(group)
        if rule.merge_span and len(group) > 1:
            gaps = charge(subtract([(one.start, one.end)], union((raw.start, raw.end) for raw in group)))
            one = replace(one, kept=tuple(sorted([*one.kept, *gaps])))
        out.append(one)
    return sorted(out, key=lambda raw: (raw.start, raw.end))


def _groups(raws: Sequence[Raw], joins: Callable[[int, Raw], bool]) -> Iterator[list[Raw]]:
    group: list[Raw] = []
    end = 0
    for raw in raws:
        if group and not joins(end, raw):
            yield group
            group = []
        end = max(end, raw.end) if group else raw.end
        group.append(raw)
    if group:
        yield group


def _one(group: Sequence[Raw]) -> Raw:
    """Overlapping outages as one: time that several share counts once, unless a clock of one of them stood still while
    that of another ran."""
    kept = union(span for raw in group for span in raw.kept)
    return replace(_joined(group), kept=tuple(kept), spans=tuple(union(s for raw in group for s in raw.spans)))


def _joined(group: Sequence[Raw]) -> Raw:
    first = group[0]
    lost = sum((raw.weight * raw.length for raw in group), Fraction(0))
    length = sum(raw.length for raw in group)
    numbers = [raw.affected for raw in group if raw.affected is not None]
    last = max(raw.end for raw in group)
    return replace(
        first,
        end=last,
        open=any(raw.open and raw.end == last for raw in group),
        spans=tuple(sorted(span for raw in group for span in raw.spans)),
        kept=tuple(sorted(span for raw in group for span in raw.kept)),
        weight=lost / length if length else first.weight,
        affected=max(numbers, default=None),
    )
