"""Which outages count at all: by how long they lasted, by how much there was within a window, by whether they were
reported."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from config.contract.rules import OutageRule
from monitor.sla.matching import matches
from monitor.sla.occurrence import overlap
from monitor.sla.outages import tickets
from monitor.sla.outages.raw import Raw, after

if TYPE_CHECKING:
    from monitor.sla.scene import Scene


def admitted(raw: Raw, scene: "Scene", rule: OutageRule) -> bool:
    """Whether the rule is about such an outage, whatever its length."""
    return matches(rule.where, raw.known) and (raw.affected or 0) >= rule.affected and _reported(raw, scene, rule)


def qualified(raws: Sequence[Raw], rule: OutageRule) -> list[Raw]:
    """The outages that are long enough, or many enough together; and of each what then counts of it. One that was long
    enough before exclusions stays with nothing of it counted."""
    together = accumulated(raws, *rule.accumulate) if rule.accumulate is not None else set()
    out = []
    for index, raw in enumerate(raws):
        if index in together or (_long(raw.length, rule) and not (rule.accumulate and not rule.least)):
            out.append(replace(raw, kept=after(raw.kept, rule.least)) if rule.excess else raw)
        elif rule.accumulate is None and raw.length < _raw_length(raw) and _long(_raw_length(raw), rule):
            out.append(replace(raw, kept=()))
    return out


def _long(length: int, rule: OutageRule) -> bool:
    return length > rule.least if rule.strict else length >= rule.least


def _raw_length(raw: Raw) -> int:
    return sum(end - start for start, end in raw.spans)


def accumulated(raws: Sequence[Raw], need: int, window: int) -> set[int]:
    """Those with time in a window of that length which holds at least ``need`` ns of outage. Only windows that begin
    with a stretch of outage or end with one have to be looked at: any other can be moved to such a one without
    losing any."""
    spans = [span for raw in raws for span in raw.kept]
    starts = {start for start, _ in spans} | {end - window for _, end in spans}
    found: set[int] = set()
    for start in starts:
        if overlap(spans, start, start + window) >= need:
            found |= {i for i, raw in enumerate(raws) if overlap(raw.kept, start, start + window)}
    return found


def _reported(raw: Raw, scene: "Scene", rule: OutageRule) -> bool:
    """Whether a ticket was opened in time, or was open already."""
    if rule.reported_within is None:
        return True
    return any(
        ticket.opened <= raw.start + rule.reported_within and (ticket.end is None or ticket.end >= raw.start)
        for ticket in tickets.faults(scene, rule)
    )
