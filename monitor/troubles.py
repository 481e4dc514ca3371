"""What is our own trouble, told to whoever keeps this machine: a line a minute for each cause, and what helps.

Its time is Unknown, which spares the provider and helps nobody to see it.
"""

import logging

from config.model import Config
from monitor.log import say
from probes.columns import Columns
from probes.sample import Outcome, Sample

ADVICE = {
    "dns_local": "names cannot be looked up; see that a name server of /etc/resolv.conf answers",
    "ENETUNREACH": "this machine has no route; see `ip route` and, for IPv6, `ip -6 route`",
    "EHOSTUNREACH": "the next hop does not answer; see `ip route` and `ip neigh`",
    "ENETDOWN": "a link of this machine is down; see `ip link`",
    "ENODEV": "there is no such interface; see `ip link` and the zone behind '%' in the address",
    "EADDRNOTAVAIL": "no source address or port is left; see 'source' and `sysctl net.ipv4.ip_local_port_range`",
    "EACCES": "a route or firewall of this machine forbids it; see `ip route` and `nft list ruleset`",
    "EPERM": "a firewall of this machine forbids it, or a right is missing; see `nft list ruleset` and `upheld doctor`",
    "ECONNREFUSED": "a firewall of this machine refuses it; see `nft list ruleset`",
    "EMFILE": "this process has no descriptor left; raise LimitNOFILE= or `ulimit -n`",
    "ENFILE": "this machine has no descriptor left; raise `sysctl fs.file-max`",
    "ENOBUFS": "packets do not leave this machine, its queues are full; see `ip -s link` and `upheld doctor`",
    "ENOMEM": "this machine has no memory left",
    "stall": "this process did not run in time; see whether the machine is overloaded or was stopped",
    "clock": "certificates cannot be judged, since nobody keeps this machine's clock; run chrony or systemd-timesyncd",
    "tls_files": "a TLS file of ours cannot be used, or is out of date; `upheld probe` of the target says which",
}
"""By the reason of an Unknown sample."""


class Troubles:
    """Listens to one vantage's samples."""

    def __init__(self) -> None:
        self._vantage = ""
        self._witnesses: frozenset[str] = frozenset()
        self._mute: set[str] = set()

    def configure(self, config: Config) -> None:
        """Whose samples these are, and who its witnesses."""
        self._vantage, self._witnesses = config.vantage.name, frozenset(config.vantage.witnesses)
        self._mute &= self._witnesses

    def heard(self, sample: Sample) -> None:
        """One sample."""
        if sample.outcome is Outcome.UP:
            self._mute.discard(sample.target)
            return
        if sample.outcome is Outcome.UNKNOWN and (advice := ADVICE.get(sample.reason or "")) is not None:
            text = f"{advice}; {sample.target} is Unknown meanwhile"
            say(logging.WARNING, sample.reason or "", f"vantage {self._vantage}", text)
        if sample.target in self._witnesses and sample.reason != "shutdown":
            self._mute.add(sample.target)
            if self._mute == self._witnesses:
                self._cut_off()

    def went_well(self, columns: Columns) -> None:
        """Several that are Up."""
        if self._mute:
            self._mute -= {columns.words[place] or "" for place in set(columns["target"].tolist())}

    def _cut_off(self) -> None:
        names = ", ".join(sorted(self._witnesses))
        text = f"none of its witnesses ({names}) answers: what fails meanwhile is Unknown; see this machine's own line"
        say(logging.WARNING, "vantage_cut_off", f"vantage {self._vantage}", text)
