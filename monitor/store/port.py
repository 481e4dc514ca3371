"""The store as the rest of the house sees it: evidence in, evidence out."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from config.spans import Span
from monitor.sla.events import Event
from monitor.sla.facts import Fact, HeartbeatFact
from monitor.sla.words import FOREVER
from probes.sample import Sample

if TYPE_CHECKING:  # whoever only names a store needs neither arrays nor keys
    from monitor.issuing.links import Link
    from monitor.store.lazy import Lazy
    from monitor.store.packing.hours import Hours
    from probes.columns import Columns


class StoreError(Exception):
    """The store cannot do what was asked. ``code`` is stable; the text says what to do about it."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


BEHIND = (
    "{name}: written by an older upheld (store version {version}, this program reads {known}): `upheld run`, or "
    "anything that writes to it, brings it up to date. Nothing was changed"
)
"""What is said to who would only read a store whose tables are older."""


class StoreHeld(StoreError):
    """Another process holds the store (exit 75)."""


@contextmanager
def refused(name: str) -> Iterator[None]:
    """Around what is recorded in the store of that name: a number or a text that cannot be is ``store_refused``."""
    try:
        yield
    except (OverflowError, UnicodeEncodeError) as error:
        raise StoreError("store_refused", f"{name}: a batch no store can hold: {error}") from error


@dataclass(frozen=True, slots=True)
class Batch:
    """What one transaction records: samples, other facts, the accounts as they stand after them, and what
    is to be told of it. Samples come in either form, in the order in which they came. ``accounts`` maps a contract to
    its account as canonical JSON; ``checkpoints`` maps a target to the saved fold of its samples."""

    samples: "Sequence[Sample] | Columns" = ()
    facts: Sequence[Fact] = ()
    accounts: Sequence[tuple[str, str]] = ()
    checkpoints: Sequence[tuple[str, str]] = ()
    events: Sequence[Event] = ()


PUT_OFF = 3_660_000_000_000
"""Longer (ns) than any delivery is put off, which is an hour at the most: see ``monitor.hooks.backoff``."""


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
    identities are in quarantine now because two samples of that identity differ. ``damaged``: (name, what is wrong) of
    evidence that was found to be damaged since the last receipt, ``passed_over``: (code, name, what is wrong) of other
    records. ``facts``: how many of the facts that are no samples were new."""

    recorded: int
    repeated: int
    quarantined: tuple[tuple[str, str, int], ...]
    damaged: tuple[tuple[str, str], ...] = ()
    passed_over: tuple[tuple[str, str, str], ...] = ()
    facts: int = 0

    def troubles(self) -> Iterator[tuple[str, str, str]]:
        """(code, about, text) of all that makes what was judged so far another thing than what is stored."""
        for vantage, boot, seq in self.quarantined:
            text = f"sample {boot}/{seq} came twice with different content; both are in quarantine and count nowhere"
            yield "sample_conflict", vantage, text
        for name, text in self.damaged:
            yield "evidence_damaged", name, f"{text}; reading goes on without it, and its time is Unknown"


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


class Chain(Protocol):
    """What binds the evidence of a store; see ``monitor.issuing.links``."""

    def heads(self) -> Sequence["Link"]:
        """The last link of each chain, by chain."""

    def has(self, chain: str, number: int, head: str) -> bool:
        """Whether the chain's link of that number has that head."""

    def lost_at(self) -> int | None:
        """When the last link was made that says that links were lost, or may have been: an older copy was put in the
        store's place, or it was parted from its heads. None where none says so."""

    def unbound(self) -> Sequence["Link"]:
        """What no link covers yet, as links without number, time and predecessor: samples and heartbeats of days that
        were sealed, by day, then records."""

    def bind(self, links: Sequence["Link"]) -> None:
        """Keep the links for ever, in one durable transaction. Raises ``chain_moved`` where one does not follow."""

    def names(self) -> dict[str, str]:
        """The people that facts name, by pseudonym; those whose name was erased are missing."""

    def erase(self, name: str) -> int:
        """Forget a person's name for ever; gives how many pseudonyms stood for it."""


class Store(Protocol):
    """Append-only evidence. Every method may be called from any thread; none is called on the event loop."""

    @property
    def chain(self) -> Chain:
        """What binds the evidence."""

    def append(self, batch: Batch) -> Receipt:
        """Record all of it in one durable transaction, or raise StoreError and record nothing.

        Idempotent: a sample whose identity is stored with the same content (``received_at`` aside) changes
        nothing; with other content both are quarantined and read no more, and a security event is recorded. A fact
        that is stored changes nothing. An event whose key is stored is not queued again.
        """

    def appending(self) -> AbstractContextManager[Callable[[Batch], Receipt]]:
        """What records batch after batch as ``append`` does, all of them in one durable transaction, so that they need
        not be in memory together. Where the body raises, or StoreError is raised, nothing of them is recorded.
        Whoever else appends waits meanwhile; what is read is as it was before."""

    def set_hooks(self, hooks: Sequence[str]) -> None:
        """From now on queue every event to each of these hooks."""

    def samples(self, target: str, start: int, end: int) -> Iterator[Sample]:
        """Samples of one target with ``start <= at < end`` from every vantage, by ``(at, identity)``."""

    def read_samples(self, targets: Sequence[str], start: int, end: int) -> Iterator[Sample]:
        """The same of several targets together, in one pass."""

    def columns(self, target: str, start: int, end: int) -> "Columns":
        """What ``samples`` gives, as arrays: some 200 bytes a sample, and a tenth of the time."""

    def series(self, target: str, start: int, end: int) -> "Lazy":
        """What ``samples`` gives, made only where it is looked at; what statements are judged from."""

    def damaged(self, target: str, start: int, end: int) -> Sequence[Span]:
        """Spans, sorted and disjoint, that touch ``[start, end)`` and of which samples of the target were recorded that
        can no longer be read. Reading goes on without them."""

    def hours(self, target: str, start: int, end: int) -> "Hours":
        """What the target's samples come to in each hour (UTC) that begins in ``[start, end)``, from each vantage."""

    def last_before(self, target: str, at: int) -> Sample | None:
        """The latest sample of a target before an instant."""

    def last_heartbeat(self, vantage: str, boot: str | None = None) -> HeartbeatFact | None:
        """The vantage's latest heartbeat, of any boot or of the one named."""

    def facts(self, start: int, end: int, recorded: int = FOREVER) -> Iterator[Fact]:
        """Facts other than samples and heartbeats that touch ``[start, end)``, and those without a span, in order of
        recording. Every version of an exclusion or a ticket is given if one of them touches. An epoch is at its ``at``.
        ``recorded``: as if nothing had been recorded after this instant, by the store's clock.
        """

    def heartbeats(self, start: int, end: int) -> Iterator[HeartbeatFact]:
        """The heartbeats of ``[start, end)`` that a judgement rests on: the last of each boot, and those on both sides
        of a suspend; by ``(at, vantage, boot)``."""

    def accounts(self) -> dict[str, str]:
        """The latest account of every contract, as appended."""

    def checkpoints(self) -> dict[str, str]:
        """The latest saved fold of every target, as appended."""

    def issued(self, contract: str, start: int, end: int) -> list[Issued]:
        """What was issued of a contract for exactly this period, by revision; without what is damaged. Raises
        ``statement_damaged`` where that is the newest."""

    def kept(self) -> list[tuple[str, int, int]]:
        """The samples that issued statements rest on, by target and span; of a statement that is damaged those of every
        target in its period."""

    def record_issued(self, statement: Issued) -> None:
        """Keep a statement for ever, durably. Raises ``issued_already`` where that revision is there."""

    def due(self, hook: str, now: int, limit: int) -> list[Delivery]:
        """The hook's deliveries to be tried by now, in order, never two of one subject at once; also those put off by
        more than ``PUT_OFF``: the clock was set back since. One that is damaged is passed over for good."""

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
        """What is wrong with the store's structure, and every record of evidence that cannot be read, each named; empty
        when sound. Takes some seconds per GB."""

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
