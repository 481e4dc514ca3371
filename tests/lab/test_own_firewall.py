"""What our own firewall does to a connection is ours, however short the timeout; the target's own is the target's."""

import socket

import pytest

from probes.net import firewall
from probes.sample import Outcome
from tests.lab.space import needs_root, run, within
from tests.lab.test_icmp_network import HERE, THERE, two_networks
from tests.probes.pages import probe

pytestmark = [needs_root, pytest.mark.needs("ip", "nft")]
HOSTS = {THERE: HERE, "fd78::2": "fd78::1"}
LOOKS = {"drop": "timeout", "reject with tcp reset": "refused"}


def rules(hook: str, verdict: str) -> str:
    return f"table inet f {{\n chain c {{\n type filter hook {hook} priority 0; tcp dport 80 {verdict}\n }}\n }}\n"


@pytest.mark.parametrize("verdict", LOOKS)
@pytest.mark.parametrize("host", HOSTS)
async def test_a_first_packet_that_our_own_firewall_stops_is_unknown(host: str, verdict: str) -> None:
    """A reset that it makes up looks like a refusal; what it swallows, like silence, within less than the second after
    which the kernel counts a repetition."""
    url = f"http://[{host}]/" if ":" in host else f"http://{host}/"
    with two_networks():
        run("nft", rules("output", verdict))
        for more in ({}, {"source": HOSTS[host]}):
            seen = await probe(url, within=0.4, **({"family": 6} if ":" in host else {}), **more)
            assert (seen.outcome, seen.reason) == (Outcome.UNKNOWN, "EPERM")
            assert "by its firewall" in " ".join(seen.steps)


@pytest.mark.parametrize(("verdict", "reason"), LOOKS.items())
async def test_what_the_targets_firewall_does_is_the_targets(verdict: str, reason: str) -> None:
    with two_networks() as peer:
        within(peer, "nft", rules("input", verdict))
        seen = await probe(f"http://{THERE}/", within=0.4)
    assert (seen.outcome, seen.reason) == (Outcome.DOWN, reason)


async def test_what_asks_the_firewall_reaches_nobody() -> None:
    """A server sees nothing of it, and the kernel of the target finds its checksum wrong."""
    with two_networks() as peer:
        run("nft", rules("output", "counter"))
        within(peer, "nft", rules("input", "counter"))
        with socket.create_server((HERE, 80)) as listening:
            listening.settimeout(0.2)
            assert not firewall.forbids(socket.AF_INET, THERE, 80, HERE)
            assert not firewall.forbids(socket.AF_INET, HERE, 80, None)
            with pytest.raises(TimeoutError):
                listening.accept()
        assert "packets 1 " in within(peer, "nft", "list", "ruleset")
        told = within(peer, "cat", "/proc/net/snmp").splitlines()
    names, values = (line.split() for line in told if line.startswith("Tcp:"))
    counted = dict(zip(names, values, strict=True))
    assert (counted["InCsumErrors"], counted["OutRsts"]) == ("1", "0")
