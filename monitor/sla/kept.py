"""A book's runs, last word and sums in two other forms: as plain data, to go on from after a restart, and as bytes, for
as long as nobody looks. There may be tens of thousands of books, and as objects one takes three times the memory."""

import marshal
from collections.abc import Sequence
from functools import lru_cache
from inspect import signature

from monitor.sla.fold import Run
from monitor.sla.model import State
from monitor.sla.words import Identity, Word
from probes.sample import Outcome

RUN, WORD = tuple(signature(Run).parameters), tuple(signature(Word).parameters)
FEW = 8
"""So many runs are quickly made again; more of them stay as they are."""
_STATES = tuple(State)
Key = tuple[int, Identity]
"""A sample: its instant, and which it is."""


def as_bytes(runs: Sequence[Run], last: Word | None, sums: list[tuple[int, int]]) -> bytes:
    """For this process only."""
    rows = [
        (
            run.start, run.end, _STATES.index(run.state), run.reason, run.first, run.last,
            run.seen_by, run.opened_by, run.closed_by,
        )
        for run in runs
    ]  # fmt: skip
    word = None
    if last is not None:
        state = _STATES.index(last.state)
        word = (last.at, state, last.reason, last.boot, last.seen_by, last.samples, last.dissent)
    return _the_same(marshal.dumps((rows, word, sums)))


@lru_cache(maxsize=8)
def _the_same(kept: bytes) -> bytes:
    """Kept once: before their first sample all books are the same."""
    return kept


@lru_cache(maxsize=1024)
def outcomes_of(recent: tuple[Outcome, ...]) -> tuple[Outcome, ...]:
    """Kept once: the last outcomes of most targets are the same."""
    return recent


def key_of(word: Word) -> Key | None:
    """Of the one sample that a word is, where it is not what several say."""
    return (word.at, word.samples[0]) if len(word.samples) == 1 else None


def from_bytes(kept: bytes) -> tuple[list[Run], Word | None, list[tuple[int, int]]]:
    """What ``as_bytes`` was given."""
    rows, word, sums = marshal.loads(kept)
    runs = [Run(start, end, _STATES[state], *others) for start, end, state, *others in rows]
    return runs, None if word is None else Word(word[0], _STATES[word[1]], *word[2:]), sums


def plain(one: Run | Word, fields: Sequence[str]) -> dict[str, object]:
    """Its fields by name; ``asdict`` would copy all that is in them, which takes ten times as long."""
    return {name: getattr(one, name) for name in fields}


def run_of(saved: dict[str, object]) -> Run:
    """From what ``plain`` gave, as JSON has it."""
    return Run(**{**saved, "state": State(saved["state"]), **_tuples(saved)})  # type: ignore[arg-type]


def word_of(saved: dict[str, object]) -> Word:
    """From what ``plain`` gave, as JSON has it."""
    return Word(**{**saved, "state": State(saved["state"]), **_tuples(saved)})  # type: ignore[arg-type]


def _tuples(saved: dict[str, object]) -> dict[str, object]:
    """JSON knows lists only."""
    out: dict[str, object] = {}
    for name, value in saved.items():
        if isinstance(value, list):
            out[name] = tuple(tuple(item) if isinstance(item, list) else item for item in value)
    return out
