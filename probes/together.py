"""Runs that went well together, as columns of samples: what a vantage stamps on each sample is a few words for all."""

from collections.abc import Sequence
from weakref import WeakKeyDictionary

import numpy as np

from probes.columns import NONE, ROW, ROWS, Columns
from probes.kind import Cohort, Well
from probes.launch import Launch

_TARGET, _VANTAGE, _BOOT, _ADDRESS, _CONFIG, _CLOCK = (
    ROW[name] for name in ("target", "vantage", "boot", "address", "config", "clock")
)
_SEQ, _AT, _SCHEDULED, _TOOK, _SENT, _RECEIVED, _RECEIVED_AT, _PACKETS = (
    ROW[name] for name in ("seq", "at", "scheduled_at", "took", "sent", "received", "received_at", "packets")
)
_FIRST = 5
"""Before the cohort's names come no word at all, the vantage, its boot, the configuration, the quality of the clock."""
Common = tuple[str, str, str, str | None]
"""What samples of one cohort have in common: those four words."""


class Stamps:
    """Makes the columns; remembers the words of each cohort."""

    def __init__(self) -> None:
        self._words: WeakKeyDictionary[Cohort, tuple[Common, Sequence[str | None], list[str | None]]]
        self._words = WeakKeyDictionary()

    def columns(self, launch: Launch, found: Well, common: Common, seq: int) -> Columns:
        """Samples of these runs, numbered from ``seq`` on."""
        places, (count, packets) = found.places, found.rtts.shape
        table = np.zeros((len(ROWS), count), dtype=np.int64)
        table[_VANTAGE], table[_BOOT] = 1, 2
        table[_CONFIG], table[_CLOCK] = 3 if common[2] else 0, 4 if common[3] else 0
        table[_TARGET] = places + _FIRST
        if found.addresses:
            table[_ADDRESS] = places + (_FIRST + len(launch.cohort.targets))
        table[_SEQ] = np.arange(seq, seq + count)
        table[_AT], table[_SCHEDULED], table[_TOOK] = found.at, launch.scheduled_at, found.took
        table[_SENT] = table[_RECEIVED] = table[_PACKETS] = packets
        table[_RECEIVED_AT] = NONE
        return Columns(
            self._worded(launch.cohort, common, found.addresses), table, found.rtts.reshape(-1), table[0, :0]
        )

    def _worded(self, cohort: Cohort, common: Common, addresses: Sequence[str | None]) -> list[str | None]:
        known = self._words.get(cohort)
        if known is not None and known[0] == common and known[1] is addresses:
            return known[2]
        words = [None, *common, *(target.name for target in cohort.targets), *addresses]
        self._words[cohort] = (common, addresses, words)
        return words
