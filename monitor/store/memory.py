"""A store that forgets when the process ends: for tests and for judging a file of facts. It keeps every rule of
the port except being durable."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import replace

from config.spans import Span
from monitor.issuing.links import Link
from monitor.sla.events import Event
from monitor.sla.evidence import VERSIONED, damage, telling
from monitor.sla.facts import Fact, HeartbeatFact
from monitor.sla.words import FOREVER
from monitor.store.conflicts import Identity, said
from monitor.store.factcodec import StoredFact, span_of
from monitor.store.issuedstore import issued_already
from monitor.store.lazy import Lazy
from monitor.store.outbox import delivery_id
from monitor.store.packing.hours import HOUR, Hours, hours_of
from monitor.store.port import PUT_OFF, Batch, Delivery, Issued, Receipt, SecurityEvent, StoreError
from monitor.store.rows import order
from probes.columns import Columns, as_samples, from_samples
from probes.sample import Sample


class MemoryChain:
    """Implements ``monitor.store.port.Chain`` where nothing lasts: there is nothing to bind, and names are in facts."""

    def heads(self) -> list[Link]:
        """See the port."""
        return []

    def has(self, chain: str, number: int, head: str) -> bool:
        """See the port."""
        return False

    def lost_at(self) -> None:
        """See the port."""

    def unbound(self) -> list[Link]:
        """See the port."""
        return []

    def bind(self, links: Sequence[Link]) -> None:
        """See the port. Raises ``chain_moved``: nothing is unbound."""
        if links:
            raise StoreError("chain_moved", "a store in memory has nothing to bind")

    def names(self) -> dict[str, str]:
        """See the port."""
        return {}

    def erase(self, name: str) -> int:
        """See the port."""
        return 0


class MemoryStore:
    """Implements ``monitor.store.port.Store`` in lists and dictionaries."""

    def __init__(self, hooks: Sequence[str] = (), clock: Callable[[], int] = time.time_ns) -> None:
        self.chain = MemoryChain()
        self._hooks, self._clock = tuple(hooks), clock
        self._lock = threading.RLock()
        self._samples: dict[Identity, Sample] = {}
        self._pruned: set[Identity] = set()
        self._quarantine: dict[Identity, list[Sample]] = {}
        self._security: list[SecurityEvent] = []
        self._facts: dict[StoredFact, int] = {}
        self._heartbeats: dict[tuple[int, str, str], HeartbeatFact] = {}
        self._accounts: dict[str, str] = {}
        self._issued: list[Issued] = []
        self._checkpoints: dict[str, str] = {}
        self._told: set[tuple[str, str]] = set()
        self._queue: dict[tuple[str, str], Delivery] = {}

    def append(self, batch: Batch) -> Receipt:
        """See the port."""
        with self._lock:
            return self._record(batch)

    @contextmanager
    def appending(self) -> Iterator[Callable[[Batch], Receipt]]:
        """See the port."""
        with self._lock:
            before = {name: copy(held) for name, held in vars(self).items() if isinstance(held, dict | set | list)}
            try:
                yield self._record
            except BaseException:
                vars(self).update(before)
                raise

    def _record(self, batch: Batch) -> Receipt:
        samples = [*as_samples(batch.samples), *(fact for fact in batch.facts if isinstance(fact, Sample))]
        marks = [self._take(sample) for sample in samples]
        before = len(self._heartbeats) + len(self._facts)
        for fact in batch.facts:
            if isinstance(fact, HeartbeatFact):
                self._heartbeats.setdefault((fact.at, fact.vantage, fact.boot), fact)
            elif not isinstance(fact, Sample):
                self._facts.setdefault(fact, self._clock())
        self._accounts.update(batch.accounts)
        self._checkpoints.update(batch.checkpoints)
        for event in batch.events:
            self._enqueue(event)
        bad = [sample.identity for sample, mark in zip(samples, marks, strict=True) if mark == "quarantined"]
        told = len(self._heartbeats) + len(self._facts) - before
        return Receipt(marks.count("recorded"), marks.count("repeated"), tuple(dict.fromkeys(bad)), facts=told)

    def _take(self, sample: Sample) -> str:
        identity = sample.identity
        versions = self._quarantine.get(identity, [])
        stored = self._samples.get(identity)
        known = versions or ([stored] if stored else [])
        if any(said(each) == said(sample) for each in known):
            return "repeated"
        if not versions and stored is None:
            if identity in self._pruned:
                return "repeated"
            self._samples[identity] = sample
            return "recorded"
        if stored is not None and not versions:
            text = f"vantage {sample.vantage}, boot {sample.boot}: two different samples numbered {sample.seq}"
            self._security.append(SecurityEvent(sample.at, "equivocation", text))
            versions = [stored]
        self._quarantine[identity] = [*versions, sample]
        return "quarantined"

    def _readable(self) -> Iterator[Sample]:
        return (sample for key, sample in self._samples.items() if key not in self._quarantine)

    def _enqueue(self, event: Event) -> None:
        identity = delivery_id(event.key)
        for hook in self._hooks:
            if (hook, identity) not in self._told:
                self._told.add((hook, identity))
                self._queue[hook, identity] = Delivery(hook, identity, event, 0, 0)

    def set_hooks(self, hooks: Sequence[str]) -> None:
        """See the port."""
        self._hooks = tuple(hooks)

    def samples(self, target: str, start: int, end: int) -> Iterator[Sample]:
        """See the port."""
        return self.read_samples((target,), start, end)

    def read_samples(self, targets: Sequence[str], start: int, end: int) -> Iterator[Sample]:
        """See the port."""
        with self._lock:
            found = [s for s in self._readable() if s.target in targets and start <= s.at < end]
        return iter(sorted(found, key=order))

    def series(self, target: str, start: int, end: int) -> Lazy:
        """See the port."""
        return Lazy(self.columns(target, start, end))

    def columns(self, target: str, start: int, end: int) -> Columns:
        """See the port."""
        return from_samples(list(self.samples(target, start, end)))

    def hours(self, target: str, start: int, end: int) -> Hours:
        """See the port."""
        return hours_of(self.columns(target, -(-start // HOUR) * HOUR, -(-end // HOUR) * HOUR))

    def last_before(self, target: str, at: int) -> Sample | None:
        """See the port."""
        with self._lock:
            return max((s for s in self._readable() if s.target == target and s.at < at), key=order, default=None)

    def last_heartbeat(self, vantage: str, boot: str | None = None) -> HeartbeatFact | None:
        """See the port."""
        with self._lock:
            found = [h for h in self._heartbeats.values() if h.vantage == vantage and boot in (None, h.boot)]
        return max(found, key=lambda heartbeat: heartbeat.at, default=None)

    def facts(self, start: int, end: int, recorded: int = FOREVER) -> Iterator[Fact]:
        """See the port."""
        with self._lock:
            facts = [fact for fact, at in self._facts.items() if at <= recorded]
        touched = {(type(f), f.id) for f in facts if isinstance(f, VERSIONED) and _touches(f, start, end)}
        for fact in facts:
            if _touches(fact, start, end) or (isinstance(fact, VERSIONED) and (type(fact), fact.id) in touched):
                yield fact

    def heartbeats(self, start: int, end: int) -> Iterator[HeartbeatFact]:
        """See the port."""
        with self._lock:
            found = [heartbeat for (at, _, _), heartbeat in sorted(self._heartbeats.items()) if start <= at < end]
        return telling(found)

    def damaged(self, target: str, start: int, end: int) -> Sequence[Span]:
        """See the port: as facts say; nothing in memory is damaged by itself."""
        with self._lock:
            return damage(self._facts, target, start, end)

    def accounts(self) -> dict[str, str]:
        """See the port."""
        return dict(sorted(self._accounts.items()))

    def checkpoints(self) -> dict[str, str]:
        """See the port."""
        return dict(sorted(self._checkpoints.items()))

    def issued(self, contract: str, start: int, end: int) -> list[Issued]:
        """See the port."""
        with self._lock:
            found = [one for one in self._issued if (one.contract, one.start, one.end) == (contract, start, end)]
            return sorted(found, key=lambda one: one.revision)

    def kept(self) -> list[tuple[str, int, int]]:
        """See the port."""
        with self._lock:
            return [span for one in self._issued for span in one.keep]

    def record_issued(self, statement: Issued) -> None:
        """See the port."""
        with self._lock:
            there = {one.revision for one in self.issued(statement.contract, statement.start, statement.end)}
            if statement.revision in there:
                raise issued_already(statement)
            self._issued.append(statement)

    def due(self, hook: str, now: int, limit: int) -> list[Delivery]:
        """See the port."""
        with self._lock:
            first: dict[str, Delivery] = {}
            for delivery in self._queue.values():
                if delivery.hook == hook:
                    first.setdefault(delivery.event.subject, delivery)
            return [one for one in first.values() if not now < one.due_at <= now + PUT_OFF][:limit]

    def delivered(self, hook: str, id: str) -> None:
        """See the port."""
        with self._lock:
            self._queue.pop((hook, id), None)

    def postpone(self, hook: str, id: str, due_at: int, error: str) -> None:
        """See the port. The error is for a person to read in a store that lasts; here nobody would."""
        with self._lock:
            waiting = self._queue.get((hook, id))
            if waiting is not None:
                self._queue[hook, id] = replace(waiting, attempts=waiting.attempts + 1, due_at=due_at)

    def queued(self, hook: str) -> int:
        """See the port."""
        with self._lock:
            return sum(delivery.hook == hook for delivery in self._queue.values())

    def prune(self, before: int, keep: Sequence[tuple[str, int, int]]) -> int:
        """See the port."""
        with self._lock:
            gone = [
                identity
                for identity, sample in self._samples.items()
                if sample.at < before and not any(t == sample.target and a <= sample.at < b for t, a, b in keep)
            ]
            for identity in gone:
                del self._samples[identity]
            self._pruned.update(gone)
            for key in [k for k in self._heartbeats if k[0] < before and not any(a <= k[0] < b for _, a, b in keep)]:
                del self._heartbeats[key]
        return len(gone)

    def seal(self, now: int) -> int:
        """See the port: nothing here has a compact form."""
        return 0

    def quick_check(self) -> tuple[str, ...]:
        """See the port."""
        return ()

    def integrity(self) -> tuple[str, ...]:
        """See the port."""
        return ()

    def security_events(self) -> tuple[SecurityEvent, ...]:
        """See the port."""
        return tuple(self._security)

    def size(self) -> int:
        """See the port: nothing on a disk."""
        return 0

    def backup(self, path: str) -> None:
        """See the port."""
        raise StoreError("backup_unsupported", f"{path}: a store in memory has nothing to copy")

    def close(self) -> None:
        """See the port."""


def _touches(fact: StoredFact, start: int, end: int) -> bool:
    _, first, last = span_of(fact)
    return (first is None or first < end) and (last is None or last > start)
