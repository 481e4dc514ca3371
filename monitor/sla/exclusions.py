"""Which spans of a service are not charged, by the contract's causes and their conditions.

    announced spans ── cause in the contract? ── notice kept? ── not claimed by an earlier term ── cap left? ──▶ applied
                            └ no: nothing         └ no: lapsed        (counted once)                └ no: lapsed

A cap is used up by what was announced, the earliest first, up or down. Nothing here looks at samples.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from config.contract.model import Contract, ExclusionTerm, Service
from config.spans import Span, clip, intersect, subtract, total, union
from monitor.sla import exclusion_terms
from monitor.sla.facts import ExclusionFact, StateFact, TicketFact
from monitor.sla.matching import same_words
from monitor.sla.model import ExclusionUse
from monitor.sla.words import FOREVER

NOT_IN_SERVICE = "not_in_service"


@dataclass(frozen=True, slots=True)
class Excluded:
    """What is not charged of one service: spans that leave the base, spans that count as up, and the use made of
    each fact. While ``paused`` the clock of an outage stands still; one that is touched by ``voided`` is none."""

    out_of_base: tuple[Span, ...]
    not_down: tuple[Span, ...]
    uses: tuple[ExclusionUse, ...]
    paused: tuple[Span, ...] = ()
    voided: tuple[Span, ...] = ()

    @property
    def all(self) -> list[Span]:
        """Everything not charged, whatever the effect."""
        return union([*self.out_of_base, *self.not_down, *self.paused])

    @property
    def left_out(self) -> list[Span]:
        """Where samples do not count either."""
        return union([*self.out_of_base, *self.not_down])


@dataclass(frozen=True, slots=True)
class _Claim:
    """A span somebody wants excluded, before the contract's conditions; a state or ticket asks for it by its cause."""

    start: int
    end: int
    fact: ExclusionFact | StateFact | TicketFact


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
    mine = [f for f in in_force(facts) if not f.services or service.name in f.services]
    before = outside_service(service)
    taken = list(before)
    spans: dict[str, list[Span]] = {"out_of_base": list(before), "not_down": [], "pause": [], "void": []}
    uses: list[ExclusionUse] = []
    terms = [term for term in contract.exclusions if exclusion_terms.concerns(term, service)]
    for term in terms:
        applied, accounts = _apply(_claims(term, service, mine, states), term, service.name, taken, contract)
        uses += accounts
        taken = union([*taken, *applied])
        spans[term.effect] = union([*spans[term.effect], *applied])
    uses += [_foreign(f, service.name) for f in mine if not any(same_words(f.cause, t.cause) for t in terms)]
    return Excluded(
        out_of_base=tuple(spans["out_of_base"]),
        not_down=tuple(spans["not_down"]),
        uses=tuple(u for u in uses if u.end > since),
        paused=tuple(spans["pause"]),
        voided=tuple(spans["void"]),
    )


def outside_service(service: Service) -> list[Span]:
    """When a service was not promised yet, or no more."""
    before = [] if service.in_service_from is None else [(-FOREVER, service.in_service_from)]
    return before + ([] if service.in_service_until is None else [(service.in_service_until, FOREVER)])


def _claims(
    term: ExclusionTerm, service: Service, facts: Sequence[ExclusionFact], states: Sequence[StateFact | TicketFact]
) -> list[_Claim]:
    """What a term is asked for, by start. A state or ticket says what happened, not that it was announced."""
    found: list[ExclusionFact | StateFact | TicketFact] = [f for f in facts if same_words(f.cause, term.cause)]
    if term.notice is None and term.notice_days is None:
        found += [s for s in states if s.cause and same_words(s.cause, term.cause)]
    found = [fact for fact in found if exclusion_terms.meant(term, service, fact)]
    claims = [_Claim(fact.start, FOREVER if fact.end is None else fact.end + term.extends, fact) for fact in found]
    return sorted(claims, key=lambda claim: (claim.start, claim.end))


def _apply(
    claims: Sequence[_Claim], term: ExclusionTerm, service: str, taken: Sequence[Span], contract: Contract
) -> tuple[list[Span], list[ExclusionUse]]:
    """All that a term grants, and the account of each claim."""
    zone = ZoneInfo(contract.timezone)
    used: list[Span] = []
    times: list[int] = []
    uses = []
    for claim in claims:
        fact = claim.fact
        wanted = subtract([(claim.start, claim.end)], union([*taken, *used]))
        if isinstance(fact, ExclusionFact) and not exclusion_terms.announced_in_time(fact, term, contract):
            given: list[Span] = []
            lapsed = [(claim.start, claim.end, "without the notice")]
        else:
            given, lapsed = exclusion_terms.granted(wanted, used, times, term, zone)
        times += [given[0][0]] if given else []
        used = union([*used, *given])
        uses.append(_account(fact, service, term.effect, given, lapsed))
    return used, uses


def _foreign(fact: ExclusionFact, service: str) -> ExclusionUse:
    """A fact whose cause the contract does not exclude: shown, never applied."""
    return _account(fact, service, "none", [], [(fact.start, fact.end, "not a cause that the contract excludes")])


def not_in_service(service: Service, start: int, end: int) -> list[ExclusionUse]:
    """The part of ``[start, end)`` in which a service was not promised yet, or no more, as the statement lists it."""
    spans = clip(outside_service(service), start, end)
    return [ExclusionUse(None, service.name, NOT_IN_SERVICE, *span, "out_of_base", (span,), ()) for span in spans]


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
