"""The cells of a row, read as the members of a line are: by the same readers, with numbers where a line has text."""

from collections.abc import Callable, Mapping

from config.spans import FIRST_YEAR, LAST_YEAR
from probes.fields import Fields
from probes.notation import instant
from probes.sample import MICROSECOND

_FIRST, _LAST = instant(f"{FIRST_YEAR}-01-01T00:00:00Z"), instant(f"{LAST_YEAR}-12-31T23:59:59.999999999Z")
_KEYS = {
    "took_ns": "took_ms",
    "phases_ns": "phases_ms",
    "loop_lag_ns": "loop_lag_ms",
    "clock_error_ns": "clock_error_ms",
    "suspended_ns": "suspended_ms",
    "step_ns": "step_ms",
    "every_ns": "every",
    "timeout_ns": "timeout",
}
"""Columns that have another name than the key whose value they hold."""
_COLUMNS = {key: column for column, key in _KEYS.items()} | {"rtt_ms": "rtt_us"}


class Cells(Fields):
    """See Fields. Problems name columns."""

    def __init__(self, cells: Mapping[str, object]) -> None:
        super().__init__({_KEYS.get(name, name): value for name, value in cells.items()})
        coarse, fine = self._members.pop("rtt_us", None), self._members.pop("rtt_ns", None)
        if coarse is not None and fine is not None:
            self.problems.append("rtt_us and rtt_ns: give one of them")
        if isinstance(coarse, list):
            fine = [None if rtt is None else rtt * MICROSECOND for rtt in coarse]
        if fine is not None:
            self._members["rtt_ms"] = fine

    def wrong(self, key: str, text: str) -> None:
        """As Fields says."""
        name, bracket, rest = key.partition("[")
        super().wrong(_column(name) + bracket + rest, text)

    def _instant(self, key: str, value: object) -> int | None:
        if value is None:
            return None
        assert isinstance(value, int)
        if not _FIRST <= value <= _LAST:
            self.wrong(key, f"{value} ns is outside the years {FIRST_YEAR} to {LAST_YEAR}")
            return None
        return value

    def _ms(self, key: str, value: object, negative: bool = False) -> int | None:
        assert isinstance(value, int)
        if value < 0 and not negative:
            self.wrong(key, f"{value} ns is below zero")
            return None
        return value

    def ms_map(self, key: str) -> tuple[tuple[str, int], ...]:
        """As Fields says; a map of Parquet comes as pairs."""
        pairs = self._members.get(key)
        if isinstance(pairs, list):
            if len(dict(pairs)) < len(pairs):
                self.wrong(key, "a name stands twice")
            if any(value is None for _, value in pairs):
                self.wrong(key, "null is no duration; leave it out")
            self._members[key] = {name: value for name, value in pairs if value is not None}
        return super().ms_map(key)

    def parsed(self, key: str, read: Callable[[str], int]) -> int:
        """As Fields says: of a length of time, which is a number here."""
        value = self._take(key, False)
        if value is None:
            self.problems.append(f"{_column(key)} is missing")
            return 0
        return self._ms(key, value) or 0

    def finish(self) -> list[str]:
        """As Fields says."""
        self._known = [_column(key) for key in self._known if key != "version"]
        self._members = {_column(key): value for key, value in self._members.items()}
        return super().finish()


def _column(key: str) -> str:
    return _COLUMNS.get(key, key)
