"""From words to a timeline: the fold that decides how long each word speaks.

    word ──┬─ the next within max_gap ──────────▶ speaks until it
           ├─ none within max_gap ──────────────▶ speaks for one interval, then UNKNOWN ``gap``
           ├─ the next is of another boot ──────▶ until the old boot's last heartbeat, or for one interval at most,
           │                                      then UNKNOWN ``monitor_down``
           ├─ the machine was suspended between ▶ until the last heartbeat before, then UNKNOWN ``suspend``
           ├─ its clock was stepped forward ────▶ until the step, then UNKNOWN ``clock``
           └─ records between were damaged ─────▶ until the damaged time begins, then UNKNOWN ``evidence_damaged``

What was damaged is nothing to a target that was heard on schedule over it: nothing can have been lost there.

The fold keeps runs of equal state, not words: a month without trouble is one run. It takes words in order of ``at``
and can be saved and read back at any cut without changing any answer.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter

from config.spans import Span, union
from monitor.sla.facts import DAMAGED
from monitor.sla.model import State
from monitor.sla.series import Series, calm
from monitor.sla.words import FOREVER, Identity, Word
from probes.sample import Sample

_start = attrgetter("start")


@dataclass(frozen=True, slots=True)
class Cadence:
    """From ``start`` on a target was probed every ``every`` ns, each run given ``timeout`` ns."""

    start: int
    every: int
    timeout: int

    @property
    def max_gap(self) -> int:
        """The longest silence after which the next word still follows on."""
        return self.every * 5 // 2 + self.timeout


@dataclass(frozen=True, slots=True)
class Pauses:
    """When the process of the one vantage that looks at a target was known to live.

    ``last_heartbeat`` by boot; ``breaks`` as (last sign before, first sign after, what it was), by time.
    """

    last_heartbeat: dict[str, int] = field(default_factory=dict)
    breaks: tuple[tuple[int, int, str], ...] = ()


@dataclass(slots=True)
class Run:
    """A span of one state. ``first`` and ``last`` are the instants of its first and last word: for a DOWN run what is
    certain; for the UP runs around it what is possible. Both are ``start`` where nobody spoke. ``opened_by`` and
    ``closed_by`` are the samples of those words, kept for DOWN runs."""

    start: int
    end: int
    state: State
    reason: str | None
    first: int
    last: int
    seen_by: tuple[str, ...] = ()
    opened_by: tuple[Identity, ...] = ()
    closed_by: tuple[Identity, ...] = ()


@dataclass(slots=True)
class Dissent:
    """A span in which only a minority of vantages saw the target down."""

    start: int
    end: int
    seen_by: tuple[str, ...]


class Fold:
    """The timeline of one target, word by word."""

    __slots__ = ("_cadences", "_damaged", "_pauses", "dissents", "last", "runs")

    def __init__(self, cadences: Sequence[Cadence], pauses: Pauses | None = None, damaged: Sequence[Span] = ()) -> None:
        """``cadences`` by start; the first holds before its start too. ``damaged``: of when samples were lost."""
        self._cadences, self._damaged = tuple(cadences), tuple(damaged)
        self._pauses = pauses or Pauses()
        self.runs: list[Run] = []
        self.dissents: list[Dissent] | tuple[()] = ()
        self.last: Word | None = None

    def take(self, word: Word) -> None:
        """The next word, not before the last one."""
        last = self.last
        if last is None:
            self._lost(word.at, word.at, "gap", self._damage(word.at, word, True))
        else:
            spoken, reason = self._spoken(last, word)
            self._pass(last, spoken, word.at, reason, self._damage(word.at, word, True))
        self.last = word

    def coast(self, samples: Series | list[Sample], index: int) -> int:
        """Take samples from ``index`` on, the one before being the last that was taken, as long as each only says once
        more that the target is up; gives where it stopped. It leaves what ``take`` of each would leave."""
        rest = self.rest() if index < len(samples) else None
        stop = index if rest is None else calm(samples, index, *rest)
        if stop > index:
            newest = samples[stop - 1]
            self.goes_on(samples[stop - 2].at, newest.at, newest.identity)
        return stop

    def rest(self) -> tuple[int, int] | None:
        """Where the last word was at least the second UP in a row: after how long a silence at most, and until when,
        another UP of its boot only says so once more."""
        last, run = self.last, self.runs[-1] if self.runs else None
        if last is None or run is None or not (run.state is last.state is State.UP and run.end == last.at):
            return None
        return self._calm(last.at)

    def goes_on(self, before: int, at: int, identity: Identity) -> None:
        """It said so once more, or many times: last at ``at``, and the time before that at ``before``."""
        last, run = self.last, self.runs[-1]
        assert last is not None
        run.end, run.last = at, before
        self.last = Word(at, last.state, last.reason, last.boot, last.seen_by, (identity,), last.dissent)

    def _calm(self, at: int) -> tuple[int, int]:
        """The longest silence allowed from an instant on, and until when neither that changes nor the vantage broke."""
        following = bisect_right(self._cadences, at, key=_start)
        until = self._cadences[following].start - 1 if following < len(self._cadences) else at + (1 << 62)
        return self.cadence(at).max_gap, min(
            [
                until,
                *(b for b, after, _ in self._pauses.breaks if after > at),
                *(start for start, end in self._damaged if end > at),
            ]
        )

    def close(self, until: int, open_end: bool) -> list[Run]:
        """All runs up to ``until``: the last word speaks for one interval, or, where a next one may still come
        (``open_end``) and is not overdue, until then, but not over a break. The fold itself is left as it was."""
        if open_end and self._runs_on(until):
            assert self.last is not None
            run = self.runs[-1]
            seen = run.seen_by, run.opened_by, run.closed_by
            return [*self.runs[:-1], Run(run.start, until, run.state, run.reason, run.first, self.last.at, *seen)]
        other = Fold(self._cadences, self._pauses, self._damaged)
        other.runs, other.last = self.runs[:-1] + [replace(run) for run in self.runs[-1:]], self.last
        damaged = other._damage(until, None, open_end)
        if self.last is None:
            other._lost(until, until, "gap", damaged)
            return [run for run in other.runs if run.start < until]
        last, cadence = self.last, self.cadence(self.last.at)
        if open_end and until - last.at <= cadence.max_gap:
            end = until
        else:
            end = min(until, last.at + cadence.every)
        end, reason = self._cut_short(last, end, end) or (end, "gap")
        other._pass(last, end, until, reason, damaged)
        return [run for run in other.runs if run.start < until]

    def _runs_on(self, until: int) -> bool:
        """Whether it was UP more than once, the next word is not overdue, and nothing came in between: as is so of most
        targets whenever somebody looks."""
        last, run = self.last, self.runs[-1] if self.runs else None
        if last is None or run is None or self._damaged or not run.end == last.at < until:
            return False
        if not (run.state is last.state is State.UP) or until - last.at > self.cadence(last.at).max_gap:
            return False
        return self._cut_short(last, until, until) is None

    def copy(self) -> "Fold":
        """A fold that goes on from here on its own."""
        other = Fold(self._cadences, self._pauses, self._damaged)
        other.runs = [replace(run) for run in self.runs]
        other.dissents = [replace(dissent) for dissent in self.dissents]
        other.last = self.last
        return other

    def heartbeat(self, boot: str, at: int) -> None:
        """A boot was alive at an instant: it matters when the next word is of another one."""
        self._pauses.last_heartbeat[boot] = max(at, self._pauses.last_heartbeat.get(boot, at))

    @property
    def pauses(self) -> Pauses:
        """What is known of its vantage; folds of one vantage have one in common."""
        return self._pauses

    def heard_from(self, pauses: Pauses) -> None:
        """Its first word comes from the vantage of which this is known."""
        self._pauses = pauses

    def broke_after(self, at: int) -> bool:
        """Whether the vantage broke after an instant: its heartbeats before that say since when."""
        return any(after > at for _, after, _ in self._pauses.breaks)

    def cadence(self, at: int) -> Cadence:
        """The cadence in force at an instant."""
        newest = self._cadences[-1]
        if newest.start <= at:
            return newest
        return self._cadences[max(0, bisect_right(self._cadences, at, key=_start) - 1)]

    def _spoken(self, last: Word, word: Word) -> tuple[int, str]:
        """Until when the last word speaks, and what the silence after it is called."""
        cadence = self.cadence(last.at)
        in_time = word.at - last.at <= cadence.max_gap
        end, reason = (word.at, "") if in_time else (min(last.at + cadence.every, word.at), "gap")
        if last.boot is not None and word.boot != last.boot:
            beat = self._pauses.last_heartbeat.get(last.boot)
            if beat is None:
                end = min(last.at + cadence.every, word.at)
            else:
                end = min(max(beat, last.at), end)
            return end, "monitor_down"
        return self._cut_short(last, word.at, end) or (end, reason)

    def _cut_short(self, last: Word, until: int, end: int) -> tuple[int, str] | None:
        """As ``_spoken``, of a word that would speak to ``end``, if the vantage broke after it, before ``until``."""
        for before, after, what in self._pauses.breaks if last.boot is not None else ():
            if last.at < after and until > before:
                return min(max(before, last.at), end), what
        return None

    def _pass(self, last: Word, spoken: int, until: int, reason: str, damaged: Sequence[Span]) -> None:
        """From the last word to ``until``: it speaks up to ``spoken``, or up to the first damage."""
        end = min(spoken, max(last.at, damaged[0][0])) if damaged else spoken
        self._extend(last, end)
        self._lost(end, until, reason or "gap", damaged)

    def _lost(self, start: int, until: int, reason: str, damaged: Sequence[Span]) -> None:
        """Nobody spoke from ``start`` to ``until``; before a first word only what is damaged is told."""
        at = start
        for first, end in damaged:
            if at < first:
                self._silence(at, first, reason)
            self._silence(first, end, DAMAGED)
            at = end
        if at < until:
            self._silence(at, until, reason)

    def _damage(self, until: int, word: Word | None, goes_on: bool) -> list[Span]:
        """What is damaged between the last word and the next, each until that, or for as long as a lost word would have
        spoken. Where no word came yet it may still (``goes_on``)."""
        last = self.last
        since = -FOREVER if last is None else last.at
        found = [span for span in self._damaged if span[0] < until and span[1] > since]
        if not found or (last is not None and word is not None and self._on_schedule(last, word)):
            return []
        reached = []
        for start, end in found:
            cadence = self.cadence(start)
            follows = goes_on and until - end <= cadence.max_gap
            reached.append((max(start, since), until if follows else min(until, end + cadence.every)))
        return union(reached)

    def _on_schedule(self, last: Word, word: Word) -> bool:
        """Whether nothing can have been heard between two words: less than a turn is missing, and what failed was not
        looked at again before its turn."""
        again = last.boot is not None and (last.state is State.DOWN or last.boot != word.boot)
        return not again and word.at - last.at <= self.cadence(last.at).every * 3 // 2

    def _extend(self, word: Word, end: int) -> None:
        if word.dissent:
            self._note_dissent(word, end)
        if end <= word.at:
            return
        run = self.runs[-1] if self.runs else None
        same = run is not None and run.state is word.state and run.end == word.at
        if run is not None and same and (word.state is not State.UNKNOWN or run.reason == word.reason):
            run.end, run.last = end, word.at
            if word.state is State.DOWN:
                run.seen_by = tuple(sorted({*run.seen_by, *word.seen_by}))
                run.closed_by = word.samples
            return
        run = Run(word.at, end, word.state, word.reason, word.at, word.at)
        if word.state is State.DOWN:
            run.seen_by, run.opened_by, run.closed_by = word.seen_by, word.samples, word.samples
        self.runs.append(run)

    def _silence(self, start: int, end: int, reason: str) -> None:
        run = self.runs[-1] if self.runs else None
        if run is not None and run.end == start and run.state is State.UNKNOWN and run.reason == reason:
            run.end = end
        else:
            self.runs.append(Run(start, end, State.UNKNOWN, reason, start, start))

    def _note_dissent(self, word: Word, end: int) -> None:
        if self.dissents and self.dissents[-1].end == word.at:
            self.dissents[-1].end = end
            self.dissents[-1].seen_by = tuple(sorted({*self.dissents[-1].seen_by, *word.dissent}))
        else:
            self.dissents = self.dissents or []
            self.dissents.append(Dissent(word.at, end, word.dissent))
