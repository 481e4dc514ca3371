"""One JSON object of a line, read key by key. Nothing raises: every problem is kept, so that all are told.

Where a key is needed and wrong, the reader is given a harmless value to go on with; the caller looks at
``problems`` before it makes anything of what it read.
"""

import difflib
import json
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Never, TypeVar

from probes import notation
from probes.notation import shown

Value = TypeVar("Value")
MAX_TEXT = 10_000
MAX_NAME = 300
"""Two of them, and what else stands beside them, fit into an entry of an index of PostgreSQL (2,704 bytes)."""
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


class Fields:
    """The members of one object. Each method marks its key as known; ``finish`` tells of the others."""

    def __init__(self, members: dict[str, object]) -> None:
        self._members = members
        self._known: list[str] = []
        self._found = 0
        self.problems: list[str] = []

    def _take(self, key: str, needed: bool) -> object:
        self._known.append(key)
        value = self._members.get(key)
        if value is not None:
            self._found += 1
        elif needed:
            self.problems.append(f"{key} is missing" if key not in self._members else f"{key} must not be null")
        return value

    def wrong(self, key: str, text: str) -> None:
        """A problem with the value of a key."""
        self.problems.append(f"{key}: {text}")

    def text(self, key: str) -> str:
        """Needed text, not empty."""
        return self._text(key, self._take(key, True)) or ""

    def name(self, key: str) -> str:
        """Needed text, not empty, that names something."""
        return self._text(key, self._take(key, True), MAX_NAME) or ""

    def name_or_none(self, key: str) -> str | None:
        """The same, that may be left out."""
        return self._text(key, self._take(key, False), MAX_NAME)

    def text_or_none(self, key: str) -> str | None:
        """Text that may be left out."""
        return self._text(key, self._take(key, False))

    def _text(self, key: str, value: object, most: int = MAX_TEXT) -> str | None:
        if value is None:
            return None
        if not isinstance(value, str) or not value:
            self.wrong(key, f"{shown(value)} is no text" if value != "" else "must not be empty")
            return None
        if len(value) > most or _UNPRINTABLE.search(value):
            self.wrong(key, f"{shown(value)} is too long or holds control characters")
            return None
        return value

    def label_or_none(self, key: str) -> str | None:
        """Text that may be left out, or a whole number in its place."""
        value = self._take(key, False)
        return self._text(key, str(value) if isinstance(value, int) and not isinstance(value, bool) else value)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; empty where it is left out."""
        value = self._take(key, False)
        if value is None:
            return ()
        if not isinstance(value, list):
            self.wrong(key, f"{shown(value)} is no list of texts")
            return ()
        return tuple(self._text(f"{key}[{i}]", item) or "" for i, item in enumerate(value))

    def word(self, key: str, words: Sequence[str]) -> str:
        """Needed: one of a closed set."""
        return self._word(key, self._take(key, True), words)

    def word_or_first(self, key: str, words: Sequence[str]) -> str:
        """One of a closed set; the first of them where it is left out."""
        return self._word(key, self._take(key, False), words)

    def _word(self, key: str, value: object, words: Sequence[str]) -> str:
        if value is None:
            return words[0]
        if isinstance(value, str) and value in words:
            return value
        near = difflib.get_close_matches(value, words, 1) if isinstance(value, str) else []
        right = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(words)}"
        self.wrong(key, f"{shown(value)} is none of them; {right}")
        return words[0]

    def instant(self, key: str) -> int:
        """A needed RFC 3339 time, as ns."""
        return self._instant(key, self._take(key, True)) or 0

    def instant_or_none(self, key: str) -> int | None:
        """A time that may be left out."""
        return self._instant(key, self._take(key, False))

    def _instant(self, key: str, value: object) -> int | None:
        if value is None:
            return None
        if not isinstance(value, str):
            self.wrong(key, f'{shown(value)} is no time; write "2026-10-01T00:00:30Z"')
            return None
        return self._try(key, lambda: notation.instant(value))

    def instants(self, key: str) -> tuple[int, ...]:
        """A list of times; empty where it is left out."""
        value = self._take(key, False)
        if value is None:
            return ()
        if not isinstance(value, list):
            self.wrong(key, f"{shown(value)} is no list of times")
            return ()
        return tuple(self._needed_instant(f"{key}[{i}]", item) for i, item in enumerate(value))

    def _needed_instant(self, key: str, value: object) -> int:
        if value is None:
            self.wrong(key, "null is no time; leave it out")
        return self._instant(key, value) or 0

    def objects(self, key: str, read: "Callable[[Fields], Value]") -> tuple[Value, ...]:
        """A list of objects, each as ``read`` makes it; empty where it is left out."""
        value = self._take(key, False)
        if value is None:
            return ()
        if not isinstance(value, list):
            self.wrong(key, f"{shown(value)} is no list of objects")
            return ()
        out = []
        for i, item in enumerate(value):
            if isinstance(item, dict):
                inner = type(self)(item)
                out.append(read(inner))
                self.problems += [f"{key}[{i}]: {problem}" for problem in inner.finish()]
            else:
                self.wrong(f"{key}[{i}]", f"{shown(item)} is no object")
        return tuple(out)

    def ms_or_none(self, key: str, negative: bool = False) -> int | None:
        """Milliseconds as ns; below zero only where that means something."""
        value = self._take(key, False)
        return None if value is None else self._ms(key, value, negative)

    def _ms(self, key: str, value: object, negative: bool = False) -> int | None:
        ns = self._try(key, lambda: notation.ms(value))
        if ns is not None and ns < 0 and not negative:
            self.wrong(key, f"{shown(value)} is below zero")
            return None
        return ns

    def ms_list(self, key: str) -> tuple[int | None, ...]:
        """A list of milliseconds in which null stands for what was not measured."""
        value = self._take(key, False)
        if value is None:
            return ()
        if not isinstance(value, list):
            self.wrong(key, f"{shown(value)} is no list of milliseconds")
            return ()
        return tuple(None if item is None else self._ms(f"{key}[{i}]", item) for i, item in enumerate(value))

    def ms_map(self, key: str) -> tuple[tuple[str, int], ...]:
        """Names with milliseconds, in the order written."""
        value = self._take(key, False)
        if value is None:
            return ()
        if not isinstance(value, dict):
            self.wrong(key, f"{shown(value)} is no object of milliseconds by name")
            return ()
        named = [
            (self._text(f"{key} name", name, MAX_NAME) or "", self._ms(f"{key}.{name}", ms))
            for name, ms in value.items()
        ]
        return tuple((name, ms or 0) for name, ms in named)

    def count(self, key: str) -> int:
        """A needed whole number from zero up, within 63 bits."""
        return self._count(key, self._take(key, True)) or 0

    def count_or_none(self, key: str) -> int | None:
        """A whole number that may be left out."""
        return self._count(key, self._take(key, False))

    def _count(self, key: str, value: object) -> int | None:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**63:
            self.wrong(key, f"{shown(value)} is no whole number from 0 up")
            return None
        return value

    def flag_or_none(self, key: str) -> bool | None:
        """true, false or left out."""
        value = self._take(key, False)
        if value is None or isinstance(value, bool):
            return value
        self.wrong(key, f"{shown(value)} is neither true nor false")
        return None

    def parsed(self, key: str, read: Callable[[str], int]) -> int:
        """Needed text that ``read`` makes an integer of; its ValueError becomes the problem."""
        text = self.text(key)
        return (self._try(key, lambda: read(text)) or 0) if text else 0

    def checked(self, key: str, read: Callable[[str], str]) -> str:
        """Needed text in the form that ``read`` gives it."""
        text = self.text(key)
        return (self._try(key, lambda: read(text)) or "") if text else ""

    def checked_or_none(self, key: str, read: Callable[[str], str]) -> str | None:
        """Text that may be left out, in the form that ``read`` gives it."""
        text = self.text_or_none(key)
        return None if text is None else self._try(key, lambda: read(text))

    def exact(self, key: str, read: Callable[[object], Fraction]) -> Fraction:
        """A needed amount, as text or as a number read exactly."""
        value = self._take(key, True)
        return Fraction(0) if value is None else self._try(key, lambda: read(value)) or Fraction(0)

    def exact_or_none(self, key: str, read: Callable[[object], Fraction]) -> Fraction | None:
        """An amount that may be left out."""
        value = self._take(key, False)
        return None if value is None else self._try(key, lambda: read(value))

    def _try(self, key: str, read: Callable[[], Value]) -> Value | None:
        try:
            return read()
        except ValueError as error:
            self.wrong(key, str(error))
            return None

    def finish(self) -> list[str]:
        """All problems, those of unknown keys too."""
        for key in self._members if self._found < len(self._members) else ():
            if key not in self._known:
                near = difflib.get_close_matches(key, self._known, 1)
                right = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(self._known)}"
                self.problems.append(f"unknown key {shown(key)}; {right}")
        return self.problems


def parse_object(line: str | bytes) -> dict[str, object]:
    """The JSON object on a line, numbers exact. ValueError where there is none, or a key twice."""
    try:
        value = _DECODER.decode(line if isinstance(line, str) else line.decode())
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 at byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"no JSON object: {error.msg} at column {error.colno}") from None
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(value, dict):
        raise ValueError(f"{shown(value)} is no JSON object; one object stands on a line")
    return value


def _integer(text: str) -> int:
    if len(text) > 40:
        raise ValueError(f"{text[:20]}... has more digits than any number here")
    return int(text)


def _no_number(text: str) -> Never:
    raise ValueError(f"{text} is no number of JSON")


def _members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise ValueError(f"key {shown(twice)} stands twice")
    return members


_DECODER = json.JSONDecoder(
    parse_float=Decimal, parse_int=_integer, parse_constant=_no_number, object_pairs_hook=_members
)
