"""The running fold of one target for one contract: its timeline and tallies so far, sample by sample.

It gives what a reading of the stored samples gives, at any instant; saved and read back it goes on as if never cut.
Samples that it cannot fold in their order (late ones; those of a target that several vantages look at) make it stale,
and it is read anew.

Where the vantage has witnesses, a Down stands only once they have spoken: what was not over before the oldest of their
last words waits, and is folded on a copy when somebody looks.
"""

import json
from collections.abc import Mapping, Sequence
from copy import copy

from config.model import Target
from config.spans import Span, subtract, union
from monitor.sla.book_terms import Terms
from monitor.sla.calm import Calm, Rest, Source, Sums
from monitor.sla.evidence import Evidence
from monitor.sla.fold import Fold, Pauses
from monitor.sla.heard import Heard
from monitor.sla.kept import FEW, RUN, WORD, Key, as_bytes, from_bytes, key_of, outcomes_of, plain, run_of, word_of
from monitor.sla.model import State
from monitor.sla.tally import Tally
from monitor.sla.words import FOREVER, Word, alone, ended, single
from probes.sample import Outcome, Sample

_TEXT = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


class Book:
    """One target of one contract. ``tallies`` by promise id; ``damaged``: of when its samples could not be read any
    more; ``vantages``: those it is looked at from, none while that is not known; ``since``: how far back it was read.

    While its row in a table says the rest and nobody looks, its runs and tallies are bytes (see ``doze``)."""

    __slots__ = (
        "_kept", "_newest", "_rests", "_settled", "damaged", "fold", "recent", "since", "table", "tallies", "target",
        "terms", "vantages", "waiting",
    )  # fmt: skip

    def __init__(self, target: Target, fold: Fold, terms: Terms) -> None:
        self.target, self.fold, self.terms, self.since = target, fold, terms, terms.start
        self.tallies = {promise.id: Tally(promise) for promise in terms.promises}
        self.damaged: Sequence[Span] = ()
        self.vantages: tuple[str, ...] = ()
        self.waiting: list[Sample] | tuple[()] = ()
        self.recent: tuple[Outcome, ...] = ()
        self._newest: Key | None = None
        self._settled: Key | None = None
        self._kept: bytes | None = None
        self._rests = False
        self.table: Calm | None = None

    @property
    def pauses(self) -> Pauses:
        """What is known of its vantage."""
        return self.fold.pauses

    def look(self) -> None:
        """All that was taken for it is in it, for whoever looks."""
        if self._kept is not None and not self._rests:
            self.rouse()
        if self.table is not None:
            self.table.look(self.target.name)

    def wake(self) -> None:
        """As ``look``; from here on it takes its samples itself, until ``arm``."""
        self.look()
        if self.table is not None:
            self.table.wake(self.target.name)
            self._rests = False

    def arm(self) -> None:
        """Leave it to the table to take what only says once more that the target is up."""
        if self.table is not None:
            self._rests = self.table.arm(self.target.name)

    @property
    def dozes(self) -> bool:
        """See ``calm.Book``."""
        return self._kept is not None

    def doze(self) -> None:
        """Nobody looks: what it holds is made small, but for what its row in the table says too, until ``look``."""
        if self._kept is not None or self.waiting or not self.terms.sums or len(self.fold.runs) > FEW:
            return
        last = self.fold.last
        if last is not None and self._rests:
            if last.reason is not None:
                return
            last = self._newest = self._settled = None
        elif last is not None and key_of(last) == self._newest == self._settled:
            self._newest = self._settled = None
        self._kept = as_bytes(self.fold.runs, last, [(one.count, one.total) for one in self.tallies.values()])
        del self.fold.runs, self.fold.last, self.tallies

    def rouse(self, at: int = 0, seq: int = 0, source: Source = ("", "")) -> None:
        """It holds again what it held when it began to doze; and see ``calm.Book``."""
        assert self._kept is not None
        self.fold.runs, last, sums = from_bytes(self._kept)
        self._kept = None
        if self._rests:
            identity = (*source, seq)
            last = Word(at, State.UP, None, source[1], alone(source[0]), (identity,))
            self._newest = self._settled = (at, identity)
        elif last is not None and self._newest is None:
            self._newest = self._settled = key_of(last)
        self.fold.last, self.tallies = last, {}
        for promise, (count, total) in zip(self.terms.promises, sums, strict=True):
            tally = self.tallies[promise.id] = Tally(promise)
            tally.count, tally.total = count, total

    def rest(self) -> Rest | None:
        """See ``calm.Book``."""
        last, calm, terms = self.fold.last, self.fold.rest(), self.terms
        if last is None or last.boot is None or calm is None or self.waiting or last.at < terms.start:
            return None
        if self._newest != (last.at, *last.samples) or self.recent[-1:] != (Outcome.UP,):
            return None
        vantage, boot, seq = last.samples[0]
        left_out = (start - 1 for start, end in terms.excluded if end > last.at)
        until = min(calm[1], terms.end - 1, *left_out)
        return Rest(last.at, seq, (vantage, boot), calm[0], until, terms.sums)

    def absorb(self, count: int, before: int, at: int, seq: int, sums: Sums) -> None:
        """See ``calm.Book``."""
        assert self._newest is not None
        vantage, boot, _ = self._newest[1]
        identity = (vantage, boot, seq)
        self.fold.goes_on(before, at, identity)
        self._newest = self._settled = (at, identity)
        self._said(*[Outcome.UP] * min(count, self.target.confirm_of))
        for promise in self.terms.promises if any(sums) else ():
            self.tallies[promise.id].add_sums(*sums.of(promise.measure))

    def count_up(self, sample: Sample) -> None:
        """See ``calm.Book``."""
        self.look()
        self.count(sample, State.UP)
        self.doze()

    def begin(self, terms: Terms, since: int | None = None) -> None:
        """Begin a period: its tallies are empty, its timeline goes on; ``since`` when something looks back at it."""
        self.wake()
        self.terms, start = terms, terms.start
        self.tallies = {promise.id: Tally(promise) for promise in terms.promises}
        runs, self.since = self.fold.runs, start if since is None else since
        good = (i for i in range(len(runs) - 1, -1, -1) if runs[i].start <= self.since and runs[i].state is State.UP)
        self.fold.runs = runs[next(good, 0) :]
        self.fold.dissents = [d for d in self.fold.dissents if d.end > start] or ()
        self.arm()

    @property
    def sound(self) -> bool:
        """Whether it was up to the end of the period before this one, and nothing that waits says otherwise."""
        self.wake()
        runs, last = self.fold.runs, self.fold.last
        lasted = last is not None and last.at + self.fold.cadence(last.at).max_gap >= self.terms.end
        return lasted and runs[-1].state is State.UP and all(s.outcome is Outcome.UP for s in self.waiting)

    def unheard(self, evidence: Evidence) -> bool:
        """Once it was read: whether it has no samples, and none can have been lost, so that reading further back would
        find nothing either."""
        return self._newest is None and not evidence.damaged(self.target.name, -FOREVER, FOREVER)

    def fits(self, sample: Sample) -> bool:
        """Whether the sample comes after all that was taken; a repeat of the newest fits too."""
        return self._newest is None or (sample.at, sample.identity) >= self._newest

    def take(self, sample: Sample) -> None:
        """The next sample; it waits until ``settle``. A repeat of the newest changes nothing."""
        key = (sample.at, sample.identity)
        if key != self._newest:
            self._newest = key
            self.waiting = self.waiting or []
            self.waiting.append(sample)
            self._said(sample.outcome)

    def _said(self, *outcomes: Outcome) -> None:
        self.recent = outcomes_of((*self.recent, *outcomes)[-self.target.confirm_of :])

    def adopt(self, heard: Heard) -> None:
        """Count what the fold was read from."""
        terms, slow = self.terms, dict[str, Tally]()
        counted = subtract([(terms.start, terms.end)], union(terms.excluded))
        for promise in terms.promises if heard else ():
            values = heard.bulk(promise.measure, counted)
            if values is None:
                slow[promise.id] = self.tallies[promise.id]
            else:
                self.tallies[promise.id].add_all(values)
        for sample, state in heard if slow else ():
            self.count(sample, state, slow)
        if latest := heard.latest(self.target.confirm_of):
            self._newest = self._settled = (latest[-1].at, latest[-1].identity)
            self.recent = outcomes_of(tuple(sample.outcome for sample in latest))

    def settle(self, until: int, silent: Sequence[Span]) -> None:
        """Fold in for good what was over before ``until``."""
        self._fold(until, until, silent)

    def _fold(self, until: int, over: int, silent: Sequence[Span]) -> None:
        """Fold in what began before ``until``, up to the first Down that was not over before ``over``."""
        done = 0
        for sample in self.waiting:
            if sample.at >= until or (sample.outcome is Outcome.DOWN and ended(sample) > over):
                break
            done += 1
            self._settled = (sample.at, sample.identity)
            word = next(single((sample,), silent))
            self.fold.take(word)
            self.count(sample, word.state)
        if done:
            self.waiting = [*self.waiting[done:]] or ()

    def count(self, sample: Sample, state: State, tallies: Mapping[str, Tally] | None = None) -> None:
        """Add a sample to the tallies, or to some of them, where it counts."""
        tallies, terms = self.tallies if tallies is None else tallies, self.terms
        if tallies and state is not State.UNKNOWN and terms.counts(sample.at):
            for tally in tallies.values():
                tally.add(sample, terms.latency_of)

    def view(self, now: int, silent: Sequence[Span]) -> "Book":
        """The book with everything folded in that it has; this one stays as it is."""
        self.look()
        if not self.waiting:
            return self
        other = copy(self)
        other.table, other._rests = None, False
        other.fold, other.waiting = self.fold.copy(), [*self.waiting]
        other.tallies = {}
        for promise in self.terms.promises:
            other.tallies[promise.id] = Tally(promise)
            other.tallies[promise.id].merge(self.tallies[promise.id])
        other._fold(now, FOREVER, silent)
        return other

    def precedes(self, boot: str, at: int) -> bool:
        """Whether nothing folded may rest on what this boot's life at that instant says."""
        self.look()
        newest = self._newest
        self.doze()
        folded = newest is not None and at <= newest[0] and boot != newest[1][1]
        return not folded and not self.fold.broke_after(at)

    @property
    def newest(self) -> Key | None:
        """The last sample taken, once somebody looked: (at, identity)."""
        return self._newest

    @property
    def settled(self) -> Key | None:
        """The last sample folded in for good, as ``newest``; of a book whose row in a table says it too, once somebody
        looked."""
        if self._kept is None or self._settled is not None or self._rests:
            return self._settled
        last = from_bytes(self._kept)[1]
        return None if last is None else key_of(last)

    @property
    def confirmed(self) -> bool:
        """Whether enough of the last samples failed for an outage to be told as confirmed."""
        return self.recent.count(Outcome.DOWN) >= self.target.confirm

    def save(self) -> str:
        """As canonical JSON."""
        self.look()
        text = _TEXT.encode(
            {
                "start": self.terms.start,
                "since": self.since,
                "end": self.terms.end,
                "terms": self.terms.saved(self.target, self.damaged),
                "runs": [plain(run, RUN) for run in self.fold.runs],
                "last": None if self.fold.last is None else plain(self.fold.last, WORD),
                "tallies": {id: tally.save() for id, tally in self.tallies.items()},
                "recent": self.recent[: len(self.recent) - len(self.waiting)],
                "settled": self._settled,
            }
        )
        self.doze()
        return text

    def restore(self, text: str) -> None:
        """From what ``save`` gave for the same target, promises and period; raises ValueError where they differ."""
        saved = json.loads(text)
        if saved["terms"] != self.terms.saved(self.target, self.damaged):
            raise ValueError("saved under other terms")
        if (saved["start"], saved["end"]) != (self.terms.start, self.terms.end):
            raise ValueError("saved in another period")
        self.since, self.fold.runs = saved["since"], [run_of(run) for run in saved["runs"]]
        self.fold.last = None if saved["last"] is None else word_of(saved["last"])
        for id, tally in saved["tallies"].items():
            self.tallies[id].restore(tally)
        self.recent = outcomes_of(tuple(Outcome(outcome) for outcome in saved["recent"]))
        settled = saved["settled"]
        self._settled = None if settled is None else (settled[0], (settled[1][0], settled[1][1], settled[1][2]))
        self._newest = self._settled
