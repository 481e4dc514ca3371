"""Rows of a data file (CSV, or a JSON list of objects), each value with the place it stands at.

Both are read by their own grammar and nothing more: RFC 4180 with a header line (``;`` separates where the header has
no comma), RFC 8259 with flat objects. Values are text as typed; JSON's numbers and booleans too. ``null`` is empty.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from json.decoder import scanstring  # type: ignore[attr-defined]  # the reader's own, though its stub lacks it

from config.errors import Problem
from config.places import CONTROL, Place, Unreadable, decoded

_FIELD = r'"((?:[^"]|"")*)"|([^"\r\n%s][^\r\n%s]*)?'  # for a separator
_END = re.compile(r"\r\n|\n|\r|\Z")
_SPACE = re.compile(r"[ \t\r\n]*")
_PLAIN = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|true|false|null")


@dataclass(frozen=True, slots=True)
class Cell:
    """One value."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Row:
    """One row by column."""

    cells: dict[str, Cell]
    place: Place


@dataclass(frozen=True, slots=True)
class Rows:
    """All rows; ``columns`` are those that every row has."""

    file: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def read_rows(raw: bytes, file: str, problems: list[Problem]) -> Rows | None:
    """The rows of a file whose name ends in ``.json``, or of a CSV file; None where it cannot be read, with the reason
    added to ``problems``."""
    try:
        text = decoded(raw, file)
        found = _json(text, file) if file.lower().endswith(".json") else _csv(text, file)
        if not found.rows:
            raise Unreadable(Place(file, 1, 1), "has no rows; write one for each contract")
        return found
    except Unreadable as stop:
        problems.append(stop.problem)
        return None


class _Lines:
    """Where an index of the text stands; asked for in rising order."""

    def __init__(self, text: str, file: str) -> None:
        self.text, self.file = text, file
        self.line, self.start, self.seen = 1, 0, 0

    def place(self, index: int) -> Place:
        added = self.text.count("\n", self.seen, index)
        if added:
            self.line += added
            self.start = self.text.rfind("\n", 0, index) + 1
        self.seen = index
        return Place(self.file, self.line, index - self.start + 1)


def _csv(text: str, file: str) -> Rows:
    head = _END.split(text, maxsplit=1)[0]
    separator = ";" if ";" in head and "," not in head else ","
    records = _records(text, file, separator)
    header = next(records, [])
    columns = _columns(header, file)
    rows = []
    for record in records:
        if len(record) != len(columns):
            what = f"has {len(record)} values, the header {len(columns)} columns ({', '.join(columns)})"
            raise Unreadable(record[-1].place, f"{what}; put a value with {separator!r} in it into quotes")
        rows.append(Row(dict(zip(columns, record, strict=True)), record[0].place))
    return Rows(file, columns, tuple(rows))


def _records(text: str, file: str, separator: str) -> Iterator[list[Cell]]:
    """Every line that is not empty, as cells."""
    lines, at = _Lines(text, file), 0
    field = re.compile(_FIELD % (separator, separator))
    record: list[Cell] = []
    while at < len(text) or record:
        place = lines.place(at)
        found = field.match(text, at)
        assert found is not None
        at = found.end()
        value = found[2] or "" if found[1] is None else found[1].replace('""', '"')
        record.append(Cell(value if found[1] is not None else value.strip(), place))
        if text.startswith(separator, at):
            at += 1
            continue
        end = _END.match(text, at)
        if end is None:
            what = "a quote that is not closed, or text behind one; write two for the character itself"
            raise Unreadable(lines.place(at), what)
        at = end.end()
        if len(record) > 1 or record[0].text or found[1] is not None:
            yield record
        record = []


def _columns(header: list[Cell], file: str) -> tuple[str, ...]:
    if not header:
        raise Unreadable(Place(file, 1, 1), "is empty; its first line names the columns, as customer_id,name")
    seen: dict[str, Cell] = {}
    for cell in header:
        called = " ".join(cell.text.split())
        if not called or set(called) & set("{}"):
            raise Unreadable(cell.place, f"{called!r} is no name of a column; the first line names them")
        if called in seen:
            raise Unreadable(cell.place, f"there is a column {called!r} already; name each once")
        seen[called] = cell
    return tuple(seen)


def _json(text: str, file: str) -> Rows:
    try:
        whole = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        line, column = (error.lineno, error.colno) if isinstance(error, json.JSONDecodeError) else (1, 1)
        what = error.msg if isinstance(error, json.JSONDecodeError) else "is nested too deep"
        raise Unreadable(Place(file, line, column), f"not JSON: {what}") from None
    if not isinstance(whole, list):
        raise Unreadable(Place(file, 1, 1), 'is no list of objects; write [{"customer_id": "17"}, …]')
    reader = _Json(text, file)
    rows = tuple(reader.rows())
    columns = tuple(name for name in rows[0].cells if all(name in row.cells for row in rows)) if rows else ()
    return Rows(file, columns, rows)


class _Json:
    """A list of flat objects, known to be JSON, once more with places."""

    def __init__(self, text: str, file: str) -> None:
        self.text, self.at = text, 0
        self.lines = _Lines(text, file)

    def rows(self) -> Iterator[Row]:
        self._step("[")
        while not self._is("]"):
            place = self.lines.place(self.at)
            if not self._is("{"):
                raise Unreadable(place, 'is no object; write {"customer_id": "17"} for each row')
            yield Row(dict(self._cells()), place)
            if self._is(","):
                self._step(",")

    def _cells(self) -> Iterator[tuple[str, Cell]]:
        self._step("{")
        seen = set()
        while not self._is("}"):
            here = self.lines.place(self.at)
            typed, self.at = scanstring(self.text, self.at + 1, True)
            name = " ".join(typed.split())
            if name in seen:
                raise Unreadable(here, f"{name!r} stands in this object twice; write it once")
            seen.add(name)
            self._space()
            self._step(":")
            yield name, self._value(name)
            if self._is(","):
                self._step(",")
        self._step("}")

    def _value(self, name: str) -> Cell:
        place = self.lines.place(self.at)
        if self._is('"'):
            text, self.at = scanstring(self.text, self.at + 1, True)
            if CONTROL.search(text):
                raise Unreadable(place, f"{name!r} has a control character in it; remove it")
        else:
            plain = _PLAIN.match(self.text, self.at)
            if plain is None:
                raise Unreadable(place, f"{name!r} is not a plain value; a row is flat: text, numbers, true or false")
            text, self.at = "" if plain[0] == "null" else plain[0], plain.end()
        self._space()
        return Cell(text, place)

    def _is(self, sign: str) -> bool:
        return self.text.startswith(sign, self.at)

    def _step(self, sign: str) -> None:
        self._space()
        assert self._is(sign)
        self.at += 1
        self._space()

    def _space(self) -> None:
        found = _SPACE.match(self.text, self.at)
        assert found is not None
        self.at = found.end()
