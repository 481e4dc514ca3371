"""Which spans of a service are not charged, by the contract's causes and their conditions.

    announced spans ── cause in the contract? ── notice kept? ── not claimed by an earlier term ── cap left? ──▶ applied
                            └ no: nothing         └ no: lapsed        (counted once)                └ no: lapsed

Announced time uses up a cap in the order of time, whatever was measured in it. Nothing here looks at samples.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from config.contract.model import Contract, ExclusionTerm, Service
from config.periods import containing
from config.spans import Span, clip, intersect, subtract, total, union
from monitor.sla.facts import ExclusionFact, StateFact, TicketFact
from monitor.sla.model import ExclusionUse
from monitor.sla.words import FOREVER

NOT_IN_SERVICE = "not_in_service"


@dataclass(frozen=True, slots=True)
class Excluded:
    """What is not charged of one service: spans that leave the base, spans that count as up, and the use made of
    each fact."""

    out_of_base: tuple[Span, ...]
    not_down: tuple[Span, ...]
    uses: tuple[ExclusionUse, ...]

    @property
    def all(self) -> list[Span]:
        """Everything not charged, whatever the effect."""
        return union([*self.out_of_base, *self.not_down])


@dataclass(frozen=True, slots=True)
class _Claim:
    """A span somebody wants excluded, before the contract's conditions; a state or ticket asks for it by its cause."""

    start: int
    end: int
    fact: ExclusionFact | StateFact | TicketFact


def same_cause(left: str, right: str) -> bool:
    """Spaces and underscores are the same, and so are capitals."""
    return left.replace("_", " ").casefold() == right.replace("_", " ").casefold()


def in_force(facts: Iterable[ExclusionFact]) -> list[ExclusionFact]:
    """The latest version of every exclusion that was not withdrawn, by start."""
    latest: dict[str, ExclusionFact] = {}
    for fact in sorted(facts, key=lambda f: (f.recorded_at or 0, repr(f))):
        latest[fact.id] = fact
    return sorted((fact for fact in latest.values() if not fact.withdrawn), key=lambda f: (f.start, f.end, f.id))


def resolve(
    contract: Contract,
    service: Service,
    facts: Iterable[ExclusionFact],
    states: Sequence[StateFact | TicketFact],
    since: int,
) -> Excluded:
    """Everything excluded of a service from the instant ``since`` on. ``since`` must begin a cap's period, or be
    before any fact, for caps to be right."""
    zone = ZoneInfo(contract.timezone)
    mine = [f for f in in_force(facts) if not f.services or service.name in f.services]
    before = [] if service.in_service_from is None else [(-FOREVER, service.in_service_from)]
    taken = list(before)
    spans: dict[str, list[Span]] = {"out_of_base": list(before), "not_down": []}
    uses: list[ExclusionUse] = []
    for term in contract.exclusions:
        claims = [_Claim(f.start, f.end, f) for f in mine if same_cause(f.cause, term.cause)]
        if term.notice is None:  # a state or ticket says what happened, not that it was announced
            caused = [s for s in states if s.cause and same_cause(s.cause, term.cause)]
            claims += [_Claim(s.start, FOREVER if s.end is None else s.end, s) for s in caused]
        granted: list[Span] = []
        for claim in sorted(claims, key=lambda c: (c.start, c.end)):
            use, applied = _use(claim, term, service.name, [*taken, *granted], granted, zone)
            granted = union([*granted, *applied])
            uses.append(use)
        taken = union([*taken, *granted])
        spans[term.effect] = union([*spans[term.effect], *granted])
    uses += [
        _foreign(f, service.name) for f in mine if not any(same_cause(f.cause, t.cause) for t in contract.exclusions)
    ]
    return Excluded(tuple(spans["out_of_base"]), tuple(spans["not_down"]), tuple(u for u in uses if u.end > since))


def _use(
    claim: _Claim,
    term: ExclusionTerm,
    service: str,
    taken: Sequence[Span],
    used: Sequence[Span],
    zone: ZoneInfo,
) -> tuple[ExclusionUse, list[Span]]:
    """What one claim gets: the account of it, and the spans applied."""
    fact = claim.fact
    wanted = subtract([(claim.start, claim.end)], union(taken))
    lapsed: list[tuple[int, int, str]] = []
    if isinstance(fact, ExclusionFact) and not _announced_in_time(fact, term):
        lapsed, applied = [(claim.start, claim.end, "without the notice")], []
    else:
        applied = wanted if term.cap is None else _within_cap(wanted, used, term, zone)
        lapsed = [(start, end, "beyond the cap") for start, end in subtract(wanted, applied)]
    return _account(fact, service, term.effect, applied, lapsed), applied


def _announced_in_time(fact: ExclusionFact, term: ExclusionTerm) -> bool:
    if term.notice is None:
        return True
    return fact.announced_at is not None and fact.start - fact.announced_at >= term.notice


def _within_cap(wanted: Sequence[Span], used: Sequence[Span], term: ExclusionTerm, zone: ZoneInfo) -> list[Span]:
    """As much of the wanted time, from its beginning, as each cap period still has to give."""
    assert term.cap is not None
    out: list[Span] = []
    for start, end in wanted:
        at = start
        while at < end:
            period = containing(term.cap_period, at, zone)
            left = term.cap - total(clip(union([*used, *out]), period.start, period.end))
            stop = min(end, period.end)
            if left > 0:
                out.append((at, min(stop, at + left)))
            at = stop
    return union(out)


def _foreign(fact: ExclusionFact, service: str) -> ExclusionUse:
    """A fact whose cause the contract does not exclude: shown, never applied."""
    return _account(fact, service, "none", [], [(fact.start, fact.end, "not a cause that the contract excludes")])


def not_in_service(service: Service, start: int, end: int) -> list[ExclusionUse]:
    """The part of ``[start, end)`` in which a service was not promised yet, as the statement lists it."""
    if service.in_service_from is None or service.in_service_from <= start:
        return []
    span = (start, min(service.in_service_from, end))
    return [ExclusionUse(None, service.name, NOT_IN_SERVICE, *span, "out_of_base", (span,), ())]


def _account(
    fact: ExclusionFact | StateFact | TicketFact,
    service: str,
    effect: str,
    applied: list[Span],
    lapsed: list[tuple[int, int, str]],
) -> ExclusionUse:
    if isinstance(fact, StateFact):
        cause = fact.cause or ""
        return ExclusionUse(None, service, cause, fact.start, fact.end, effect, tuple(applied), tuple(lapsed))
    if isinstance(fact, TicketFact):
        end = FOREVER if fact.end is None else fact.end
        return ExclusionUse(fact.id, service, fact.cause or "", fact.start, end, effect, tuple(applied), tuple(lapsed))
    known = [moment for moment in (fact.announced_at, fact.recorded_at) if moment is not None]
    return ExclusionUse(
        id=fact.id,
        service=service,
        cause=fact.cause,
        start=fact.start,
        end=fact.end,
        effect=effect,
        applied=tuple(applied),
        lapsed=tuple(lapsed),
        announced_at=fact.announced_at,
        author=fact.author,
        reason=fact.reason,
        evidence=fact.evidence,
        retroactive=bool(known) and max(known) > fact.start,
    )


def charged(spans: Sequence[Span], excluded: Excluded) -> int:
    """The part of some spans (ns) that is charged."""
    return total(spans) - total(intersect(spans, excluded.all))
