"""Sample: what one run of one probe saw. Outcome: what it means for the target."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar, dataclass_transform

MILLISECOND = 1_000_000
MICROSECOND = 1_000
HALF = MICROSECOND // 2
"""What is stored of an instant is its millisecond (downwards), of a duration its microsecond (the nearest)."""


class Outcome(StrEnum):
    """Up, Down with positive evidence, or Unknown: everything else."""

    UP = "up"
    DOWN = "down"
    UNKNOWN = "unknown"


T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def record(kind: type[T]) -> type[T]:
    """A dataclass of which thousands are made every second: frozen for whoever checks the types, but not at runtime,
    where a frozen one takes twelve times as long to make."""
    return dataclass(slots=True, unsafe_hash=True)(kind)


@record
class Sample:
    """What a probe found out about a target from where it stands, once.

    Instants are whole nanoseconds of UTC; durations too, taken from the monotonic clock.
    ``(vantage, boot, seq)`` identifies it. ``at`` is when the probe started and is never rewritten.
    ``rtts`` holds one value per packet sent, ``None`` where no valid reply came in time;
    for probes without packets it is empty and ``took`` is the measurement.
    """

    target: str
    vantage: str
    boot: str
    seq: int
    at: int
    outcome: Outcome
    reason: str | None = None
    scheduled_at: int | None = None
    took: int | None = None
    sent: int | None = None
    received: int | None = None
    rtts: tuple[int | None, ...] = ()
    duplicates: int = 0
    late: int = 0
    phases: tuple[tuple[str, int], ...] = ()
    address: str | None = None
    config: str | None = None
    clock: str | None = None
    received_at: int | None = None

    @property
    def identity(self) -> tuple[str, str, int]:
        """What makes two copies the same sample."""
        return (self.vantage, self.boot, self.seq)
