"""One contract for each row of a file: the text is put together once, filled in and read row by row."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from config.contract.levels import Levels, Text, by_placeholder, over
from config.contract.model import Contract
from config.contract.noun import Remark
from config.contract.read import Shared, Targets
from config.contract.stamps import Stamp, read_stamps
from config.contract.templates import Template, filled, line, split, template, wrong_in
from config.contract.whole import Reading, Whole, finished, reading, revised, starts_of, zone_of
from config.errors import Problem
from config.names import check_name
from config.places import Node, Place
from config.reader import Reader, below
from config.rows import Cell, Row, Rows

Parts = tuple[str, ...]
Data = Callable[[Reader], Rows | None]
"""The rows of the file that a value names; None where it has none to give, which is told."""


def read_each(
    text: Text, levels: Levels, targets: Targets, data: Data, contracts: dict[str, Contract | None]
) -> list[Problem]:
    """Add the contract of every row to ``contracts``; what is wrong with them."""
    assert text.rows is not None
    rows = data(text.rows)
    if rows is None or not _named(text, rows):
        return []
    maker = _Maker(text, levels, rows)
    if text.inherits is None or not by_placeholder(text.inherits.node):
        chain = levels.chain(text)
        if chain is None or maker.base(chain) is None:
            return []
    first: dict[str, Cell] = {}
    told: set[tuple[str, int, int]] = set()
    found: list[Problem] = []
    for row in rows.rows:
        called = line(text.name, row, text.key)
        problems: list[Problem] = []
        entry = Reader(text.terms.node, below(_section(text), called.text), problems, called.place)
        if called.text in contracts:
            at = f"on line {first[called.text].place.line}" if called.text in first else "in the configuration"
            what = f"there is a contract {called.text!r} already, {at}"
            entry.wrong(f"{what}; give each row a name of its own", entry.key)
        else:
            first[called.text] = called
            check_name(entry, called.text)
            whole = maker.whole(row, entry)
            contracts[called.text] = (
                None if whole is None else finished(called.text, entry, whole, targets, maker.shared)
            )
        _tell(problems, rows.file, told, found)
    return found


def _named(text: Text, rows: Rows) -> bool:
    """Whether the name tells the rows apart."""
    reader = text.reader
    wrong = wrong_in(text.name, rows.columns)
    if wrong is None and all(column is None for _, column in split(text.name)):
        wrong = f"is the name of every row's contract; put a column into it, as in '{text.name}-{{{rows.columns[0]}}}'"
    if wrong is not None:
        reader.wrong(wrong, reader.key)
    return wrong is None


def _tell(found: list[Problem], file: str, told: set[tuple[str, int, int]], problems: list[Problem]) -> None:
    """What is wrong with the template is told by the first row that shows it; what is wrong with a row, always."""
    new = [one for one in found if one.file == file or (one.file, one.line, one.column) not in told]
    told.update((one.file, one.line, one.column) for one in new)
    problems.extend(new)


def _section(text: Text) -> str:
    return text.reader.path.removesuffix(f".{text.name}")


@dataclass(frozen=True, slots=True)
class Form:
    """A reading with placeholders."""

    typed: Template
    clauses: Template
    remarks: tuple[Remark, ...]

    def filled(self, row: Row, entry: Reader) -> Reading:
        """The reading of one row."""
        typed = filled(self.typed, row, entry)
        clauses = typed if self.clauses.node is self.typed.node else filled(self.clauses, row, entry)
        return Reading(typed, clauses, tuple(_said(one, row) for one in self.remarks))


def _said(one: Remark, row: Row) -> Remark:
    """A remark with its placeholders filled in."""
    told = [one.path, one.text or "", one.interpret or ""]
    if not any("{" in part or "}" in part for part in told):
        return one
    nowhere = Place("", 0, 0)
    path, text, interpret = (line(part, row, nowhere).text for part in told)
    return Remark(path=path, text=text or None, interpret=interpret or None)


Forms = tuple[tuple[Stamp, Form | None], ...]


@dataclass(slots=True)
class _Maker:
    """Fills in the rows; what does not depend on the row is made once."""

    text: Text
    levels: Levels
    rows: Rows
    chains: dict[Parts, list[Text] | None] = field(default_factory=dict)
    bases: dict[Parts, Form | None] = field(default_factory=dict)
    shared: Shared = field(default_factory=Shared)
    stamps: dict[tuple[Parts, str], tuple[Stamp, ...]] = field(default_factory=dict)
    texts: dict[tuple[Parts, str, tuple[bool, ...]], Forms] = field(default_factory=dict)

    def whole(self, row: Row, entry: Reader) -> Whole | None:
        """The text of one row; None where something is wrong with the template, which is told."""
        chain = self._chain(row, entry)
        form = None if chain is None else self.base(chain)
        if chain is None or form is None:
            return None
        first = form.filled(row, entry)
        if not any(one.patches for one in chain):
            return Whole(first, ())
        found = []
        for stamp, later in self._revised(chain, zone_of(first.typed), starts_of(first.typed)):
            if later is None:
                return None
            found.append((stamp, later.filled(row, entry)))
        return Whole(first, tuple(found))

    def base(self, chain: Sequence[Text]) -> Form | None:
        """The chain's text with its placeholders."""
        parts = _parts(chain)
        if parts not in self.bases:
            self.bases[parts] = self._form(over(chain))
        return self.bases[parts]

    def _chain(self, row: Row, entry: Reader) -> list[Text] | None:
        named = self.text.inherits
        if named is None or not by_placeholder(named.node):
            return self.levels.chain(self.text)
        form = template(named, self.rows.columns)
        if any(wrong_in(part, self.rows.columns) for part in _texts(named.node)):
            return None
        node = filled(form, row, entry)
        parts = tuple(_texts(node))
        here = Reader(node, below(entry.path, "inherits"), entry.problems, named.key)
        if self.chains.get(parts) is None:  # where there is none, each row is told
            self.chains[parts] = self.levels.chain(self.text, here)
        return self.chains[parts]

    def _revised(self, chain: Sequence[Text], zone: ZoneInfo, starts: int | None) -> Forms:
        parts = _parts(chain)
        stamps = self.stamps.get((parts, zone.key))
        if stamps is None:
            stamps = self.stamps[parts, zone.key] = read_stamps(chain, zone)
        key = (parts, zone.key, tuple(one.counts(starts) for one in stamps))
        if key not in self.texts:
            made = revised(chain, stamps, starts)
            self.texts[key] = tuple((stamp, self._form(node, stamp)) for stamp, node in made)
        return self.texts[key]

    def _form(self, node: Node, stamp: Stamp | None = None) -> Form | None:
        """A text to be filled in; None where something is wrong with its placeholders."""
        entry = self.text.terms
        problems: list[Problem] = []
        read = reading(entry, node, stamp)
        columns = self.rows.columns
        typed, clauses = (
            template(Reader(one, entry.path, problems, entry.key), columns) for one in (read.typed, read.clauses)
        )
        entry.problems.extend(problems)
        for one in (typed, clauses):
            _share(one.node, one, self.shared)
        return None if problems else Form(typed, clauses, read.remarks)


def _share(node: Node, form: Template, shared: Shared) -> None:
    """Note what stays as it is in every row."""
    if id(node) not in form.holding:
        shared.add(node)
    elif isinstance(node.value, dict):
        for child in node.value.values():
            _share(child, form, shared)
    elif isinstance(node.value, list):
        for child in node.value:
            _share(child, form, shared)


def _parts(chain: Sequence[Text]) -> Parts:
    return tuple(one.name for one in chain)


def _texts(node: Node) -> list[str]:
    parts = node.value if isinstance(node.value, list) else [node]
    return [one.value for one in parts if isinstance(one.value, str)]
