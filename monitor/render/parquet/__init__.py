"""Facts ⇄ Parquet: one table, a row for each fact, a column for each key of any kind of fact.

The names are those of JSON Lines with another unit where the column is a number: ``took_ms`` is ``took_ns``. What
follows from ``monitor/render/fact_schemas.py`` is made from it, so a key that is added there has its column.

| key of JSON Lines | column | type |
|---|---|---|
| a text, an exact figure, a period | the same | string |
| a time | the same | timestamp, ns, UTC: int64 ns since 1970 |
| a whole number | the same | int64 |
| a flag | the same | bool |
| ``…_ms``, ``every``, ``timeout`` | ``…_ns`` | int64, nanoseconds |
| ``rtt_ms`` | ``rtt_us``; ``rtt_ns`` where one is no whole microsecond | list of int64, null where no reply came |
| ``phases_ms`` | ``phases_ns`` | map of string to int64 |
| ``services``, ``witnesses`` | the same | list of string |
| ``reopened``, ``updates`` | the same | list of timestamp |
| ``pauses`` | the same | list of struct of ``from``, ``to``, ``cause`` |

Exact figures (``amount``, ``value``, ``weight``) stay text, since no type of Parquet holds every one of them exactly.
Needs pyarrow, which is imported here and in the modules beside this one alone.
"""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from monitor.render.fact_schemas import FACTS
from monitor.render.schema_kit import COUNT, FLAG, LENGTH, MS, TIME, Schema, list_of, or_null

FORMAT = "upheld/facts/1"
TEXT_TYPE, WHOLE, YES_NO = pa.string(), pa.int64(), pa.bool_()
INSTANT = pa.timestamp("ns", "UTC")
LIST_OF_NUMBERS, LIST_OF_TEXTS, LIST_OF_TIMES = pa.list_(WHOLE), pa.list_(TEXT_TYPE), pa.list_(INSTANT)
NAMED_NUMBERS = pa.map_(TEXT_TYPE, WHOLE)
PAUSES = pa.list_(pa.struct([("from", INSTANT), ("to", INSTANT), ("cause", TEXT_TYPE)]))
_KEPT_OUT = ("version",)
"""Keys without a column: what the table is a version of stands in its metadata."""


def _column(key: str, schema: Schema) -> dict[str, Any]:
    """The columns of a key and their types."""
    if key == "pauses":
        return {key: PAUSES}
    if key == "phases_ms":
        return {"phases_ns": NAMED_NUMBERS}
    if schema == list_of(or_null(MS)):
        return {key.removesuffix("_ms") + unit: LIST_OF_NUMBERS for unit in ("_us", "_ns")}
    if schema in (MS, LENGTH):
        return {key.removesuffix("_ms") + "_ns": WHOLE}
    if schema.get("type") == "array":
        return {key: LIST_OF_TIMES if schema == list_of(TIME) else LIST_OF_TEXTS}
    return {key: INSTANT if schema == TIME else WHOLE if schema == COUNT else YES_NO if schema == FLAG else TEXT_TYPE}


def _columns() -> dict[str, Any]:
    found: dict[str, Any] = {"kind": TEXT_TYPE}
    for keys, _ in FACTS.values():
        for key, schema in keys.items():
            for name, type_ in () if key in _KEPT_OUT else _column(key, schema).items():
                if found.setdefault(name, type_) != type_:
                    raise TypeError(f"{name} is {found[name]} in one kind of fact and {type_} in another")
    return found


COLUMNS: Mapping[str, Any] = _columns()
"""Each column and its type, in the order in which they stand in a file."""
SCHEMA = pa.schema(list(COLUMNS.items()), metadata={"upheld": FORMAT})
