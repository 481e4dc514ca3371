"""YAML text as data that knows where it stands: every key and every value has its file, line and column.

Built from the parser's events, never from constructed objects, so that nothing is loaded that is not plain
data, nothing is nested or repeated beyond bounds before anyone looks, and every scalar keeps the text typed.

Scalars follow the YAML 1.2 core schema and no more: ``22:30``, ``on``, ``NO`` and ``2026-10-01`` are text.
Refused, each by name: duplicate keys, aliases and anchors, tags, merge keys, several documents, control
characters, bytes that are not UTF-8, and keys that other YAML readers take for booleans (``on:``).
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

import yaml

from config.errors import Problem

LARGEST = 8 * 2**20
DEEPEST = 32

Scalar = str | int | Decimal | bool | None

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_FALSE_FRIENDS = re.compile(r"(?i:on|off|yes|no|true|false|null)|~|")
_TELLING = frozenset("nN~tTfF+-.0123456789")  # what a scalar that is not text begins with
_NO_START = {"\t": "; it is a tab: indent with spaces"} | dict.fromkeys("@`%", "; put the value in quotes")
_NULL = re.compile(r"null|Null|NULL|~|")
_TRUE = re.compile(r"true|True|TRUE")
_FALSE = re.compile(r"false|False|FALSE")
_INTEGER = re.compile(r"[-+]?[0-9]{1,30}")
_DECIMAL = re.compile(r"[-+]?(?:[0-9]{1,30}\.[0-9]{0,30}|\.[0-9]{1,30})")


class Place(NamedTuple):
    """Where something stands; line and column count from 1."""

    file: str
    line: int
    column: int


_NO_KEYS: dict[str, Place] = {}  # shared by all scalars, of which there are many; nothing is added to it


@dataclass(slots=True)
class Node:
    """One value. ``typed`` is a scalar's text as written; ``plain`` says that it stood without quotes.

    ``keys`` are the places of a mapping's keys. ``hidden`` are the names and values that came from outside
    (``${NAME}``) and are not to be shown. A ``broken`` node has had its problem told already.
    """

    place: Place
    value: "Scalar | dict[str, Node] | list[Node]"
    typed: str = ""
    plain: bool = False
    keys: dict[str, Place] = field(default_factory=dict)
    hidden: tuple[tuple[str, str], ...] = ()
    broken: bool = False


def parse(raw: bytes, file: str, problems: list[Problem]) -> Node | None:
    """The one document in ``raw``; None where it cannot be read, with the reason added to ``problems``."""
    text = ""
    try:
        text = decoded(raw, file)
        return _Builder(file, problems).build(text)
    except Unreadable as stop:
        problems.append(stop.problem)
    except yaml.YAMLError as error:
        problems.append(_syntax(error, file, text))
    return None


def scalar(text: str) -> Scalar:
    """A scalar without quotes by the YAML 1.2 core schema; decimals exactly, other notations as text."""
    if text and text[0] not in _TELLING:
        return text
    if _NULL.fullmatch(text):
        return None
    if _TRUE.fullmatch(text):
        return True
    if _FALSE.fullmatch(text):
        return False
    if _INTEGER.fullmatch(text):
        return int(text)
    return Decimal(text) if _DECIMAL.fullmatch(text) else text


class Unreadable(Exception):
    """The rest of the file makes no sense."""

    def __init__(self, place: Place, text: str) -> None:
        self.problem = Problem(place.file, place.line, place.column, "", text)
        super().__init__(text)


def decoded(raw: bytes, file: str) -> str:
    """What a file holds, as text; raises ``Unreadable``."""
    if len(raw) > LARGEST:
        raise Unreadable(Place(file, 1, 1), f"is larger than {LARGEST // 2**20} MiB; split it into several files")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8", "replace")
        raise Unreadable(_at(before, file), "is not UTF-8 from here on; save it as UTF-8") from None
    control = CONTROL.search(text)
    if control:
        place = _at(text[: control.start()], file)
        raise Unreadable(place, f"a control character (U+{ord(control[0]):04X}) cannot stand here; remove it")
    return text


def _at(before: str, file: str) -> Place:
    return Place(file, before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)


def _syntax(error: yaml.YAMLError, file: str, source: str) -> Problem:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    text = getattr(error, "problem", None) or getattr(error, "reason", None) or "cannot be read"
    context = getattr(error, "context", None)
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    lines = source.splitlines()[max(0, line - 2) : line]
    hint = "; inside { } and [ ], ${…} needs quotes" if any("${" in one for one in lines) else ""
    if "cannot start any token" in text and lines:
        hint = _NO_START.get(lines[-1][column - 1 : column], hint)
    what = f"not YAML: {text}" + (f" {context}" if context else "") + hint
    return Problem(file, line, column, "", what)


@dataclass(slots=True)
class _Frame:
    """A mapping or list being filled; ``name`` is the key whose value comes next."""

    node: Node
    path: str
    name: str | None = None
    at: Place | None = None

    @property
    def names(self) -> bool:
        """Whether the next event is a key."""
        return isinstance(self.node.value, dict) and self.name is None

    def below(self, name: str | None = None) -> str:
        """The path of the next value."""
        if isinstance(self.node.value, list):
            return f"{self.path}[{len(self.node.value)}]"
        key = self.name if name is None else name
        return f"{self.path}.{key}" if self.path else str(key)


class _Builder:
    """Events to nodes, with a stack instead of recursion."""

    def __init__(self, file: str, problems: list[Problem]) -> None:
        self.file = file
        self.problems = problems
        self.stack: list[_Frame] = []
        self.root: Node | None = None

    def build(self, text: str) -> Node:
        documents = 0
        for event in _events(text):
            match event:
                case yaml.ScalarEvent():
                    self._scalar(event, self._place(event))
                case yaml.CollectionStartEvent():
                    self._collection(event, self._place(event))
                case yaml.CollectionEndEvent():
                    self.stack.pop()
                case yaml.AliasEvent():
                    self._check_bare(event, self._place(event))
                case yaml.DocumentStartEvent():
                    documents += 1
                    if documents > 1:
                        raise Unreadable(self._place(event), "a second document ('---'); use a file for each")
        if self.root is None:
            raise Unreadable(Place(self.file, 1, 1), "is empty; begin with 'upheld: 1'")
        return self.root

    def _check_bare(self, event: yaml.AliasEvent | yaml.ScalarEvent | yaml.CollectionStartEvent, place: Place) -> None:
        if event.anchor is not None:
            raise Unreadable(place, "anchors (&) and aliases (*) are not used here; write the value out")
        if not isinstance(event, yaml.AliasEvent) and event.tag is not None:
            raise Unreadable(place, f"tags ({event.tag!r}) are not used here; write the value alone")

    def _collection(self, event: yaml.CollectionStartEvent, place: Place) -> None:
        self._check_bare(event, place)
        frame = self.stack[-1] if self.stack else None
        if frame is not None and frame.names:
            raise Unreadable(place, "a key must be plain text, not a list or mapping")
        if len(self.stack) >= DEEPEST:
            raise Unreadable(place, f"is nested deeper than {DEEPEST} levels")
        node = Node(place, [] if isinstance(event, yaml.SequenceStartEvent) else {})
        path = frame.below() if frame else ""
        self._add(frame, node)
        self.stack.append(_Frame(node, path))

    def _scalar(self, event: yaml.ScalarEvent, place: Place) -> None:
        self._check_bare(event, place)
        frame = self.stack[-1] if self.stack else None
        text, plain = sys.intern(event.value), event.implicit[0]  # names are typed over and over
        if frame is not None and frame.names:
            self._key(frame, text, plain, place)
            return
        node = Node(place, scalar(text) if plain else text, text, plain, _NO_KEYS)
        if _UNPRINTABLE.search(text):
            path = frame.below() if frame else ""
            self._wrong(place, path, f"{text[:80]!r} has a control character in it; remove it")
            node.broken = True
        self._add(frame, node)

    def _key(self, frame: _Frame, name: str, plain: bool, place: Place) -> None:
        wrong = ""
        if plain and name == "":
            wrong = "a key is missing before ':'"
        elif plain and _FALSE_FRIENDS.fullmatch(name):
            wrong = "as a key is true, false or nothing to many YAML readers; use another word"
        elif plain and name == "<<":
            wrong = "merge keys ('<<') are not used here; write the values out"
        elif "\n" in name or "\t" in name or _UNPRINTABLE.search(name):
            wrong = "the key has a control character in it; remove it"
        if wrong:
            self._wrong(place, frame.below(ascii(name[:80])), wrong)
        frame.name, frame.at = name, None if wrong else place

    def _add(self, frame: _Frame | None, node: Node) -> None:
        if frame is None:
            self.root = node
        elif isinstance(frame.node.value, list):
            frame.node.value.append(node)
        elif isinstance(frame.node.value, dict) and frame.name is not None:
            if frame.at is None:
                pass  # the key was refused, and its value with it
            elif frame.name in frame.node.value:
                line = frame.node.keys[frame.name].line
                self._wrong(frame.at, frame.below(), f"stands here twice; the first is on line {line}")
            else:
                frame.node.value[frame.name] = node
                frame.node.keys[frame.name] = frame.at
            frame.name = frame.at = None

    def _wrong(self, place: Place, path: str, text: str) -> None:
        self.problems.append(Problem(place.file, place.line, place.column, path, text))

    def _place(self, event: yaml.Event) -> Place:
        mark = event.start_mark
        return Place(self.file, mark.line + 1, mark.column + 1) if mark else Place(self.file, 1, 1)


def _events(text: str) -> Iterator[yaml.Event]:
    loader = _LOADER(text)
    try:
        while True:
            event: yaml.Event = loader.get_event()
            yield event
            if isinstance(event, yaml.StreamEndEvent):
                return
    finally:
        loader.dispose()
