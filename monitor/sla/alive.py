"""Heartbeats of vantages, told to the books that rest on them: ten thousand of one contract at once."""

from collections.abc import Mapping
from typing import NamedTuple

from monitor.sla.book import Book
from monitor.sla.facts import HeartbeatFact
from monitor.sla.fold import Fold


class _Heard(NamedTuple):
    """The books of what one vantage alone looks at, and a fold for each knowledge that they have of its life."""

    books: list[Book]
    folds: list[Fold]


class Alive:
    """``books`` by target; call ``changed`` when they do, or the vantages that they are looked at from."""

    def __init__(self, books: Mapping[str, Book]) -> None:
        self._books = books
        self._heard: dict[str, _Heard] = {}

    def changed(self) -> None:
        """Other books, or another vantage looks at one."""
        self._heard.clear()

    def heartbeat(self, beat: HeartbeatFact, newest: bool) -> bool:
        """The vantage's process was alive: it matters when its boot changes. False where that was folded already, which
        cannot be if it is the ``newest`` sign of any boot."""
        heard = self._heard.get(beat.vantage) or self._of(beat.vantage)
        for fold in heard.folds:
            fold.heartbeat(beat.boot, beat.at)
        if newest:
            return not any(fold.broke_after(beat.at) for fold in heard.folds)
        return all(book.precedes(beat.boot, beat.at) for book in heard.books)

    def _of(self, vantage: str) -> _Heard:
        books = [book for book in self._books.values() if book.vantages == (vantage,)]
        heard = _Heard(books, list({id(book.pauses): book.fold for book in books}.values()))
        self._heard[vantage] = heard
        return heard
