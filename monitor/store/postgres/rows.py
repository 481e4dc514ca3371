"""Samples as rows of a table and back: columns into a binary COPY, fetched rows into columns."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from monitor.store.digest import UNLIKE
from monitor.store.postgres.connection import Connection
from monitor.store.postgres.damage import Damages
from monitor.store.postgres.names import Names, texts_of
from monitor.store.rowdigest import digests
from probes.columns import NONE, NUMBERS, ROW, ROWS, TEXTS, Columns, Ints

WORDS = (*TEXTS, "phases")
SAMPLE = ", ".join((*NUMBERS, *WORDS, "outcome", "rtts", "steps", "digest"))
"""The columns of a row, in the order in which rows are written and read here."""
AT = NUMBERS.index("at")
"""Where a row has its instant."""
_TYPES = [*["int8"] * len(NUMBERS), *["int4"] * len(WORDS), "int2", "int8[]", "int8[]", "int8"]
_COPY = f"COPY samples ({SAMPLE}) FROM STDIN (FORMAT BINARY)".encode()

Row = tuple[object, ...]


def write(connection: Connection, columns: Columns, names: Names) -> None:
    """Put the samples into their partitions, which are there."""
    numbers = np.array(names.of(connection, columns.words), dtype=np.int64)
    fields: list[list[object]] = [_optional(columns[name]) for name in NUMBERS]
    fields += [numbers[columns[name]].tolist() for name in WORDS]
    fields.append(columns["outcome"].tolist())
    fields += [_lists(columns.rtts, columns["packets"]), _lists(columns.steps, columns["steps"])]
    fields.append([int.from_bytes(one, "little", signed=True) for one in digests(columns)])
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        copy.set_types(_TYPES)
        for row in zip(*fields, strict=True):
            copy.write_row(row)


def _optional(row: Ints) -> list[object]:
    values: list[object] = row.tolist()
    for place in np.flatnonzero(row == NONE).tolist():
        values[place] = None
    return values


def _lists(flat: Ints, counts: Ints) -> list[object]:
    """Each sample's own, nothing where it has none."""
    values = _optional(flat)
    bounds = np.concatenate(([0], np.cumsum(counts))).tolist()
    return [values[first:after] or None for first, after in pairwise(bounds)]


def columns_of(connection: Connection, rows: Sequence[Row], damages: Damages) -> Columns:
    """Rows selected as SAMPLE, without those that are not what was written: they are noted."""
    columns = _columns(connection, rows)
    made = [int.from_bytes(one, "little", signed=True) for one in digests(columns)]
    sound = np.array([kept == one for kept, one in zip((row[-1] for row in rows), made, strict=True)], dtype=np.bool_)
    if sound.all():
        return columns
    for place in np.flatnonzero(~sound).tolist():
        target, vantage, boot = (columns.words[int(columns[field][place])] for field in ("target", "vantage", "boot"))
        which = f"sample {int(columns['seq'][place])} of vantage {vantage}, boot {boot}"
        at = int(columns["at"][place])
        damages.note(which, f"{which}: {UNLIKE}", target, [(at, at + 1)])
    return columns.take(np.flatnonzero(sound))


def _columns(connection: Connection, rows: Sequence[Row]) -> Columns:
    table = np.zeros((len(ROWS), len(rows)), dtype=np.int64)
    if not rows:
        return Columns([None], table, table[0], table[0])
    fields = list(zip(*rows, strict=True))
    for place, field in enumerate(NUMBERS):
        table[ROW[field]] = [NONE if value is None else value for value in fields[place]]
    words, places = _words(connection, np.array(fields[len(NUMBERS) : len(NUMBERS) + len(WORDS)], dtype=np.int64))
    table[: len(WORDS)] = places
    outcome, rtts, steps = fields[-4:-1]
    table[ROW["outcome"]] = outcome
    table[ROW["packets"]], packets = _flat(rtts)
    table[ROW["steps"]], durations = _flat(steps)
    return Columns(words, table, packets, durations)


def _words(connection: Connection, numbers: Ints) -> tuple[list[str | None], Ints]:
    """The texts that these numbers stand for, none first, and the place of each."""
    used, places = np.unique(np.concatenate(([0], numbers.reshape(-1))), return_inverse=True)
    texts = texts_of(connection, used.tolist())
    # A number without a text is a damage that the digest tells of.
    return [texts.get(number) for number in used.tolist()], places.reshape(-1)[1:].reshape(numbers.shape)


def _flat(lists: Sequence[object]) -> tuple[Ints, Ints]:
    """How many each has, and all of them one after the other."""
    counts = np.array([0 if one is None else len(one) for one in lists], dtype=np.int64)  # type: ignore[arg-type]
    values = [NONE if value is None else value for one in lists if one is not None for value in one]  # type: ignore[attr-defined]
    return counts, np.array(values, dtype=np.int64)
