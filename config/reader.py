"""Reading located data: one value or one mapping at a time, going on after whatever is wrong.

A reader notes each problem at its place and gives the caller a stand-in, so that one run finds them all.
Stand-ins never leave the loader: a configuration with problems is refused as a whole.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from config.errors import Problem, unknown_key
from config.places import Node, Place
from config.units import said

SHORT = 5  # a hidden value shorter than this is looked for in quotes only: it may be part of any word
RUN = 8  # so many characters in a row of a hidden value count as showing it

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


def hidden_in(node: Node) -> list[tuple[str, str]]:
    """Names and values from outside in this value and all below it."""
    found = list(node.hidden)
    if isinstance(node.value, dict):
        for child in node.value.values():
            found += hidden_in(child)
    elif isinstance(node.value, list):
        for child in node.value:
            found += hidden_in(child)
    return found


def masked(text: str, hidden: list[tuple[str, str]]) -> str:
    """The text with names in place of what is hidden; where a mere part of a hidden value was quoted, a text
    that says no more than that the value does not fit."""
    text = _shortened(text)
    for name, secret in hidden:
        for form in (repr(secret)[1:-1], secret) if secret else ():
            whole, named = (form, name) if len(form) >= SHORT else (f"'{form}'", f"'{name}'")
            text = text.replace(whole, named)
    for name, secret in hidden:
        rest = text.replace(name, "")
        pieces = re.findall(r"'([^']+)'", rest)
        if any(piece in secret for piece in pieces) or _shares(rest, secret):
            return f"the value made with {name} does not fit here (it is not shown)"
    return text


def _shortened(text: str, most: int = 600) -> str:
    return text if len(text) <= most else f"{text[: most // 2]} … {text[-most // 2 :]}"


def _shares(text: str, secret: str) -> bool:
    """Whether some run of the secret's characters stands in the text."""
    return any(secret[i : i + RUN] in text for i in range(min(len(secret), 4096) - RUN + 1))
