"""From an answer that came whole to an outcome: when it really arrived, and whether it is what was expected."""

import asyncio
import logging
from collections.abc import Callable

from probes.clock import Life
from probes.kind import Kit
from probes.net import alive, firewall, http_expect, tcp, tls
from probes.net.hop import FirstHop
from probes.net.http_exchange import Exchange
from probes.net.http_expect import Check, Search
from probes.net.http_plan import Plan, Tools
from probes.net.http_wants import Expect
from probes.net.matcher import Matcher, Undecided
from probes.net.reasons import Finding
from probes.sample import Outcome

REQUEST_TIMEOUT = 408
TIMEOUT: Finding = (Outcome.DOWN, "timeout")
REFUSED: Finding = (Outcome.DOWN, "refused")
OUR_LINK = {
    "ENETDOWN": "our own link has no carrier",
    "ENETUNREACH": "this machine has no route there",
    "EHOSTUNREACH": "our own gateway does not answer",
    "EPERM": "this machine itself, by its firewall or for want of room, let nothing out",
}
"""What can be found out of this side after a silence. The kernel itself says so only after seconds, if ever."""
_REGARDLESS = tls.THEIRS | {"timeout", "certificate"}
"""What is so whatever they think of our certificate."""
_UNKEPT = "nobody keeps this machine's clock (chrony, systemd-timesyncd)"
_PATIENCE = 5.0
_LOG = logging.getLogger(__name__)


def arrived(exchange: Exchange) -> int:
    """When the last of the answer reached this machine (monotonic ns): read late, it may have come before."""
    read = exchange.marks[-1]
    since = tcp.since_last_data(exchange.sock) if exchange.sock is not None else None
    return read if since is None else read - since


def stale(exchange: Exchange) -> str | None:
    """Why a connection that was used before has proven nothing: it ended without an answer, or what came was said to
    its silence before this request (408, RFC 9110 section 15.5.9). None: it has."""
    if exchange.failure is not None:
        return None if exchange.response.wire_size else exchange.failure.text
    return "status 408" if exchange.response.status == REQUEST_TIMEOUT else None


def duration(exchange: Exchange, life: Life, start: int) -> tuple[int | None, int]:
    """How long the run took, and how much of that the answer lay unread before (ns).

    None where our own lag is a notable part of it and lies, or may lie, before the request was out.
    """
    end = exchange.marks[-1]
    if not alive.blurred(life, start, end):
        return end - start, 0
    sent, came = exchange.sent_at, arrived(exchange)
    if sent is None or came < sent or life.worst_lag(start, sent) >= alive.FINE:
        return None, 0
    return came - start, end - came


def checks(expect: Expect, exchange: Exchange, kit: Kit) -> list[Check]:
    """Every expectation but the regular expressions."""
    valid_for = None
    if expect.certificate_days is not None and exchange.peer is not None:
        certificate = tls.certificate(exchange.peer)
        valid_for = tls.valid_until(certificate) - kit.clock.wall() if certificate is not None else 0
    found = list(http_expect.checks(expect, exchange.response, valid_for))
    return found if kit.sync().synchronised is not False else [_undated(check) for check in found]


def _undated(check: Check) -> Check:
    """A check by a clock that nobody keeps: how long a certificate still is valid is not known by it."""
    if check.outcome is Outcome.DOWN and check.reason == "certificate":
        return Check(Outcome.UNKNOWN, "clock", f"{check.text}, by a clock that nobody keeps")
    return check


def verdict(results: list[Check]) -> Finding:
    """Up where everything held; else the first that did not, Down, being evidence, before Unknown."""
    for wanted in (Outcome.DOWN, Outcome.UNKNOWN):
        for check in results:
            if check.outcome is wanted:
                return check.outcome, check.reason
    return Outcome.UP, ""


def settled(finding: Finding, exchange: Exchange, kit: Kit, start: int, plan: Plan) -> tuple[Finding, str]:
    """The verdict after all, and why, where it is another. A server that gave up waiting for a request we were late to
    send blames us."""
    if finding[1] == "status" and exchange.response.status == REQUEST_TIMEOUT:
        silence: Finding = (Outcome.DOWN, "timeout")
        if alive.proven(silence, kit.life, start, exchange.marks[-1], plan.target.timeout) == alive.STALL:
            return alive.STALL, ""
    return _shown(finding, exchange, kit, plan)


def _shown(finding: Finding, exchange: Exchange | None, kit: Kit, plan: Plan) -> tuple[Finding, str]:
    """What it means that a server is not content, if it may be for the certificate that we showed: it says so by an
    alert, by closing, or by any page."""
    spoken = exchange is not None and exchange.call.context is not None and len(exchange.marks) > 1
    if not spoken or not plan.trust.shows or finding[0] is not Outcome.DOWN or finding[1] in _REGARDLESS:
        return finding, ""
    refused = finding[1] == "tls_client_certificate"
    if (why := plan.trust.unfit(kit.clock.wall(), refused)) is not None:
        return (Outcome.UNKNOWN, "tls_files"), f"{why}; until then this proves nothing"
    if refused and kit.sync().synchronised is False:
        return (Outcome.UNKNOWN, "clock"), _UNKEPT
    return finding, ""


def stopped(
    finding: Finding, tools: Tools, plan: Plan, address: str | None, exchange: Exchange | None, start: int
) -> tuple[Finding, str]:
    """What it means that there is no whole answer, and why it proves nothing where it does not: this process was not
    alive to hear one, a silence began at our own first hop, dates were compared with a clock that nobody keeps, or a
    certificate of ours is not to be accepted."""
    kit = tools.kit
    judged = alive.proven(finding, kit.life, start, kit.clock.monotonic(), plan.target.timeout)
    if judged != finding:
        return judged, "; but this process was not alive throughout, so it proves nothing"
    if finding in (TIMEOUT, REFUSED) and address is not None:
        blame = _blame(tools.first_hop, address, exchange) if finding == TIMEOUT else None
        if blame not in OUR_LINK and exchange is not None and _forbidden(exchange):
            blame = "EPERM"
        if blame in OUR_LINK:
            return (Outcome.UNKNOWN, blame), f"; but {OUR_LINK[blame]} ({blame}), so it proves nothing"
    if finding[1] in tls.DATED and kit.sync().synchronised is False:
        return (Outcome.UNKNOWN, "clock"), f"; but {_UNKEPT}"
    judged, why = _shown(finding, exchange, kit, plan)
    return judged, why and f"; but {why}"


def _blame(first_hop: FirstHop, address: str, exchange: Exchange | None) -> str | None:
    """What on this side a silence may come from."""
    sock = exchange.sock if exchange is not None else None
    blame = first_hop.blame(tcp.family_of(address), address, tcp.source_of(sock) if sock is not None else None)
    return "EPERM" if blame not in OUR_LINK and sock is not None and tcp.held_back(sock) else blame


def _forbidden(exchange: Exchange) -> bool:
    """Whether it did not come to a connection, and our own firewall lets none begin."""
    call = exchange.call
    return len(exchange.marks) == 1 and firewall.forbids(
        tcp.family_of(call.address), call.address, call.port, call.source
    )


class Searching:
    """The regular expressions of one answer, tried outside this process; ``done`` gets their checks."""

    def __init__(self, loop: asyncio.AbstractEventLoop, matcher: Matcher, searches: list[Search]) -> None:
        self._loop, self._matcher, self._searches = loop, matcher, searches
        self._task: asyncio.Task[None] | None = None

    def begin(self, done: Callable[[list[Check]], None]) -> None:
        """Try them, within five seconds in all."""
        self._task = self._loop.create_task(self._try(done))

    def stop(self) -> None:
        """Nobody waits for them any more."""
        if self._task is not None:
            self._task.cancel()

    async def _try(self, done: Callable[[list[Check]], None]) -> None:
        found: list[Check] = []
        try:
            async with asyncio.timeout(_PATIENCE):
                for search in self._searches:
                    hit = await self._matcher.search(search.pattern, search.text)
                    found.append(http_expect.found(search, hit))
        except (Undecided, TimeoutError) as error:
            found.append(Check(Outcome.UNKNOWN, "undecided", str(error) or "too many texts to search"))
        except Exception as bug:  # ours, so never the target's: Unknown, and loud
            _LOG.exception("searching an answer")
            found.append(Check(Outcome.UNKNOWN, "bug", f"{type(bug).__name__} in the probe itself"))
        self._task = None
        done(found)
