"""The samples of one target with the state that each stands for; made when somebody asks for them one by one."""

from collections.abc import Iterator, Mapping, Sequence
from typing import overload

from config.spans import Span
from monitor.sla.model import State
from monitor.sla.series import Bulk, Series
from monitor.sla.words import STATE_OF, single
from probes.sample import Outcome, Sample

Said = tuple[Sample, State]


class Heard(Sequence[Said]):
    """In order of time. ``silent``: when all witnesses of a vantage were, so that its Downs say nothing.
    ``latency_of``: which of its phases the target's latency is."""

    __slots__ = ("_latency_of", "_made", "_samples", "_silent")

    def __init__(
        self, samples: Series | list[Sample], silent: Mapping[str, Sequence[Span]], latency_of: str = "total"
    ) -> None:
        self._samples, self._silent, self._latency_of = samples, silent, latency_of
        self._made: list[Said] | None = None

    def __len__(self) -> int:
        return len(self._samples)

    def __iter__(self) -> Iterator[Said]:
        return iter(self._all())

    @overload
    def __getitem__(self, place: int) -> Said: ...
    @overload
    def __getitem__(self, place: slice) -> list[Said]: ...
    def __getitem__(self, place: int | slice) -> Said | list[Said]:
        return self._all()[place]

    def bulk(self, measure: str, spans: Sequence[Span]) -> Bulk | None:
        """What a measure of samples comes to over some spans, without making them; None where that cannot be had."""
        if isinstance(self._samples, list) or any(self._silent.values()):
            return None
        return self._samples.bulk(measure, spans, self._latency_of)

    def latest(self, count: int) -> list[Sample]:
        """The last so many samples."""
        return [self._samples[place] for place in range(max(0, len(self._samples) - count), len(self._samples))]

    def _all(self) -> list[Said]:
        if self._made is None:
            self._made = [(sample, self._state(sample)) for sample in self._samples]
        return self._made

    def _state(self, sample: Sample) -> State:
        if sample.outcome is Outcome.DOWN and self._silent.get(sample.vantage):
            return next(single([sample], self._silent[sample.vantage])).state
        return STATE_OF[sample.outcome]
