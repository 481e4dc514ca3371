"""What the hook tests share: a clock that is told the time, events, a queue in memory, scripted senders."""

import asyncio
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace

from config.model import SECOND, Hook
from monitor.hooks.hook import DeliveryError, Kind, Sender
from monitor.sla.events import Event, EventName
from monitor.store.port import Delivery, StoreError

START = 1_790_812_800 * SECOND  # 2026-10-01T00:00:00Z


class ToldClock:
    """Says what it was told."""

    def __init__(self) -> None:
        self.now = START

    def wall(self) -> int:
        return self.now

    def monotonic(self) -> int:
        return self.now - START + 1000 * SECOND

    def advance(self, seconds: float) -> None:
        self.now += int(seconds * SECOND)


def event(number: int = 1, subject: str = "acme/hq/1", name: EventName = EventName.OUTAGE_OPENED) -> Event:
    """The ``number``-th event of a subject."""
    return Event(
        name=name,
        key=f"{name}:acme:hq:{subject}:{number}",
        at=START + 1_500_000_000,
        contract="acme",
        service="hq",
        subject=subject,
        summary=f"hq is down ({number})",
        data=(("start_ns", str(START)), ("reason", "timeout")),
    )


def delivery(told: Event | None = None, hook: str = "ops") -> Delivery:
    told = told or event()
    return Delivery(hook, told.key, told, 0, START)


class Queue:
    """The four methods of the store that hooks use, in memory, by the words of the port."""

    def __init__(self, *events: Event) -> None:
        self.events = list(events)
        self.done: set[tuple[str, str]] = set()
        self.later: dict[tuple[str, str], tuple[int, int, str]] = {}
        self.broken = False

    def due(self, hook: str, now: int, limit: int) -> list[Delivery]:
        self._check()
        found, subjects = [], set()
        for each in self.events:
            attempts, due_at, _ = self.later.get((hook, each.key), (0, each.at, ""))
            if (hook, each.key) in self.done or each.subject in subjects:
                continue
            subjects.add(each.subject)
            if due_at <= now:
                found.append(Delivery(hook, each.key, each, attempts, due_at))
        return sorted(found, key=lambda each: each.due_at)[:limit]

    def delivered(self, hook: str, id: str) -> None:
        self._check()
        self.done.add((hook, id))

    def postpone(self, hook: str, id: str, due_at: int, error: str) -> None:
        self._check()
        attempts = self.later.get((hook, id), (0, 0, ""))[0]
        self.later[hook, id] = (attempts + 1, due_at, error)

    def queued(self, hook: str) -> int:
        return sum((hook, each.key) not in self.done for each in self.events)

    def _check(self) -> None:
        if self.broken:
            raise StoreError("store_full", "no space left")


@dataclass(frozen=True)
class NoOptions:
    """A scripted hook has none."""


@dataclass
class Scripted:
    """A sender that answers by script: ``answer(delivery)`` raises, or gives the seconds to hang (0: takes it)."""

    answer: Callable[[Delivery], float] = lambda delivery: 0
    taken: list[str] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)
    shown: list[dict[str, str]] = field(default_factory=list)
    closed: int = 0

    async def ready(self) -> None:
        return

    async def deliver(self, delivery: Delivery) -> None:
        self.tried.append(delivery.id)
        await asyncio.sleep(self.answer(delivery))
        self.taken.append(delivery.id)
        self.events.append(delivery.event)

    def state(self, accounts: Mapping[str, str]) -> None:
        self.shown.append(dict(accounts))

    async def close(self) -> None:
        self.closed += 1


def kinds(**senders: Sender) -> dict[str, Kind]:
    """One kind for each hook name, which opens the given sender."""
    return {
        name: SimpleNamespace(NAME=name, Options=NoOptions, open=lambda hook, clock, sender=sender: sender)
        for name, sender in senders.items()
    }


def hook(name: str = "ops", kind: str | None = None, **terms: object) -> Hook:
    return Hook(name=name, kind=kind or name, options=terms.pop("options", NoOptions()), **terms)


def refuse(retry_after: int | None = None, permanent: bool = False) -> Callable[[Delivery], float]:
    """An answer that is always no."""

    def answer(delivery: Delivery) -> float:
        raise DeliveryError("no", retry_after, permanent)

    return answer


async def until(true: Callable[[], bool], within: float = 8) -> None:
    """Wait for something other tasks bring about; fails loudly where they do not."""
    async with asyncio.timeout(within):
        while not true():  # noqa: ASYNC110 -- what is waited for has no event of its own
            await asyncio.sleep(0.005)


async def pause() -> None:
    """Time enough for what must not happen to happen."""
    await asyncio.sleep(0.05)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]
