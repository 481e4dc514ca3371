"""What was found to be damaged in one store by this process. Each is told once: as a security event, and to whoever
appends next."""

import threading
from dataclasses import dataclass

from monitor.sla.facts import DAMAGED
from monitor.store.sql import Sql

DELIVERY = "delivery_damaged"
IDENTITIES = "identities_damaged"
STATEMENT = "statement_damaged"


@dataclass(frozen=True, slots=True)
class Damage:
    """A record that cannot be read: its name, what is wrong with it, and the code under which that is told."""

    name: str
    text: str
    code: str


@dataclass(frozen=True, slots=True)
class Untold:
    """What is to be told: see ``Receipt``."""

    damaged: tuple[tuple[str, str], ...]
    passed_over: tuple[tuple[str, str, str], ...]


class Register:
    """Used by any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: dict[str, Damage] = {}
        self._recorded: set[str] = set()
        self._told: set[str] = set()

    def note(self, name: str, text: str, code: str = DAMAGED) -> None:
        """A record cannot be read."""
        with self._lock:
            self._found.setdefault(name, Damage(name, text, code))

    def __contains__(self, name: str) -> bool:
        return name in self._found

    def __len__(self) -> int:
        return len(self._found)

    def texts(self) -> tuple[str, ...]:
        """What was found."""
        with self._lock:
            return tuple(damage.text for damage in self._found.values())

    def record(self, connection: Sql, now: int) -> Untold:
        """A security event for each that was found and not told yet; gives them."""
        with self._lock:
            untold = [damage for damage in self._found.values() if damage.name not in self._told]
            self._recorded = {damage.name for damage in untold}
        for damage in untold:
            told = (damage.code, damage.text)
            known = connection.execute("SELECT 1 FROM security_events WHERE code = ? AND text = ?", told).fetchone()
            if known is None:
                connection.execute("INSERT INTO security_events (at, code, text) VALUES (?, ?, ?)", (now, *told))
        return Untold(
            tuple((one.name, one.text) for one in untold if one.code == DAMAGED),
            tuple((one.code, one.name, one.text) for one in untold if one.code != DAMAGED),
        )

    def tell(self) -> None:
        """What was last to be recorded is on disk."""
        with self._lock:
            self._told |= self._recorded
