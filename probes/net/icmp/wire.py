"""What an echo request of ours looks like, and how one is found again in what comes back (RFC 792, RFC 4443).

    0  type, code, checksum     2+2 bytes
    4  identifier, sequence     2+2   random per run within our block; the low 16 bits of the slot
    8  token                    4     random per socket
    12 slot                     4     where this packet stands in ``flight``, in this machine's byte order
    16 nonce                    16    random per packet: nobody off the path can make a reply to it
    32 padding                  zeros, up to the size asked for

Everything a reply must contain is known beforehand, so a reply counts only if every byte is right.
"""

import socket
import sys
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from probes.net.reasons import ORIGIN_ICMP, ORIGIN_ICMP6

HEAD = 8
HEAD_WORDS = 8
"""32-bit words of the ICMP header and our marks together."""

Words = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Family:
    """What differs between ICMP for IPv4 and for IPv6. ``name_words``: where a sockaddr holds the address."""

    number: int
    request: int
    reply: int
    errors: tuple[int, ...]
    origin: int
    name_words: slice
    quoted_head: int
    protocol: int


IPV4 = Family(socket.AF_INET, 8, 0, (3, 11, 12), ORIGIN_ICMP, slice(1, 2), 20, 1)
IPV6 = Family(socket.AF_INET6, 128, 129, (1, 2, 3, 4), ORIGIN_ICMP6, slice(2, 6), 40, 58)
FAMILIES = {socket.AF_INET: IPV4, socket.AF_INET6: IPV6}


class Quote(NamedTuple):
    """As much of a packet as an ICMP error quotes: its destination and the ICMP message's beginning."""

    source: bytes
    destination: bytes
    message: bytes


def seal(heads: Words) -> None:
    """Put the right checksum into each row of ``HEAD_WORDS`` words; behind them come zeros, which add nothing to it.

    The checksum (RFC 1071) is the complement of a sum modulo 0xFFFF of 16-bit words, in any byte order.
    """
    halves = heads.view(np.uint16)
    halves[:, 1] = 0xFFFF - (halves[:, 2:].sum(axis=1, dtype=np.uint32) + halves[:, 0]) % 0xFFFF


def turned(family: Family) -> int | None:
    """What makes the first word of a request that of its reply, added modulo 2³²; None where that is not known.

    The type falls by as much as the checksum rises (RFC 1624). Where the checksum overflows, or ICMPv6's own counts in
    addresses that the kernel chose, the sum is not the reply's first word: such a reply has to be looked at closely.
    """
    if family is not IPV4:
        return None
    type_unit, checksum_unit = (1, 1 << 16) if sys.byteorder == "little" else (1 << 24, 1 << 8)
    return (family.request - family.reply) * (checksum_unit - type_unit) % (1 << 32)


def intact(message: bytes) -> bool:
    """Whether an ICMP message's checksum is right."""
    even = message + b"\0" * (len(message) & 1)
    total = int(np.frombuffer(even, np.uint16).sum(dtype=np.uint64))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total == 0xFFFF


def icmp_of(packet: bytes, family: Family, with_ip: bool) -> bytes | None:
    """The ICMP message within what a socket handed us; None where it is too short to be one."""
    at = 0
    if with_ip and family is IPV4:
        at = (packet[0] & 15) * 4 if packet else 0
        if at < 20:
            return None
    return packet[at:] if len(packet) >= at + HEAD else None


def quote_of(message: bytes, family: Family) -> Quote | None:
    """The packet an ICMP error complains of, if it was an echo request."""
    packet = message[HEAD:]
    if family is IPV4:
        head = (packet[0] & 15) * 4 if packet else 0
        if head < 20 or len(packet) < head + 8 or packet[9] != family.protocol:
            return None
        quote = Quote(packet[12:16], packet[16:20], packet[head:])
    else:
        if len(packet) < 48 or packet[6] != family.protocol:
            return None
        quote = Quote(packet[8:24], packet[24:40], packet[40:])
    return quote if quote.message[0] == family.request else None
