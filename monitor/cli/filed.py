"""A file of facts as evidence (see ``monitor.sla.evidence``): checked as a whole, and judged without being held."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager

from config.spans import Span
from monitor.cli.common import BAD_FACTS, USAGE, fail
from monitor.cli.shelf import Piece, Shelf, Shelved
from monitor.cli.sorting import by_target
from monitor.cli.staging import Staging
from monitor.sla.evidence import VERSIONED, damage, telling, touches
from monitor.sla.facts import Fact, HeartbeatFact
from monitor.store.factcodec import StoredFact
from probes.sample import Sample


@contextmanager
def filed(path: str) -> Iterator["Filed"]:
    """The facts of a file (``-``: standard input) as evidence, or every problem of them and exit 65."""
    from monitor.render.fact_files import facts_in
    from monitor.render.facts import FactsError

    with ExitStack() as held:
        try:
            with facts_in(path) as found:
                staged = held.enter_context(Staging.of(path, found.place))
                staged.take(found.facts)
        except FactsError as error:
            fail(BAD_FACTS, str(error))
        except OSError as error:
            fail(USAGE, f"{path}: cannot be read: {error.strerror}")
        yield Filed(staged, held.enter_context(closing(Shelf())))


class Filed:
    """See Evidence and ``monitor.sla.series.Columnar``; what was staged, its samples in order on a shelf."""

    def __init__(self, staged: Staging, shelf: Shelf) -> None:
        self._staged, self._shelf = staged, shelf
        self._pieces = by_target(shelf, staged.samples)

    def targets(self) -> dict[str, int]:
        """How many samples each target has."""
        return {target: sum(piece.count for piece in pieces) for target, pieces in self._pieces.items()}

    def others(self) -> Iterator[StoredFact]:
        """The facts that are no samples, in the order of the file."""
        for some in self._staged.others():
            yield from some

    def everything(self) -> Iterator[Fact]:
        """Every fact once: those that are no samples in the order of the file, then samples."""
        yield from self.others()
        for pieces in self._pieces.values():
            for piece in pieces:
                yield from self._shelf.get(piece.place)

    def samples(self, target: str, start: int, end: int) -> Iterator[Sample]:
        """As Evidence says."""
        for piece in self._touching(target, start, end):
            yield from self._inside(piece, start, end)

    def series(self, target: str, start: int, end: int) -> Shelved:
        """As Columnar says."""
        return Shelved(self._shelf, self._cut(target, start, end))

    def _cut(self, target: str, start: int, end: int) -> Iterator[Piece]:
        for piece in self._touching(target, start, end):
            if start <= piece.first.at and piece.last.at < end:
                yield piece
            elif some := list(self._inside(piece, start, end)):
                yield self._shelf.lay(some)

    def _touching(self, target: str, start: int, end: int) -> list[Piece]:
        return [one for one in self._pieces.get(target, ()) if one.first.at < end and one.last.at >= start]

    def _inside(self, piece: Piece, start: int, end: int) -> Iterator[Sample]:
        return (sample for sample in self._shelf.get(piece.place) if start <= sample.at < end)

    def last_before(self, target: str, at: int) -> Sample | None:
        """As Evidence says."""
        piece = next((one for one in reversed(self._pieces.get(target, ())) if one.first.at < at), None)
        if piece is None or piece.last.at < at:
            return None if piece is None else piece.last
        samples = self._shelf.get(piece.place)
        return samples[bisect_left(samples, at, key=lambda sample: sample.at) - 1]

    def facts(self, start: int, end: int) -> Iterator[Fact]:
        """As Evidence says."""
        touched = {
            (type(fact), fact.id)
            for fact in self._staged.versions()
            if isinstance(fact, VERSIONED) and touches(fact, start, end)
        }
        versions = (
            fact for fact in self._staged.versions() if isinstance(fact, VERSIONED) and (type(fact), fact.id) in touched
        )
        rest = (fact for fact in self._staged.near(start, end) if touches(fact, start, end))
        yield from sorted([*versions, *rest], key=repr)

    def heartbeats(self, start: int, end: int) -> Iterator[HeartbeatFact]:
        """As Evidence says."""
        return telling(self._staged.heartbeats(start, end))

    def damaged(self, target: str, start: int, end: int) -> Sequence[Span]:
        """As Evidence says."""
        return damage(self._staged.damages(), target, start, end)
