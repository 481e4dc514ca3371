"""What looks like the owner's word about a name and is none, and answers that are older than their age says."""

from pathlib import Path

import pytest

from tests.probes.descriptors import few_descriptors
from tests.probes.nameserver import NameServer, reply
from tests.probes.test_resolver import SECOND, V4, Clock, refusal, resolver


async def test_a_hosts_file_that_cannot_be_read_denies_nothing_and_takes_nothing_back(tmp_path: Path) -> None:
    """Written anew while no descriptor is left: it was as good as empty, and its names were none, for seconds."""
    hosts, clock = tmp_path / "hosts", Clock()
    hosts.write_text("192.0.2.5 router.lan\n")
    async with NameServer(
        {f"{name}.lan.": lambda q: [reply(q, rcode="NXDOMAIN")] for name in ("router", "new")}
    ) as dns:
        names = resolver(dns, hosts=hosts, clock=clock)
        assert names.known("router.lan", V4) == "192.0.2.5"
        hosts.write_text("192.0.2.5 router.lan\n192.0.2.6 new.lan\n")
        clock.ahead = 6 * SECOND
        with few_descriptors(0):
            assert names.known("router.lan", V4) == "192.0.2.5"
        assert await refusal(names, "new.lan") == "dns_local"
        clock.ahead = 12 * SECOND
        assert await names.resolve("new.lan", V4, SECOND) == "192.0.2.6"


@pytest.mark.parametrize(
    ("beside", "reason"),
    [
        (("test. 60 NS ns.test.",), "dns_local"),
        ((". 60 NS a.root-servers.net.",), "dns_local"),
        (("test. 60 NS ns.test.", "test. 60 SOA ns.test. me.test. 1 2 3 4 5"), "no_address"),
        ((), "no_address"),
    ],
)
async def test_a_server_that_only_says_whom_else_to_ask_denies_nothing(beside: tuple[str, ...], reason: str) -> None:
    async with NameServer({"a.test.": lambda q: [reply(q, beside=beside)]}) as server:
        assert await refusal(resolver(server), "a.test") == reason


@pytest.mark.parametrize("nowhere", ["0.0.0.0", "255.255.255.255", "224.0.0.1"])
async def test_an_answer_that_is_no_machines_address_is_none(nowhere: str) -> None:
    """A resolver that filters gives 0.0.0.0, and whoever connects there reaches this machine itself."""
    async with NameServer({"a.test.": lambda q: [reply(q, f"a.test. 5 A {nowhere}")]}) as first:
        assert await refusal(resolver(first), "a.test") == "dns_local"
        async with NameServer({"a.test.": lambda q: [reply(q, "a.test. 5 A 192.0.2.1")]}) as second:
            assert await resolver(first, second).resolve("a.test", V4, SECOND) == "192.0.2.1"


async def test_a_line_of_the_hosts_file_that_sends_a_name_nowhere_is_passed_over(tmp_path: Path) -> None:
    hosts = tmp_path / "hosts"
    hosts.write_text("0.0.0.0 a.test\n:: a.test\n192.0.2.7 b.test\n")
    async with NameServer({"a.test.": lambda q: [reply(q, "a.test. 5 A 192.0.2.1")]}) as server:
        names = resolver(server, hosts=hosts)
        assert await names.resolve("a.test", V4, SECOND) == "192.0.2.1"
        assert names.known("b.test", V4) == "192.0.2.7"


async def test_an_answer_is_not_kept_over_a_suspend() -> None:
    """The monotonic clock stands still meanwhile; the wall clock has caught up afterwards."""
    async with NameServer({"a.test.": lambda q: [reply(q, "a.test. 300 A 192.0.2.1")]}) as server:
        clock = Clock()
        names = resolver(server, clock=clock)
        await names.resolve("a.test", V4, SECOND)
        assert names.known("a.test", V4) == "192.0.2.1"
        clock.slept = 301 * SECOND
        assert names.known("a.test", V4) is None
