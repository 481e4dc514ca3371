"""Verbs where there is no store, or where nobody can tell."""

from pathlib import Path

import pytest

from tests.cli.kit import upheld, written


@pytest.mark.parametrize("verb", [("issue", "acme", "2026-10"), ("people", "--erase", "noc")])
def test_what_needs_a_store_makes_none(tmp_path: Path, verb: tuple[str, ...]) -> None:
    """A statement of an empty store would be signed, and say that nothing was observed."""
    done = upheld(*verb, "-c", written(tmp_path))
    assert done.exit_code == 69
    assert done.output == f"{tmp_path}/upheld.db: there is no store yet; `upheld run` makes it\n"
    assert [file.name for file in tmp_path.iterdir()] == ["upheld.yaml"]


def test_a_store_that_cannot_even_be_looked_for_is_one_line(tmp_path: Path) -> None:
    """As of one below a directory that may not be searched."""
    long = tmp_path / ("a" * 300)
    config = written(tmp_path)
    for verb in (("doctor",), ("issue", "acme", "2026-10")):
        done = upheld(*verb, "--store", long, "-c", config)
        assert done.exit_code == 69 and f"{long}: File name too long" in done.output, done.output


def test_a_backup_that_cannot_be_is_one_line(tmp_path: Path) -> None:
    config, facts, long = written(tmp_path), tmp_path / "facts.jsonl", tmp_path / ("a" * 300)
    facts.write_text('{"kind": "assume", "service": "hq", "state": "up"}\n')
    assert upheld("import", facts, "-c", config).exit_code == 0
    done = upheld("backup", long, "-c", config)
    assert (done.exit_code, done.output) == (69, f"{long}: File name too long\n")
