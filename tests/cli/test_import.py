"""``upheld import``: all of a file or none of it, once, whatever its size."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from monitor.store.sqlite import open_store
from probes.notation import instant_text
from tests.cli.kit import lines, sample, upheld, written
from tests.cli.test_statement import REST

ROOT = Path(__file__).parents[2]
MB = 1 << 20
EXCLUDED = {
    "kind": "exclusion",
    "id": "M1",
    "from": "2026-10-02T00:00:00Z",
    "to": "2026-10-02T02:00:00Z",
    "cause": "customer",
}
COUNTED = {"kind": "counts", "signal": "calls", "total": 9, "failed": 1, "from": REST["from"], "to": REST["to"]}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return written(tmp_path)


def given(config: Path, *facts: dict[str, object], store: str = "upheld.db") -> tuple[int, str]:
    """Exit code and words of importing some facts."""
    where = ("--store", config.with_name(store))
    result = upheld("import", "-", "-c", config, *where, given=lines(list(facts)))
    return result.exit_code, result.output.replace(str(config.parent), "DIR").strip()


def test_importing_again_says_that_nothing_changed(config: Path) -> None:
    dated = EXCLUDED | {"recorded_at": "2026-10-01T00:00:00Z"}
    facts = [sample(1), sample(2), REST, dated, {"kind": "heartbeat", "vantage": "a", "boot": "b", "at": REST["to"]}]
    assert given(config, *facts) == (0, "5 facts recorded in DIR/upheld.db")
    before = rows(config)
    assert given(config, *facts) == (
        0,
        "0 facts recorded in DIR/upheld.db; 5 were there already, nothing changed",
    )
    assert rows(config) == before
    assert given(config, sample(3), *facts) == (0, "1 facts recorded in DIR/upheld.db; 5 were there already")
    assert given(config) == (0, "0 facts recorded in DIR/upheld.db")


@pytest.mark.parametrize(
    ("more", "marked", "noted"),
    [
        ({}, False, True),
        ({"announced_at": "2026-10-01T00:00:00Z"}, False, True),
        ({"announced_at": "2026-10-02T00:00:01Z"}, True, False),
        ({"announced_at": "2026-10-01T00:00:00Z", "recorded_at": "2026-10-02T00:00:00Z"}, False, False),
        ({"announced_at": "2026-10-01T00:00:00Z", "recorded_at": "2026-10-02T00:00:01Z"}, True, False),
        ({"from": "2100-10-02T00:00:00Z", "to": "2100-10-03T00:00:00Z"}, None, False),
    ],
)
def test_an_exclusion_was_entered_late_as_far_as_it_says_so_itself(
    config: Path, more: dict[str, object], marked: bool | None, noted: bool
) -> None:
    """Imported weeks after it began it makes the statement that its file makes; that none will mark it is said."""
    config.write_text(config.read_text().replace("- planned maintenance: {notice: 72h}", "- customer"))
    facts = config.with_name("facts.jsonl")
    facts.write_text(lines([REST, EXCLUDED | more]))
    done = upheld("import", facts, "-c", config)
    note = "note: 1 exclusions began before now and do not say when they were recorded (recorded_at)"
    assert (done.exit_code, note in done.stderr, bool(done.stderr)) == (0, noted, noted)
    asked = ("statement", "acme", "2026-10", "--format", "json", "-c", config)
    stored = upheld(*asked).stdout
    assert stored == upheld(*asked, "--facts", facts).stdout
    told = json.loads(stored)["exclusions"]
    assert [one["retroactive"] for one in told] == ([] if marked is None else [marked])


def rows(config: Path) -> list[object]:
    """All that a store holds."""
    with closing(sqlite3.connect(config.with_name("upheld.db"))) as connection:
        tables = ("journal", "seen", "facts", "heartbeats", "quarantine", "checkpoints")
        return [connection.execute(f"SELECT * FROM {table}").fetchall() for table in tables]


@pytest.mark.parametrize(
    ("fact", "text"),
    [
        (sample(1, outcome="down"), "sample (vantage 'here', boot 'b1', seq 1) has other content in the store"),
        (
            EXCLUDED | {"cause": "provider"},
            "exclusion 'M1' of the same recorded_at is given other content in the store",
        ),
        (COUNTED | {"total": 10}, "counts of 'calls' {span} overlap those {span} in the store"),
        (REST | {"state": "down"}, "state down {span} of service 'hq' overlaps up {span} in the store"),
    ],
)
def test_what_contradicts_the_store_is_named_by_its_line_and_nothing_is_taken(
    config: Path, fact: dict[str, object], text: str
) -> None:
    given(config, sample(1), REST, EXCLUDED, COUNTED)
    before = rows(config)
    told = text.format(span=f"{REST['from']}/{REST['to']}")
    assert given(config, sample(2), sample(3), fact, sample(4)) == (65, f"-:3: {told}")
    assert rows(config) == before


def test_contradictions_and_broken_lines_are_told_at_once(config: Path) -> None:
    code, told = given(
        config, sample(1), sample(2, seq="x"), sample(1, outcome="down"), REST, REST | {"state": "down"}, sample(9)
    )
    assert code == 65
    assert [line.split(" ")[0] for line in told.splitlines()] == ["-:2:", "-:3:", "-:5:"]
    assert not config.with_name("upheld.db").exists()


def test_of_two_arrivals_of_one_sample_the_earlier_is_recorded(config: Path) -> None:
    late, soon = (sample(1, received_at=f"2026-09-30T20:02:0{second}Z") for second in (9, 4))
    assert given(config, late, sample(2), soon, sample(1)) == (0, "2 facts recorded in DIR/upheld.db")
    with closing(open_store(config.with_name("upheld.db"), read_only=True)) as store:
        (first, _) = store.samples("hq-router", 0, 2**62)
    assert first.received_at == first.at + 64 * 10**9


def test_a_number_that_no_store_holds_is_told_by_its_line(config: Path) -> None:
    beat = {"kind": "heartbeat", "vantage": "a", "boot": "b", "at": REST["from"], "suspended_ms": "999999999999999"}
    code, told = given(config, sample(1), sample(2, took_ms="999999999999999"), beat)
    assert (code, told.splitlines()) == (
        65,
        [
            "-:2: sample: a number is beyond 64 bits of nanoseconds",
            "-:3: heartbeat: a duration is beyond 64 bits of nanoseconds",
        ],
    )


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b'{"kind":"assume"}\n{"kind":"assume","service":"\xff"}\n', ":1: assume: service is missing"),
        (b'\n{"kind":"assume","service":"\xff"}\n', ":2: not UTF-8 at byte 28"),
        (b"PAR1 but no table", ": no Parquet file, or a damaged one: "),
        (b'{"kind":"assume","serv', ":1: no JSON object: Unterminated string"),
    ],
)
def test_what_is_no_file_of_facts_ends_with_65(config: Path, tmp_path: Path, raw: bytes, told: str) -> None:
    path = tmp_path / "facts"
    path.write_bytes(raw)
    for name, piped in ((path, None), ("-", raw)):
        result = upheld("import", name, "-c", config, given=piped)
        assert (result.exit_code, result.stderr[: len(f"{name}{told}")]) == (65, f"{name}{told}")
        assert not config.with_name("upheld.db").exists()


def test_an_endless_line_costs_no_memory_and_is_named(config: Path) -> None:
    """A hundred megabytes without a line's end, through a pipe."""
    body = b'{"kind":"assume","service":"' + b"x" * (100 * MB)
    result, peak = measured("import", "-", "-c", config, given=body)
    assert (result.returncode, result.stderr.decode()) == (
        65,
        "-:1: the line is longer than 1048576 bytes; one fact stands on a line\n",
    )
    assert peak < 120 * MB


PEAK = """
import sys
from monitor.cli import main
try:
    main(sys.argv[1:])
finally:
    print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1], file=sys.stderr)
"""


def measured(*arguments: object, given: bytes = b"") -> tuple[subprocess.CompletedProcess[bytes], int]:
    """One run of the command in a process of its own, and the most memory it had (bytes)."""
    run = [sys.executable, "-c", PEAK, *map(str, arguments)]
    done = subprocess.run(run, cwd=ROOT, input=given, capture_output=True, env=os.environ | {"PYTHONPATH": str(ROOT)})
    *said, peak = done.stderr.decode().splitlines(keepends=True)
    done.stderr = "".join(said).encode()
    return done, int(peak) * 1024


def test_memory_does_not_grow_with_what_is_carried(tmp_path: Path) -> None:
    """Four times the samples, in and out: no more than what is read at a time. As a list, 30,000 more take more."""
    peaks = []
    for count in (10_000, 40_000):
        directory = tmp_path / str(count)
        directory.mkdir()
        config, facts = written(directory), directory / "facts.jsonl"
        facts.write_text("".join(one(number) for number in range(count)))
        done, taken = measured("import", facts, "-c", config)
        assert done.stdout.startswith(f"{count} facts recorded".encode()), done.stderr
        found = [taken]
        # A fact that an export adds is known the second time.
        for known, form in enumerate(("jsonl", "parquet"), count):
            out = directory / f"out.{form}"
            done, given_ = measured("export", "acme", "2026-10", "-o", out, "-c", config)
            assert done.returncode == 0, done.stderr
            done, again = measured("import", out, "-c", config)
            assert f"; {known} were there already".encode() in done.stdout, done.stderr
            found += [given_, again]
        peaks.append(found)
    for small, large in zip(*peaks, strict=True):
        assert large < small + 40 * MB, peaks


def one(number: int) -> str:
    """A sample every minute of October and on."""
    return json.dumps(sample(0) | {"seq": number, "at": instant_text((1_790_805_600 + 60 * number) * 10**9)}) + "\n"


def test_without_pyarrow_it_is_said_what_to_install(config: Path, tmp_path: Path) -> None:
    (tmp_path / "facts.parquet").write_bytes(b"PAR1....PAR1")
    without = "import sys; sys.modules['pyarrow'] = None; from monitor.cli import main; main(sys.argv[1:])"
    given(config, sample(1))
    for asked in (["import", "facts.parquet"], ["export", "acme", "2026-10", "-o", "out.parquet"]):
        run = [sys.executable, "-c", without, *asked, "-c", str(config)]
        result = subprocess.run(run, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True)
        assert result.returncode == 65
        assert b"Parquet needs pyarrow: pip install 'upheld[parquet]'" in result.stderr
    assert not list(tmp_path.glob("*out.parquet*"))
