"""Records that can no longer be read: each is found when somebody looks, told once, and costs what it held."""

import threading
from collections.abc import Iterable

from config.spans import Span, subtract, union
from monitor.store.register import Register


class Damages:
    """What was found in one store by this process, and where was looked. ``register`` tells it. Used by any thread."""

    def __init__(self) -> None:
        self.register = Register()
        self._lock = threading.Lock()
        self._spans: dict[str, list[Span]] = {}
        self._looked: dict[str, list[Span]] = {}

    def note(self, name: str, text: str, target: str | None = None, spans: Iterable[Span] = ()) -> None:
        """A record cannot be read: ``spans`` are when the samples of ``target`` in it were recorded."""
        if name in self.register:
            return
        with self._lock:
            if target is not None:
                self._spans[target] = union([*self._spans.get(target, ()), *spans])
        self.register.note(name, text)

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
