"""Records that can no longer be read: each is found when somebody looks, told once, and costs what it held."""

import threading
from collections.abc import Iterable

from config.spans import Span, subtract, union
from monitor.sla.facts import DAMAGED
from monitor.store.postgres.connection import Connection


class Damages:
    """What was found in one store by this process, and where was looked. Used by any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._texts: dict[str, str] = {}
        self._spans: dict[str, list[Span]] = {}
        self._looked: dict[str, list[Span]] = {}
        self._told: set[str] = set()

    def note(self, name: str, text: str, target: str | None = None, spans: Iterable[Span] = ()) -> None:
        """A record cannot be read: ``spans`` are when the samples of ``target`` in it were recorded."""
        with self._lock:
            if name not in self._texts:
                self._texts[name] = text
                if target is not None:
                    self._spans[target] = union([*self._spans.get(target, ()), *spans])

    def looked(self, target: str, start: int, end: int) -> None:
        """All samples of a span were read, and those that cannot be read noted."""
        with self._lock:
            if start < end:
                self._looked[target] = union([*self._looked.get(target, ()), (start, end)])

    def unseen(self, target: str, start: int, end: int) -> list[Span]:
        """Where nobody looked yet. A row never changes once it is written, so one look is enough."""
        with self._lock:
            return list(subtract([(start, end)], self._looked.get(target, [])))

    def spans(self, target: str) -> list[Span]:
        """When samples of the target were recorded that cannot be read."""
        with self._lock:
            return list(self._spans.get(target, ()))

    def texts(self) -> tuple[str, ...]:
        """What was found."""
        with self._lock:
            return tuple(self._texts.values())

    def record(self, connection: Connection, now: int) -> tuple[tuple[str, str], ...]:
        """A security event for each that was found and not told yet; gives their names and what is wrong."""
        with self._lock:
            untold = tuple((name, text) for name, text in self._texts.items() if name not in self._told)
        for _, text in untold:
            connection.execute(
                "INSERT INTO security_events (at, code, text) SELECT %s::bigint, %s, %s "
                "WHERE NOT EXISTS (SELECT FROM security_events WHERE code = %s AND text = %s)",
                (now, DAMAGED, text, DAMAGED, text),
            )
        return untold

    def tell(self, told: Iterable[tuple[str, str]]) -> None:
        """These are recorded."""
        with self._lock:
            self._told.update(name for name, _ in told)
