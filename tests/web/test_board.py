"""The board shows what taking sample after sample would show, in whatever form and pieces they come."""

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from random import Random

import pytest

from monitor.store.port import Batch
from monitor.web.board import BUCKETS, Board
from monitor.web.last import NEVER
from probes.columns import OUTCOMES, from_samples
from probes.sample import Outcome, Sample
from tests.probes.clockwork import MIDNIGHT, SECOND
from tests.web.boards import MS, config

NAMES = ("hq", "web", "lab")
Shown = dict[tuple[str, str], tuple[int, Outcome, float | None, float | None]]


@dataclass
class Plain:
    """A board as one would write it down."""

    last: dict[tuple[str, str], Sample] = field(default_factory=dict)
    outcomes: Counter[tuple[str, Outcome]] = field(default_factory=Counter)
    buckets: dict[str, list[int]] = field(default_factory=dict)
    sums: Counter[str] = field(default_factory=Counter)

    def add(self, sample: Sample) -> None:
        self.outcomes[sample.vantage, sample.outcome] += 1
        if sample.took is not None:
            bounds = [round(bound * SECOND) for bound in BUCKETS]
            self.buckets.setdefault(sample.vantage, [0] * 15)[bisect_left(bounds, sample.took)] += 1
            self.sums[sample.vantage] += sample.took
        last = self.last.get((sample.target, sample.vantage))
        if sample.target in NAMES and (last is None or sample.at >= last.at or sample.boot != last.boot):
            self.last[sample.target, sample.vantage] = sample

    def shown(self) -> Shown:
        return {key: (s.at, s.outcome, _latency(s), _delivery(s)) for key, s in self.last.items()}


def _delivery(sample: Sample) -> float | None:
    return (sample.received or 0) / sample.sent if sample.sent else None


def _latency(sample: Sample) -> float | None:
    answered = [rtt for rtt in sample.rtts if rtt is not None]
    if sample.outcome is not Outcome.UP or (not answered and sample.took is None):
        return None
    if answered:
        return sum(answered) / len(answered) * 1e-9
    return ((sample.took or 0) - dict(sample.phases).get("resolve", 0)) * 1e-9


def shown(board: Board) -> Shown:
    found: Shown = {}
    snapshot = board.snapshot(0)
    for vantage, latest in snapshot.latest.items():
        rows = zip(latest.at, latest.outcome, latest.latency, latest.delivery, strict=True)
        for name, (at, outcome, latency, delivery) in zip(snapshot.targets, rows, strict=True):
            if at != NEVER:
                took, share = (None if number != number else float(number) for number in (latency, delivery))
                found[name, vantage] = int(at), OUTCOMES[outcome], took, share
    return found


def run(dice: Random, seq: int) -> Sample:
    """Any sort of run, from two vantages that begin anew at times, now and then late."""
    trips = tuple(dice.choice((None, dice.randrange(40 * MS))) for _ in range(dice.choice((0, 0, 1, 5, 5))))
    return Sample(
        dice.choice((*NAMES, "gone")),
        dice.choice(("fra", "ber")),
        dice.choice(("b1", "b1", "b1", "b2")),
        seq,
        MIDNIGHT + (seq // 3 - dice.choice((0, 0, 0, 30))) * SECOND,
        dice.choice((Outcome.UP, Outcome.UP, Outcome.DOWN, Outcome.UNKNOWN)),
        took=dice.choice((None, 5 * MS, 5 * MS + 1, dice.randrange(12 * SECOND), 1 << 61)),
        sent=len(trips) or None,
        received=len(trips) - trips.count(None) if trips else None,
        rtts=trips,
        phases=dice.choice(((), (("resolve", 2 * MS), ("connect", MS)))),
    )


@pytest.mark.parametrize("seed", range(12))
def test_it_shows_what_sample_after_sample_would(seed: int) -> None:
    dice, plain, board = Random(seed), Plain(), Board(config(*NAMES))
    for turn in range(12):
        batch = [run(dice, turn * 100 + place) for place in range(dice.choice((0, 1, 7, 60)))]
        for sample in batch:
            plain.add(sample)
        board.commit(Batch(samples=dice.choice((list, from_samples))(batch)))
        found, expected = shown(board), plain.shown()
        assert {key: one[:2] for key, one in found.items()} == {key: one[:2] for key, one in expected.items()}
        for key, one in found.items():
            for number, wanted in zip(one[2:], expected[key][2:], strict=True):
                assert number == (None if wanted is None else pytest.approx(wanted, rel=1e-12))
    snapshot = board.snapshot(0)
    assert {key: n for key, n in snapshot.outcomes.items() if n} == plain.outcomes
    assert {v: d.counts for v, d in snapshot.durations.items()} == {"fra": [0] * 15, **plain.buckets}
    assert {v: d.sum for v, d in snapshot.durations.items() if d.sum} == plain.sums


def test_another_configuration_leaves_what_it_still_names_as_it_was() -> None:
    board = Board(config("hq", "web"))
    samples = [Sample(name, "fra", "b", seq, MIDNIGHT + seq, Outcome.UP) for seq, name in enumerate(("hq", "web"))]
    board.commit(Batch(samples=samples))
    board.configure(config("lab", "web"))
    assert shown(board) == {("web", "fra"): (MIDNIGHT + 1, Outcome.UP, None, None)}
    board.commit(Batch(samples=[Sample("lab", "fra", "b", 3, MIDNIGHT + 3, Outcome.DOWN), *samples]))
    assert shown(board)["lab", "fra"][:2] == (MIDNIGHT + 3, Outcome.DOWN)
    assert ("hq", "fra") not in shown(board)
