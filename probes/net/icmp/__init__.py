"""The ICMP echo engine: one socket per address family for every target, driven by a tick.

Theory. The kernel stamps a reply when it arrives and a request when the driver takes it, so the moment at which
this process wakes does not matter to any figure. Nothing is awaited per packet: on every tick a slice of what is
due is sent and all that came in is drained, in batches, whose cost is that of the kernel and little more.

The parts, each knowing only those above it:

* ``stamps``: the kernel's time stamps and what an error queue says; ``wire``: what a packet looks like;
* ``sockets``, ``filters``: the socket, its options, what it does not want to hear;
* ``batch`` (ctypes, sendmmsg and recvmmsg) and ``single`` (plain sockets): the same buffers filled either way;
* ``routes``, ``flight``: where packets go, and every packet that is or was under way;
* ``match``: which packet a reply or an ICMP error belongs to, or what else it is;
* ``verdict``: packets to outcome, a pure function; ``hop``: did our own first hop answer;
* ``lane``: one family's socket with all of these; ``engine``: the ticks, and what is not sent yet.
"""

SMALLEST = 24
"""Payload bytes that our own marks take: token, slot and nonce; see ``wire``."""
