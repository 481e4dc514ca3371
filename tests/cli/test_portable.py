"""The evidence of a month, taken out of a store, alone gives its statement again: in either format, in any order, from
either kind of store, wherever and by whomever it is judged."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.evidence_kit import put
from tests.cli.kit import lines, upheld
from tests.postgres import Databases

MONTH = ("acme", "2026-10")
PLACES = (
    {"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C"},
    {"PYTHONHASHSEED": "1", "TZ": "Pacific/Apia", "LC_ALL": "C.UTF-8"},
    {"PYTHONHASHSEED": "4294967295", "TZ": "America/Havana", "LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"},
)
ALL = """
import sys
from monitor.cli import main
config, *sources = sys.argv[1:]
for source, form in zip(sources, ("json", "json", "json", "text", "csv")):
    where = source.split("=", 1)
    main(["statement", "acme", "2026-10", "--format", form, "-c", config, *where], standalone_mode=False)
    sys.stdout.flush()
    sys.stdout.buffer.write(b"\\0")
"""


@pytest.fixture
def databases() -> Iterator[Databases]:
    """Empty databases of a real PostgreSQL."""
    made = Databases()
    yield made
    made.drop()


def done(*arguments: object) -> str:
    """What a verb says that does what it was asked."""
    result = upheld(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_exported_evidence_alone_gives_the_statement_again(form: str, tmp_path: Path) -> None:
    config, facts = put(tmp_path)
    signed, evidence, exported = (tmp_path / name for name in ("signed.json", f"evidence.{form}", f"exported.{form}"))
    done("import", facts, "-c", config)
    done("issue", *MONTH, "-o", signed, "--evidence", evidence, "-c", config)
    done("export", *MONTH, "-o", exported, "-c", config)
    assert exported.read_bytes() == evidence.read_bytes()
    done("import", evidence, "-c", config, "--store", tmp_path / "empty.db")
    asked = ("statement", *MONTH, "--format", "json", "-c", config)
    stated = done(*asked)
    assert done(*asked, "--facts", evidence) == done(*asked, "--store", tmp_path / "empty.db") == stated
    for path in (config, tmp_path / "upheld.db", tmp_path / "upheld.db.key"):
        path.unlink()
    assert "every figure follows" in done("verify", signed, evidence)


def test_both_formats_say_the_same_line_by_line(tmp_path: Path) -> None:
    config, facts = put(tmp_path)
    done("import", facts, "-c", config)
    said, table = tmp_path / "e.jsonl", tmp_path / "e.parquet"
    for path in (said, table):
        done("export", *MONTH, "-o", path, "-c", config)
        done("import", path, "-c", config, "--store", path.with_suffix(f"{path.suffix}.db"))
    again = [
        done("export", *MONTH, "-c", config, "--store", path.with_suffix(f"{path.suffix}.db")) for path in (said, table)
    ]
    assert again[0] == again[1] == said.read_text()
    assert done("export", *MONTH, "--format", "jsonl", "-c", config) == again[0]


def test_statements_are_the_same_bytes_everywhere(tmp_path: Path, databases: Databases) -> None:
    """Three orders of the same facts in files, SQLite and PostgreSQL; judged under other hashes, zones and locales."""
    told = set()
    for seed, place in enumerate(PLACES):
        config, facts = put(tmp_path, seed)
        stores = [str(tmp_path / f"{seed}.db"), databases.new()]
        for store in stores:
            done("import", facts, "-c", config, "--store", store)
        sources = [f"--facts={facts}", *(f"--store={store}" for store in stores)]
        run = [sys.executable, "-c", ALL, str(config), *sources, *sources[1:]]
        judged = subprocess.run(run, env=os.environ | place, capture_output=True, cwd=Path(__file__).parents[2])
        assert judged.returncode == 0, judged.stderr
        *parts, rest = judged.stdout.split(b"\0")
        assert rest == b"" and len(parts) == 5
        told |= {(one, *parts[3:]) for one in parts[:3]}
    ((_, text, _),) = told
    assert "Umbau — „neu“" in text.decode()


WITNESSED = """upheld: 1
vantage: {name: fra, witnesses: [isp]}
targets:
  line: {probe: {kind: icmp, host: 192.0.2.7}, every: 1m}
  isp: {probe: {kind: icmp, host: 192.0.2.1}, every: 1m}
contracts:
  acme:
    provider: P
    customer: C
    timezone: UTC
    period: month
    services: {line: {targets: [line]}}
    promises: [total outage <= 1m]
"""


def _a_witness_that_is_gone() -> Iterator[dict[str, object]]:
    """Until the 20th the gateway was the witness, now no target any more. On the 10th both fail for two minutes."""
    named: dict[str, object] = {"kind": "witnesses", "vantage": "fra"}
    yield named | {"from": "2026-10-01T00:00:00Z", "witnesses": ["gateway"]}
    yield named | {"from": "2026-10-20T00:00:00Z", "witnesses": ["isp"]}
    for seq, (minute, outcome) in enumerate(((0, "up"), (1, "up"), (2, "down"), (3, "down"), (4, "up"))):
        for target, second in (("gateway", 0), ("line", 30)):
            sample = {"kind": "sample", "vantage": "fra", "boot": target, "seq": seq, "outcome": outcome}
            yield sample | {"target": target, "at": f"2026-10-10T00:{minute:02d}:{second:02d}Z"}


def test_who_the_witnesses_were_goes_with_the_evidence(tmp_path: Path) -> None:
    config, facts = tmp_path / "upheld.yaml", tmp_path / "facts.jsonl"
    config.write_text(WITNESSED)
    told = list(_a_witness_that_is_gone())
    facts.write_text(lines(told))
    done("import", facts, "-c", config)
    signed, evidence = tmp_path / "signed.json", tmp_path / "evidence.jsonl"
    done("issue", *MONTH, "-o", signed, "--evidence", evidence, "-c", config)
    assert '"vantage_cut_off"' in signed.read_text()
    asked = ("statement", *MONTH, "--format", "json", "-c", config, "--facts")
    alone = upheld(*asked, evidence)
    assert "does not know" not in alone.output and '"vantage_cut_off"' in alone.stdout
    facts.write_text(lines([fact for fact in told if fact["kind"] != "witnesses"]))
    assert '"vantage_cut_off"' not in done(*asked, facts)
    for path in (config, tmp_path / "upheld.db", tmp_path / "upheld.db.key"):
        path.unlink()
    assert "every figure follows" in done("verify", signed, evidence)
