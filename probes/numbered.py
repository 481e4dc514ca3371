"""The texts of columns told apart: by the numbers that somebody else gave them, and from each other."""

from collections.abc import Iterator, Mapping

import numpy as np

from probes.columns import Columns, Ints


def numbered(columns: Columns, name: str, numbers: Mapping[str | None, int]) -> Ints:
    """The number of the text that each sample has in a field, -1 where that has none. Looked up once for each word, or
    for each sample where those are fewer."""
    known, words, row = numbers.get, columns.words, columns[name]
    if len(words) <= len(row):
        return np.array([known(word, -1) for word in words], dtype=np.int64)[row]
    return np.array([known(words[place], -1) for place in row.tolist()], dtype=np.int64)


def parted(columns: Columns, name: str) -> Iterator[tuple[str, Ints]]:
    """The texts of a field that every sample has, each with the places of its samples, in order."""
    row = columns[name]
    if len(row) and (row == row[0]).all():
        yield columns.words[int(row[0])] or "", np.arange(len(row))
        return
    for word in np.unique(row).tolist():
        yield columns.words[word] or "", np.flatnonzero(row == word)
