"""Samples of one target in a row that need not all be made: a month of one that never failed is a few numbers.

Evidence that keeps samples as columns gives them so; everything else gives a list. Either way the answers are the same.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from config.spans import Span
from monitor.sla.evidence import Evidence
from probes.sample import Outcome, Sample


@dataclass(frozen=True, slots=True)
class Bulk:
    """What many samples come to for a measure: how many values, their sum, and the values themselves where somebody
    asks for them; of packets, how many were sent and received."""

    count: int
    total: int
    values: Callable[[], list[int]] = list


def together(many: Sequence[Bulk]) -> Bulk:
    """What several come to as one."""
    if len(many) == 1:
        return many[0]
    return Bulk(
        sum(one.count for one in many),
        sum(one.total for one in many),
        lambda: [value for one in many for value in one.values()],
    )


@runtime_checkable
class Series(Protocol):
    """Samples by ``(at, identity)``. ``vantages`` are those they came from, sorted."""

    vantages: tuple[str, ...]

    def __len__(self) -> int:
        """How many there are."""

    def __getitem__(self, place: int) -> Sample:
        """The sample at a place."""

    def __iter__(self) -> Iterator[Sample]:
        """All of them, in order."""

    def seen_from(self, vantages: Sequence[str]) -> "Series":
        """Those of some vantages."""

    def calm(self, place: int, gap: int, until: int) -> int:
        """The first place, from ``place`` on, of a sample that is not UP, or of another boot than the one before it, or
        not after that by at most ``gap`` ns, or later than ``until``; the end where there is none. ``place`` > 0."""

    def bulk(self, measure: str, spans: Sequence[Span], latency_of: str = "total") -> Bulk | None:
        """What the samples of some spans that were UP or DOWN come to for a measure of samples. None where they have
        to be looked at one by one."""


@runtime_checkable
class Columnar(Protocol):
    """Evidence that has its samples as columns."""

    def series(self, target: str, start: int, end: int) -> Series | list[Sample]:
        """What ``samples`` gives, in order."""


def series_of(evidence: Evidence, target: str, start: int, end: int) -> Series | list[Sample]:
    """The samples of a target, made when they are looked at where that can be."""
    if isinstance(evidence, Columnar):
        return evidence.series(target, start, end)
    return list(evidence.samples(target, start, end))


def seen_from(samples: Series | list[Sample], vantages: Sequence[str]) -> Series | list[Sample]:
    """Those of some vantages."""
    if isinstance(samples, list):
        return [sample for sample in samples if sample.vantage in vantages]
    return samples.seen_from(vantages)


def vantages_in(samples: Series | list[Sample]) -> tuple[str, ...]:
    """Where samples came from, sorted."""
    if isinstance(samples, list):
        return tuple(sorted({sample.vantage for sample in samples}))
    return samples.vantages


def calm(samples: Series | list[Sample], place: int, gap: int, until: int) -> int:
    """See ``Series.calm``."""
    if not isinstance(samples, list):
        return samples.calm(place, gap, until)
    before, up = samples[place - 1], Outcome.UP
    at, boot = before.at, before.boot
    while place < len(samples):
        sample = samples[place]
        now = sample.at
        if sample.outcome is not up or sample.boot != boot or not at < now <= until or now - at > gap:
            break
        at, place = now, place + 1
    return place
