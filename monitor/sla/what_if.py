"""A period judged again under other facts or other terms, so that people can negotiate what they can keep.

What is supposed overrides what is known inside its spans, and nothing else: everything around it stays as measured.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from config.contract.model import Contract
from config.spans import Span, subtract, union
from monitor.sla.evidence import Evidence, touches
from monitor.sla.facts import ExclusionFact, Fact, HeartbeatFact, StateFact, TicketFact
from monitor.sla.series import Series, series_of
from probes.sample import Sample

SUPPOSED = "supposed"


@dataclass(frozen=True, slots=True)
class Supposition:
    """What is to be supposed: services ``down`` and ``up`` over spans (ns UTC), causes that were announced in time."""

    down: Sequence[tuple[str, Span]] = ()
    up: Sequence[tuple[str, Span]] = ()
    excluded: Sequence[tuple[str, Span]] = ()

    def states(self) -> list[StateFact]:
        """As facts; a service supposed both up and down is down."""
        lost = {service: union(span for name, span in self.down if name == service) for service, _ in self.down}
        found = [StateFact(name, *span, "down", SUPPOSED) for name, spans in lost.items() for span in spans]
        for name in dict.fromkeys(service for service, _ in self.up):
            spans = subtract(union(span for service, span in self.up if service == name), lost.get(name, []))
            found += [StateFact(name, *span, "up", SUPPOSED) for span in spans]
        return found

    def tickets(self) -> list[TicketFact]:
        """The outages as tickets, for a contract that counts those."""
        return [
            TicketFact(f"{SUPPOSED}-{place}", name, opened=start, detected=start, restored=end, closed=end)
            for place, (name, (start, end)) in enumerate(self.down, 1)
        ]

    def exclusions(self) -> list[ExclusionFact]:
        """As facts, announced before anything began."""
        return [
            ExclusionFact(f"{SUPPOSED}-{place}", start, end, cause, announced_at=-(1 << 62), author=SUPPOSED)
            for place, (cause, (start, end)) in enumerate(self.excluded, 1)
        ]


class Supposed:
    """Evidence with something supposed on top of it."""

    def __init__(self, evidence: Evidence, supposition: Supposition, contract: Contract) -> None:
        self._evidence = evidence
        self._states = supposition.states()
        self._told: list[Fact] = [*self._states, *supposition.exclusions()]
        if any(source.kind == "tickets" for rule in contract.outages for source in rule.sources):
            self._told += supposition.tickets()

    def samples(self, target: str, start: int, end: int) -> Iterator[Sample]:
        """As Evidence says."""
        return self._evidence.samples(target, start, end)

    def series(self, target: str, start: int, end: int) -> Series | list[Sample]:
        """As Columnar says."""
        return series_of(self._evidence, target, start, end)

    def last_before(self, target: str, at: int) -> Sample | None:
        """As Evidence says."""
        return self._evidence.last_before(target, at)

    def heartbeats(self, start: int, end: int) -> Iterator[HeartbeatFact]:
        """As Evidence says."""
        return self._evidence.heartbeats(start, end)

    def damaged(self, target: str, start: int, end: int) -> Sequence[Span]:
        """As Evidence says."""
        return self._evidence.damaged(target, start, end)

    def facts(self, start: int, end: int) -> Iterator[Fact]:
        """As Evidence says: what was judged elsewhere stays around what is supposed."""
        for fact in self._evidence.facts(start, end):
            if isinstance(fact, StateFact):
                yield from self._around(fact)
            else:
                yield fact
        yield from (fact for fact in self._told if touches(fact, start, end))

    def _around(self, fact: StateFact) -> Iterator[StateFact]:
        over = union((one.start, one.end) for one in self._states if one.service == fact.service)
        for start, end in subtract([(fact.start, fact.end)], over):
            yield replace(fact, start=start, end=end)


def with_targets(contract: Contract, targets: Mapping[str, Fraction]) -> Contract:
    """The contract with other targets, by promise id. The dated revisions take them too."""
    promises = tuple(p.but(target=targets[p.id]) if p.id in targets else p for p in contract.promises)
    revisions = tuple(one.but(contract=with_targets(one.contract, targets)) for one in contract.revisions)
    return contract.but(promises=promises, revisions=revisions)
