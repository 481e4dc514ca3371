"""What every instant was for one service: pieces of time, each with what was seen and what is accounted."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from config.contract.model import Contract, ExclusionTerm, Service
from config.model import Config
from monitor.sla.facts import AssumeFact, DamageFact, ExclusionFact, Fact, StateFact
from tests.oracle.calendar import boundaries
from tests.oracle.speech import DOWN, EXCLUDED, UNKNOWN, UP, Speech, trusted

MARGIN = 3_600_000_000_000
"""How far before everything known a history begins, and after it ends: what is unknown may have begun earlier."""


@dataclass(frozen=True)
class Piece:
    """Time in which nothing changed. ``seen`` is the state before exclusions, ``counted`` the one accounted."""

    start: int
    end: int
    seen: str
    counted: str


class ServiceHistory:
    """Everything known about one service of one contract."""

    def __init__(self, config: Config, contract: Contract, service: Service, facts: Sequence[Fact]) -> None:
        self.contract, self.service = contract, service
        samples = trusted(facts)
        self.speeches = [Speech(config, target, facts, samples) for target in service.targets]
        mine = [f for f in facts if getattr(f, "contract", None) in (None, contract.name)]
        self.states = [
            StateFact(service.name, f.start, f.end, UNKNOWN, "evidence_damaged")
            for f in mine
            if isinstance(f, DamageFact) and f.target is None and f.service in (None, service.name)
        ]
        self.states += [f for f in mine if isinstance(f, StateFact) and f.service == service.name]
        self.assume = next((f.state for f in mine if isinstance(f, AssumeFact) and f.service == service.name), None)
        self.exclusions = [
            f
            for f in _latest([f for f in mine if isinstance(f, ExclusionFact)])
            if not f.services or service.name in f.services
        ]
        self.cuts: list[tuple[int, int, str]] = []
        for term in contract.exclusions:
            self.cuts += self._cuts(term, list(self.cuts))

    def seen(self, instant: int) -> str:
        """The state before exclusions."""
        for state in self.states:
            if state.start <= instant < state.end:
                return state.state
        words = [speech.word(instant) for speech in self.speeches]
        if all(word is None for word in words) and self.assume is not None:
            return self.assume
        need = self.service.down_when
        if words.count(DOWN) >= need:
            return DOWN
        return UP if words.count(UP) > len(words) - need else UNKNOWN

    def exempted(self, instant: int) -> str | None:
        """What an instant is accounted as whatever was seen: not in service, or excluded; None: as it was seen."""
        if self.service.in_service_from is not None and instant < self.service.in_service_from:
            return EXCLUDED
        for start, end, effect in self.cuts:
            if start <= instant < end:
                return UP if effect == "not_down" else EXCLUDED
        return None

    def pieces(self, start: int, end: int) -> list[Piece]:
        """All of ``[start, end)``, and what is known around it, one piece between any two edges."""
        edges = {start, end}
        for speech in self.speeches:
            edges.update(speech.edges())
        for a, b in [(s.start, s.end) for s in self.states] + [(a, b) for a, b, _ in self.cuts]:
            edges.update((a, b))
        if self.service.in_service_from is not None:
            edges.add(self.service.in_service_from)
        marks = sorted(edges)
        marks = [marks[0] - MARGIN, *marks, marks[-1] + MARGIN]
        seen = [self.seen(mark) for mark in marks]
        pieces = [
            Piece(a, b, state, self.exempted(a) or state)
            for (a, b), state in zip(itertools.pairwise(marks), seen, strict=False)
        ]
        last = max([end, *(e for _, e in self._told())])
        if pieces[-1].seen != UP:
            pieces = [piece for piece in pieces if piece.start < last]  # nobody can say for how long it goes on
        return _joined(pieces, {start, end, self.begins()})

    def begins(self) -> float:
        """Before this instant nothing at all was said of this service."""
        return min((start for start, _ in self._told()), default=inf)

    def _told(self) -> list[tuple[int, int]]:
        """Every span of which a sample or a state speaks."""
        spoken = [(start, end) for speech in self.speeches for start, end, _ in speech.turns]
        spoken += [span for speech in self.speeches for span in speech.lost]
        return spoken + [(state.start, state.end) for state in self.states]

    def _cuts(self, term: ExclusionTerm, earlier: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
        """The announced time of one term that counts, first come first, until the cap of its period is used up."""
        spans = self._announced(term)
        if not spans:
            return []
        low, high = min(a for a, _ in spans), max(b for _, b in spans)
        resets = boundaries(term.cap_period, low, high, self.contract.timezone)
        marks = sorted({e for s in spans for e in s} | {e for a, b, _ in earlier for e in (a, b)} | set(resets))
        out: list[tuple[int, int, str]] = []
        used = 0
        for a, b in itertools.pairwise(marks):
            used = 0 if a in resets else used
            if any(s <= a < e for s, e, _ in earlier) or not any(s <= a < e for s, e in spans):
                continue
            length = b - a if term.cap is None else min(b - a, term.cap - used)
            used += length
            if length:
                out.append((a, a + length, term.effect))
        return out

    def _announced(self, term: ExclusionTerm) -> list[tuple[int, int]]:
        spans = [
            (f.start, f.end)
            for f in self.exclusions
            if _same(f.cause, term.cause)
            and (term.notice is None or (f.announced_at is not None and f.announced_at <= f.start - term.notice))
        ]
        if term.notice is None:
            spans += [(s.start, s.end) for s in self.states if s.cause is not None and _same(s.cause, term.cause)]
        since = self.service.in_service_from
        return spans if since is None else [(max(start, since), end) for start, end in spans if end > since]


def _joined(pieces: Sequence[Piece], seams: set[float]) -> list[Piece]:
    """Neighbours that are alike as one, except over a seam."""
    out: list[Piece] = []
    for piece in pieces:
        last = out[-1] if out else None
        if last and (last.seen, last.counted) == (piece.seen, piece.counted) and piece.start not in seams:
            out[-1] = Piece(last.start, piece.end, piece.seen, piece.counted)
        else:
            out.append(piece)
    return out


def _same(left: str, right: str) -> bool:
    return left.replace("_", " ") == right.replace("_", " ")


def _latest(versions: Sequence[ExclusionFact]) -> list[ExclusionFact]:
    """Of each exclusion the version recorded last, if it was not withdrawn."""
    latest: dict[str, ExclusionFact] = {}
    for version in sorted(versions, key=lambda v: -1 if v.recorded_at is None else v.recorded_at):
        latest[version.id] = version
    return [version for version in latest.values() if not version.withdrawn]
