"""``/metrics``: rendered off the event loop from what was recorded, on a listener of its own.

A scrape copies the board on the loop (a fraction of a millisecond) and leaves the writing and the compressing to
one thread. However many scrape at once, one rendering serves them all, and one younger than a second serves the
next: asking often costs the probes nothing.
"""

import asyncio
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain

from aiohttp import web

from monitor.web.board import Snapshot
from monitor.web.contracts import ContractLines
from monitor.web.own import OwnLines, Vitals
from monitor.web.targets import target_lines

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
FRESH = 1.0
_LATELY = 120.0
_GZIP = 16 + zlib.MAX_WBITS


@dataclass(frozen=True, slots=True)
class Page:
    """One rendering: gzip-compressed text. ``at`` is the loop's time when its snapshot was taken."""

    compressed: bytes
    at: float


class Writer:
    """Renders a snapshot. Keeps texts between renderings, so it belongs to one thread."""

    def __init__(self) -> None:
        self._contracts, self._own = ContractLines(), OwnLines()
        self._press = ThreadPoolExecutor(1, thread_name_prefix="upheld-gzip")

    def prepare(self, accounts: Sequence[tuple[str, str]]) -> None:
        """Make the texts of contracts whose accounts changed, so that the next scrape need not wait for it."""
        for contract, account in accounts:
            self._contracts.prepare(contract, account)

    def render(self, snapshot: Snapshot, vitals: Vitals) -> bytes:
        """The page, compressed piece by piece beside the writing (zlib lets go of the interpreter): no more of its
        text exists at once than the piece that is written and the one that is compressed."""
        gzip = zlib.compressobj(1, zlib.DEFLATED, _GZIP)
        done, under_way = [], self._press.submit(gzip.compress, self._own.write(vitals).encode())
        for piece in chain(self._contracts.write(snapshot), target_lines(snapshot)):
            done.append(under_way.result())
            under_way = self._press.submit(gzip.compress, piece.encode())
        return b"".join([*done, under_way.result(), gzip.flush()])

    def close(self) -> None:
        """Let the other thread end."""
        self._press.shutdown(wait=False, cancel_futures=True)


class Metrics:
    """Serves the page. ``snapshot`` and ``vitals`` are asked on the event loop."""

    def __init__(self, snapshot: Callable[[], Snapshot], vitals: Callable[[], Vitals]) -> None:
        self._snapshot, self._vitals = snapshot, vitals
        self._writer = Writer()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="upheld-metrics")
        self._page: asyncio.Task[Page] | None = None
        self._asked = -_LATELY

    def app(self) -> web.Application:
        """The listener's application."""
        app = web.Application()
        app.router.add_get("/metrics", self._metrics)
        app.router.add_get("/", _where)
        return app

    def close(self) -> None:
        """Let the thread end."""
        self._thread.shutdown(wait=False, cancel_futures=True)
        self._writer.close()

    def committed(self, accounts: Sequence[tuple[str, str]]) -> None:
        """Accounts changed. Their texts are made now if anybody scraped lately, so that a scrape stays short."""
        if accounts and asyncio.get_running_loop().time() - self._asked < _LATELY:
            self._thread.submit(self._writer.prepare, accounts)

    def renew(self) -> None:
        """Whoever asks from now on sees what is true now, not what was a moment ago."""
        self._page = None

    async def page(self) -> Page:
        """The rendering under way, or the last one while it is fresh, or a new one."""
        task = self._page
        stale = task is None or (task.done() and not _fresh(task))
        if task is None or stale:
            task = self._page = asyncio.create_task(self._render())
        return await asyncio.shield(task)

    async def _render(self) -> Page:
        loop = asyncio.get_running_loop()
        self._asked = loop.time()
        at, snapshot, vitals = loop.time(), self._snapshot(), self._vitals()
        return Page(await loop.run_in_executor(self._thread, self._writer.render, snapshot, vitals), at)

    async def _metrics(self, request: web.Request) -> web.Response:
        page = await self.page()
        headers = {"Content-Type": CONTENT_TYPE, "Vary": "Accept-Encoding"}
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            return web.Response(body=page.compressed, headers={**headers, "Content-Encoding": "gzip"})
        loop = asyncio.get_running_loop()
        plain = await loop.run_in_executor(self._thread, zlib.decompress, page.compressed, _GZIP)
        return web.Response(body=plain, headers=headers)


def _fresh(task: "asyncio.Task[Page]") -> bool:
    """A rendering that failed or was cancelled is not worth serving again."""
    if task.cancelled() or task.exception() is not None:
        return False
    return asyncio.get_running_loop().time() - task.result().at < FRESH


async def _where(_: web.Request) -> web.Response:
    return web.Response(text="upheld: see /metrics\n")
