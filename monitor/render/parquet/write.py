"""Facts into a Parquet file, row group by row group: what is held is one group, whatever the file comes to."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from typing import IO, Any

import pyarrow as pa
from pyarrow import parquet

from config import units
from monitor.render.fact_lines import members
from monitor.render.parquet import COLUMNS, INSTANT, SCHEMA, TEXT_TYPE, WHOLE
from monitor.sla.facts import Fact
from probes import notation
from probes.sample import MICROSECOND, Sample

PIECE = 4_096
GROUP = 8
"""How many pieces make a row group: 32,768 rows, few enough to be held and many enough to be read fast."""
_INNER = {"rtt_us": ".list.element", "rtt_ns": ".list.element", "phases_ns": ".key_value.value"}
_DELTA = [name + _INNER.get(name, "") for name, type_ in COLUMNS.items() if type_ in (WHOLE, INSTANT) or name in _INNER]
Row = dict[str, object]


class FactWriter:
    """Takes facts one by one. Raises ValueError for a fact that has a number beyond 64 bits."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = parquet.ParquetWriter(
            file,
            SCHEMA,
            compression="zstd",
            use_dictionary=[name for name, type_ in COLUMNS.items() if type_ == TEXT_TYPE],
            column_encoding=dict.fromkeys(_DELTA, "DELTA_BINARY_PACKED"),
            write_page_checksum=True,
        )
        self._rows: list[Row] = []
        self._pieces: list[Any] = []

    def write(self, fact: Fact) -> None:
        """One more row."""
        self._rows.append(_sample(fact) if isinstance(fact, Sample) else _other(fact))
        if len(self._rows) == PIECE:
            self._shape()

    def close(self) -> None:
        """The last rows, and what makes a file of them."""
        self._shape()
        self._flush()
        self._file.close()

    def _shape(self) -> None:
        rows, self._rows = self._rows, []
        used = set(chain.from_iterable(rows))
        try:
            columns = [
                pa.array([row.get(name) for row in rows], type_) if name in used else pa.nulls(len(rows), type_)
                for name, type_ in COLUMNS.items()
            ]
        except OverflowError as error:
            raise ValueError(f"a fact has a number beyond 64 bits, which Parquet cannot hold: {error}") from error
        self._pieces.append(pa.record_batch(columns, schema=SCHEMA))
        if len(self._pieces) == GROUP:
            self._flush()

    def _flush(self) -> None:
        pieces, self._pieces = self._pieces, []
        if any(piece.num_rows for piece in pieces):
            self._file.write_table(pa.Table.from_batches(pieces))


@contextmanager
def writing(file: IO[bytes]) -> Iterator[Callable[[Fact], None]]:
    """What takes the facts, one by one; the file is whole once this returns."""
    writer = FactWriter(file)
    yield writer.write
    writer.close()


def _sample(sample: Sample) -> Row:
    found: Row = {
        "kind": "sample",
        "target": sample.target,
        "vantage": sample.vantage,
        "boot": sample.boot,
        "seq": sample.seq,
        "at": sample.at,
        "outcome": sample.outcome.value,
        "reason": sample.reason,
        "took_ns": sample.took,
        "scheduled_at": sample.scheduled_at,
        "received_at": sample.received_at,
        "sent": sample.sent,
        "received": sample.received,
        "duplicates": sample.duplicates or None,
        "late": sample.late or None,
        "address": sample.address,
        "config": sample.config,
        "clock": sample.clock,
    }
    if sample.rtts:
        found |= _rtts(sample.rtts)
    if sample.phases:
        found["phases_ns"] = sample.phases
    return {name: value for name, value in found.items() if value is not None}


def _rtts(rtts: tuple[int | None, ...]) -> Row:
    """In microseconds, as they are stored; in nanoseconds where a file of somebody else's is finer."""
    if any(rtt is not None and rtt % MICROSECOND for rtt in rtts):
        return {"rtt_ns": rtts}
    return {"rtt_us": [None if rtt is None else rtt // MICROSECOND for rtt in rtts]}


def _other(fact: Fact) -> Row:
    """From the members of its line, which are all there is to say of it."""
    return dict(_cell(key, value) for key, value in members(fact).items())


def _cell(key: str, value: object) -> tuple[str, object]:
    type_ = COLUMNS.get(key)
    if key == "pauses":
        assert isinstance(value, list)
        return key, [{name: _instant(said) if name != "cause" else said for name, said in one.items()} for one in value]
    if type_ == INSTANT:
        return key, _instant(value)
    if type_ is not None and isinstance(value, list) and type_.value_type == INSTANT:
        return key, [_instant(one) for one in value]
    if type_ is not None:
        return key, value
    if key.endswith("_ms"):
        return key.removesuffix("_ms") + "_ns", notation.ms(value)
    return key + "_ns", units.duration(str(value))


def _instant(value: object) -> int:
    return notation.instant(str(value))
