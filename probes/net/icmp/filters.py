"""What the engine's raw socket is to hear, as a classic BPF program (Linux ``networking/filter.rst``).

A raw ICMP socket hears every ICMP message of the machine, so that another pinger's replies would wake and cost us;
filtered in the kernel they cost next to nothing. Let through are: echo replies that carry our token *or* whose
identifier is of our block (256 identifiers under one random high byte), so that a reply spoilt in either is still
seen and counted; and ICMP errors that quote an echo request of our block.
"""

import ctypes
import socket
import struct

SO_ATTACH_FILTER = 26
_LOAD_X_HEAD, _LOAD_X = 0xB1, 0x01
_BYTE, _WORD = 0x50, 0x40
_JUMP_EQUAL, _RETURN = 0x15, 0x06
_KEEP, _DROP = 0xFFFFFFFF, 0

Instruction = tuple[int, int, int, int]


class Labels:
    """Instructions with named jump targets: BPF counts jumps in instructions ahead, people do not."""

    def __init__(self) -> None:
        self._lines: list[tuple[int, int, str | None, str | None]] = []
        self._at: dict[str, int] = {}

    def load(self, code: int, offset: int) -> None:
        """One load instruction."""
        self._lines.append((code, offset, None, None))

    def when(self, value: int, yes: str | None, no: str | None) -> None:
        """Go to ``yes`` if what was loaded equals ``value``, else to ``no``; None goes on."""
        self._lines.append((_JUMP_EQUAL, value, yes, no))

    def give(self, value: int) -> None:
        """End: how many bytes to keep."""
        self._lines.append((_RETURN, value, None, None))

    def label(self, name: str) -> None:
        """The next instruction is called ``name``."""
        self._at[name] = len(self._lines)

    def program(self) -> list[Instruction]:
        """The instructions with their jumps worked out."""
        return [
            (code, self._ahead(yes, at), self._ahead(no, at), value)
            for at, (code, value, yes, no) in enumerate(self._lines)
        ]

    def _ahead(self, name: str | None, at: int) -> int:
        return 0 if name is None else self._at[name] - at - 1


def program(family: int, block: int, token: int) -> list[Instruction]:
    """The filter for one family; ``block`` is the high byte of our identifiers, ``token`` a 32-bit number as
    it stands on the wire. IPv4 packets begin at their IP header, ICMPv6 ones at the ICMP header."""
    four = family == socket.AF_INET
    reply, request, proto = (0, 8, 1) if four else (129, 128, 58)
    lines = Labels()
    lines.load(*((_LOAD_X_HEAD, 0) if four else (_LOAD_X, 0)))
    lines.load(_BYTE, 0)
    lines.when(reply, "reply", None)
    for error in (3, 11, 12) if four else (1, 2, 3, 4):
        lines.when(error, "error", None)
    lines.give(_DROP)
    lines.label("reply")
    lines.load(_BYTE, 4)
    lines.when(block, "keep", None)
    lines.load(_WORD, 8)
    lines.when(token, "keep", "drop")
    lines.label("error")
    quoted = 8 + (20 if four else 40)
    lines.load(_BYTE, 8 + (9 if four else 6))
    lines.when(proto, None, "drop")
    lines.load(_BYTE, quoted)
    lines.when(request, None, "drop")
    lines.load(_BYTE, quoted + 4)
    lines.when(block, "keep", "drop")
    lines.label("keep")
    lines.give(_KEEP)
    lines.label("drop")
    lines.give(_DROP)
    return lines.program()


def attach(sock: socket.socket, lines: list[Instruction]) -> None:
    """Put the filter on the socket. Raises OSError where the kernel refuses."""
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *line) for line in lines))
    sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("@HP", len(lines), ctypes.addressof(code)))
