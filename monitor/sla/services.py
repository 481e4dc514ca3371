"""The services of a contract in one period: their timelines from evidence, what is excluded, and the scenes that
measures are taken from.

A service composed of others is down as they are; its timeline reaches as far as theirs.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from config.contract.model import Contract, Service
from config.model import Config
from config.periods import Period, containing
from config.spans import Span, subtract
from monitor.sla.chains import chains
from monitor.sla.evidence import Evidence
from monitor.sla.figures import View, look
from monitor.sla.incidents import Trace
from monitor.sla.judge import Judged
from monitor.sla.known import DAY, Index, Known, cadences, known, latency_of_target
from monitor.sla.measures import SAMPLE
from monitor.sla.model import State
from monitor.sla.reading import TargetReading, Window, composed, read_target, service_pieces, up_to_the_last_word
from monitor.sla.ruled import earliest
from monitor.sla.scene import Heard, InBulk, Scene
from monitor.sla.series import Bulk, together
from monitor.sla.spent import resolved
from monitor.sla.tally import Tally
from monitor.sla.timeline import Piece
from monitor.sla.words import FOREVER
from probes.sample import Sample


@dataclass(frozen=True, slots=True)
class Found:
    """One service as it was judged, what is behind its outages, and the readings of its targets."""

    judged: Judged
    trace: Trace
    readings: dict[str, TargetReading]


@dataclass(frozen=True, slots=True)
class _Read:
    """The timeline of one service over a window."""

    pieces: list[Piece]
    trace: Trace
    readings: dict[str, TargetReading]
    window: Window


def facts_of(contract: Contract, period: Period, evidence: Evidence) -> Known:
    """What is known besides samples, from as far back as anything that is judged in the period looks."""
    return known(contract, Index(evidence, cap_start(contract, period) - 40 * DAY, FOREVER))


def judge_services(
    config: Config, contract: Contract, period: Period, evidence: Evidence, facts: Known, as_of: int | None
) -> dict[str, Found]:
    """Every service of a contract, in its order."""
    read = _read_all(config, contract, period, evidence, facts, as_of)
    scenes: dict[str, Scene] = {}
    found: dict[str, Found] = {}
    now = as_of if as_of is not None and as_of < period.end else None
    for service in contract.services:
        pieces, one = read[service.name].pieces, read[service.name]
        if as_of is None:
            pieces = up_to_the_last_word(pieces, one.trace, period.end)
        excluded = resolved(contract, service, period, facts, cap_start(contract, period))
        view = look(pieces, excluded, period.start, period.end)
        heard = _heard(config, one.readings)
        scene = Scene(contract, service, period, view, facts, heard, now, scenes, _bulk(one.readings))
        scenes[service.name] = scene
        tallies = _tallies(config, contract, service, one.readings, view)
        found[service.name] = Found(Judged(view, tallies, scene), one.trace, one.readings)
    return found


def reach_back(contract: Contract, period: Period) -> int:
    """The earliest instant that any measure of the contract, or the cap of an exclusion, looks at in a period."""
    kinds = [line.per for line in (*contract.promises, *contract.conditions) if line.per is not None]
    rules = [rule.accumulate[1] for rule in contract.outages if rule.accumulate is not None]
    return earliest(contract, contract.measures, kinds, period) - max([*rules, _beside(contract)])


def _beside(contract: Contract) -> int:
    """How far beside a period lies what makes an outage in it longer, shorter or none: those it is merged with, and
    the whole of the buckets at its edge."""
    near = [rule.merge_within or 0 for rule in contract.outages]
    rows = [rule.consecutive * rule.bucket.length for rule in contract.outages if rule.bucket is not None]
    return max([*near, *rows], default=0)


def _handled(contract: Contract, service: Service, period: Period, facts: Known, start: int) -> tuple[int, int]:
    """From where to where a service has to be read: around the period, and over the tickets that lie over its edges
    where they are one source of several."""
    end = period.end + _beside(contract)
    mixed = any(len(r.sources) > 1 and any(s.kind == "tickets" for s in r.sources) for r in contract.outages)
    for ticket in facts.tickets.get(service.name, ()) if mixed else ():
        if ticket.start < period.start and (ticket.end is None or ticket.end > period.start):
            start = min(start, ticket.start)
        if ticket.end is not None and ticket.start < period.end < ticket.end:
            end = max(end, ticket.end)
    return start, end


def cap_start(contract: Contract, period: Period) -> int:
    """The first instant whose announced time may use up a cap that holds in the period."""
    zone, since = ZoneInfo(contract.timezone), reach_back(contract, period)
    capped = [term for term in contract.exclusions if term.cap is not None or term.cap_times is not None]
    return min([since, *(containing(term.cap_period, since, zone).start for term in capped)])


def _read_all(
    config: Config, contract: Contract, period: Period, evidence: Evidence, facts: Known, as_of: int | None
) -> dict[str, _Read]:
    """The timelines: of those with targets first, of those composed of others as far as these reach together."""
    start = reach_back(contract, period)
    read = {
        service.name: _read(
            config,
            service,
            period,
            start,
            evidence,
            facts,
            Window(*_handled(contract, service, period, facts, start), as_of),
        )
        for service in contract.services
        if not service.of
    }
    parts = {name for service in contract.services for name in service.of if name in read}
    if parts:
        window = Window(
            min(read[name].window.start for name in parts), max(read[name].window.end for name in parts), as_of
        )
        for name in parts:
            if read[name].window != window:
                read[name] = _read(config, contract.service(name), period, start, evidence, facts, window)
    while len(read) < len(contract.services):
        ready = [s for s in contract.services if s.name not in read and all(name in read for name in s.of)]
        if not ready:
            raise ValueError(f"the services of {contract.name} are composed of each other")
        for service in ready:
            read[service.name] = _composed(service, [read[name] for name in service.of], facts)
    return read


def _composed(service: Service, parts: Sequence[_Read], facts: Known) -> _Read:
    window = Window(
        min(part.window.start for part in parts), max(part.window.end for part in parts), parts[0].window.as_of
    )
    traces = [part.trace for part in parts]
    pieces, trace = composed(service, [part.pieces for part in parts], traces, facts, window)
    return _Read(pieces, trace, {}, window)


def _read(
    config: Config,
    service: Service,
    period: Period,
    since: int,
    evidence: Evidence,
    facts: Known,
    at_least: Window,
) -> _Read:
    """A service's timeline over a window that holds the period, and whole every incident that touches it."""
    reach = _reach(service, config, facts)
    start, end = min(since, period.start) - reach, period.end + reach
    window = Window(min(start, at_least.start), max(end, at_least.end), at_least.as_of)
    while True:
        readings = {
            name: read_target(config, config.targets[name], evidence, facts, window) for name in service.targets
        }
        pieces, trace = service_pieces(service, list(readings.values()), facts, window)
        wider = _wider(service, pieces, evidence, facts, window, period, reach)
        if wider is None:
            return _Read(pieces, trace, readings, window)
        window = wider


def _reach(service: Service, config: Config, facts: Known) -> int:
    """How far a word of any of the targets can reach, and the instant after."""
    steps = [c for n in service.targets for c in cadences(config.targets[n], facts.schedules(n))]
    return max((cadence.max_gap for cadence in steps), default=0) + 1


def _wider(
    service: Service,
    pieces: Sequence[Piece],
    evidence: Evidence,
    facts: Known,
    window: Window,
    period: Period,
    reach: int,
) -> Window | None:
    """A window that reaches further where an incident may, or None where there is no more to learn."""
    found = chains(pieces)
    first = next((c for c in found if c.start < period.start < c.end), None)
    last = next((c for c in found if c.start < period.end <= c.end), None)
    start, end = window.start, window.end
    if first is not None and first.start == window.start:
        start = _earlier(service, evidence, facts, window)
    if last is not None and last.open and (window.as_of is None or window.end < window.as_of):
        end = _later(service, evidence, facts, window, reach)
    return None if (start, end) == (window.start, window.end) else Window(start, end, window.as_of)


def _earlier(service: Service, evidence: Evidence, facts: Known, window: Window) -> int:
    before = [evidence.last_before(name, window.start) for name in service.targets]
    told = [f.start for f in facts.states.get(service.name, ()) if f.start < window.start]
    told += [a for name in service.targets for a, _ in evidence.damaged(name, -FOREVER, window.start)]
    instants = [sample.at for sample in before if sample is not None] + [at for at in told if at < window.start]
    return min(instants) - 2 * (window.end - window.start) if instants else window.start


def _later(service: Service, evidence: Evidence, facts: Known, window: Window, reach: int) -> int:
    """Further, while there is a word that may speak beyond the window's end."""
    final = [evidence.last_before(name, FOREVER) for name in service.targets]
    spoken = [sample.at + reach for sample in final if sample is not None]
    spoken += [fact.end for fact in facts.states.get(service.name, ())]
    spoken += [end + reach for name in service.targets for _, end in evidence.damaged(name, window.end, FOREVER)]
    return window.end + 2 * (window.end - window.start) if max(spoken, default=0) > window.end else window.end


def _heard(config: Config, readings: Mapping[str, TargetReading]) -> Heard:
    """The samples of a service's targets that were read, by target and time."""

    def heard(start: int, end: int) -> Iterator[tuple[Sample, State, str]]:
        for name, reading in readings.items():
            latency_of = latency_of_target(config.targets[name])
            first = bisect_left(reading.heard, start, key=_at)
            for sample, state in reading.heard[first : bisect_left(reading.heard, end, first, key=_at)]:
                yield sample, state, latency_of

    return heard


def _bulk(readings: Mapping[str, TargetReading]) -> InBulk:
    """What a measure of samples comes to over all targets of a service."""

    def bulk(measure: str, spans: Sequence[Span]) -> Bulk | None:
        found = [reading.heard.bulk(measure, spans) for reading in readings.values()]
        known = [one for one in found if one is not None]
        return together(known) if len(known) == len(found) else None

    return bulk


def _at(heard: tuple[Sample, State]) -> int:
    return heard[0].at


def _tallies(
    config: Config, contract: Contract, service: Service, readings: dict[str, TargetReading], view: View
) -> dict[str, Tally]:
    """The sample promises of a service: every Up and Down sample of its targets outside excluded time."""
    lines = (*contract.promises, *contract.conditions)
    tallies = {p.id: Tally(p) for p in lines if service.name in p.services and p.measure in SAMPLE and p.rule is None}
    if not tallies:
        return {}
    counted = subtract([(view.start, view.end)], view.excluded.left_out)
    measures = {p.id: p.measure for p in lines}
    for name, reading in readings.items():
        latency_of = latency_of_target(config.targets[name])
        slow = []
        for called, tally in tallies.items():
            values = reading.heard.bulk(measures[called], counted)
            if values is None:
                slow.append(tally)
            else:
                tally.add_all(values)
        for sample, state in reading.heard if slow else ():
            if state is not State.UNKNOWN and inside(sample.at, counted):
                for tally in slow:
                    tally.add(sample, latency_of)
    return tallies


def inside(at: int, spans: Sequence[Span]) -> bool:
    """Whether an instant lies in one of a set of spans."""
    index = bisect_right(spans, (at, FOREVER)) - 1
    return index >= 0 and at < spans[index][1]
