"""``for each: customers.csv`` one contract for each row, its columns as ``{column}`` in the template's text.

Placeholders stand in the name of the contract and in any text below it, values and keys; ``{{`` and ``}}`` are the
braces themselves. A value filled in stands where the row has it: what is wrong with it is told by row and column there.
What holds no placeholder is shared by all rows.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from config.errors import Problem, unknown
from config.places import Node, Place
from config.reader import Reader
from config.rows import Cell, Row

_PIECE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")

Pieces = tuple[tuple[str, str | None], ...]
"""Text, and the column whose value follows it (None at the end)."""


@dataclass(frozen=True, slots=True)
class Template:
    """A text with placeholders; ``holding`` are the ids of its nodes in or below which one stands."""

    node: Node
    holding: frozenset[int]


def template(reader: Reader, columns: tuple[str, ...]) -> Template:
    """The text made ready for rows of these columns; a column that is not there is a problem."""
    holding: set[int] = set()
    _seek(reader.node, reader, columns, holding)
    return Template(reader.node, frozenset(holding))


def filled(form: Template, row: Row, entry: Reader) -> Node:
    """The text of one row. A template with problems cannot be filled; two keys that become one are a problem of
    ``entry``."""
    return _filled(form.node, form.holding, row, entry)


def line(text: str, row: Row, place: Place) -> Cell:
    """One text filled in, with the place of the first value in it (``place`` where it has none)."""
    pieces = split(text)
    cells = [row.cells[column] for _, column in pieces if column is not None]
    said = "".join(text + (row.cells[column].text if column is not None else "") for text, column in pieces)
    return Cell(said, cells[0].place if cells else place)


def wrong_in(text: str, columns: tuple[str, ...]) -> str | None:
    """What is wrong with a text's placeholders, None where nothing is."""
    try:
        pieces = split(text)
    except ValueError as error:
        return str(error)
    for _, column in pieces:
        if column is not None and column not in columns:
            return unknown("column", column, columns)
    return None


@lru_cache(maxsize=4096)
def split(text: str) -> Pieces:
    """A text at its placeholders; ValueError for a brace that is none."""
    found: list[tuple[str, str | None]] = []
    rest, at = "", 0
    for piece in _PIECE.finditer(text):
        rest += text[at : piece.start()]
        at = piece.end()
        if piece[0] in ("{{", "}}"):
            rest += piece[0][0]
        elif piece[1] is None:
            raise ValueError(f"{text[:80]!r} has a single {piece[0]!r}; write {piece[0] * 2} for the character itself")
        else:
            found.append((rest, " ".join(piece[1].split())))
            rest = ""
    return (*found, (rest + text[at:], None))


def _seek(node: Node, reader: Reader, columns: tuple[str, ...], holding: set[int]) -> bool:
    """Note what holds placeholders, and what is wrong with any."""
    value, holds = node.value, False
    if isinstance(value, dict):
        for key, child in value.items():
            holds |= _braced(key, reader, node.keys[key], columns)
            holds |= _seek(child, reader, columns, holding)
    elif isinstance(value, list):
        for child in value:
            holds |= _seek(child, reader, columns, holding)
    elif isinstance(value, str) and not node.broken:
        holds = _braced(value, reader, node.place, columns)
    if holds:
        holding.add(id(node))
    return holds


def _braced(text: str, reader: Reader, place: Place, columns: tuple[str, ...]) -> bool:
    if "{" not in text and "}" not in text:
        return False
    wrong = wrong_in(text, columns)
    if wrong is not None:
        reader.problems.append(Problem(place.file, place.line, place.column, reader.path, wrong))
    return True


def _filled(node: Node, holding: frozenset[int], row: Row, entry: Reader) -> Node:
    if id(node) not in holding:
        return node
    value = node.value
    if isinstance(value, dict):
        if not any("{" in key or "}" in key for key in value):
            children = {key: _filled(child, holding, row, entry) for key, child in value.items()}
            return Node(node.place, children, keys=node.keys)
        keys = {key: line(key, row, node.keys[key]) for key in value}
        _told_apart(keys, node, entry)
        children = {keys[key].text: _filled(child, holding, row, entry) for key, child in value.items()}
        return Node(node.place, children, keys={cell.text: cell.place for cell in keys.values()})
    if isinstance(value, list):
        return Node(node.place, [_filled(child, holding, row, entry) for child in value])
    assert isinstance(value, str)
    cell = line(value, row, node.place)
    return Node(cell.place, cell.text, cell.text, hidden=node.hidden)


def _told_apart(keys: Mapping[str, Cell], node: Node, entry: Reader) -> None:
    """Keys that become one would hide each other's values; told where the row has the value."""
    seen: dict[str, Cell] = {}
    for key, cell in keys.items():
        first = seen.setdefault(cell.text, cell)
        if first is not cell:
            at = first.place if cell.place == node.keys[key] else cell.place
            entry.wrong(f"{cell.text!r} stands as a key twice once the row is filled in; write another value", at)
