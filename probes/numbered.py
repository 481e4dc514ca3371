"""The texts of columns told apart: by the numbers that somebody else gave them, and from each other."""

from collections.abc import Iterator, Mapping

import numpy as np

from probes.columns import Columns, Ints
from probes.vocabulary import Vocabulary


class Numbers:
    """Numbers that somebody gave texts; those of a vocabulary's words are looked up once."""

    def __init__(self, numbers: Mapping[str | None, int]) -> None:
        self._numbers = numbers
        self._vocabulary: Vocabulary | None = None
        self._found = np.zeros(0, dtype=np.int64)

    def of(self, columns: Columns, name: str) -> Ints:
        """The number of the text that each sample has in a field, -1 where that has none. Looked up once for each word,
        or for each sample where those are fewer."""
        known, words, row = self._numbers.get, columns.words, columns[name]
        if isinstance(words, Vocabulary):
            return self._looked_up(words)[row]
        if len(words) <= len(row):
            return np.array([known(word, -1) for word in words], dtype=np.int64)[row]
        return np.array([known(words[place], -1) for place in row.tolist()], dtype=np.int64)

    def _looked_up(self, words: Vocabulary) -> Ints:
        if words is not self._vocabulary:
            self._vocabulary, self._found = words, np.zeros(0, dtype=np.int64)
        if len(self._found) < len(words):
            more = [self._numbers.get(word, -1) for word in words[len(self._found) :]]
            self._found = np.concatenate((self._found, np.array(more, dtype=np.int64)))
        return self._found


def parted(columns: Columns, name: str) -> Iterator[tuple[str, Ints]]:
    """The texts of a field that every sample has, each with the places of its samples, in order."""
    row = columns[name]
    if len(row) and (row == row[0]).all():
        yield columns.words[int(row[0])] or "", np.arange(len(row))
        return
    for word in np.flatnonzero(np.bincount(row)).tolist():
        yield columns.words[word] or "", np.flatnonzero(row == word)
