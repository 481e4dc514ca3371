"""A run told to a person: every packet with its stamps, where they came from, and how it was judged."""

from datetime import UTC, datetime

from probes.net.icmp.run import Run
from probes.net.icmp.sockets import Opened
from probes.net.icmp.verdict import Packet, Verdict


def explain(run: Run, packets: list[Packet], verdict: Verdict, opened: Opened, transport: str) -> tuple[str, ...]:
    """One line each: the socket, how packets are made, each packet, what else came in, the verdict."""
    plan, route = run.plan, run.plan.route
    lines = [
        f"{opened.kind} ICMP socket for {'IPv4' if opened.sock.family == 2 else 'IPv6'}, {transport}; "
        f"sending stamped by {'the kernel' if opened.stamps_sent else 'this process'}, "
        f"receipt by {'the kernel' if opened.stamps_received else 'this process'}",
        f"to {route.address}: {plan.packets} packets of {route.size} bytes, {_ms(plan.spacing)} apart, "
        f"each waits {_ms(plan.timeout)} for its reply{_extras(run)}",
    ]
    for number, (packet, words) in enumerate(zip(packets, verdict.words, strict=True)):
        lines.append(f"packet {number}: {_packet(packet)}{words}")
    for number, kind, stamp in run.notes:
        lines.append(f"packet {number}: {_KINDS.get(kind, kind)} at {_instant(stamp)}, not counted")
    rule = str(plan.limit) if plan.limit else "at least one reply"
    lines.append(
        f"{verdict.received} of {len(verdict.rtts)} packets proven sent were answered; up when {rule}: "
        f"{verdict.outcome}{f' ({verdict.reason})' if verdict.reason else ''}"
    )
    return tuple(lines)


_KINDS = {
    "duplicates": "a duplicate reply",
    "corrupt": "a corrupted reply",
    "foreign": "a reply from another address",
    "mismatched": "a reply with a wrong identifier or sequence number",
    "forged": "a reply with a wrong nonce",
}


def _extras(run: Run) -> str:
    route = run.plan.route
    said = (("TTL", route.ttl), ("DSCP", route.dscp), ("from", route.source))
    return "".join(f", {name} {value}" for name, value in said if value is not None)


def _packet(packet: Packet) -> str:
    if not packet.sent:
        return ""
    text = f"sent {_instant(packet.sent)} ({'kernel' if packet.stamped else 'process'}), "
    if packet.received:
        text += f"reply {_instant(packet.received)} ({'kernel' if packet.heard else 'process'}), "
    return text


def _instant(ns: int) -> str:
    seconds, rest = divmod(ns, 1_000_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%H:%M:%S}.{rest:09d}Z"


def _ms(ns: int) -> str:
    return f"{ns / 1_000_000:g} ms"
