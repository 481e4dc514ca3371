"""What the hooks did, in plain numbers, for ``/metrics`` and ``status``. Changed on the event loop only."""

from collections.abc import Iterable
from dataclasses import dataclass, field

RESULTS = ("delivered", "failed", "refused")


@dataclass(slots=True)
class Tally:
    """``deliveries`` counts tries by hook and result: ``delivered``, ``failed`` (tried again), ``refused`` (for good,
    says the other side; tried again rarely). ``queued``: how many deliveries waited for a hook when last looked."""

    deliveries: dict[tuple[str, str], int] = field(default_factory=dict)
    queued: dict[str, int] = field(default_factory=dict)

    def keep(self, hooks: Iterable[str]) -> None:
        """Know exactly these hooks: new ones start at 0, the numbers of others go."""
        names = set(hooks)
        self.queued = {name: self.queued.get(name, 0) for name in names}
        pairs = ((name, result) for name in sorted(names) for result in RESULTS)
        self.deliveries = {pair: self.deliveries.get(pair, 0) for pair in pairs}

    def count(self, hook: str, result: str) -> None:
        """One more try of that hook with that result."""
        self.deliveries[hook, result] = self.deliveries.get((hook, result), 0) + 1
