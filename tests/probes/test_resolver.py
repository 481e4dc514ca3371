"""The resolver: what the owner of a name says is evidence, what our name server does not say is our own trouble."""

import asyncio
import socket
import time
from pathlib import Path

import dns.flags
import dns.message
import pytest

from probes.clock import SystemClock
from probes.kind import ResolveError
from probes.net.answer import Servers
from probes.net.resolver import KEPT, SystemResolver
from tests.probes.nameserver import NameServer, reply

V4, V6 = socket.AF_INET, socket.AF_INET6
SECOND = 1_000_000_000


class Clock(SystemClock):
    """The machine's clock, and a hand to turn it."""

    ahead = slept = 0

    def monotonic(self) -> int:
        return super().monotonic() + self.ahead

    def wall(self) -> int:
        return super().wall() + self.ahead + self.slept


def resolver(*servers: NameServer, hosts: Path = Path("/nonexistent"), clock: Clock | None = None) -> SystemResolver:
    addresses = tuple(("127.0.0.1", server.port) for server in servers)
    return SystemResolver(clock or Clock(), Servers(addresses), hosts)


async def refusal(asked: SystemResolver, name: str, family: int = V4, within: int = SECOND) -> str:
    with pytest.raises(ResolveError) as caught:
        await asked.resolve(name, family, within)
    return caught.value.reason


async def test_an_answer_is_kept_for_its_ttl_and_no_longer() -> None:
    async with NameServer({"a.test.": lambda q: [reply(q, "a.test. 30 A 192.0.2.1")]}) as server:
        clock = Clock()
        names = resolver(server, clock=clock)
        assert names.known("a.test", V4) is None
        assert await names.resolve("a.test", V4, SECOND) == "192.0.2.1"
        assert names.known("A.test.", V4) == "192.0.2.1"
        clock.ahead = 29 * SECOND
        assert await names.resolve("a.test", V4, SECOND) == "192.0.2.1"
        assert server.asked == ["a.test."]
        clock.ahead = 31 * SECOND
        assert names.known("a.test", V4) is None
        await names.resolve("a.test", V4, SECOND)
        assert len(server.asked) == 2


async def test_an_answer_without_ttl_is_not_kept() -> None:
    async with NameServer({"a.test.": lambda q: [reply(q, "a.test. 0 A 192.0.2.1")]}) as server:
        names = resolver(server)
        await names.resolve("a.test", V4, SECOND)
        assert names.known("a.test", V4) is None


async def test_aliases_are_followed_and_the_shortest_ttl_counts() -> None:
    records = ("a.test. 900 CNAME b.test.", "b.test. 10 A 192.0.2.2")
    async with NameServer({"a.test.": lambda q: [reply(q, *records)]}) as server:
        clock = Clock()
        names = resolver(server, clock=clock)
        assert await names.resolve("a.test", V4, SECOND) == "192.0.2.2"
        clock.ahead = 11 * SECOND
        assert names.known("a.test", V4) is None


async def test_the_family_is_the_one_asked_for() -> None:
    async with NameServer({"a.test.": lambda q: [reply(q, "a.test. 30 AAAA 2001:db8::1")]}) as server:
        names = resolver(server)
        assert await names.resolve("a.test", V6, SECOND) == "2001:db8::1"
        assert await refusal(names, "a.test", V4) == "no_address"


@pytest.mark.parametrize(
    ("name", "family", "address"),
    [("192.0.2.9", V4, "192.0.2.9"), ("2001:DB8::9", V6, "2001:db8::9"), ("localhost", V4, "127.0.0.1")],
)
async def test_a_literal_or_localhost_asks_nobody(name: str, family: int, address: str) -> None:
    names = resolver()
    assert names.known(name, family) == address
    assert await names.resolve(name, family, SECOND) == address


async def test_a_literal_of_the_other_family_has_no_address() -> None:
    assert resolver().known("192.0.2.9", V6) is None
    assert await refusal(resolver(), "192.0.2.9", V6) == "no_address"


async def test_the_hosts_file_comes_first_and_is_read_again_when_written(tmp_path: Path) -> None:
    hosts = tmp_path / "hosts"
    hosts.write_text("192.0.2.5 router.lan Router # the router\nnonsense x\n2001:db8::5 router.lan\n")
    clock = Clock()
    names = resolver(hosts=hosts, clock=clock)
    assert names.known("router.lan", V4) == "192.0.2.5"
    assert names.known("ROUTER", V4) == "192.0.2.5"
    assert names.known("router.lan", V6) == "2001:db8::5"
    hosts.write_text("192.0.2.66 router.lan\n")
    clock.ahead = 6 * SECOND
    assert names.known("router.lan", V4) == "192.0.2.66"


async def test_nxdomain_is_the_owners_word_and_is_not_kept() -> None:
    async with NameServer({"gone.test.": lambda q: [reply(q, rcode="NXDOMAIN")]}) as server:
        names = resolver(server)
        assert await refusal(names, "gone.test") == "nxdomain"
        assert await refusal(names, "gone.test") == "nxdomain"
        assert len(server.asked) == 2


@pytest.mark.parametrize("rcode", ["SERVFAIL", "REFUSED", "FORMERR", "NOTIMP"])
async def test_a_failing_name_server_is_our_own_trouble(rcode: str) -> None:
    async with NameServer({"a.test.": lambda q: [reply(q, rcode=rcode)]}) as server:
        assert await refusal(resolver(server), "a.test") == "dns_local"


async def test_a_silent_name_server_is_our_own_trouble_and_ends_in_time() -> None:
    async with NameServer({}) as server:
        began = time.monotonic()
        assert await refusal(resolver(server), "a.test", within=SECOND // 5) == "dns_local"
        assert time.monotonic() - began < 0.6


async def test_no_name_server_at_all_is_our_own_trouble(tmp_path: Path) -> None:
    names = SystemResolver(Clock(), hosts=tmp_path / "none", conf=tmp_path / "none")
    assert await refusal(names, "a.test") == "dns_local"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        closed = taken.getsockname()[1]
    dead = SystemResolver(Clock(), Servers((("127.0.0.1", closed),)), tmp_path / "none")
    assert await refusal(dead, "a.test", within=SECOND // 5) == "dns_local"


async def test_the_settings_are_read_and_read_again_when_written(tmp_path: Path) -> None:
    conf = tmp_path / "resolv.conf"
    conf.write_text("# nobody\n")
    names = SystemResolver(Clock(), hosts=tmp_path / "none", conf=conf)
    assert await refusal(names, "a.test") == "dns_local"
    conf.write_text("nameserver 127.0.0.77\noptions timeout:1\n")
    assert await refusal(names, "a.test", within=SECOND // 5) == "dns_local"
    assert names._servers().addresses == (("127.0.0.77", 53),)


async def test_a_second_server_is_asked_where_the_first_fails() -> None:
    bad = {"a.test.": lambda q: [reply(q, rcode="SERVFAIL")]}
    good = {"a.test.": lambda q: [reply(q, "a.test. 5 A 192.0.2.3")]}
    async with NameServer(bad) as first, NameServer(good) as second, NameServer({}) as silent:
        assert await resolver(first, second).resolve("a.test", V4, SECOND) == "192.0.2.3"
        assert await resolver(silent, second).resolve("a.test", V4, SECOND) == "192.0.2.3"


async def test_a_denial_needs_a_second_servers_consent_where_there_is_one() -> None:
    denies = {"a.test.": lambda q: [reply(q, rcode="NXDOMAIN")]}
    good = {"a.test.": lambda q: [reply(q, "a.test. 5 A 192.0.2.3")]}
    async with NameServer(denies) as first, NameServer(good) as second, NameServer(denies) as third:
        assert await resolver(first, second).resolve("a.test", V4, SECOND) == "192.0.2.3"
        assert await refusal(resolver(first, third), "a.test") == "nxdomain"
        async with NameServer({}) as silent:
            assert await resolver(first, silent, second).resolve("a.test", V4, SECOND) == "192.0.2.3"
            for others in ((silent,), (silent, silent)):  # it stands, and within the time
                assert await refusal(resolver(first, *others), "a.test", within=SECOND // 2) == "nxdomain"


async def test_packets_that_do_not_fit_the_question_are_passed_over() -> None:
    def hostile(query: dns.message.Message) -> list[bytes]:
        good = reply(query, "a.test. 5 A 192.0.2.4")
        other = dns.message.make_query("b.test.", "A")
        other.id = query.id
        wrong_id = bytes([good[0] ^ 1]) + reply(query, "a.test. 5 A 198.51.100.1")[1:]
        return [b"", b"junk", wrong_id, reply(other, "b.test. 5 A 198.51.100.2"), good]

    async with NameServer({"a.test.": hostile}) as server:
        assert await resolver(server).resolve("a.test", V4, SECOND) == "192.0.2.4"


def truncated(query: dns.message.Message) -> list[bytes]:
    answer = dns.message.make_response(query)
    answer.flags |= dns.flags.TC
    return [answer.to_wire()]


async def test_what_does_not_fit_a_datagram_is_asked_for_over_tcp() -> None:
    answers = {"a.test.": truncated, "tcp:a.test.": lambda q: [reply(q, "a.test. 5 A 192.0.2.6")]}
    async with NameServer(answers) as server:
        assert await resolver(server).resolve("a.test", V4, SECOND) == "192.0.2.6"
        assert server.asked == ["a.test.", "tcp:a.test."]


async def test_a_stalled_tcp_fallback_is_our_own_trouble() -> None:
    async with NameServer({"a.test.": truncated}) as server:
        assert await refusal(resolver(server), "a.test", within=SECOND // 5) == "dns_local"


async def test_a_loop_of_aliases_is_no_evidence() -> None:
    records = ("a.test. 5 CNAME b.test.", "b.test. 5 CNAME a.test.")
    async with NameServer({"a.test.": lambda q: [reply(q, *records)]}) as server:
        assert await refusal(resolver(server), "a.test") == "dns_local"


async def test_a_name_that_cannot_be_one_is_denied_at_once() -> None:
    async with NameServer({}) as server:
        assert await refusal(resolver(server), "a..test") == "nxdomain"
        assert await refusal(resolver(server), f"{'a' * 64}.test") == "nxdomain"
        assert server.asked == []


async def test_names_without_dots_are_tried_with_the_search_list() -> None:
    import dns.name

    answers = {
        "www.lan.test.": lambda q: [reply(q, "www.lan.test. 5 A 192.0.2.7")],
        "other.lan.test.": lambda q: [reply(q, rcode="NXDOMAIN")],
        "other.": lambda q: [reply(q, rcode="NXDOMAIN")],
    }
    async with NameServer(answers) as server:
        settings = Servers((("127.0.0.1", server.port),), (dns.name.from_text("lan.test."),))
        names = SystemResolver(Clock(), settings, Path("/nonexistent"))
        assert await names.resolve("www", V4, SECOND) == "192.0.2.7"
        assert await refusal(names, "other") == "nxdomain"


async def test_many_who_want_one_name_ask_once() -> None:
    async with NameServer({"a.test.": lambda q: [reply(q, "a.test. 5 A 192.0.2.1")]}) as server:
        names = resolver(server)
        answers = await asyncio.gather(*(names.resolve("a.test", V4, SECOND) for _ in range(50)))
        assert set(answers) == {"192.0.2.1"} and server.asked == ["a.test."]


async def test_names_that_nobody_answers_for_delay_no_other_name() -> None:
    async with NameServer({"a.test.": lambda q: [reply(q, "a.test. 5 A 192.0.2.1")]}) as server:
        names = resolver(server)
        silent = [asyncio.ensure_future(refusal(names, f"n{i}.test", within=SECOND // 2)) for i in range(40)]
        await asyncio.sleep(0)
        began = time.monotonic()
        assert await names.resolve("a.test", V4, SECOND) == "192.0.2.1"
        assert time.monotonic() - began < 0.2
        assert set(await asyncio.gather(*silent)) == {"dns_local"}
        names.close()


async def test_closing_ends_who_waits() -> None:
    async with NameServer({}) as server:
        names = resolver(server)
        waiting = asyncio.ensure_future(refusal(names, "a.test", within=30 * SECOND))
        await asyncio.sleep(0.05)
        names.close()
        assert await waiting == "dns_local"


async def test_what_is_kept_is_bounded() -> None:
    from probes.net.answer import Answer

    names = resolver()
    for number in range(KEPT + 10):
        names._keep((f"n{number}", V4), Answer("192.0.2.1", SECOND))
    assert len(names._kept) == KEPT
    assert names.known("n5", V4) is None and names.known(f"n{KEPT + 9}", V4) == "192.0.2.1"
