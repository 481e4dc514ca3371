"""What is wrong with a configuration: every problem at once, each at its place.

A problem names file, line and column, the path of the key, the value that is wrong, and one that would do.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

MOST_LISTED = 20
LONGEST_PATH = 300


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong. Line and column count from 1; ``path`` is empty where the file as a whole is meant."""

    file: str
    line: int
    column: int
    path: str
    text: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        path = self.path if len(self.path) <= LONGEST_PATH else f"{self.path[:LONGEST_PATH]}…"
        return f"{where}: {path}: {self.text}" if path else f"{where}: {self.text}"


class ConfigError(Exception):
    """The configuration cannot be used. ``problems`` are all in file order; ``str`` has a line for each."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was most likely meant, if one is near; case, ``_`` and ``-`` count as nothing."""
    plain = {_plain(one): one for one in known}
    found = get_close_matches(_plain(word[:80]), plain, n=1, cutoff=0.6)
    return plain[found[0]] if found else None


def unknown(what: str, word: str, known: Iterable[str]) -> str:
    """``no target 'hq2'; there are hq, web; did you mean 'hq'?``"""
    names = sorted(known)
    if not names:
        return f"no {what} {word!r}; there are none"
    close = nearest(word, names)
    hint = f"; did you mean {close!r}?" if close else ""
    return f"no {what} {word!r}; there {listed(names)}{hint}"


def unknown_key(word: str, known: Iterable[str]) -> str:
    """For a key nobody asked for: the one that was meant, or all that fit."""
    names = list(known)
    close = nearest(word, names)
    return f"unknown key; did you mean {close!r}?" if close else f"unknown key; there {listed(names)}"


def listed(names: Iterable[str]) -> str:
    """``is a`` or ``are a, b``, at most so many."""
    all_of_them = list(names)
    shown = ", ".join(all_of_them[:MOST_LISTED])
    rest = len(all_of_them) - MOST_LISTED
    return f"{'is' if len(all_of_them) == 1 else 'are'} {shown}" + (f" and {rest} more" if rest > 0 else "")


def _plain(word: str) -> str:
    return word.lower().replace("_", " ").replace("-", " ")
