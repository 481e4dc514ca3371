"""The store as the rest of the house sees it: evidence in, evidence out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from monitor.sla.events import Event
from monitor.sla.facts import Fact
from probes.sample import Sample


class StoreError(Exception):
    """The store cannot do what was asked. ``code`` is stable; the text says what to do about it."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class StoreHeld(StoreError):
    """Another process holds the store (exit 75)."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What one transaction records: samples, other facts, the accounts as they stand after them, and what
    is to be told of it. ``accounts`` maps a contract to its account as canonical JSON; ``checkpoints`` maps a
    target to the saved fold of its samples."""

    samples: Sequence[Sample] = ()
    facts: Sequence[Fact] = ()
    accounts: Sequence[tuple[str, str]] = ()
    checkpoints: Sequence[tuple[str, str]] = ()
    events: Sequence[Event] = ()


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event due to one hook. ``attempts`` counts the tries made, ``id`` is the idempotency key."""

    hook: str
    id: str
    event: Event
    attempts: int
    due_at: int


class Store(Protocol):
    """Append-only evidence. Every method may be called from any thread; none is called on the event loop."""

    def append(self, batch: Batch) -> None:
        """Record all of it in one durable transaction, or raise StoreError and record nothing.

        Idempotent: a sample whose identity is stored with the same content changes nothing; with other content
        both are quarantined. An event whose key is stored is not queued again.
        """

    def samples(self, target: str, start: int, end: int) -> Iterator[Sample]:
        """Samples of one target with ``start <= at < end`` from every vantage, by ``(at, identity)``."""

    def last_before(self, target: str, at: int) -> Sample | None:
        """The latest sample of a target before an instant."""

    def facts(self, start: int, end: int) -> Iterator[Fact]:
        """Facts other than samples that touch ``[start, end)``, and those without a span, in order of recording.

        Every version of an exclusion is given; heartbeats and epochs by their ``at``.
        """

    def accounts(self) -> dict[str, str]:
        """The latest account of every contract, as appended."""

    def checkpoints(self) -> dict[str, str]:
        """The latest saved fold of every target, as appended."""

    def due(self, hook: str, now: int, limit: int) -> list[Delivery]:
        """The hook's deliveries to be tried by now, in order, never two of one subject at once."""

    def delivered(self, hook: str, id: str) -> None:
        """The hook took it."""

    def postpone(self, hook: str, id: str, due_at: int, error: str) -> None:
        """The hook did not take it: try again at ``due_at``."""

    def queued(self, hook: str) -> int:
        """How many deliveries wait for the hook."""

    def prune(self, before: int, keep: Sequence[tuple[str, int, int]]) -> int:
        """Remove samples older than ``before`` in small steps, except targets' spans in ``keep``; gives how many."""

    def backup(self, path: str) -> None:
        """A consistent copy of the running store at ``path``, which must not exist."""

    def close(self) -> None:
        """Flush and let go."""
