"""From the samples of one target to its *words*: who says what, from when.

A word is one vantage's sample, or, where several vantages look, the verdict they reach together in one slot of
the schedule. What comes later in the house knows words only.

    samples ── witnesses silent? its Downs are Unknown ──▶ one vantage: each sample is a word
                                                          several:     one vote per slot, renewed by a recheck
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache

from config.spans import Span
from monitor.sla.model import State
from probes.sample import Outcome, Sample, record

FOREVER = 1 << 62
Identity = tuple[str, str, int]
STATE_OF = {Outcome.UP: State.UP, Outcome.DOWN: State.DOWN, Outcome.UNKNOWN: State.UNKNOWN}
CUT_OFF = "vantage_cut_off"


@record
class Word:
    """From ``at`` on the target is ``state``, until the next word or for as long as a word speaks.

    ``boot`` is None for a verdict of several vantages; ``seen_by`` are the vantages that agree; ``dissent`` those that
    saw it down where the verdict is not DOWN.
    """

    at: int
    state: State
    reason: str | None
    boot: str | None
    seen_by: tuple[str, ...]
    samples: tuple[Identity, ...]
    dissent: tuple[str, ...] = ()


def silent_spans(witnesses: Sequence[Sequence[Sample]]) -> list[Span]:
    """When all witnesses of a vantage fail: from the last good sample of any to the next good one of any.

    Both ends are exclusive: a run that ends or begins at the very instant of a good witness sample stands.
    """
    if not witnesses:
        return []
    spans = _failing(witnesses[0])
    for other in witnesses[1:]:
        spans = [(max(a, c), min(b, d)) for a, b in spans for c, d in _failing(other) if max(a, c) < min(b, d)]
    return sorted(spans)


def _failing(samples: Sequence[Sample]) -> list[Span]:
    """Between the good samples of one witness, where at least one bad one lies."""
    spans: list[Span] = []
    good, bad = -FOREVER, False
    for sample in samples:
        if sample.outcome is not Outcome.UP:
            bad = True
            continue
        if bad:
            spans.append((good, sample.at))
        good, bad = sample.at, False
    if bad:
        spans.append((good, FOREVER))
    return spans


def single(samples: Iterable[Sample], silent: Sequence[Span]) -> Iterator[Word]:
    """The words of a target that one vantage looks at."""
    for sample in samples:
        state, reason = STATE_OF[sample.outcome], sample.reason
        if state is State.DOWN and silent and _touched(sample, silent):
            state, reason = State.UNKNOWN, CUT_OFF
        yield Word(sample.at, state, reason, sample.boot, alone(sample.vantage), (sample.identity,))


@lru_cache(maxsize=256)
def alone(vantage: str) -> tuple[str]:
    """One vantage; kept once, however many targets it looks at."""
    return (vantage,)


def _touched(sample: Sample, spans: Sequence[Span]) -> bool:
    """Whether the vantage was cut off at any instant of the run. A request that is under way when the connection goes
    begins before its silence: it hears nothing for the vantage's reason, not the target's."""
    index = bisect_left(spans, ended(sample), key=_start) - 1
    return index >= 0 and sample.at < spans[index][1] and (spans[index][0] < sample.at or ended(sample) > sample.at)


def ended(sample: Sample) -> int:
    """When a run was over (ns)."""
    return sample.at + (sample.took or 0)


def _start(span: Span) -> int:
    return span[0]


def voted(
    samples: Iterable[Sample], silent: dict[str, list[Span]], every: Callable[[int], int], quorum: int
) -> Iterator[Word]:
    """The words of a target that several vantages look at: one verdict a slot, begun by the earliest sample that
    agrees. ``every`` gives the interval (ns) in force at an instant; slots are its multiples since the epoch.

    A further sample of a vantage in the same slot (a recheck) renews its vote; a verdict that this changes begins
    with it.
    """
    slots: dict[tuple[int, int], list[Sample]] = {}
    for sample in samples:
        due = sample.at if sample.scheduled_at is None else sample.scheduled_at
        interval = every(due)
        slots.setdefault((interval, due // interval), []).append(sample)
    words = [word for slot in slots.values() for word in _slot_words(slot, silent, quorum)]
    return iter(sorted(words, key=lambda word: word.at))


def _slot_words(slot: list[Sample], silent: dict[str, list[Span]], quorum: int) -> list[Word]:
    votes: dict[str, Word] = {}
    renewals: list[tuple[str, Word]] = []
    for sample in sorted(slot, key=lambda s: (s.at, s.identity)):
        word = next(single([sample], silent.get(sample.vantage, ())))
        if sample.vantage in votes:
            renewals.append((sample.vantage, word))
        else:
            votes[sample.vantage] = word
    words = [_vote(votes.values(), quorum, None)]
    for vantage, word in renewals:
        votes[vantage] = word
        verdict = _vote(votes.values(), quorum, word.at)
        if verdict.state is not words[-1].state:
            words.append(verdict)
    return words


def _vote(votes: Iterable[Word], quorum: int, since: int | None) -> Word:
    """DOWN needs the quorum and a majority of those who know; UP a majority; else nobody can say."""
    votes = list(votes)
    by_state: dict[State, list[Word]] = {State.UP: [], State.DOWN: [], State.UNKNOWN: []}
    for word in votes:
        by_state[word.state].append(word)
    ups, downs = len(by_state[State.UP]), len(by_state[State.DOWN])
    known = ups + downs
    if downs >= quorum and 2 * downs > known:
        state, reason = State.DOWN, by_state[State.DOWN][0].reason
    elif 2 * ups > known:
        state, reason = State.UP, None
    elif known == 0:
        state, reason = State.UNKNOWN, by_state[State.UNKNOWN][0].reason
    else:
        state, reason = State.UNKNOWN, "no_quorum" if 2 * downs > known else "disputed"
    agreeing = by_state[state] or votes
    return Word(
        at=min(word.at for word in agreeing) if since is None else since,
        state=state,
        reason=reason,
        boot=None,
        seen_by=tuple(sorted(name for word in agreeing for name in word.seen_by)),
        samples=tuple(identity for word in agreeing for identity in word.samples),
        dissent=()
        if state is State.DOWN
        else tuple(sorted(name for word in by_state[State.DOWN] for name in word.seen_by)),
    )
