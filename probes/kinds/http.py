"""Asks for a page over HTTP or HTTPS, and judges the answer by what was expected of it.

One run: resolve the name, connect, shake hands, ask, read, follow redirects, judge; a connection of its
own unless ``keep alive`` says otherwise, one deadline over all of it, the answer read within caps and
never unpacked. Latency is everything but name resolution unless ``latency of`` says otherwise.

Up: the answer came whole and every expectation held (by default: a status of 2xx).

Down, each with positive evidence from beyond this machine: ``refused reset closed`` (ended before the
answer was whole) ``timeout`` (this process proven alive throughout) ``unreachable_net unreachable_host
unreachable_protocol unreachable_port unreachable prohibited ttl_exceeded fragmentation_needed`` (an ICMP
error was received) ``nxdomain no_address`` (says the name's owner) ``tls tls_expired tls_not_yet_valid
tls_hostname tls_untrusted tls_revoked tls_certificate tls_client_certificate tls_protocol tls_closed``
``http_protocol header_limit`` (what came is no HTTP, or its head has no end) ``redirect_loop
redirect_limit redirect_refused`` ``status header body json certificate`` (expectations).

Unknown, because it is our own trouble or proves nothing: ``dns_local`` (our resolver) ``stall`` (a
silence while we were not there to hear) ``clock`` (a certificate's dates by a clock that nobody keeps)
``shutdown tls_files`` (a file of ours) ``body_limit encoding undecided`` (an expectation that could not be
looked at) ``bug`` and the names of errnos (``EMFILE ENETUNREACH EADDRNOTAVAIL`` …; of a silence too, where
our own link or gateway is gone or our own firewall lets nothing out).
"""

import asyncio
from collections.abc import Callable, Mapping

from config.model import Target
from probes.kind import Kit, Prober, Seen
from probes.net.gate import Gate
from probes.net.hop import FirstHop
from probes.net.http_idle import Idle
from probes.net.http_options import Options
from probes.net.http_plan import Plan, Tools, plan
from probes.net.http_run import Run
from probes.net.matcher import Matcher
from probes.net.poller import Poller
from probes.net.tls import Contexts

__all__ = ["NAME", "Options", "open"]

NAME = "http"


def open(kit: Kit) -> Prober:
    """The prober of this kind; must be called on the event loop it is to run on."""
    loop = asyncio.get_running_loop()
    return _Http(Tools(loop, Poller(loop), kit, Contexts(), Matcher(), Idle(loop), Gate(loop), FirstHop()))


class _Http:
    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._plans: dict[str, Plan] = {}
        self._runs: dict[Run, Callable[[Seen], None]] = {}

    def start(self, target: Target, done: Callable[[Seen], None], explain: bool = False) -> None:
        """See ``Prober``."""
        known = self._plans.get(target.name)
        if known is None or known.target is not target:
            known = self._plans[target.name] = plan(target, self._tools.contexts)
            self._tools.idle.forget(target.name)
        run = Run(self._tools, known, self._ended, explain)
        self._runs[run] = done
        if known.first.scheme == "https":
            self._tools.gate.enter(run.begin)
        else:
            run.begin()

    def keep(self, targets: Mapping[str, Target]) -> None:
        """See ``Keeping``."""
        for name in [name for name, known in self._plans.items() if targets.get(name) is not known.target]:
            del self._plans[name]
            self._tools.idle.forget(name)
        self._tools.contexts.keep({known.trust for known in self._plans.values()})

    def close(self) -> None:
        """See ``Prober``."""
        self._tools.gate.close()
        for run in list(self._runs):
            run.abort()
        self._tools.idle.close()
        self._tools.matcher.close()
        self._tools.poller.close()
        self._tools.first_hop.close()

    def _ended(self, run: Run, seen: Seen) -> None:
        done = self._runs.pop(run, None)
        if done is not None:
            done(seen)
