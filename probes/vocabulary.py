"""Words that many columns have in common."""

import numpy as np

from probes.columns import ROW, Columns, Words

_TEXTS = ROW["phases"] + 1
"""How many rows of a table are places of words."""


class Vocabulary(list[str | None]):
    """Words that many columns share, so that what is known of a word is looked up once and not for each of them. It
    only grows; whoever reads it in another thread sees a part of it."""

    def __init__(self) -> None:
        super().__init__([None])
        self._places = Words({None: 0})

    def place(self, word: str | None) -> int:
        """Where a word stands, from now on if it is new."""
        place = self._places[word]
        if place == len(self):
            self.append(word)
        return place

    def put(self, columns: Columns) -> Columns:
        """The same samples with these words."""
        table = columns.table.copy()
        places = np.array(list(map(self.place, columns.words)), dtype=np.int64)
        np.take(places, table[:_TEXTS], out=table[:_TEXTS])
        return Columns(self, table, columns.rtts, columns.steps)
