"""``make bench-metrics``: what a scrape of 10,000 targets costs, and what it does to the event loop meanwhile.

Every target has four series of its own and a service with one promise: 16 series a target. The page is fetched over
a real socket, compressed, while a timer of 1 ms on the same event loop records how late it fires. Before every
scrape all samples and all accounts are new. ``render_10k_targets_ms`` is a scrape once the texts of the accounts
were made, as the daemon does after each commit (``prepare_ms`` for all at once); ``render_all_changed_ms`` is one
that comes before that; ``render_cold_ms`` the very first.
"""

import asyncio
import json
import statistics
import sys
import time
import zlib
from collections.abc import Awaitable, Callable

from monitor.cli.run import TURN
from monitor.store.port import Batch
from monitor.web.board import Board
from monitor.web.metrics import Metrics
from monitor.web.own import Vitals
from probes.sample import Outcome, Sample
from tests.probes.clockwork import MIDNIGHT, target
from tests.web.boards import account, config, promise
from tests.web.pages import served

TARGETS, CONTRACTS, ROUNDS = 10_000, 100, 7
MS = 1_000_000


class LateTimer:
    """A timer of 1 ms: how late it was at worst, ms."""

    def __init__(self) -> None:
        self.worst = 0.0
        self._stop = False

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        while not self._stop:
            due = loop.time() + 0.001
            await asyncio.sleep(0.001)
            self.worst = max(self.worst, (loop.time() - due) * 1000)

    def end(self) -> None:
        self._stop = True


def samples(seq: int) -> list[Sample]:
    """One ICMP sample of every target."""
    return [
        Sample(
            f"target-{i}", "fra", "b", seq * TARGETS + i, MIDNIGHT + seq, Outcome.UP,
            took=(i % 50 + 1) * MS, sent=1, received=1, rtts=((i % 50 + 1) * MS,),
        )
        for i in range(TARGETS)
    ]  # fmt: skip


def accounts(turn: int) -> list[tuple[str, str]]:
    """Every contract's account, different each turn."""
    each = TARGETS // CONTRACTS
    made = []
    for c in range(CONTRACTS):
        services = tuple(f"service-{c * each + i}" for i in range(each))
        text = account(*(promise(name, forecast_ns=str(MIDNIGHT + turn)) for name in services), services=services)
        made.append((f"contract-{c}", text))
    return made


def full() -> Board:
    names = tuple(f"contract-{c}" for c in range(CONTRACTS))
    settings = config(contracts=names).but(targets={f"target-{i}": target(f"target-{i}") for i in range(TARGETS)})
    board = Board(settings)
    board.commit(Batch(samples=samples(0), accounts=accounts(0)))
    return board


async def measured(work: Callable[[], Awaitable[object]]) -> tuple[float, float]:
    """How long it took and how late the timer was meanwhile, both ms."""
    timer = LateTimer()
    running = asyncio.create_task(timer.run())
    await asyncio.sleep(0.05)
    timer.worst = 0.0
    began = time.perf_counter()
    await work()
    took = (time.perf_counter() - began) * 1000
    await asyncio.sleep(0)
    timer.end()
    await running
    return took, timer.worst


async def prepare(metrics: Metrics, batch: Batch) -> None:
    """Until the texts of the batch are made, as they are after a commit."""
    metrics.committed(batch.accounts)
    await asyncio.wrap_future(metrics._thread.submit(int))


def middle(rounds: list[tuple[float, float]], which: int) -> float:
    return round(statistics.median(each[which] for each in rounds), 1)


async def bench() -> dict[str, float | int]:
    sys.setswitchinterval(TURN)
    board = full()
    metrics = Metrics(lambda: board.snapshot(MIDNIGHT + ROUNDS), lambda: Vitals("bench"))
    bodies: list[bytes] = []
    async with served(metrics.app()) as session:

        async def scrape() -> None:
            metrics.renew()
            async with session.get("/metrics", headers={"Accept-Encoding": "gzip"}) as answer:
                bodies.append(await answer.read())

        cold, _ = await measured(scrape)
        changed, prepared, preparing = [], [], []
        for turn in range(1, 2 * ROUNDS + 1):
            batch = Batch(samples=samples(turn), accounts=accounts(turn))
            board.commit(batch)
            if turn % 2:
                changed.append(await measured(scrape))
                continue
            preparing.append(await measured(lambda batch=batch: prepare(metrics, batch)))
            prepared.append(await measured(scrape))
        idle = [(await measured(lambda: asyncio.sleep(0.1)))[1] for _ in range(ROUNDS)]
    metrics.close()
    text = zlib.decompress(bodies[-1], 31)
    return {
        "render_10k_targets_ms": middle(prepared, 0),
        "loop_stall_ms": middle(prepared, 1),
        "render_all_changed_ms": middle(changed, 0),
        "loop_stall_all_changed_ms": middle(changed, 1),
        "prepare_ms": middle(preparing, 0),
        "loop_stall_prepare_ms": middle(preparing, 1),
        "loop_stall_worst_ms": round(max(stall for _, stall in changed + prepared + preparing), 1),
        "loop_stall_idle_ms": round(statistics.median(idle), 1),
        "render_cold_ms": round(cold, 1),
        "series": text.count(b"\n") - text.count(b"\n# ") - 1,
        "text_mb": round(len(text) / 1e6, 2),
        "gzip_mb": round(len(bodies[-1]) / 1e6, 2),
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(bench())))
