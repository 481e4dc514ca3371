"""One run of an HTTP probe: resolve, exchange, follow redirects, judge; one deadline over all of it.

Times. ``took`` runs from the start to the last byte read. ``phases`` are summed over redirects and say
what of it was whose: ``resolve``, ``connect``, ``tls``, ``first_byte`` (from the connection to the
answer's first byte) and ``transfer``; a phase that was not finished is not there, so a timeout's phases
tell how far it came. Where our own loop was late by a notable part of a duration, the kernel's time of
arrival is taken if only the reading was late; otherwise there is no ``took``: the outcome is known, the
latency is not.
"""

import asyncio
import logging
from collections.abc import Callable

from probes.clock import Life
from probes.kind import ResolveError, Seen
from probes.net import http_expect, http_judge
from probes.net.http_exchange import Call, Exchange
from probes.net.http_expect import Check
from probes.net.http_idle import Key
from probes.net.http_link import Link
from probes.net.http_plan import Plan, Tools
from probes.net.http_redirect import STATUSES, Refused, hop, inward
from probes.net.http_request import request
from probes.net.http_response import Response
from probes.net.http_steps import MISSING, Steps, milliseconds
from probes.net.reasons import Finding
from probes.net.tls import TlsFiles
from probes.sample import Outcome

HEARD = 1 / 3
"""The part of the timeout within which a kept connection must be heard on; the rest is for a new one."""
ORDER = ("resolve", "connect", "tls", "first_byte", "transfer")
_LOG = logging.getLogger(__name__)


class Run:
    """Calls ``done`` once with what was seen. A run makes little of its own: thousands are made every second."""

    __slots__ = (
        "_address", "_at", "_been", "_clock", "_done", "_exchange", "_from", "_method", "_over", "_phases", "_plan",
        "_searching", "_start", "_steps", "_task", "_timer", "_tools", "_url", "_waited",
    )  # fmt: skip

    def __init__(self, tools: Tools, plan: Plan, done: Callable[["Run", Seen], None], explain: bool) -> None:
        self._tools, self._plan, self._done = tools, plan, done
        self._clock = clock = tools.kit.clock
        self._url, self._method = plan.first, plan.method
        self._been: set[tuple[str, str]] = set()
        self._phases: dict[str, int] = {}
        self._from: str | None = None
        self._address: str | None = None
        self._exchange: Exchange | None = None
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._searching: http_judge.Searching | None = None
        self._steps = Steps(clock) if explain else None
        self._at, self._start = clock.wall(), clock.monotonic()
        self._over = self._waited = False

    @property
    def _deadline(self) -> int:
        return self._start + self._plan.target.timeout

    @property
    def _life(self) -> Life:
        return self._tools.kit.life

    def _note(self, text: str) -> None:
        if self._steps is not None:
            self._steps.note(text)

    def begin(self) -> None:
        """The run's time begins."""
        if self._over:
            return
        self._at, self._start = self._clock.wall(), self._clock.monotonic()
        if self._steps is not None:
            self._steps.restart(self._start)
        self._timer = self._tools.loop.call_later(self._plan.target.timeout / 1e9, self._guarded, self._expired)
        self._guarded(self._hop)

    def abort(self) -> None:
        """The process is ending: no verdict."""
        if not self._over:
            self._note("ended by shutdown")
            self._done(self, self._ending((Outcome.UNKNOWN, "shutdown"), self._clock.monotonic() - self._start))

    def _guarded(self, step: Callable[[], None]) -> None:
        """A bug of ours is Unknown, and loud; it must neither leave the run open nor look like a timeout."""
        if self._over:
            return
        try:
            step()
        except Exception as bug:
            _LOG.exception("http probe of target %s", self._plan.target.name)
            self._finish((Outcome.UNKNOWN, "bug"), f"{type(bug).__name__} in the probe itself")

    def _hop(self) -> None:
        """Begin the request for the current URL."""
        url = self._url
        if self._steps is not None:
            self._note(f"{self._method} {url}")
        if self._plan.options.keep_alive and (kept := self._tools.idle.take(self._key(), self._note)) is not None:
            self._note(f"connection to {kept[1]} used again")
            self._talk(kept[1], kept[0])
        elif url.literal:
            self._talk(url.host)
        elif (address := self._tools.kit.resolver.known(url.host, self._plan.family)) is not None:
            if self._steps is not None:
                self._note(f"{url.host} is {address}, known already")
            self._talk(address)
        else:
            self._task = self._tools.loop.create_task(self._resolve(url.host))

    async def _resolve(self, host: str) -> None:
        began = self._clock.monotonic()
        resolver, left = self._tools.kit.resolver, self._deadline - began
        try:
            address = await resolver.resolve(host, self._plan.family, left)
        except ResolveError as error:
            outcome = Outcome.UNKNOWN if error.reason == "dns_local" else Outcome.DOWN
            self._task = None
            self._finish((outcome, error.reason), f"resolving {host}: {error}")
            return
        except Exception as bug:
            _LOG.exception("resolving %s", host)
            self._task = None
            self._finish((Outcome.UNKNOWN, "bug"), f"{type(bug).__name__} in the resolver")
            return
        self._task = None
        took = self._clock.monotonic() - began
        self._phases["resolve"] = self._phases.get("resolve", 0) + took
        self._note(f"{host} is {address}, resolved in {milliseconds(took)}")
        self._guarded(lambda: self._talk(address))

    def _talk(self, address: str, used: Link | None = None) -> None:
        """One exchange with ``address``, if it may be talked to."""
        plan, url = self._plan, self._url
        self._address = address
        if url is not plan.first and (leads := inward(self._from or address, address, plan.options.redirects)):
            self._finish((Outcome.DOWN, "redirect_refused"), leads)
            return
        self._from = self._from or address
        home, context = url is plan.first or url.origin == plan.first.origin, None
        try:
            if url.scheme == "https":
                context = plan.trust.context(self._clock.monotonic())
        except TlsFiles as error:
            self._finish((Outcome.UNKNOWN, "tls_files"), str(error))
            return
        says = plan.request if url is plan.first else request(plan.options, url, self._method, home)
        name = (plan.options.tls.server_name if home else None) or url.host
        call = Call(address, url.port, plan.options.source, context, name, says)
        response = Response(self._method == "HEAD", plan.options.body_cap)
        tools = self._tools
        self._exchange = Exchange(tools.loop, tools.poller, self._clock, call, response, self._exchanged)
        self._exchange.begin(used, plan.target.timeout / 1e9 * HEARD)

    def _exchanged(self) -> None:
        self._guarded(self._ended)

    def _ended(self) -> None:
        """The exchange is over, whichever way."""
        exchange = self._exchange
        assert exchange is not None
        failure = exchange.failure
        if exchange.reused and (why := http_judge.stale(exchange)) is not None:
            self._note(f"the kept connection was dead ({why}); connecting anew")
            self._waited = failure is not None and failure.finding == http_judge.TIMEOUT
            exchange.close()
            self._talk(exchange.call.address)
            return
        self._add(exchange)
        if failure is not None:
            self._stopped(failure.finding, failure.text)
        elif exchange.marks[-1] > self._deadline and http_judge.arrived(exchange) > self._deadline:
            self._stopped(http_judge.TIMEOUT, "the answer came after the deadline")
        elif exchange.response.status in STATUSES and self._plan.options.redirects.follow:
            self._redirect(exchange)
        else:
            self._judge(exchange)

    def _add(self, exchange: Exchange) -> None:
        """What an exchange was, to what is told in the end."""
        phases = self._phases
        for phase, took in exchange.phases():
            phases[phase] = phases.get(phase, 0) + took
        if self._steps is not None:
            self._steps.exchange(exchange)

    def _redirect(self, exchange: Exchange) -> None:
        """Go where the answer says, within the rules."""
        location, rules = exchange.response.header("location"), self._plan.options.redirects
        if location is None:
            self._judge(exchange)
            return
        self._been.add((str(self._url), self._method))
        leads = hop(self._url, self._method, exchange.response.status, location, rules, self._been)
        if isinstance(leads, Refused):
            self._finish(leads.finding, leads.text)
        elif self._clock.monotonic() >= self._deadline:
            self._stopped(http_judge.TIMEOUT, "no time left for another redirect")
        else:
            exchange.close()
            self._exchange = None
            self._url, self._method = leads
            self._hop()

    def _judge(self, exchange: Exchange) -> None:
        """The answer is there: is it the right one?"""
        if self._timer is not None:
            self._timer.cancel()
        expect = self._plan.options.expect
        if self._plan.statuses and self._steps is None and expect.accepts(exchange.response.status):
            self._conclude([])  # nothing else was asked for, and nobody wants to read it
            return
        results = http_judge.checks(expect, exchange, self._tools.kit)
        searches = list(http_expect.searches(expect, exchange.response))
        if not searches or http_judge.verdict(results)[0] is not Outcome.UP:
            self._conclude(results)
            return
        self._searching = http_judge.Searching(self._tools.loop, self._tools.matcher, searches)
        self._searching.begin(lambda found: self._guarded(lambda: self._conclude(results + found)))

    def _conclude(self, results: list[Check]) -> None:
        """Every expectation has been looked at."""
        exchange, start = self._exchange, self._start
        assert exchange is not None
        if self._steps is not None:
            self._steps.checks(results)
        finding, why = http_judge.settled(http_judge.verdict(results), exchange, self._tools.kit, start, self._plan)
        took, unread = (None, 0) if self._waited else http_judge.duration(exchange, self._life, start)
        if unread:
            last = "transfer" if self._phases.get("transfer", 0) >= unread else "first_byte"
            self._phases[last] = max(0, self._phases.get(last, 0) - unread)
            self._note(f"the answer lay unread for {milliseconds(unread)}, by the kernel's own time")
        if took is None:
            self._phases.clear()
            self._note("time was lost on our own side: the outcome is known, the latency is not")
        if self._plan.options.keep_alive and exchange.response.keep and not exchange.response.cut:
            link, keep = exchange.release(), self._plan.target.max_gap
            if link is not None:
                self._tools.idle.put(self._key(), link, exchange.call.address, keep)
        self._finish(finding, why, took)

    def _stopped(self, finding: Finding, text: str) -> None:
        """There is no whole answer; was it us?"""
        at, plan = self._address, self._plan
        judged, why = http_judge.stopped(finding, self._tools, plan, at, self._exchange, self._start)
        self._finish(judged, text + why)

    def _expired(self) -> None:
        """The deadline has passed."""
        exchange = self._exchange
        if exchange is None:
            self._finish((Outcome.UNKNOWN, "dns_local"), "the resolver did not answer within the timeout")
            return
        exchange.drain()  # what lies unread is an answer too
        if self._over or exchange.over:
            return
        self._add(exchange)
        self._stopped(http_judge.TIMEOUT, f"no {MISSING[len(exchange.marks) - 1]} within the timeout")

    def _finish(self, finding: Finding, text: str = "", took: int | None = -1) -> None:
        """Tell what was seen; ``took`` None: not known, -1: until now."""
        if self._over:
            return
        if text:
            self._note(text)
        if self._steps is not None:
            self._note(" ".join(finding))
        spent = self._clock.monotonic() - self._start if took == -1 else took
        self._tools.loop.call_soon(self._done, self, self._ending(finding, spent))

    def _ending(self, finding: Finding, took: int | None) -> Seen:
        """Let go of everything, and what there is to tell."""
        self._over = True
        if self._timer is not None:
            self._timer.cancel()
        if self._task is not None:
            self._task.cancel()
        if self._searching is not None:
            self._searching.stop()
        if self._exchange is not None:
            self._exchange.close()
        phases = tuple((name, self._phases[name]) for name in ORDER if self._phases.get(name))
        outcome, reason = finding
        return Seen(
            at=self._at,
            outcome=outcome,
            reason=reason or None,
            took=took,
            phases=phases,
            address=self._address,
            steps=tuple(self._steps.lines) if self._steps is not None else (),
        )

    def _key(self) -> Key:
        return (self._plan.target.name, self._url.origin)
