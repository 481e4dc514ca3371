"""What a service was at every instant, as the sources of an outage rule say it: the state that outages are made of.

probes ── control, rows of failing samples ──┐
counts ───────────────────────────────────────┼─ bad buckets ── any source | every source ──▶ pieces
tickets ── down while one is open ────────────┤
a measure ── bad buckets by its figure ───────┤
another rule ── down while its outages run ───┘
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from config.contract.rules import OutageRule, Source
from config.periods import Period
from config.spans import clip, intersect, union
from monitor.sla.figures import View, look, marked, under_policy
from monitor.sla.model import State
from monitor.sla.occurrence import World
from monitor.sla.outages import buckets, heard, missed, tickets
from monitor.sla.timeline import PENDING, Piece, clipped, join, overlay, together

if TYPE_CHECKING:
    from monitor.sla.scene import Scene

SETTLED = {"least": State.UP, "greatest": State.DOWN}


def pieces_of(scene: "Scene", rule: OutageRule, world: World) -> list[Piece]:
    """The rule's states in one world, over all that was read around the period."""
    tracks = [_source(scene, rule, source, world) for source in rule.sources]
    if len(tracks) == 1:
        return tracks[0]
    start, end = min(track[0].start for track in tracks), max(track[-1].end for track in tracks)
    return together([_through(track, start, end) for track in tracks], len(tracks) if rule.every_source else 1)


def _through(track: list[Piece], start: int, end: int) -> list[Piece]:
    """A track as far as others speak: one that was up before all it tells of, and after, is so."""
    first, last = track[0], track[-1]
    before, after = (piece.state if piece.state is State.UP else State.UNKNOWN for piece in (first, last))
    return join([Piece(start, first.start, before, None), *track, Piece(last.end, end, after, None)])


def view_of(scene: "Scene", rule: OutageRule) -> View:
    """The period with the rule's states instead of the service's own."""
    if _as_probed(rule):
        return scene.view
    view = look(pieces_of(scene, rule, "measured"), scene.view.excluded, scene.period.start, scene.period.end)
    return under_policy(view, scene.policy)


def _as_probed(rule: OutageRule) -> bool:
    kinds = [source.kind for source in rule.sources]
    return kinds == ["probes"] and rule.bucket is None and rule.consecutive == 1 and rule.control is None


def settled(pieces: Sequence[Piece], scene: "Scene", world: World) -> list[Piece]:
    """The pieces with their unknown time as a world has it. Where least is lost, unknown time that is excluded anyway
    neither splits an outage nor adds to it; where most is, silence before and after all that is known was down for as
    much of it as lies within the period, and ends nothing that ran. What the contract says of unknown time settles it
    first."""
    pieces = _by_policy(pieces, scene, world)
    if world == "measured":
        return list(pieces)
    known = marked(pieces, scene.view.excluded) if world == "least" else _without_edges(pieces, scene)
    if world == "greatest":  # what is void counts least of all
        void = union(scene.view.excluded.voided)
        known = [
            part
            for piece in known
            for part in (
                overlay([piece], [Piece(a, b, State.UP, None) for a, b in clip(void, piece.start, piece.end)])
                if piece.state is State.UNKNOWN
                else [piece]
            )
        ]
    state = SETTLED[world]
    return join(Piece(p.start, p.end, state, None) if p.state is State.UNKNOWN else p for p in known)


def _by_policy(pieces: Sequence[Piece], scene: "Scene", world: World) -> Sequence[Piece]:
    """Unknown time as the contract counts it; what is excluded was neither up nor down in any world. Silence before all
    that is known settles nothing."""
    if scene.policy == "indeterminate" or (scene.policy == "exclude" and world == "measured"):
        return pieces
    state = State.DOWN if scene.policy == "down" else State.UP
    first = pieces[0]
    silent = min(first.end, scene.period.start) if first.state is State.UNKNOWN else first.start
    settled = [p if p.state is not State.UNKNOWN or p.cause == PENDING else replace(p, state=state) for p in pieces]
    settled[0] = replace(settled[0], start=max(first.start, silent))
    return join([replace(first, end=max(first.start, silent)), *settled])


def _without_edges(pieces: Sequence[Piece], scene: "Scene") -> list[Piece]:
    start, end = scene.span
    out = list(pieces)
    first = out[0]
    if first.state is State.UNKNOWN:
        at = min(max(first.start, start), first.end)
        out[:1] = [Piece(first.start, at, State.UP, None), replace(first, start=at)]
    last = next((i for i in range(len(out) - 1, -1, -1) if out[i].state is not State.UNKNOWN), -1)
    out = [*out[: last + 1], *clipped(out[last + 1 :], start, end)]
    if out and out[-1].state is State.UNKNOWN and (last < 0 or out[last].state is State.UP):
        out.append(Piece(out[-1].end, pieces[-1].end, State.UP, None))
    return [piece for piece in out if piece.start < piece.end]


def _source(scene: "Scene", rule: OutageRule, source: Source, world: World) -> list[Piece]:
    match source.kind:
        case "tickets":
            return settled(tickets.pieces(scene, rule), scene, world)
        case "counts":
            return _counted(scene, rule, source.name or "", world)
        case "measure":
            return settled(missed.pieces(scene, rule, world), scene, world)
        case "outage":
            return settled(_of_other(scene, source.name or "", world), scene, world)
    return _probed(scene, rule, world)


def _probed(scene: "Scene", rule: OutageRule, world: World) -> list[Piece]:
    known: Sequence[Piece] = scene.view.pieces
    control = None if rule.control is None else scene.others[rule.control].view.pieces
    if rule.consecutive > 1 and rule.bucket is None:
        known = _in_rows(scene, rule, known, world)
    elif control is not None:
        known = controlled(known, control)
    if rule.bucket is None:
        return settled(known, scene, world)
    excluded = scene.view.excluded
    lifted = [Piece(a, b, State.UP, None) for a, b in union([*excluded.out_of_base, *excluded.not_down])]
    known = overlay(settled(known, scene, world), lifted)
    samples = None
    if rule.bucket.minimum > 1:
        found = scene.heard(known[0].start, known[-1].end)
        samples = sorted(sample.at for sample, state, _ in found if state is not State.UNKNOWN)
    judged = buckets.of_pieces(known, rule.bucket, scene.anchor, samples)
    return _unbroken(settled(judged, scene, world), rule)


def _of_other(scene: "Scene", name: str, world: World) -> list[Piece]:
    """Down while an outage of another rule runs of which something counts; what that rule does not know is unknown."""
    other = scene.contract.outage(name)
    start, end = scene.view.pieces[0].start, scene.view.pieces[-1].end
    if other.services and scene.service.name not in other.services:
        return [Piece(start, end, State.UP, None)]
    known = [
        p if p.state is State.UNKNOWN else Piece(p.start, p.end, State.UP, None) for p in pieces_of(scene, other, world)
    ]
    found = scene.during(Period("", None, start, end)).found(other, world)
    down = union(span for one in found if one.charged for span in one.spans)
    return overlay(known, [Piece(a, b, State.DOWN, None) for a, b in down])


def _counted(scene: "Scene", rule: OutageRule, signal: str, world: World) -> list[Piece]:
    start, end = scene.view.pieces[0].start, scene.view.pieces[-1].end
    facts = [f for f in scene.known.counts.get(signal, ()) if f.service in (None, scene.service.name)]
    if rule.bucket is None:
        down = union((f.start, f.end) for f in facts if f.failed > 0)
        rest = Piece(start, end, State.UP if facts else State.UNKNOWN, None)
        return settled(overlay([rest], [Piece(a, b, State.DOWN, None) for a, b in down]), scene, world)
    if facts and len(rule.sources) == 1:  # an outage at the edge is whole
        start, end = min(start, *(f.start for f in facts)), max(end, *(f.end for f in facts))
    judged = buckets.of_counts(facts, rule.bucket, scene.anchor, start, end, scene.now)
    return _unbroken(settled(judged, scene, world), rule)


def _unbroken(judged: list[Piece], rule: OutageRule) -> list[Piece]:
    """As many bad buckets in a row as an outage needs."""
    if rule.consecutive == 1 or rule.bucket is None:
        return judged
    return buckets.in_a_row(judged, rule.consecutive * rule.bucket.length)


def _in_rows(scene: "Scene", rule: OutageRule, known: Sequence[Piece], world: World) -> list[Piece]:
    """DOWN only where enough samples failed in a row, or where somebody judged it so; other failures were none."""
    failing = heard.rows(scene.tracks(rule), rule.consecutive, world)
    told = [(f.start, f.end) for f in scene.known.states.get(scene.service.name, ()) if f.state == State.DOWN]
    down = intersect(union((p.start, p.end) for p in known if p.state is State.DOWN), union([*failing, *told]))
    rest = [Piece(p.start, p.end, State.UP, None) if p.state is State.DOWN else p for p in known]
    return overlay(rest, [Piece(a, b, State.DOWN, None) for a, b in down])


def controlled(known: Sequence[Piece], control: Sequence[Piece]) -> list[Piece]:
    """DOWN only while the control is UP. While it is down too this says nothing against the service; while nobody
    knows of it, nobody knows of this."""
    out = [Piece(p.start, p.end, State.UP, None) for p in control if p.state is State.DOWN]
    out += [p for p in control if p.state is State.UNKNOWN and p.cause != PENDING]
    over = sorted(out, key=lambda piece: piece.start)
    found: list[Piece] = []
    for piece in known:
        found += overlay([piece], over) if piece.state is State.DOWN else [piece]
    return join(found)
