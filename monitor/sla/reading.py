"""From evidence to timelines: which facts a judgement needs, and how far around a period it has to look.

An incident is whole, wherever the period's edges cut it: so the reading starts with the period and as much around it
as a word can reach, and grows while the service is not known to be up at either edge and there is more to read.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from config.contract.model import Service
from config.model import Config, Target
from config.spans import Span, union
from monitor.sla.evidence import Evidence
from monitor.sla.fold import Dissent, Fold, Run
from monitor.sla.heard import Heard
from monitor.sla.incidents import Trace
from monitor.sla.known import DAY, NOBODY, SMALL_STEP, Known, cadences, latency_of_target
from monitor.sla.model import State
from monitor.sla.naming import Naming, names_in, namings, silences
from monitor.sla.series import Series, seen_from, series_of, vantages_in
from monitor.sla.timeline import (
    PENDING,
    SILENCE,
    Piece,
    clipped,
    compose,
    fill,
    judged_elsewhere,
    overlay,
    reaching,
    silence,
    together,
)
from monitor.sla.words import CUT_OFF, FOREVER, ended, single, voted
from probes.sample import Outcome, Sample


@dataclass(frozen=True, slots=True)
class Window:
    """What to read: ``[start, end)``, the evidence being complete up to ``as_of`` (None: there is no more to come)."""

    start: int
    end: int
    as_of: int | None


@dataclass(frozen=True, slots=True)
class TargetReading:
    """One target over a window. ``heard``: samples of its vantages with the state they stand for."""

    runs: tuple[Run, ...]
    dissents: tuple[Dissent, ...]
    heard: Heard


@dataclass(frozen=True, slots=True)
class FoldReading:
    """The words of one target folded, its samples with the state they stand for, the vantages they came from, and
    when the witnesses of the only vantage were silent."""

    fold: Fold
    heard: Heard
    vantages: tuple[str, ...]
    silent: tuple[Span, ...]


def read_target(config: Config, target: Target, evidence: Evidence, known: Known, window: Window) -> TargetReading:
    """The runs of one target over a window, from the samples of its vantages."""
    return closed(read_fold(config, target, evidence, known, window), known, window)


def read_fold(config: Config, target: Target, evidence: Evidence, known: Known, window: Window) -> FoldReading:
    """The fold of a target's words over a window, not closed yet."""
    samples = series_of(evidence, target.name, window.start, min(window.end, _next(window.as_of)))
    vantages = target.vantages or vantages_in(samples)
    samples = seen_from(samples, vantages)
    ours, named = config.vantage.name, namings(config.vantage, known.index.witnesses)
    silent = {ours: silences(named, _witnesses(ours, named, evidence, window))} if ours in vantages else {}
    steps = cadences(target, known.schedules(target.name))
    alone = vantages[0] if len(vantages) == 1 else None
    damaged = evidence.damaged(target.name, window.start, FOREVER)
    fold = Fold(steps, known.index.pauses(alone or NOBODY), damaged)
    if alone is not None:
        _follow(fold, samples, silent.get(alone, ()))
    else:
        quorum = target.quorum or (1 if len(vantages) < 2 else 2)
        for word in voted(samples, silent, lambda at: fold.cadence(at).every, quorum):
            fold.take(word)
    return FoldReading(
        fold, Heard(samples, silent, latency_of_target(target)), tuple(vantages), tuple(silent.get(alone or "", ()))
    )


def _follow(fold: Fold, samples: Series | list[Sample], silent: Sequence[Span]) -> None:
    """The samples of the only vantage; most of a month says the same again and again."""
    index = 0
    while index < len(samples):
        fold.take(next(single((samples[index],), silent)))
        index = fold.coast(samples, index + 1)


def closed(reading: FoldReading, known: Known, window: Window) -> TargetReading:
    """A fold's runs up to the end of what the window knows, less what its vantage was blind for."""
    until = window.end if window.as_of is None else min(window.end, window.as_of)
    runs = reading.fold.close(until, window.as_of is not None)
    if known.epochs:
        twice = [(e.at, e.at - e.step) for e in known.epochs if e.step < -SMALL_STEP and e.vantage in reading.vantages]
        runs = _without(runs, union(twice), "clock", (State.UP, State.DOWN, State.UNKNOWN))
    if len(reading.vantages) == 1 and reading.silent:
        runs = _without(runs, union(reading.silent), CUT_OFF, (State.DOWN,))
    return TargetReading(tuple(runs), tuple(reading.fold.dissents), reading.heard)


def _without(runs: Sequence[Run], spans: Sequence[Span], cause: str, states: tuple[State, ...]) -> list[Run]:
    """Runs with what they say of those spans taken back: a clock stepped back covers the same wall time twice, and
    while all witnesses are silent a Down says nothing."""
    if not spans:
        return list(runs)
    blind = [Piece(start, end, State.UNKNOWN, cause) for start, end in spans]
    out: list[Run] = []
    for run in runs:
        if run.state not in states:
            out.append(run)
            continue
        for piece in overlay([Piece(run.start, run.end, run.state, run.reason)], blind):
            first, last = max(run.first, piece.start), max(piece.start, min(run.last, piece.end))
            kept = replace(run, start=piece.start, end=piece.end, first=first, last=last)
            lost = Run(piece.start, piece.end, State.UNKNOWN, cause, piece.start, piece.start)
            out.append(lost if piece.state is not run.state or piece.cause == cause else kept)
    return out


def read_back(config: Config, target: Target, evidence: Evidence, known: Known, start: int, until: int) -> FoldReading:
    """The fold of everything up to ``until`` that may bear on what begins at ``start``: as far back as the target was
    last known to be up."""
    reach = max(c.max_gap for c in cadences(target, known.schedules(target.name))) + 1
    begin = start - reach
    while True:
        read = read_fold(config, target, evidence, known, Window(begin, until, None))
        first = read.fold.runs[0] if read.fold.runs else None
        if first is not None and first.state is State.UP and first.start <= start:
            return read
        before = evidence.last_before(target.name, begin)
        if before is None:
            return read
        begin = before.at - 2 * (start - begin)


def read_open(
    config: Config, target: Target, evidence: Evidence, known: Known, since: int, now: int, spoken: int
) -> FoldReading:
    """As ``read_back``, of a period that is open at ``now``: as far as the witnesses have spoken."""
    read = read_back(config, target, evidence, known, since, min(now + DAY, spoken))
    heard = read.heard if spoken < FOREVER else ()
    running = [one.at for one, _ in heard if one.outcome is Outcome.DOWN and ended(one) > spoken]
    if running:  # the witnesses have not spoken for all of a run: it waits, and what came after it too
        read = read_back(config, target, evidence, known, since, min(running))
    if len(read.vantages) > 1:  # never folded further, so there is nothing to wait for
        read = read_back(config, target, evidence, known, since, now + DAY)
    return read


def _next(as_of: int | None) -> int:
    return FOREVER if as_of is None else as_of


def _witnesses(vantage: str, named: Sequence[Naming], evidence: Evidence, window: Window) -> dict[str, list[Sample]]:
    """The samples of the vantage's witnesses, from before the window on: a silence may have begun there."""
    out: dict[str, list[Sample]] = {}
    for name in names_in(named):
        before = evidence.last_before(name, window.start)
        start = window.start if before is None else before.at
        end = min(window.end + DAY, _next(window.as_of))
        out[name] = [s for s in evidence.samples(name, start, end) if s.vantage == vantage]
    return out


def service_pieces(
    service: Service, targets: Sequence[TargetReading], known: Known, window: Window
) -> tuple[list[Piece], Trace]:
    """The timeline of a service over a window, and what is behind its outages."""
    until = _until(window)
    runs = [target.runs for target in targets]
    pieces = compose(runs, service.down_when, window.start, until)
    told = judged_elsewhere(known.states.get(service.name, ()))
    silent = silence(runs, window.start, until) if service.name in known.assumptions else []
    return _told(service, pieces, told, silent, known, window), Trace(tuple(runs), service.down_when, tuple(told))


def composed(
    service: Service, parts: Sequence[Sequence[Piece]], traces: Sequence[Trace], known: Known, window: Window
) -> tuple[list[Piece], Trace]:
    """The timeline of a service that is composed of others, from theirs."""
    until = _until(window)
    tracks = [clipped(reaching(part, window.start, until), window.start, until) for part in parts]
    pieces = together(tracks, service.down_when)
    told = judged_elsewhere(known.states.get(service.name, ()))
    silent = union((p.start, p.end) for p in pieces if p.state is State.UNKNOWN and p.cause in SILENCE)
    runs = tuple(run for trace in traces for run in trace.runs)
    elsewhere = (*told, *(piece for trace in traces for piece in trace.elsewhere))
    return _told(service, pieces, told, silent, known, window), Trace(runs, service.down_when, elsewhere)


def _until(window: Window) -> int:
    return window.end if window.as_of is None else min(window.end, window.as_of)


def _told(
    service: Service,
    pieces: Sequence[Piece],
    told: Sequence[Piece],
    silent: Sequence[Span],
    known: Known,
    window: Window,
) -> list[Piece]:
    """A timeline with what was judged elsewhere and what is assumed laid over, and with what is still to come."""
    filled = fill(overlay(pieces, told), known.assumptions.get(service.name), silent)
    if _until(window) < window.end:
        filled.append(Piece(_until(window), window.end, State.UNKNOWN, PENDING))
    return filled


def up_to_the_last_word(pieces: Sequence[Piece], trace: Trace, end: int) -> list[Piece]:
    """The pieces up to ``end``, or to the last thing known where that is later: what is only assumed or settled by a
    policy goes no further. An UP there ends what came before it."""
    words = [run.end for runs in trace.runs for run in runs if run.reason not in SILENCE]
    last = max([end, *words, *(piece.end for piece in trace.elsewhere)])
    kept = [replace(p, end=min(p.end, last + (p.state is State.UP))) for p in pieces if p.start <= last]
    return [piece for piece in kept if piece.start < piece.end]
