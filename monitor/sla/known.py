"""The facts other than samples, sorted out: once for all contracts, then each contract's own."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import attrgetter

from config.contract.model import Contract
from config.model import Target
from monitor.sla.evidence import Evidence
from monitor.sla.facts import (
    DAMAGED,
    AssumeFact,
    ChargeFact,
    ClaimFact,
    CountsFact,
    DamageFact,
    EpochFact,
    ExclusionFact,
    Fact,
    HeartbeatFact,
    IncidentFact,
    ScheduleFact,
    StateFact,
    TicketFact,
    ValueFact,
    WitnessesFact,
)
from monitor.sla.fold import Cadence, Pauses
from monitor.sla.words import FOREVER

DAY = 86_400_000_000_000
SMALL_STEP = 250_000_000
NOBODY = ""
"""No vantage's name."""


class Index:
    """All facts of a stretch of time by what they are about; how vantages lived is worked out once."""

    def __init__(self, evidence: Evidence, start: int, end: int) -> None:
        self.by_service: dict[str, list[StateFact | AssumeFact | ChargeFact | IncidentFact]] = defaultdict(list)
        self.exclusions: list[ExclusionFact] = []
        self.epochs: list[EpochFact] = []
        self.tickets: dict[str, list[TicketFact]] = defaultdict(list)
        self.counts: dict[str, list[CountsFact]] = defaultdict(list)
        self.values: dict[str, list[ValueFact]] = defaultdict(list)
        self.claims: dict[str, list[ClaimFact]] = defaultdict(list)
        self.damage: list[DamageFact] = []
        self.schedules: dict[str, tuple[Cadence, ...]] = {}
        self.witnesses: list[WitnessesFact] = []
        versions: list[TicketFact] = []
        self._pauses: dict[str, Pauses] = {}
        self._beats: dict[str, list[HeartbeatFact]] = defaultdict(list)
        for fact in evidence.facts(start, end):
            match fact:
                case ExclusionFact():
                    self.exclusions.append(fact)
                case ScheduleFact():
                    self.schedules[fact.target] = _told(self.schedules.get(fact.target, ()), fact)
                case WitnessesFact():
                    self.witnesses.append(fact)
                case EpochFact():
                    self.epochs.append(fact)
                case StateFact() | AssumeFact() | ChargeFact() | IncidentFact():
                    self.by_service[fact.service].append(fact)
                case TicketFact():
                    versions.append(fact)
                case CountsFact():
                    self.counts[fact.signal].append(fact)
                case ValueFact():
                    self.values[fact.measure].append(fact)
                case ClaimFact():
                    self.claims[fact.contract].append(fact)
                case DamageFact() if fact.target is None:
                    self.damage.append(fact)
                case _:
                    pass
        for ticket in latest_tickets(versions):
            self.tickets[ticket.service].append(ticket)
        for beat in evidence.heartbeats(start, end):
            self._beats[beat.vantage].append(beat)

    def pauses(self, vantage: str) -> Pauses:
        """When a vantage's process was known to live; ``NOBODY``: where it is not known which one looks, or several."""
        if vantage not in self._pauses:
            self._pauses[vantage] = pauses(vantage, self._beats[vantage], self.epochs)
        return self._pauses[vantage]


@dataclass(slots=True)
class Known:
    """What bears on one contract."""

    index: Index
    states: dict[str, list[StateFact]] = field(default_factory=lambda: defaultdict(list))
    exclusions: list[ExclusionFact] = field(default_factory=list)
    assumptions: dict[str, AssumeFact] = field(default_factory=dict)
    handling: dict[str, list[IncidentFact]] = field(default_factory=lambda: defaultdict(list))
    charges: list[ChargeFact] = field(default_factory=list)
    tickets: dict[str, list[TicketFact]] = field(default_factory=lambda: defaultdict(list))
    counts: dict[str, list[CountsFact]] = field(default_factory=lambda: defaultdict(list))
    values: dict[str, list[ValueFact]] = field(default_factory=lambda: defaultdict(list))
    claims: list[ClaimFact] = field(default_factory=list)

    def caused(self, service: str) -> list[StateFact | TicketFact]:
        """What says of a service that something happened, and why: states, and tickets other than orders and the
        customer's duties."""
        told = [one for one in self.tickets.get(service, ()) if not one.is_order and one.by == "provider"]
        return [*self.states.get(service, ()), *told]

    @property
    def epochs(self) -> Sequence[EpochFact]:
        """The steps of all clocks."""
        return self.index.epochs

    def schedules(self, target: str) -> tuple[Cadence, ...]:
        """When a target was probed otherwise than the configuration says, by start."""
        return self.index.schedules.get(target, ())


def known(contract: Contract, index: Index) -> Known:
    """The facts that are meant for a contract: those that name it, and those that name none."""
    out = Known(index, exclusions=[f for f in index.exclusions if f.contract in (None, contract.name)])
    for service in contract.services:
        out.states[service.name] += [
            StateFact(service.name, one.start, one.end, "unknown", DAMAGED)
            for one in index.damage
            if one.service in (None, service.name)
        ]
        for fact in index.by_service.get(service.name, ()):
            if fact.contract not in (None, contract.name):
                continue
            match fact:
                case StateFact():
                    out.states[fact.service].append(fact)
                case AssumeFact():
                    out.assumptions[fact.service] = fact
                case IncidentFact():
                    out.handling[fact.service].append(fact)
                case ChargeFact():
                    out.charges.append(fact)
    _reported(contract, index, out)
    return out


def _reported(contract: Contract, index: Index, out: Known) -> None:
    """Tickets by service and opening, counts by signal and time, values by measure; those of other contracts and of
    services that it has not are left out."""
    ours = {None, *(service.name for service in contract.services)}
    named = (None, contract.name)
    for service in contract.services:
        found = [f for f in index.tickets.get(service.name, ()) if f.contract in named]
        out.tickets[service.name] = sorted(found, key=lambda f: (f.opened, f.id, f.contract or ""))
    for signal, counted in index.counts.items():
        out.counts[signal] = sorted(
            (f for f in counted if f.contract in named and f.service in ours), key=lambda f: (f.start, f.service or "")
        )
    for measure, values in index.values.items():
        out.values[measure] = sorted((f for f in values if f.contract in named and f.service in ours), key=repr)
    out.claims = in_effect(index.claims.get(contract.name, ()))


def latest_tickets(facts: Iterable[TicketFact]) -> list[TicketFact]:
    """The latest version of every ticket, as its ``recorded_at`` says; else the one that tells more."""
    latest: dict[tuple[str, str | None], TicketFact] = {}
    for fact in sorted(facts, key=_version):
        latest[fact.id, fact.contract] = fact
    return list(latest.values())


def _version(ticket: TicketFact) -> tuple[int, int, int, str]:
    recorded = -FOREVER if ticket.recorded_at is None else ticket.recorded_at
    end = -FOREVER if ticket.end is None else ticket.end
    return recorded, len(ticket.reopened), end, repr(ticket)


def in_effect(claims: Iterable[ClaimFact]) -> list[ClaimFact]:
    """Every claim once, by time: as decided where it was."""
    latest: dict[tuple[int, str, str], ClaimFact] = {}
    for fact in sorted(claims, key=lambda f: (f.granted is not None, repr(f))):
        latest[fact.at, fact.incident or "", fact.credit or ""] = fact
    return [latest[key] for key in sorted(latest)]


def cadences(target: Target, told: tuple[Cadence, ...]) -> tuple[Cadence, ...]:
    """What the configuration says, and from when on the facts say otherwise."""
    return _cadences(target.every, target.timeout, told)


# Tens of thousands of targets have few cadences between them: each is there once.
@lru_cache(maxsize=1024)
def _cadences(every: int, timeout: int, told: tuple[Cadence, ...]) -> tuple[Cadence, ...]:
    return (Cadence(-FOREVER, every, timeout), *told)


def _told(before: tuple[Cadence, ...], fact: ScheduleFact) -> tuple[Cadence, ...]:
    """What was told with one more, by start."""
    return _the_same(tuple(sorted((*before, Cadence(fact.start, fact.every, fact.timeout)), key=attrgetter("start"))))


@lru_cache(maxsize=1024)
def _the_same(told: tuple[Cadence, ...]) -> tuple[Cadence, ...]:
    return told


def latency_of_target(target: Target) -> str:
    """Which of its phases a target's latency is; probes without the option are timed whole."""
    return str(getattr(target.options, "latency_of", "total"))


def cadence_changes(targets: Iterable[Target], told: Iterable[Fact], now: int) -> list[ScheduleFact]:
    """What has to be recorded so that samples taken so far are judged by the cadence they were taken at, whatever the
    configuration says later: every target's cadence from now on, where the last told is another."""
    latest: dict[str, ScheduleFact] = {}
    for fact in told:
        if isinstance(fact, ScheduleFact) and (fact.target not in latest or fact.start >= latest[fact.target].start):
            latest[fact.target] = fact
    wanted = [ScheduleFact(target.name, now, target.every, target.timeout) for target in targets]
    return [
        fact
        for fact in wanted
        if (last := latest.get(fact.target)) is None or (last.every, last.timeout) != (fact.every, fact.timeout)
    ]


def pauses(vantage: str, heartbeats: Iterable[HeartbeatFact], epochs: Iterable[EpochFact]) -> Pauses:
    """When a vantage's process was known to live: the last sign of each boot, its suspends, and the steps forward of
    its clock, over which nothing was observed for as long as the clock says."""
    last: dict[str, int] = {}
    breaks = [(e.at - e.step, e.at, "clock") for e in epochs if e.vantage == vantage and e.step > SMALL_STEP]
    for beat in sorted((h for h in heartbeats if h.vantage == vantage), key=lambda h: h.at):
        if beat.suspended > 0:
            breaks.append((last.get(beat.boot, beat.at - beat.suspended), beat.at, "suspend"))
        last[beat.boot] = beat.at
    return Pauses(last, tuple(sorted(breaks)))
