"""Facts in a Parquet file are the facts of their lines, and what is none of them is refused by its row."""

import io
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from monitor.render import fact_lines, facts
from monitor.render.parquet import COLUMNS
from monitor.render.parquet.read import rows
from monitor.render.parquet.write import GROUP, PIECE, writing
from monitor.sla.facts import Fact, ScheduleFact
from probes.notation import instant
from tests.render.fact_kit import CLAIM, COUNTS, CSAT, M1, SAMPLE, STATE, T1, any_fact
from tests.render.test_facts import lines

AT = instant("2026-10-01T00:00:30Z")


def written(some: list[Fact]) -> bytes:
    out = io.BytesIO()
    with writing(out) as write:
        for fact in some:
            write(fact)
    return out.getvalue()


def table(path: Path, **columns: Any) -> str:
    """A file that somebody else made."""
    parquet.write_table(pa.table(columns), path)
    return str(path)


def problems(path: str | Path) -> tuple[str, ...]:
    with pytest.raises(facts.FactsError) as caught:
        facts.read_file(str(path))
    return tuple(problem.removeprefix(f"{path}: ") for problem in caught.value.problems)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(any_fact, max_size=12))
def test_facts_come_back_byte_for_byte_and_in_their_order(some: list[Fact]) -> None:
    read = [fact for _, fact in rows(io.BytesIO(written(some)))]
    assert [fact if isinstance(fact, list) else fact_lines.line(fact) for fact in read] == [
        fact_lines.line(fact) for fact in some
    ]


def test_a_file_is_made_of_groups_of_rows(tmp_path: Path) -> None:
    count = PIECE * GROUP + 3
    path = tmp_path / "f.parquet"
    path.write_bytes(written([ScheduleFact("hq", number, 1, 1) for number in range(count)]))
    made = parquet.ParquetFile(path)
    assert [made.metadata.row_group(group).num_rows for group in range(2)] == [PIECE * GROUP, 3]
    assert made.schema_arrow.metadata == {b"upheld": b"upheld/facts/1"}
    assert len(facts.read_file(str(path))) == count
    made.close()


def test_columns_are_typed_as_other_programs_expect_them(tmp_path: Path) -> None:
    path = tmp_path / "f.parquet"
    path.write_bytes(written(facts.read(lines(SAMPLE | {"took_ms": "1.5", "rtt_ms": ["0.25", None]}, T1), "f")))
    read = parquet.read_table(path)
    assert read.schema.field("at").type == pa.timestamp("ns", "UTC")
    assert read.column("at").cast(pa.int64()).to_pylist() == [AT, None]
    assert read.column("took_ns").to_pylist() == [1_500_000, None]
    assert read.column("rtt_us").to_pylist() == [[250, None], None]
    assert read.column("severity").to_pylist() == [None, "1"]
    assert read.schema.names == list(COLUMNS)


def test_round_trip_times_finer_than_a_microsecond_stand_in_a_column_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "f.parquet"
    path.write_bytes(written(facts.read(lines(SAMPLE | {"rtt_ms": ["0.250001", None]}), "f")))
    read = parquet.read_table(path)
    assert (read.column("rtt_ns").to_pylist(), read.column("rtt_us").to_pylist()) == ([[250_001, None]], [None])


def test_a_file_of_somebody_elses_needs_only_what_its_rows_say(tmp_path: Path) -> None:
    """Other texts, other units of time, no column that says nothing, columns in any order."""
    path = table(
        tmp_path / "f.parquet",
        state=pa.array(["down", None]).dictionary_encode(),
        service=pa.array(["hq", "hq"], pa.large_string()),
        kind=["state", "ticket"],
        to=pa.array([AT // 10**9 + 60, None], pa.timestamp("s", "UTC")),
        opened=pa.array([None, AT // 1000], pa.timestamp("us", "UTC")),
        affected=pa.array([3, None], pa.int32()),
        pauses=pa.array([None, [{"from": AT}]], pa.list_(pa.struct([("from", pa.int64())]))),
        id=[None, "T1"],
        contract=pa.nulls(2),
        **{"from": pa.array([AT, None], pa.int64())},
    )
    span = {"from": "2026-10-01T00:00:30Z", "to": "2026-10-01T00:01:30Z"}
    paused = {"kind": "ticket", "id": "T1", "service": "hq", "opened": span["from"], "pauses": [{"from": span["from"]}]}
    assert facts.read_file(path) == facts.read(lines(STATE | span | {"affected": 3}, paused), "f")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": ["sampel"]}, "row 1: no kind of fact 'sampel'; did you mean 'sample'?"),
        ({"seq": [-1]}, "row 1: sample: seq: -1 is no whole number from 0 up"),
        ({"target": pa.nulls(1)}, "row 1: sample: target is missing"),
        ({"took_ns": [-5]}, "row 1: sample: took_ns: -5 ns is below zero"),
        ({"rtt_us": [[1, -2]]}, "row 1: sample: rtt_us[1]: -2000 ns is below zero"),
        ({"rtt_us": [[1]], "rtt_ns": [[1]]}, "row 1: sample: rtt_us and rtt_ns: give one of them"),
        ({"at": pa.array([2**63 - 1])}, "row 1: sample: at: 9223372036854775807 ns is outside the years 1678 to 2261"),
        (
            {"service": ["hq"]},
            "row 1: sample: unknown key 'service'; there are target, vantage, boot, seq, at, outcome, ",
        ),
        ({"took_ns": [1.5]}, "column took_ns is double; it must be int64"),
        ({"at": pa.array([1], pa.timestamp("ns"))}, "column at is timestamp[ns]; it must be timestamp[ns, tz=UTC]"),
        ({"took_ms": ["1"]}, "unknown column 'took_ms'; did you mean 'took_ns'?"),
        (
            {"phases_ns": pa.array([[("a", 1), ("a", 2)]], pa.map_(pa.string(), pa.int64()))},
            "row 1: sample: phases_ns: a name stands twice",
        ),
        ({"at": pa.array([2**40], pa.timestamp("s", "UTC"))}, "no Parquet file, or a damaged one: Casting from "),
    ],
)
def test_what_is_no_fact_is_told_by_its_row_or_column(change: dict[str, Any], message: str, tmp_path: Path) -> None:
    good: dict[str, Any] = {"kind": ["sample"], "target": ["hq"], "vantage": ["fra"], "boot": ["b1"], "seq": [7]}
    good |= {"at": pa.array([AT]), "outcome": ["up"]}
    path = tmp_path / "f.parquet"
    assert len(facts.read_file(table(path, **good))) == 1
    (told,) = problems(table(path, **(good | change)))
    assert told.startswith(message)


def test_contradictions_name_both_rows(tmp_path: Path) -> None:
    path = tmp_path / "f.parquet"
    some = [fact for one in (SAMPLE, STATE, SAMPLE | {"outcome": "down"}) for fact in facts.read(lines(one), "f")]
    path.write_bytes(written(some))
    assert problems(path) == ("row 3: sample (vantage 'fra', boot 'b1', seq 7) has other content in row 1",)


def test_what_is_no_parquet_file_or_not_all_of_one_is_told_so(tmp_path: Path) -> None:
    path = tmp_path / "f.parquet"
    whole = written(facts.read(lines(SAMPLE, STATE, M1, COUNTS, CSAT, CLAIM), "f"))
    for part in (b"", b"PAR1", b"no table", whole[:-1], whole[:100], whole[: len(whole) // 2]):
        path.write_bytes(part)
        (told,) = problems(path)
        assert told.startswith("no Parquet file, or a damaged one: ")
    path.write_bytes(written([]))
    assert facts.read_file(str(path)) == []


def test_a_changed_byte_of_what_a_file_holds_is_never_read_as_another_fact(tmp_path: Path) -> None:
    """Each page has a checksum; what frames the pages either reads the same or is refused."""
    some = facts.read(lines(*(SAMPLE | {"seq": number} for number in range(40)), STATE, M1), "f")
    whole, path = written(some), tmp_path / "f.parquet"
    refused = 0
    for place in range(4, len(whole) // 2, 29):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x11]) + whole[place + 1 :])
        try:
            assert facts.read_file(str(path)) == some
        except facts.FactsError:
            refused += 1
    assert refused > 5


def test_a_table_without_kinds_or_of_another_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "f.parquet"
    assert problems(table(path, at=[1]))[0].startswith("there is no column kind, which says of each row what it is: ")
    other = pa.table({"kind": ["sample"]}).replace_schema_metadata({"upheld": "upheld/facts/2"})
    parquet.write_table(other, path)
    assert problems(path) == ("it is of format 'upheld/facts/2', which is not read here; this is upheld/facts/1",)
