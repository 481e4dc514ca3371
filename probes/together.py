"""Runs that went well together, as columns of samples: what a vantage stamps on each sample is a few words for all."""

from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from probes.columns import ROW, ROWS, Columns, Ints
from probes.kind import Cohort, Well
from probes.launch import Launch
from probes.sample import HALF, MICROSECOND, MILLISECOND
from probes.vocabulary import Vocabulary

_TARGET, _VANTAGE, _BOOT, _ADDRESS, _CONFIG, _CLOCK = (
    ROW[name] for name in ("target", "vantage", "boot", "address", "config", "clock")
)
_SEQ, _AT, _SCHEDULED, _TOOK, _SENT, _RECEIVED, _RECEIVED_AT, _PACKETS = (
    ROW[name] for name in ("seq", "at", "scheduled_at", "took", "sent", "received", "received_at", "packets")
)
SPARE = 10_000
"""So many words that no cohort has any more, and as many again as the cohorts have, are kept."""
Common = tuple[str, str, str | None, str | None]
"""What samples have in common: the vantage, its boot, the configuration, the quality of the clock."""


@dataclass(frozen=True, slots=True)
class _Places:
    """Where the words of a cohort stand: its targets' names and their addresses."""

    addresses: Sequence[str | None]
    names: Ints
    where: Ints


class Stamps:
    """Makes the columns, all with one vocabulary, in which each cohort's words are found once."""

    def __init__(self) -> None:
        self._bound = 0
        self._begin()

    def columns(self, launch: Launch, found: Well, common: Common, seq: int, received_at: int) -> Columns:
        """Samples of these runs, numbered from ``seq`` on, cut to what is stored of them."""
        known = self._known(launch.cohort, found.addresses)
        places, (count, packets) = found.places, found.rtts.shape
        column = [0] * len(ROWS)
        for row, word in zip((_VANTAGE, _BOOT, _CONFIG, _CLOCK), common, strict=True):
            column[row] = self._vocabulary.place(word)
        for row, at in ((_AT, found.at), (_SCHEDULED, launch.scheduled_at), (_RECEIVED_AT, received_at)):
            column[row] = at - at % MILLISECOND
        column[_TOOK] = (found.took + HALF) // MICROSECOND * MICROSECOND
        column[_SENT] = column[_RECEIVED] = column[_PACKETS] = packets
        table = np.repeat(np.array(column, dtype=np.int64)[:, np.newaxis], count, axis=1)
        table[_TARGET], table[_ADDRESS] = known.names[places], known.where[places]
        table[_SEQ] = np.arange(seq, seq + count)
        rtts = (found.rtts.reshape(-1) + HALF) // MICROSECOND * MICROSECOND
        return Columns(self._vocabulary, table, rtts, table[0, :0])

    def _known(self, cohort: Cohort, addresses: Sequence[str | None]) -> _Places:
        if len(self._vocabulary) > self._bound:
            self._begin()
        known = self._cohorts.get(cohort)
        if known is None or known.addresses is not addresses:
            place = self._vocabulary.place
            names = np.array([place(target.name) for target in cohort.targets], dtype=np.int64)
            where = np.array([place(word) for word in addresses or [None] * len(names)], dtype=np.int64)
            self._cohorts[cohort] = known = _Places(addresses, names, where)
            self._bound = 4 * sum(len(one.names) for one in self._cohorts.values()) + SPARE
        return known

    def _begin(self) -> None:
        self._vocabulary, self._bound = Vocabulary(), SPARE
        self._cohorts: WeakKeyDictionary[Cohort, _Places] = WeakKeyDictionary()
