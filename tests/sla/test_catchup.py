"""What folds lack is read in one pass, whatever came since; a target long silent does not lengthen it."""

from collections.abc import Iterator, Sequence

from monitor.sla.catchup import LATELY, since
from monitor.sla.evidence import Facts
from probes.sample import Outcome, Sample

S = 1_000_000_000
NOW = 1_700_000_000 * S


def one(target: str, at: int) -> Sample:
    return Sample(target, "fra", "b1", at // S * 3 + "abc".index(target), at, Outcome.UP)


class Passes(Facts):
    """Facts that count how they are read."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        super().__init__(samples)
        self._all = sorted(samples, key=lambda sample: (sample.at, sample.identity))
        self.together: list[tuple[tuple[str, ...], int]] = []
        self.alone: list[tuple[str, int]] = []

    def samples(self, target: str, start: int, end: int) -> Iterator[Sample]:
        self.alone.append((target, start))
        return super().samples(target, start, end)

    def read_samples(self, targets: Sequence[str], start: int, end: int) -> Iterator[Sample]:
        self.together.append((tuple(targets), start))
        return (one for one in self._all if one.target in targets and start <= one.at < end)


SAMPLES = [one(target, NOW + 10 * S * turn) for turn in range(6) for target in "abc"]
STANDS = {"a": NOW, "b": NOW + 20 * S, "c": NOW - LATELY}


def test_targets_heard_of_lately_are_read_together_and_the_others_alone() -> None:
    evidence = Passes(SAMPLES)
    found = list(since(evidence, STANDS))
    assert evidence.together == [(("a", "b"), NOW)]
    assert evidence.alone == [("c", NOW - LATELY)]
    assert [s for s in found if s.target == "b"] == [s for s in SAMPLES if s.target == "b"]
    assert sorted(s.target for s in found) == ["a"] * 6 + ["b"] * 6 + ["c"] * 6


def test_evidence_that_knows_one_target_at_a_time_gives_no_fewer() -> None:
    found = list(since(Facts(SAMPLES), STANDS))
    assert [s.at for s in found if s.target == "a"] == [NOW + 10 * S * turn for turn in range(6)]
    assert [s.at for s in found if s.target == "b"] == [NOW + 10 * S * turn for turn in range(2, 6)]


def test_nothing_stands_and_nothing_is_read() -> None:
    assert list(since(Passes(SAMPLES), {})) == []
