"""The board: what has been recorded and may be shown. Readers copy it; only the event loop writes on it.

It is fed with the batches the store has taken, so that nothing is shown that a restart would take back.
"""

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field

from config.model import Config
from monitor.store.port import Batch
from monitor.web.last import Last, last_of
from probes.columns import as_samples
from probes.sample import Outcome

# Seconds. Between a LAN's round trip and a slow page; the last bucket is +Inf.
BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_BOUNDS = [round(bound * 1_000_000_000) for bound in BUCKETS]


@dataclass(slots=True)
class Durations:
    """How long the runs of one vantage took: counts per bucket (not cumulative), the sum in ns."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(_BOUNDS) + 1))
    sum: int = 0

    def add(self, took: int) -> None:
        """One run, ns."""
        self.counts[bisect_left(_BOUNDS, took)] += 1
        self.sum += took

    def copy(self) -> "Durations":
        """As it is now."""
        return Durations(self.counts.copy(), self.sum)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The board at one moment. ``accounts`` maps a contract to its account as JSON; ``latest`` maps target and
    vantage to what is shown of the last sample recorded; ``gaps`` maps a target to how long a sample speaks, ns."""

    now: int
    accounts: dict[str, str]
    latest: dict[tuple[str, str], Last]
    gaps: dict[str, int]
    outcomes: dict[tuple[str, Outcome], int]
    durations: dict[str, Durations]


class Board:
    """What is known of every contract and target since this process began."""

    def __init__(self, config: Config) -> None:
        self._accounts: dict[str, str] = {}
        self._latest: dict[tuple[str, str], Last] = {}
        self._outcomes: Counter[tuple[str, Outcome]] = Counter()
        self._durations: dict[str, Durations] = {}
        self._contracts: frozenset[str] = frozenset()
        self._gaps: dict[str, int] = {}
        self.configure(config)

    def configure(self, config: Config) -> None:
        """Show what this configuration names, and nothing that has left it."""
        self._contracts = frozenset(config.contracts)
        self._gaps = {name: target.max_gap for name, target in config.targets.items()}
        self._accounts = {name: text for name, text in self._accounts.items() if name in self._contracts}
        self._latest = {key: last for key, last in self._latest.items() if key[0] in self._gaps}
        for outcome in Outcome:
            self._outcomes.setdefault((config.vantage.name, outcome), 0)
        self._durations.setdefault(config.vantage.name, Durations())

    @property
    def accounts(self) -> dict[str, str]:
        """Contracts' accounts as last recorded; not to be changed."""
        return self._accounts

    def commit(self, batch: Batch) -> None:
        """A batch was recorded."""
        for contract, account in batch.accounts:
            if contract in self._contracts:
                self._accounts[contract] = account
        for sample in as_samples(batch.samples):
            self._outcomes[sample.vantage, sample.outcome] += 1
            if sample.took is not None:
                self._durations.setdefault(sample.vantage, Durations()).add(sample.took)
            key = (sample.target, sample.vantage)
            last = self._latest.get(key)
            if sample.target in self._gaps and (last is None or sample.at >= last.at or sample.boot != last.boot):
                self._latest[key] = last_of(sample)

    def snapshot(self, now: int) -> Snapshot:
        """A copy that another thread may read at leisure."""
        return Snapshot(
            now,
            self._accounts.copy(),
            self._latest.copy(),
            self._gaps,
            dict(self._outcomes),
            {vantage: durations.copy() for vantage, durations in self._durations.items()},
        )
