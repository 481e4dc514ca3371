"""Every verb on a PostgreSQL store: the same facts give the same bytes there as in SQLite."""

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.cli.kit import lines, sample, upheld, written
from tests.postgres import Databases

HEARD = {"received_at": "2026-10-01T05:00:00Z"}
FACTS = [
    *(sample(m, "down", reason="timeout", **HEARD) if 180 <= m < 240 else sample(m, **HEARD) for m in range(420)),
    sample(500, vantage="there", boot="b7", **HEARD),
    {
        "kind": "state",
        "service": "hq",
        "from": "2026-10-01T05:00:00Z",
        "to": "2026-10-31T23:00:00Z",
        "state": "up",
    },
]
EXCLUDED = {
    "--from": "2026-10-01T00:00:00+02:00",
    "--to": "2026-10-01T00:30:00+02:00",
    "--cause": "customer",
    "--reason": "their works",
    "--author": "Åsa",
}


@pytest.fixture
def url(databases: Databases) -> str:
    """An empty database."""
    return databases.new()


@pytest.fixture
def databases() -> Iterator[Databases]:
    """Empty databases of a real PostgreSQL."""
    made = Databases()
    yield made
    made.drop()


def test_the_same_facts_give_the_same_statement_in_either_store(tmp_path: Path, url: str) -> None:
    config = written(tmp_path)
    shuffled = random.Random(5).sample(FACTS, len(FACTS))
    for store, facts in ((str(tmp_path / "one.db"), FACTS), (url, shuffled)):
        for some in (facts[:200], facts[100:]):
            given = upheld("import", "-", "-c", config, "--store", store, given=lines(some))
            assert given.exit_code == 0, given.output
    for form in ("json", "text", "csv"):
        one, other = (
            upheld("statement", "acme", "2026-10", "--format", form, "-c", config, "--store", store)
            for store in (tmp_path / "one.db", url)
        )
        assert one.exit_code == 0, one.output
        assert one.stdout_bytes == other.stdout_bytes != b""
    exported = [
        sorted(upheld("export", "acme", "2026-10", "-c", config, "--store", store).output.splitlines())
        for store in (tmp_path / "one.db", url)
    ]
    assert exported[0] == exported[1] and len(exported[0]) > 300


def test_a_daemon_whose_state_directory_is_not_there_says_so_in_a_line(tmp_path: Path, url: str) -> None:
    """A mount that is missing, say; it was called a bug of ours."""
    config = written(tmp_path)
    config.write_text(config.read_text() + f"daemon:\n  store: {json.dumps(url)}\n  state: gone\n")
    run = [sys.executable, "-m", "monitor.cli", "run", "-c", str(config)]
    done = subprocess.run(run, cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (69, f"{tmp_path}/gone/upheld.token: No such file or directory\n")


def test_a_statement_is_issued_and_verified_there(tmp_path: Path, url: str) -> None:
    config = written(tmp_path)
    config.write_text(config.read_text() + f"daemon:\n  store: {json.dumps(url)}\n  state: var\n")
    (tmp_path / "var").mkdir()
    assert "none yet at postgresql://" in upheld("doctor", "-c", config).output
    assert upheld("import", "-", "-c", config, given=lines(FACTS)).exit_code == 0
    added = upheld("exclude", "add", *(word for pair in EXCLUDED.items() for word in pair), "-c", config)
    listed = upheld("exclude", "list", "-c", config)
    made = upheld(
        "issue", "acme", "2026-09", "-o", tmp_path / "s.json", "--evidence", tmp_path / "e.jsonl", "-c", config
    )
    assert made.exit_code == 0, made.output
    assert sorted(path.name for path in (tmp_path / "var").iterdir()) == ["upheld.heads", "upheld.key"]
    checked = upheld("verify", tmp_path / "s.json", tmp_path / "e.jsonl")
    assert checked.exit_code == 0 and "every figure follows" in checked.output, checked.output
    assert (added.exit_code, listed.exit_code) == (0, 0), added.output + listed.output
    found = upheld("doctor", "--thorough", "-c", config).output
    assert "MB, sound" in found and "chain: records, 2 links" in found
    deep = upheld("doctor", "--deep", "--anchor", tmp_path / "s.json", "-c", config)
    assert "ok   evidence: all that was bound is as it was recorded" in deep.output and deep.exit_code != 1
    with psycopg.connect(url, autocommit=True, options="-csearch_path=upheld") as hand:
        hand.execute("ALTER TABLE samples DISABLE TRIGGER USER")
        hand.execute("DELETE FROM samples WHERE seq = 0")
    deep = upheld("doctor", "--deep", "-c", config)
    assert deep.exit_code == 1
    told = [text.partition("evidence: ")[2] for text in deep.output.splitlines() if "evidence: " in text]
    assert "table samples: the trigger that refuses UPDATE is gone" in told
    assert any(text.startswith("samples of hq-router seen from here on 2026-") and "removed" in text for text in told)
    backup = upheld("backup", tmp_path / "copy", "-c", config)
    assert backup.exit_code == 69 and "pg_dump --format=custom --schema=upheld" in backup.output
