"""Reading located data: one value or one mapping at a time, going on after whatever is wrong.

A reader notes each problem at its place and gives the caller a stand-in, so that one run finds them all.
Stand-ins never leave the loader: a configuration with problems is refused as a whole.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from config.errors import Problem, unknown_key
from config.hidden import hidden_in, masked
from config.places import Node, Place
from config.units import said

T = TypeVar("T")
D = TypeVar("D")


class Reader:
    """A value with its path. ``key`` is the place of the key it stands under, where it has one."""

    __slots__ = ("key", "node", "path", "problems")

    def __init__(self, node: Node, path: str, problems: list[Problem], key: Place | None = None) -> None:
        self.node = node
        self.path = path
        self.problems = problems
        self.key = key or node.place

    def wrong(self, text: str, place: Place | None = None, path: str | None = None) -> None:
        """Note a problem here, or at another place that belongs to this value; what is hidden stays so."""
        if self.node.broken:
            return
        at = place or self.node.place
        shown = masked(text, hidden_in(self.node))
        self.problems.append(Problem(at.file, at.line, at.column, self.path if path is None else path, shown))

    def read(self, parse: Callable[[object], T], otherwise: D) -> T | D:
        """The value as ``parse`` reads it; what it raises is noted, and ``otherwise`` stands in."""
        value = self.node.value
        try:
            return parse(value)
        except ValueError as error:
            self.wrong(str(error))
            return otherwise

    def fields(self, known: Iterable[str] | None = None) -> "Fields":
        """The mapping's fields. With ``known``, every other key is a problem."""
        value = self.node.value
        if not isinstance(value, dict):
            keys = ", ".join(known) if known else "names"
            self.wrong(f"{said(self.node.value)} is not a mapping; write keys below it ({keys})")
            return Fields(self, {}, broken=True)
        fields = Fields(self, value)
        if known is not None:
            names = list(known)
            for key in value:
                if key not in names:
                    self.wrong(unknown_key(key, names), self.node.keys[key], below(self.path, key))
        return fields

    def items(self) -> "list[Reader]":
        """The list's values; a single value where a list could stand is a problem."""
        value = self.node.value
        if isinstance(value, list):
            return [Reader(node, f"{self.path}[{i}]", self.problems) for i, node in enumerate(value)]
        self.wrong(f"{said(self.node.value)} is not a list; write '- …' lines or [a, b]")
        return []


class Fields:
    """A mapping's values by key."""

    __slots__ = ("broken", "entries", "reader")

    def __init__(self, reader: Reader, entries: dict[str, Node], broken: bool = False) -> None:
        self.reader = reader
        self.entries = entries
        self.broken = broken

    def __contains__(self, key: str) -> bool:
        return key in self.entries

    def __iter__(self) -> Iterator[tuple[str, Reader]]:
        """Every key with its value."""
        for key in self.entries:
            yield key, self.at(key)

    def at(self, key: str) -> Reader:
        """The value under a key that is there."""
        keys = self.reader.node.keys
        return Reader(self.entries[key], below(self.reader.path, key), self.reader.problems, keys[key])

    def get(self, key: str, parse: Callable[[object], T], default: D) -> T | D:
        """The value as ``parse`` reads it, or ``default`` where it is absent or wrong."""
        return self.at(key).read(parse, default) if key in self.entries else default

    def need(self, key: str, parse: Callable[[object], T], example: str) -> T | None:
        """The value as ``parse`` reads it; its absence is a problem that shows ``example``."""
        if key in self.entries:
            return self.at(key).read(parse, None)
        self.missing(key, example)
        return None

    def missing(self, key: str, example: str) -> None:
        """Note that ``key`` is not here, unless all of the mapping is not."""
        if not self.broken:
            reader = self.reader
            reader.wrong(f"is missing; write for instance '{example}'", reader.key, below(reader.path, key))


def below(path: str, key: str) -> str:
    """The path of a key's value."""
    return f"{path}.{key}" if path else key
