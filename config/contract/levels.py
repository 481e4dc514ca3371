"""Levels of one agreement: corporate → customer → service, each text over those that it inherits from.

    corporate-base ──▶ acme ──▶ acme-berlin        inherits: [corporate-base], then: inherits: [acme]

A text stands over its bases in the order they are listed, each base over its own. Everything here is done to the text
before its nouns are read, so that no noun has to know of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from config.contract.amendments import Patch, read_patches
from config.contract.merge import Path, locks_in, merged
from config.contract.read import KEYS as TERMS
from config.errors import unknown, unknown_key
from config.places import Node, Place
from config.reader import Reader
from config.units import boolean, said

LEVELS = ("corporate", "customer", "service")
DEEPEST = 24
KEYS = ("level", "inherits", "template", "locked", "for each", "revisions")
"""The keys of a contract that are no terms: they say how its text is made."""


@dataclass(frozen=True, slots=True)
class Text:
    """One contract as typed. ``terms`` is its mapping without ``KEYS``; ``locked`` are its keys that nobody below may
    change; ``rows`` is the value of ``for each``; ``key`` where its name stands."""

    name: str
    reader: Reader
    terms: Reader
    level: str | None
    inherits: Reader | None
    template: bool
    locked: tuple[tuple[Path, Place], ...]
    rows: Reader | None
    patches: tuple[Patch, ...]

    @property
    def key(self) -> Place:
        """Where its name stands."""
        return self.reader.key


def read_text(name: str, reader: Reader) -> Text | None:
    """The text of one contract; None where it is no mapping, which is told."""
    fields = reader.fields()
    if fields.broken:
        return None
    node = reader.node
    kept = {key: child for key, child in fields.entries.items() if key not in KEYS}
    terms = Node(node.place, kept, keys={key: node.keys[key] for key in kept}) if len(kept) < len(node.keys) else node
    text = Text(
        name=name,
        reader=reader,
        terms=Reader(terms, reader.path, reader.problems, reader.key),
        level=fields.get("level", _level, None),
        inherits=fields.at("inherits") if "inherits" in fields else None,
        template=fields.get("template", boolean, False),
        locked=(*_locked(fields.at("locked") if "locked" in fields else None), *locks_in(terms)),
        rows=fields.at("for each") if "for each" in fields else None,
        patches=read_patches(fields.at("revisions")) if "revisions" in fields else (),
    )
    if text.template and text.rows is not None:
        text.rows.wrong("makes contracts, and a template is none; leave out 'template'", text.rows.key)
    return text


class Levels:
    """All texts by name, and which stands over which."""

    def __init__(self, texts: Mapping[str, Text]) -> None:
        self.texts = texts
        self._bases = {name: self._checked(text) for name, text in texts.items() if not _by_row(text)}
        self._circles()
        self._chains: dict[str, list[Text] | None] = {}

    def chain(self, text: Text, row: Reader | None = None) -> list[Text] | None:
        """The text and all that it stands over, the lowest first; None where something is wrong with them, which has
        been told. ``row``: its ``inherits`` as a row of its data says."""
        if row is not None:
            return self._joined(text, self._checked(text, row))
        if text.name not in self._chains:
            self._chains[text.name] = self._joined(text, self._bases.get(text.name))
        return self._chains[text.name]

    def _joined(self, text: Text, own: list[Text] | None) -> list[Text] | None:
        if own is None:
            return None
        found: dict[str, Text] = {}
        for base in own:
            below = self.chain(base)
            if below is None:
                return None
            for one in below:
                found.setdefault(one.name, one)
        return [*found.values(), text]

    def _checked(self, text: Text, row: Reader | None = None) -> list[Text] | None:
        """The texts it names as its bases, if all of them may be."""
        named = row or text.inherits
        if named is None:
            return []
        items = [named] if isinstance(named.node.value, str) else named.items()
        found, above = [], None
        for item in items:
            base = self._base(text, item, above)
            found += [] if base is None else [base]
            above = base.level if base is not None and base.level is not None else above
        return found if len(found) == len(items) else None

    def _base(self, text: Text, item: Reader, above: str | None) -> Text | None:
        called = item.node.value
        base = self.texts.get(called) if isinstance(called, str) else None
        if not isinstance(called, str):
            item.wrong(f"{said(called)} is no contract's name; write them as [corporate, acme]")
        elif base is None:
            item.wrong(unknown("contract", called, (name for name in self.texts if name != text.name)))
        elif base.rows is not None:
            item.wrong(f"{called!r} makes a contract for each row; inherit from one that is written once")
        elif _rank(base.level) > _rank(text.level, len(LEVELS)):
            order = " → ".join(LEVELS)
            item.wrong(f"a {text.level} contract cannot inherit from a {base.level} one ({called!r}); it goes {order}")
        elif _rank(base.level, len(LEVELS)) < _rank(above):
            item.wrong(f"{called!r} is {base.level} and stands behind a {above} one, as if over it; list it first")
        else:
            return base
        return None

    def _circles(self) -> None:
        """Tell every circle once, and forget the bases of whoever is in one."""
        done: set[str] = set()
        for name in self.texts:
            path: list[str] = []
            self._walk(name, path, done)

    def _walk(self, name: str, path: list[str], done: set[str]) -> None:
        """Depth first, no deeper than ``DEEPEST``: a file may hold a chain of thousands."""
        stack = [(name, iter(self._bases.get(name) or ()))] if name not in done else []
        path += [name] if stack else []
        while stack:
            here, bases = stack[-1]
            base = next(bases, None)
            at = self.texts[here].inherits
            if base is None or at is None:
                stack.pop()
                done.add(path.pop())
            elif base.name in path:
                circle = [*path[path.index(base.name) :], base.name]
                _named(at, base.name).wrong(f"goes round in a circle: {' → '.join(circle)}; leave one of them out")
                self._bases[here] = None
            elif len(path) == DEEPEST:
                at.wrong(f"is the {DEEPEST}th in a row that inherits; write fewer levels")
                self._bases[here] = None
            elif base.name not in done:
                stack.append((base.name, iter(self._bases.get(base.name) or ())))
                path.append(base.name)


def _named(reader: Reader, name: str) -> Reader:
    """The item of a list that names it, or the one value."""
    items = reader.items() if isinstance(reader.node.value, list) else []
    return next((item for item in items if item.node.value == name), reader)


def over(chain: Sequence[Text], patches: Iterable[tuple[str, Reader]] = ()) -> Node:
    """One text made of a chain; each part's own ``patches`` (by its name) directly over it."""
    whole = chain[0].terms.node
    locks: dict[Path, Place] = {}
    changes = list(patches)
    for text in chain:
        if text is not chain[0]:
            whole = merged(whole, text.terms, locks)
        for name, patch in changes:
            if name == text.name:
                whole = merged(whole, patch, locks)
        locks.update(text.locked)
        for name, patch in changes:
            locks.update(locks_in(patch.node) if name == text.name else ())
    return whole


def by_placeholder(node: Node) -> bool:
    """Whether a value, or one of a list, has a placeholder in it."""
    parts = node.value if isinstance(node.value, list) else [node]
    return any("{" in one.value for one in parts if isinstance(one.value, str))


def _by_row(text: Text) -> bool:
    return text.rows is not None and text.inherits is not None and by_placeholder(text.inherits.node)


def _rank(level: str | None, otherwise: int = -1) -> int:
    return otherwise if level is None else LEVELS.index(level)


def _level(value: object) -> str:
    if isinstance(value, str) and value in LEVELS:
        return value
    raise ValueError(f"{said(value)} is no level; there are {', '.join(LEVELS)}")


def _locked(reader: Reader | None) -> list[tuple[Path, Place]]:
    """``locked: [promises, exclusions]`` as paths of one key."""
    if reader is None:
        return []
    items = [reader] if isinstance(reader.node.value, str) else None
    if items is None and isinstance(reader.node.value, list):
        items = reader.items()
    if items is None or not all(isinstance(item.node.value, str) for item in items):
        reader.wrong(f"{said(reader.node.value)} names no keys; write them as [promises, exclusions]")
        return []
    found: list[tuple[Path, Place]] = []
    for item in items:
        key = str(item.node.value)
        if key not in TERMS:
            item.wrong(f"{key!r} is an {unknown_key(key, TERMS)}")
        found.append(((key,), item.node.place))
    return found
