"""The ledger: the live accounts of all contracts, sample by sample.

It folds what comes as a statement would, and says at any instant where every contract stands, what is to be told, and
what has to be saved so that a restart goes on from there. Evidence is handed in.

    load(evidence) ──▶ take(samples, facts) ──▶ judge(now) ──▶ events, accounts, checkpoints
                            └─ late, or a fact that changes the past: stale ──▶ rebuild(evidence) ─┘
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from config.contract.revisions import in_force, period_at
from config.model import Config
from config.spans import Span, clip
from monitor.sla import catchup
from monitor.sla.book import Book
from monitor.sla.calm import Calm
from monitor.sla.contract_book import ContractBook
from monitor.sla.events import Event
from monitor.sla.evidence import Evidence
from monitor.sla.facts import EpochFact, Fact, HeartbeatFact
from monitor.sla.known import DAY, SMALL_STEP, Index
from monitor.sla.services import cap_start
from monitor.sla.witnesses import Witnesses
from monitor.sla.words import FOREVER
from probes.columns import Columns, Ints, as_columns, as_samples, to_samples
from probes.numbered import Numbers, parted
from probes.sample import Sample

SECOND = 1_000_000_000
CHECKPOINT = 300 * SECOND
SLOWEST = 120 * SECOND
REPLAYED = 20_000
"""So many samples that are read again may wait to be folded in, and"""
PIECE = 500
"""so many of those that come."""
LOOKS = 100
"""Targets of services at rest that are looked at in a second. Whatever changes is looked at when it does; these looks
are for what time alone brings, and cost as much as some samples each."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What one judging found: what to tell, the accounts looked at, the folds to save (contract/target → text)."""

    events: Sequence[Event] = ()
    accounts: Sequence[tuple[str, str]] = ()
    checkpoints: Sequence[tuple[str, str]] = ()


class Ledger:
    """All contracts of one configuration."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.contracts: dict[str, ContractBook] = {}
        self._by_target: dict[str, tuple[ContractBook, ...]] = {}
        self._calm: list[Calm] = []
        self._numbers = Numbers({})
        self._witnessing = np.zeros(0, dtype=np.int64)
        self._newest: dict[str, int] = {}
        self._witnesses = Witnesses(config.vantage)
        self._silent: list[Span] = []
        self._stale: set[str] = set()
        self._save_at: dict[str, int] = {}
        sizes = [len(service.targets) for contract in config.contracts.values() for service in contract.services]
        looks = max(len(sizes) * 10, sum(sizes))  # a look at a service costs about as much as one at ten of its targets
        self._refresh = min(SLOWEST, max(SECOND, looks * SECOND // LOOKS))

    def load(
        self,
        evidence: Evidence,
        now: int,
        accounts: Mapping[str, str] | None = None,
        checkpoints: Mapping[str, str] | None = None,
    ) -> None:
        """Read every contract's open period from evidence; ``accounts`` and ``checkpoints`` as they were stored."""
        index = self._index(evidence, now)
        self._hear_witnesses(evidence, index, now)
        with catchup.gathering(evidence):
            for name, contract in self.config.contracts.items():
                book = ContractBook(self.config, contract)
                book.load(evidence, index, now, self._witnesses.spoken, checkpoints or {})
                book.recall((accounts or {}).get(name))
                self.contracts[name] = book
        self._catch_up(evidence, list(self.contracts.values()))
        self._register()
        for place, name in enumerate(self.contracts):
            self._save_at[name] = now + CHECKPOINT * place // len(self.contracts)
            self.contracts[name].turn = Fraction(place, len(self.contracts))

    def _catch_up(self, evidence: Evidence, contracts: Sequence[ContractBook]) -> None:
        """Replay what the folds of these contracts lack; what the witnesses have spoken for is folded in on the way."""
        spoken, silent = self._witnesses.spoken, self._witnesses.silent()
        stands: dict[str, int] = {}
        readers: dict[str, list[ContractBook]] = {}
        for contract in contracts:
            for name, book in contract.books.items():
                at = -FOREVER if book.settled is None else book.settled[0]
                stands[name] = min(at, stands.get(name, at))
                readers.setdefault(name, []).append(contract)
        for count, sample in enumerate(catchup.since(evidence, stands)):
            for contract in readers[sample.target]:
                contract.replay(sample)
            if count % REPLAYED == REPLAYED - 1:
                for contract in contracts:
                    contract.settle(spoken, silent)

    def _index(self, evidence: Evidence, now: int) -> Index:
        """The facts that any open period may rest on."""
        periods = ((contract, period_at(contract, now)) for contract in self.config.contracts.values())
        starts = (cap_start(in_force(contract, period.start), period) for contract, period in periods)
        return Index(evidence, min(starts, default=now) - 40 * DAY, FOREVER)

    def _hear_witnesses(self, evidence: Evidence, index: Index, now: int) -> None:
        starts = (period_at(contract, now).start for contract in self.config.contracts.values())
        self._witnesses.read(evidence, index.witnesses, min(starts, default=now))
        self._silent = self._witnesses.silent()

    def _register(self) -> None:
        """The books of each target; a contract's revision may bring in others. One table for the first of each, one for
        the second, where several contracts have a target in common."""
        found: dict[str, tuple[ContractBook, ...]] = {}
        layers: list[dict[str, Book]] = []
        for contract in self.contracts.values():
            alone = (contract,)  # once for all its targets that no other contract has
            for target, book in contract.books.items():
                place = len(found.get(target, ()))
                found[target] = (*found[target], contract) if place else alone
                layers += [{}] if place == len(layers) else []
                layers[place][target] = book
        names: dict[str | None, None] = dict.fromkeys([*found, *self._witnesses.names])
        numbers: dict[str | None, int] = {name: number for number, name in enumerate(names)}
        self._numbers = Numbers(numbers)
        self._witnessing = np.array([numbers[name] for name in self._witnesses.names], dtype=np.int64)
        self._by_target, self._calm = found, [Calm(layer, numbers) for layer in layers]
        for table, layer in zip(self._calm, layers, strict=True):
            for book in layer.values():
                self._move(book, table)

    def _move(self, book: Book, table: Calm) -> None:
        """A book has its row in this table from now on."""
        book.look()
        if newest := book.newest:
            self._newest[newest[1][1]] = max(newest[0], self._newest.get(newest[1][1], newest[0]))
        book.table = table
        book.arm()
        book.doze()

    @property
    def stale(self) -> bool:
        """Whether something has to be read anew: call ``rebuild`` once what was taken is stored."""
        return bool(self._stale)

    def distrust(self) -> None:
        """What was taken is not what is stored: everything has to be read anew."""
        self._stale.update(self.contracts)

    def rebuild(self, evidence: Evidence, now: int) -> None:
        """Read anew what could not be folded in. Where the evidence fails, everything stays as it was, and stale."""
        index = self._index(evidence, now)
        self._hear_witnesses(evidence, index, now)
        anew = {name: self.contracts[name].anew() for name in sorted(self._stale)}
        with catchup.gathering(evidence):
            for book in anew.values():
                book.load(evidence, index, now, self._witnesses.spoken, {})
        self._catch_up(evidence, list(anew.values()))
        self.contracts.update(anew)
        self._stale.clear()
        self._register()

    def take(self, samples: Sequence[Sample] | Columns, facts: Sequence[Fact] = ()) -> None:
        """Count samples and facts, in the order they came."""
        if len(samples):
            self._take(samples)
        for fact in facts:
            match fact:
                case HeartbeatFact():
                    newest = all(at < fact.at or boot == fact.boot for boot, at in self._newest.items())
                    for name, book in self.contracts.items():
                        if not book.heartbeat(fact, newest) or fact.suspended:
                            self._stale.add(name)
                case EpochFact():
                    if abs(fact.step) > SMALL_STEP:
                        self._stale.update(self.contracts)
                case Sample():
                    self.take([fact])
                case _:
                    named = getattr(fact, "contract", None)
                    self._stale.update([named] if named in self.contracts else self.contracts)

    def _take(self, samples: Sequence[Sample] | Columns) -> None:
        """Those that only say once more that a target is up go to the tables; the others are made, one by one."""
        try:
            columns = as_columns(samples)
        except OverflowError:  # from people's hands; the books know integers of any size
            self._one_by_one(as_samples(samples))
            return
        numbers = self._numbers.of(columns, "target")
        if len(self._witnessing):
            self._hear(_picked(samples, columns, np.flatnonzero(np.isin(numbers, self._witnessing))))
        for boot, places in parted(columns, "boot"):
            self._newest[boot] = max(int(columns["at"][places].max()), self._newest.get(boot, -FOREVER))
        for place, table in enumerate(self._calm):
            others = table.take(columns, numbers)
            for first in range(0, len(others), PIECE):
                for sample in _picked(samples, columns, others[first : first + PIECE]):
                    self._give(sample, place)
                self._settle()

    def _settle(self) -> None:
        """Fold in what was taken, so that no more books are awake at a time than need be: after a start each of very
        many has a sample of its own to take, and may wait long for a judging."""
        spoken, silent = self._witnesses.spoken, self._witnesses.silent()
        for book in self.contracts.values():
            book.settle(spoken, silent)

    def _one_by_one(self, samples: Sequence[Sample]) -> None:
        self._hear([sample for sample in samples if sample.target in self._witnesses.names])
        for sample in samples:
            self._newest[sample.boot] = max(sample.at, self._newest.get(sample.boot, sample.at))
            for place in range(len(self._by_target.get(sample.target, ()))):
                self._give(sample, place)

    def _give(self, sample: Sample, place: int) -> None:
        """A sample to the book of its target that has this place among them."""
        book = self._by_target[sample.target][place]
        if not book.take(sample):
            self._stale.add(book.contract.name)

    def _hear(self, witnesses: Sequence[Sample]) -> None:
        """A silence of the witnesses that becomes known may void votes that were counted; and anything, where it lies
        before what they had spoken for, or where one speaks for the first time, of what was folded in already."""
        if not witnesses:
            return
        spoken = self._witnesses.spoken
        late = [sample for sample in witnesses if not self._witnesses.take(sample)]
        before, silent = clip(self._silent, -FOREVER, spoken), self._witnesses.silent()
        if late or self._witnesses.spoken < spoken or clip(silent, -FOREVER, spoken) != before:
            self._stale.update(self.contracts)
        elif silent != self._silent:
            self._stale.update(name for name, book in self.contracts.items() if book.voted_on)
        self._silent = silent

    def save(self) -> list[tuple[str, str]]:
        """The folds as they stand, of all contracts whose past is as it was read."""
        return [one for name, book in self.contracts.items() if name not in self._stale for one in book.save()]

    def judge(self, now: int, everything: bool = False) -> Judged:
        """Where the contracts stand: services in trouble at once, the others in turn, or ``everything``."""
        events: list[Event] = []
        accounts: list[tuple[str, str]] = []
        checkpoints: list[tuple[str, str]] = []
        spoken, silent = self._witnesses.spoken, self._witnesses.silent()
        for name, book in self.contracts.items():
            book.settle(spoken, silent)
            looked = everything or book.due() <= now
            if looked:
                found, account = book.judge(now, silent, self._refresh, everything)
                events += found
                accounts += [(name, account)] if account is not None else []
                self._stale.update([name] if book.stale else ())
            if name in self._stale:
                checkpoints += book.forget()
            elif looked and self._save_at[name] <= now:  # while its books hold what they hold
                checkpoints += book.save()
                self._save_at[name] = now + CHECKPOINT
            book.rest()
        self._witnesses.forget(min(spoken, now))
        return Judged(events, accounts, checkpoints)


def _picked(samples: Sequence[Sample] | Columns, columns: Columns, places: Ints) -> Sequence[Sample]:
    """The samples at these places; made where they are not yet."""
    if not len(places):
        return ()
    return to_samples(columns.take(places)) if isinstance(samples, Columns) else [samples[i] for i in places.tolist()]
