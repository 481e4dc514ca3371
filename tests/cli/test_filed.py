"""A file of facts answers as the list of them does, in any order, wherever its pieces end, in bounded memory."""

import json
import resource
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from config.spans import Span
from monitor.cli import shelf, sorting, staging
from monitor.cli.filed import Filed, filed
from monitor.render.fact_lines import line
from monitor.render.facts import read_file
from monitor.sla.evidence import Facts
from monitor.sla.facts import Fact
from monitor.sla.words import FOREVER
from probes.notation import instant
from tests.cli import evidence_kit
from tests.cli.kit import lines, sample, upheld, written
from tests.cli.test_import import MB, measured, one
from tests.cli.test_statement import REST

FIRST, LAST = instant("2026-09-30T22:00:00Z"), instant("2026-10-31T23:00:00Z")
OTHERS: list[dict[str, object]] = [
    evidence_kit.WORKS | {"from": "2026-11-02T00:00:00Z", "to": "2026-11-02T03:00:00Z", "recorded_at": None},
    {
        "kind": "incident",
        "service": "hq",
        "start": "2026-08-01T08:00:00Z",
        "at": "2026-08-01T08:30:00Z",
        "action": "note",
        "note": "x",
    },
    {"kind": "heartbeat", "vantage": "osl", "boot": "b2", "at": "2026-10-22T00:10:00Z", "suspended_ms": "5"},
]


@pytest.fixture
def evidence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> Iterator[tuple[Filed, list[Fact]]]:
    """The same facts both ways: in the order of a month, of targets, or in none."""
    monkeypatch.setattr(shelf, "PIECE", 9 + seed * 30)
    monkeypatch.setattr(sorting, "SOME", 60 + seed * 50)
    monkeypatch.setattr(sorting, "WAYS", 2 + seed % 3)
    monkeypatch.setattr(staging, "PIECE", 3)
    rng, path = Random(seed), tmp_path / "facts.jsonl"
    told = evidence_kit.evidence() + [{k: v for k, v in fact.items() if v is not None} for fact in OTHERS]

    rng.shuffle(told)
    if seed % 3:
        told.sort(key=lambda fact: (str(fact.get("target")) if seed % 3 == 1 else "", str(fact.get("at"))))
    told += rng.sample(told, 20)
    path.write_text(lines(told))
    with filed(str(path)) as here:
        yield here, read_file(str(path))


@pytest.mark.parametrize("seed", range(6))
def test_a_file_answers_as_the_list_of_its_facts(evidence: tuple[Filed, list[Fact]], seed: int) -> None:
    here, told = evidence
    there, rng = Facts(told), Random(seed)
    assert list(here.targets()) == there.targets()
    assert sorted(map(line, here.everything())) == sorted(map(line, told))
    for start, end in [(-FOREVER, FOREVER), (FIRST, LAST), *(span(rng) for _ in range(6))]:
        assert list(here.facts(start, end)) == list(there.facts(start, end))
        assert list(here.heartbeats(start, end)) == list(there.heartbeats(start, end))
        for target in ("hq-router", "shop", "elsewhere"):
            expected = list(there.samples(target, start, end))
            assert list(here.samples(target, start, end)) == expected
            series = here.series(target, start, end)
            assert list(series) == expected and len(series) == len(expected)
            assert here.last_before(target, start) == there.last_before(target, start)
            assert here.damaged(target, start, end) == there.damaged(target, start, end)


def span(rng: Random) -> Span:
    """A span of the month, often one that ends at a sample."""
    hours = sorted(rng.sample(range(-3, 747), 2))
    off = rng.choice((0, 4_000_000, 4_000_001, 100_000_000))
    return FIRST + hours[0] * 3600 * 10**9 + off, FIRST + hours[1] * 3600 * 10**9 + off


def test_judging_a_file_holds_no_more_than_pieces_of_it(tmp_path: Path) -> None:
    """Five times the samples, judged from a file of either kind alone, and the statement verified."""
    peaks = []
    for count in (5_000, 25_000):
        directory = tmp_path / str(count)
        directory.mkdir()
        config, given = written(directory), directory / "given.jsonl"
        given.write_text("".join(one(number) for number in range(count)) + json.dumps(REST) + "\n")
        assert measured("import", given, "-c", config)[0].returncode == 0
        peaks.append([judging(config, directory / name) for name in ("facts.jsonl", "facts.parquet")])

    for small, large in zip(*(sum(found, ()) for found in peaks), strict=True):
        assert large < small + 25 * MB, peaks


def judging(config: Path, out: Path) -> tuple[int, int]:
    """The most memory (bytes) that judging a file of the evidence took, and that verifying the statement did."""
    issued = out.with_name(f"{out.suffix[1:]}.json")
    done, _ = measured("issue", "acme", "2026-10", "-o", issued, "--evidence", out, "-c", config)
    assert done.returncode == 0, done.stderr
    done, judged = measured("statement", "acme", "2026-10", "--facts", out, "-c", config)
    assert done.returncode == 0, done.stderr
    done, verified = measured("verify", issued, out)
    assert done.returncode == 0, done.stderr
    return judged, verified


def test_no_room_for_the_pieces_of_a_file_is_told(tmp_path: Path) -> None:
    """What cannot be set aside is no fault of the file."""
    config, facts = written(tmp_path), tmp_path / "facts.jsonl"
    facts.write_text(lines([sample(1), sample(2)]))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        result = upheld("statement", "acme", "2026-10", "--facts", facts, "-c", config)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert result.exit_code == 69
    assert result.stderr == "the temporary file for judging cannot be written (TMPDIR): File too large\n"
