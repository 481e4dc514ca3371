"""Names to addresses, without the C library and its threads: forty names on a dead server stop nobody else.

What is at hand (a literal, the hosts file, an answer whose TTL has not passed) is given at once. The rest
is asked for, once at a time for each name however many want it, at most ``AT_ONCE`` queries in flight. A
name that nobody answered for waits in a smaller queue from then on until it is answered, so that names
whose servers are dead cannot take every place. Denials are not kept: a name that comes to life is seen by
the next probe.
"""

import asyncio
import ipaddress
import socket
import sys
from importlib import import_module
from pathlib import Path

from probes.clock import Clock
from probes.kind import ResolveError
from probes.net.answer import Answer, Servers, Silent
from probes.net.hosts import Hosts

AT_ONCE, SLOW_AT_ONCE = 256, 32
KEPT = 50_000
LONGEST = 3_600_000_000_000
_SECOND = 1_000_000_000
_VERSIONS: dict[int, int] = {socket.AF_INET: 4, socket.AF_INET6: 6}
_LOOK = 5 * _SECOND
_ASKING = "probes.net.nameservers"

Question = tuple[str, int]


class SystemResolver:
    """Implements ``probes.kind.Resolver`` with this machine's own settings, which are read again when
    changed.
    """

    def __init__(
        self,
        clock: Clock,
        servers: Servers | None = None,
        hosts: Path = Path("/etc/hosts"),
        conf: Path = Path("/etc/resolv.conf"),
    ) -> None:
        """``servers``: ask these, whatever ``conf`` says."""
        self._clock, self._given, self._conf = clock, servers, conf
        self._hosts = Hosts(hosts)
        self._looked: int | None = None
        self._read: tuple[int, Servers] | None = None
        self._kept: dict[Question, tuple[str, int, int]] = {}
        self._asked: dict[Question, asyncio.Task[Answer]] = {}
        self._slow: set[Question] = set()
        self._places = asyncio.Semaphore(AT_ONCE)
        self._slow_places = asyncio.Semaphore(SLOW_AT_ONCE)

    def known(self, name: str, family: int) -> str | None:
        """See ``Resolver``."""
        now = self._clock.monotonic()
        if (version := _version(name)) is not None:
            return str(ipaddress.ip_address(name)) if version == _VERSIONS[family] else None
        if self._looked is None or now - self._looked >= _LOOK:
            self._looked = now
            self._hosts.refresh()
        name = name.lower().rstrip(".")
        if (address := self._hosts.find(name, family)) is not None:
            return address
        kept = self._kept.get((name, family))
        # By both clocks: the monotonic one stands still while the machine is suspended, the other may be set back.
        return kept[0] if kept is not None and kept[1] > now and kept[2] > self._clock.wall() else None

    async def resolve(self, name: str, family: int, timeout: int) -> str:  # noqa: ASYNC109 - ns, of the probe
        """See ``Resolver``."""
        if (address := self.known(name, family)) is not None:
            return address
        if (version := _version(name)) is not None:
            raise ResolveError("no_address", f"{name} is an IPv{version} address")
        if self._hosts.trouble is not None:
            raise ResolveError("dns_local", self._hosts.trouble)
        deadline = self._clock.monotonic() + timeout
        while True:
            question, left = (name.lower(), family), deadline - self._clock.monotonic()
            joined = question in self._asked
            try:
                return await self._answer(question, left)
            except Silent:
                if not joined:  # else it was somebody less patient who gave up
                    raise

    async def _answer(self, question: Question, left: int) -> str:
        """The answer to a question, asked by us or by somebody before us, within ``left`` ns."""
        asked = self._asked.get(question)
        if asked is None:
            asked = asyncio.get_running_loop().create_task(self._ask(question, left))
            self._asked[question] = asked
            asked.add_done_callback(lambda task: self._answered(question, task))
        try:
            async with asyncio.timeout(max(0, left) / _SECOND):
                return (await asyncio.shield(asked)).address
        except TimeoutError:
            raise ResolveError("dns_local", "no name server answered in time") from None
        except asyncio.CancelledError:
            if asked.cancelled():
                raise ResolveError("dns_local", "the resolver was closed") from None
            raise

    def close(self) -> None:
        """Stop asking."""
        for task in self._asked.values():
            task.cancel()

    async def _ask(self, question: Question, allowed: int) -> Answer:
        deadline = self._clock.monotonic() + allowed
        async with self._slow_places if question in self._slow else self._places:
            await _loaded()
            from probes.net import nameservers

            servers = self._servers()
            return await nameservers.ask(self._clock, servers, *question, allowed=deadline - self._clock.monotonic())

    def _answered(self, question: Question, task: asyncio.Task[Answer]) -> None:
        del self._asked[question]
        if task.cancelled():
            return
        error = task.exception()
        if isinstance(error, Silent):
            self._slow.add(question)
            return
        self._slow.discard(question)
        if error is None:
            self._keep(question, task.result())

    def _keep(self, question: Question, answer: Answer) -> None:
        """Until its TTL has passed; the oldest make room."""
        key = (question[0].rstrip("."), question[1])
        self._kept.pop(key, None)
        if answer.ttl > 0:
            ttl, clock = min(answer.ttl, LONGEST), self._clock
            self._kept[key] = (answer.address, clock.monotonic() + ttl, clock.wall() + ttl)
        if len(self._kept) > KEPT:
            del self._kept[next(iter(self._kept))]

    def _servers(self) -> Servers:
        if self._given is not None:
            return self._given
        try:
            stamp = self._conf.stat().st_mtime_ns
        except OSError as error:
            raise ResolveError("dns_local", f"{self._conf}: {error.strerror}") from error
        if self._read is None or self._read[0] != stamp:
            from probes.net import nameservers

            self._read = (stamp, nameservers.read(self._conf))
        return self._read[1]


async def _loaded() -> None:
    """What asks name servers takes five megabytes, and who has addresses only never needs it. The event loop goes on
    while it is imported. Raises ResolveError where it cannot be, for lack of descriptors say; it is tried again then.
    """
    if _ASKING not in sys.modules:
        try:
            await asyncio.to_thread(import_module, _ASKING)
        except (ImportError, OSError) as error:
            raise ResolveError("dns_local", f"what asks name servers cannot be loaded: {error}") from error


def _version(name: str) -> int | None:
    """4 or 6 where the name is an address already."""
    try:
        return ipaddress.ip_address(name).version
    except ValueError:
        return None
