"""The store as the rest of the house sees it: evidence in, evidence out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from monitor.sla.events import Event
from monitor.sla.facts import Fact, HeartbeatFact
from monitor.store.columns import Columns
from monitor.store.hours import Hours
from monitor.store.lazy import Lazy
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


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a batch's samples: how many were new, how many said again what is stored, and which
    identities are in quarantine now because two samples of that identity differ."""

    recorded: int
    repeated: int
    quarantined: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class SecurityEvent:
    """Something that an honest vantage does not do. ``code`` is stable, ``text`` for people."""

    at: int
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Issued:
    """One revision of a period's statement as it was issued: ``body`` is its canonical JSON, signature included.
    ``keep``: the samples it rests on, by target and span; retention leaves them alone."""

    contract: str
    start: int
    end: int
    revision: int
    at: int
    digest: str
    body: str
    keep: tuple[tuple[str, int, int], ...] = ()


class Store(Protocol):
    """Append-only evidence. Every method may be called from any thread; none is called on the event loop."""

    def append(self, batch: Batch) -> Receipt:
        """Record all of it in one durable transaction, or raise StoreError and record nothing.

        Idempotent: a sample whose identity is stored with the same content (``received_at`` aside) changes
        nothing; with other content both are quarantined and read no more, and a security event is recorded. A fact
        that is stored changes nothing. An event whose key is stored is not queued again.
        """

    def set_hooks(self, hooks: Sequence[str]) -> None:
        """From now on queue every event to each of these hooks."""

    def samples(self, target: str, start: int, end: int) -> Iterator[Sample]:
        """Samples of one target with ``start <= at < end`` from every vantage, by ``(at, identity)``."""

    def read_samples(self, targets: Sequence[str], start: int, end: int) -> Iterator[Sample]:
        """The same of several targets together, in one pass."""

    def columns(self, target: str, start: int, end: int) -> Columns:
        """What ``samples`` gives, as arrays: some 200 bytes a sample, and a tenth of the time."""

    def series(self, target: str, start: int, end: int) -> Lazy:
        """What ``samples`` gives, made only where it is looked at; what statements are judged from."""

    def hours(self, target: str, start: int, end: int) -> Hours:
        """What the target's samples come to in each hour (UTC) that begins in ``[start, end)``, from each vantage."""

    def last_before(self, target: str, at: int) -> Sample | None:
        """The latest sample of a target before an instant."""

    def last_heartbeat(self, vantage: str, boot: str | None = None) -> HeartbeatFact | None:
        """The vantage's latest heartbeat, of any boot or of the one named."""

    def facts(self, start: int, end: int) -> Iterator[Fact]:
        """Facts other than samples and heartbeats that touch ``[start, end)``, and those without a span, in order of
        recording. Every version of an exclusion or a ticket is given if one of them touches. An epoch is at its ``at``.
        """

    def heartbeats(self, start: int, end: int) -> Iterator[HeartbeatFact]:
        """The heartbeats of ``[start, end)`` that a judgement rests on: the last of each boot, and those on both sides
        of a suspend; by ``(at, vantage, boot)``."""

    def accounts(self) -> dict[str, str]:
        """The latest account of every contract, as appended."""

    def checkpoints(self) -> dict[str, str]:
        """The latest saved fold of every target, as appended."""

    def issued(self, contract: str, start: int, end: int) -> list[Issued]:
        """What was issued of a contract for exactly this period, by revision."""

    def kept(self) -> list[tuple[str, int, int]]:
        """The samples that issued statements rest on, by target and span."""

    def record_issued(self, statement: Issued) -> None:
        """Keep a statement for ever, durably. Raises ``issued_already`` where that revision is there."""

    def due(self, hook: str, now: int, limit: int) -> list[Delivery]:
        """The hook's deliveries to be tried by now, in order, never two of one subject at once."""

    def delivered(self, hook: str, id: str) -> None:
        """The hook took it."""

    def postpone(self, hook: str, id: str, due_at: int, error: str) -> None:
        """The hook did not take it: try again at ``due_at``."""

    def queued(self, hook: str) -> int:
        """How many deliveries wait for the hook."""

    def prune(self, before: int, keep: Sequence[tuple[str, int, int]]) -> int:
        """Remove samples older than ``before`` in small steps, except targets' spans in ``keep``; gives how many.

        Heartbeats older than ``before`` go too, except inside any kept span. A statement also reads the sample
        before its period: let the span to keep begin ``max_gap`` earlier. May run for long: not on the thread that
        appends.
        """

    def seal(self, now: int) -> int:
        """Sort samples of hours that are over, put those of days that are over into their compact form, in small
        steps; gives how many got that.

        Changes no answer. To be called every minute or so, on a thread of its own.
        """

    def quick_check(self) -> tuple[str, ...]:
        """What is wrong with the store's structure; empty when sound. Takes under a second per GB."""

    def integrity(self) -> tuple[str, ...]:
        """What is wrong with any record, each named; empty when sound. Reads everything."""

    def security_events(self) -> tuple[SecurityEvent, ...]:
        """All that was recorded, in order."""

    def size(self) -> int:
        """Bytes the store takes."""

    def backup(self, path: str) -> None:
        """A consistent copy of the running store at ``path``, which must not exist."""

    def close(self) -> None:
        """Flush and let go."""
