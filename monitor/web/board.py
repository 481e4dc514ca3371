"""The board: what has been recorded and may be shown. Readers copy it; only the event loop writes on it.

It is fed with the batches the store has taken, so that nothing is shown that a restart would take back.
"""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from config.model import Config
from monitor.store.port import Batch
from monitor.web.last import Latest
from probes.columns import NONE, OUTCOMES, Columns, Ints, as_columns
from probes.numbered import Numbers, parted
from probes.sample import Outcome

# Seconds. Between a LAN's round trip and a slow page; the last bucket is +Inf.
BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_BOUNDS = [round(bound * 1_000_000_000) for bound in BUCKETS]


@dataclass(slots=True)
class Durations:
    """How long the runs of one vantage took: counts per bucket (not cumulative), the sum in ns."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(_BOUNDS) + 1))
    sum: int = 0

    def add(self, took: Ints) -> None:
        """Runs, ns."""
        buckets = np.bincount(np.searchsorted(_BOUNDS, took), minlength=len(self.counts))
        self.counts = [a + b for a, b in zip(self.counts, buckets.tolist(), strict=True)]
        self.sum += sum(took.tolist())

    def copy(self) -> "Durations":
        """As it is now."""
        return Durations(self.counts.copy(), self.sum)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The board at one moment. ``accounts`` maps a contract to its account as JSON; ``targets`` are those that have a
    row each; ``gaps`` is how long a sample of theirs speaks, ns; ``latest`` maps a vantage to what is shown of the last
    samples recorded."""

    now: int
    accounts: dict[str, str]
    targets: tuple[str, ...]
    gaps: Ints
    latest: dict[str, Latest]
    outcomes: dict[tuple[str, Outcome], int]
    durations: dict[str, Durations]


class Board:
    """What is known of every contract and target since this process began."""

    def __init__(self, config: Config) -> None:
        self._accounts: dict[str, str] = {}
        self._latest: dict[str, Latest] = {}
        self._outcomes: Counter[tuple[str, Outcome]] = Counter()
        self._durations: dict[str, Durations] = {}
        self._contracts: frozenset[str] = frozenset()
        self._rows: dict[str | None, int] = {}
        self._targets: tuple[str, ...] = ()
        self._gaps = np.zeros(0, dtype=np.int64)
        self.configure(config)

    def configure(self, config: Config) -> None:
        """Show what this configuration names, and nothing that has left it."""
        self._contracts = frozenset(config.contracts)
        self._targets = tuple(config.targets)
        self._gaps = np.array([target.max_gap for target in config.targets.values()], dtype=np.int64)
        before = [self._rows.get(name, -1) for name in self._targets]
        self._rows = {name: row for row, name in enumerate(self._targets)}
        self._numbers = Numbers(self._rows)
        self._latest = {vantage: latest.pick(before) for vantage, latest in self._latest.items()}
        self._accounts = {name: text for name, text in self._accounts.items() if name in self._contracts}
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
        samples = as_columns(batch.samples)
        for vantage, places in parted(samples, "vantage"):
            self._commit(vantage, samples if len(places) == len(samples) else samples.take(places))

    def _commit(self, vantage: str, samples: Columns) -> None:
        """Samples of one vantage were recorded."""
        counts = np.bincount(samples["outcome"], minlength=len(OUTCOMES)).tolist()
        for outcome, count in zip(OUTCOMES, counts, strict=True):
            if count:
                self._outcomes[vantage, outcome] += count
        took = samples["took"][samples["took"] != NONE]
        if len(took):
            self._durations.setdefault(vantage, Durations()).add(took)
        rows = self._numbers.of(samples, "target")
        if (rows >= 0).any():
            if vantage not in self._latest:
                self._latest[vantage] = Latest(len(self._rows))
            self._latest[vantage].take(samples, rows)

    def snapshot(self, now: int) -> Snapshot:
        """A copy that another thread may read at leisure."""
        return Snapshot(
            now,
            self._accounts.copy(),
            self._targets,
            self._gaps,
            {vantage: latest.copy() for vantage, latest in self._latest.items()},
            dict(self._outcomes),
            {vantage: durations.copy() for vantage, durations in self._durations.items()},
        )
