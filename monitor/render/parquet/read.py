"""A Parquet file as facts, piece by piece. Every row is held against the same rules as a line of JSON Lines.

A file need not be of our making: columns may be missing that say nothing, texts may be dictionaries, and times of any
unit, as long as they say that they are UTC. What could be read in two ways is refused.
"""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import IO, Any

import pyarrow as pa
from pyarrow import parquet

from monitor.render.fact_kinds import READERS, no_kind
from monitor.render.parquet import COLUMNS, FORMAT, INSTANT, LIST_OF_NUMBERS, NAMED_NUMBERS, PAUSES, WHOLE
from monitor.render.parquet.fields import Cells
from monitor.sla.facts import Fact

PIECE = 2_048
_PLAIN_PAUSES = pa.list_(pa.struct([("from", WHOLE), ("to", WHOLE), ("cause", pa.string())]))
Numbered = tuple[int, Fact | list[str]]


def rows(file: IO[bytes]) -> Iterator[Numbered]:
    """Each row's number, counted from 1, with its fact or with everything that is wrong with it. Number 0 is the file
    as a whole. ``file`` can be sought in."""
    number = 0
    try:
        opened = parquet.ParquetFile(file, pre_buffer=False, buffer_size=1 << 16, page_checksum_verification=True)
        problems = list(_unfit(opened.schema_arrow))
        if problems:
            yield from ((0, [problem]) for problem in problems)
            return
        for piece in opened.iter_batches(PIECE, use_threads=False):
            for row in _members(piece):
                number += 1
                yield number, _fact(row)
        if number != opened.metadata.num_rows:
            yield number, [f"what follows cannot be read: the file says that it has {opened.metadata.num_rows} rows"]
    except (pa.ArrowException, OSError, UnicodeDecodeError, OverflowError) as error:
        said = str(error).strip().partition("\n")[0]
        what = f"what follows row {number} cannot be read" if number else "no Parquet file, or a damaged one"
        yield number, [f"{what}: {said}"]


def _unfit(schema: Any) -> Iterator[str]:
    """What keeps columns from being facts."""
    stated = (schema.metadata or {}).get(b"upheld", FORMAT.encode()).decode(errors="replace")
    if stated != FORMAT:
        yield f"it is of format {stated!r}, which is not read here; this is {FORMAT}"
        return
    if "kind" not in schema.names:
        yield f"there is no column kind, which says of each row what it is: {', '.join(READERS)}"
    for name in dict.fromkeys(schema.names):
        if schema.names.count(name) > 1:
            yield f"column {name} stands twice"
        elif name not in COLUMNS:
            near = get_close_matches(name, COLUMNS, 1)
            yield f"unknown column {name!r}; " + (f"did you mean {near[0]!r}?" if near else f"there are {_listed()}")
        elif not fits(schema.field(name).type, COLUMNS[name]):
            yield f"column {name} is {schema.field(name).type}; it must be {COLUMNS[name]}"


def _listed() -> str:
    return ", ".join(COLUMNS)


def fits(found: Any, wanted: Any) -> bool:
    """Whether every value of one type is exactly one of the other. A time needs its zone, or is int64 ns."""
    kinds = pa.types
    if kinds.is_dictionary(found):
        return fits(found.value_type, wanted)
    if kinds.is_null(found) or found == wanted:
        return True
    if kinds.is_string(wanted):
        return bool(kinds.is_large_string(found) or kinds.is_string_view(found))
    if kinds.is_timestamp(wanted):
        return bool(found == WHOLE or (kinds.is_timestamp(found) and found.tz in ("UTC", "Etc/UTC", "+00:00")))
    if kinds.is_map(wanted):
        return bool(kinds.is_map(found) and fits(found.key_type, wanted.key_type) and fits(found.item_type, WHOLE))
    if kinds.is_list(wanted):
        listed = kinds.is_list(found) or kinds.is_large_list(found)
        return listed and fits(found.value_type, wanted.value_type)
    if kinds.is_struct(wanted):
        known = {field.name: field.type for field in wanted}
        return bool(
            kinds.is_struct(found) and all(one.name in known and fits(one.type, known[one.name]) for one in found)
        )
    return bool(kinds.is_integer(wanted) and kinds.is_integer(found))


def _members(piece: Any) -> Iterator[dict[str, object]]:
    """The rows of a piece, without what is null."""
    columns = [
        (name, column.to_pylist())
        for name, column in _plain(piece)
        if column.null_count < len(column) or name == "kind"
    ]
    for place in range(piece.num_rows):
        yield {name: values[place] for name, values in columns if values[place] is not None}


def _plain(piece: Any) -> Iterator[tuple[str, Any]]:
    """Columns as Python has their values: times as ns."""
    for name in piece.schema.names:
        column, wanted = piece.column(name), COLUMNS[name]
        if pa.types.is_null(column.type):
            continue
        if wanted == INSTANT:
            column = column.cast(INSTANT).cast(WHOLE)
        elif wanted == PAUSES:
            column = _paused(column)
        elif wanted not in (LIST_OF_NUMBERS, NAMED_NUMBERS):
            column = column.cast(wanted)
            if name in ("reopened", "updates"):
                column = column.cast(LIST_OF_NUMBERS)
        yield name, column


def _paused(column: Any) -> Any:
    """Pauses may lack what none of them says."""
    names = {field.name for field in column.type.value_type}
    if names == {"from", "to", "cause"}:
        return column.cast(PAUSES).cast(_PLAIN_PAUSES)
    shape = pa.list_(pa.struct([field for field in PAUSES.value_type if field.name in names]))
    plain = pa.list_(pa.struct([field for field in _PLAIN_PAUSES.value_type if field.name in names]))
    return column.cast(shape).cast(plain)


def _fact(row: dict[str, object]) -> Fact | list[str]:
    """The fact of a row, or everything that is wrong with it."""
    kind = row.pop("kind", None)
    reader = READERS.get(kind) if isinstance(kind, str) else None
    if reader is None:
        return [no_kind(kind)]
    cells = Cells(row)
    fact = reader(cells)
    return [f"{kind}: {problem}" for problem in cells.finish()] or fact
