"""Asking the machine's name servers (RFC 1035), and telling whose "no" an answer is.

The server's word about the name (an answer, NXDOMAIN, no record) comes from the name's owner and is evidence.
SERVFAIL, REFUSED, silence or nonsense is the resolver's own trouble. A packet that does not fit the question
(wrong id, name, sender, not DNS) is passed over and the wait goes on: anyone can send one.
A name that a first server denies is asked of the others, where there are any, before it is believed: one that knows it
is right, for a server may be behind or see another side of the name (the C library believes the first). Where those
say nothing in time the denial stands, as RFC 8020 has it.
"""

import asyncio
import socket
from collections.abc import Sequence
from pathlib import Path

import dns.asyncquery
import dns.exception
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.resolver

from probes.clock import Clock
from probes.kind import ResolveError
from probes.net.answer import Answer, Servers, Silent
from probes.net.host import of_one_machine

LONGEST_TRY = 2_000_000_000
_SECOND = 1_000_000_000
_TYPES = {socket.AF_INET: dns.rdatatype.A, socket.AF_INET6: dns.rdatatype.AAAA}


def read(path: Path) -> Servers:
    """What resolv.conf(5) says. Raises ResolveError ``dns_local`` where it names no server."""
    try:
        found = dns.resolver.Resolver(str(path))
    except (dns.exception.DNSException, OSError, ValueError) as error:
        raise ResolveError("dns_local", f"{path} cannot be used: {error}") from error
    addresses = tuple((str(server), found.port) for server in found.nameservers)
    if not addresses:
        raise ResolveError("dns_local", f"{path} names no server")
    return Servers(addresses, tuple(found.search), found.ndots if found.ndots is not None else 1)


async def ask(clock: Clock, servers: Servers, name: str, family: int, allowed: int) -> Answer:
    """One address of ``name`` within ``allowed`` ns. Raises ResolveError; ``Silent`` where nobody
    answered.
    """
    deadline = clock.monotonic() + allowed
    refusal: ResolveError | None = None
    for candidate in _candidates(servers, name):
        try:
            return await _ask_each(clock, servers.addresses, candidate, family, deadline)
        except ResolveError as error:
            if error.reason == "dns_local":
                raise
            refusal = error
    assert refusal is not None  # there is always a candidate
    raise refusal


async def _ask_each(
    clock: Clock, addresses: Sequence[tuple[str, int]], name: dns.name.Name, family: int, deadline: int
) -> Answer:
    """The first server's answer; its denial unless the next one knows better; its silence passed on."""
    denial: ResolveError | None = None
    trouble: ResolveError | None = None
    for count, server in enumerate(addresses):
        left, more = deadline - clock.monotonic(), len(addresses) - count - 1 + (denial is not None)
        share = min(LONGEST_TRY, left // (more + 1)) if more else left
        try:
            return await _ask_one(server, name, family, share)
        except ResolveError as error:
            if error.reason == "dns_local":
                trouble = error
            elif denial is not None:
                break
            else:
                denial = error
    if denial is not None:
        raise denial
    assert trouble is not None  # there is always a server
    raise trouble


async def _ask_one(server: tuple[str, int], name: dns.name.Name, family: int, allowed: int) -> Answer:
    """One server's word, over UDP and, where that does not hold the answer, TCP."""
    address, port = server
    if allowed <= 0:
        raise Silent("dns_local", "no time left to ask")
    query = dns.message.make_query(name, _TYPES[socket.AddressFamily(family)])
    try:
        async with asyncio.timeout(allowed / _SECOND):
            reply, _ = await dns.asyncquery.udp_with_fallback(
                query, address, port=port, ignore_unexpected=True, ignore_errors=True
            )
    except (TimeoutError, dns.exception.Timeout):
        raise Silent("dns_local", f"name server {address} did not answer within {allowed // 1_000_000} ms") from None
    except (OSError, EOFError, dns.exception.DNSException) as error:
        raise ResolveError("dns_local", f"name server {address}: {error or type(error).__name__}") from error
    return _read(reply, f"name server {address}", name)


def _read(reply: dns.message.Message, who: str, name: dns.name.Name) -> Answer:
    """What a reply says."""
    code = reply.rcode()
    if code == dns.rcode.NXDOMAIN:
        raise ResolveError("nxdomain", f"{who}: there is no {name}")
    if code != dns.rcode.NOERROR:
        raise ResolveError("dns_local", f"{who} answered {dns.rcode.to_text(code)}")
    try:
        chain = reply.resolve_chaining() if isinstance(reply, dns.message.QueryMessage) else None
    except dns.exception.DNSException as error:
        raise ResolveError("dns_local", f"{who}: {error or 'a chain of names without end'}") from error
    if chain is None or chain.answer is None or not len(chain.answer):
        told = {rrset.rdtype for rrset in reply.authority}
        if dns.rdatatype.NS in told and dns.rdatatype.SOA not in told:  # a referral (RFC 2308 section 2.2)
            raise ResolveError("dns_local", f"{who} does not look names up, it only says whom else to ask")
        raise ResolveError("no_address", f"{who}: {name} has no address of that family")
    address = str(chain.answer[0])
    if not of_one_machine(address):  # a list of unwanted names; the name's owner gives nobody such a one
        raise ResolveError("dns_local", f"{who} gives {address} for {name}, which is no machine's address")
    return Answer(address, int(chain.minimum_ttl) * _SECOND)


def _candidates(servers: Servers, name: str) -> list[dns.name.Name]:
    """The full names that ``name`` may stand for, in the order they are tried (resolv.conf(5), search,
    ndots).
    """
    try:
        absolute = dns.name.from_text(name)
        if name.endswith(".") or name.count(".") >= servers.ndots:
            return [absolute]
        relative = dns.name.from_text(name, None)
        return [*(relative.concatenate(suffix) for suffix in servers.search), absolute]
    except dns.exception.DNSException as error:
        raise ResolveError("nxdomain", f"{name!r} is no domain name: {error}") from error
