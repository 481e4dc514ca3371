"""Samples that wait in a file answer as those in memory do, wherever their pieces end."""

from pathlib import Path
from random import Random

import pytest

from monitor.cli import shelf
from monitor.cli.shelf import Shelf, Shelved
from monitor.store.lazy import Lazy
from monitor.store.packing.codec import encode_samples
from probes.columns import from_samples
from probes.sample import Outcome, Sample

S = 1_000_000_000


def history(seed: int, count: int = 60) -> list[Sample]:
    """Mostly calm, with outages, gaps, restarts and samples of one instant."""
    rng, at, boot, found = Random(seed), 0, 1, list[Sample]()
    for seq in range(count):
        at += rng.choice((0, 1, 1, 1, 1, 1, 9)) * S
        boot += rng.random() < 0.03
        outcome = rng.choice((*[Outcome.UP] * 12, Outcome.DOWN, Outcome.UNKNOWN))
        rtts = (None, seq * 1000) if rng.random() < 0.9 or seed % 2 else ()
        vantage = rng.choice(("fra", "fra", "osl"))
        found.append(Sample("hq", vantage, f"b{boot}", seq, at, outcome, sent=2, received=1, rtts=rtts, took=seq * S))
    return sorted(found, key=lambda sample: (sample.at, sample.identity))


@pytest.mark.parametrize("seed", range(30))
def test_pieces_answer_as_one(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "PIECE", 1 + seed % 9)
    samples, rng = history(seed), Random(seed)
    held = Shelf()
    there, here = Shelved(held, held.lay_all(samples)), Lazy(from_samples(samples))
    assert list(there) == samples and len(there) == len(samples) and there.vantages == here.vantages
    assert [there[place] for place in (0, -1, 7)] == [samples[place] for place in (0, -1, 7)]
    assert list(there.seen_from(["osl"])) == list(here.seen_from(["osl"]))
    assert there.seen_from(["fra", "osl"]) is there
    for place in range(1, len(samples) + 1):
        gap, until = rng.randrange(3) * S, rng.choice((samples[-1].at, samples[place - 1].at + 5 * S, 0))
        assert there.calm(place, gap, until) == here.calm(place, gap, until), (place, gap, until)
    for measure in ("latency", "jitter", "packet-loss", "packet-delivery"):
        cuts = sorted(rng.sample(range(samples[-1].at + 2), 4))
        spans = [(cuts[0], cuts[1]), (cuts[2], cuts[3])]
        one, other = there.bulk(measure, spans, "total"), here.bulk(measure, spans, "total")
        if one is not None and other is not None:
            assert (one.count, one.total, one.values()) == (other.count, other.total, other.values())
        assert one is not None or other is None
    held.close()


def test_what_is_shelved_lies_in_no_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    held = Shelf()
    place = held.put(history(1))
    assert place == (0, len(encode_samples(history(1))))
    assert list(held.get(place)) == history(1) and not list(tmp_path.iterdir())
    held.close()
