"""The truth for the accuracy bench: what an outside observer sees pass the prober's interface.

``python -m tests.bench.tap INTERFACE`` prints one line for each round trip when its standard input is closed:
address, the time between the request's and the reply's stamps (ns). The kernel stamps both for a packet socket
(SO_TIMESTAMPNS), independently of anything the prober asks for or does.
"""

import os
import select
import socket
import struct
import sys

ETH_P_ALL = 3
SO_TIMESTAMPNS = 35

Key = tuple[bytes, bytes, bytes]


def watch(interface: str) -> dict[Key, list[int]]:
    """Watch until the standard input is closed: stamps of request and reply by address, identifier, payload."""
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    sock.bind((interface, ETH_P_ALL))
    sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    sock.setsockopt(socket.SOL_SOCKET, 33, 32 << 20)
    seen: dict[Key, list[int]] = {}
    print("ready", flush=True)
    while True:
        ready, _, _ = select.select([sock, sys.stdin], [], [])
        if sock in ready:
            frame, messages, _, _ = sock.recvmsg(512, 256)
            note(frame, messages, seen)
        elif not os.read(0, 1):
            return seen


def note(frame: bytes, messages: list[tuple[int, int, bytes]], seen: dict[Key, list[int]]) -> None:
    """Keep the stamp of an echo request or reply."""
    if len(frame) < 42 or frame[12:14] != b"\x08\0" or frame[23] != 1 or frame[34] not in (0, 8) or not messages:
        return
    seconds, rest = struct.unpack("=qq", messages[0][2][:16])
    stamp = seconds * 1_000_000_000 + rest
    if frame[34] == 8:
        seen[(frame[30:34], frame[38:42], frame[42:])] = [stamp]
        return
    request = seen.get((frame[26:30], frame[38:42], frame[42:]))
    if request is not None and len(request) == 1:
        request.append(stamp)


def main() -> None:
    """Watch, then print."""
    for (address, _, _), stamps in sorted(watch(sys.argv[1]).items(), key=lambda item: item[1]):
        if len(stamps) == 2:
            print(socket.inet_ntoa(address), stamps[1] - stamps[0])


if __name__ == "__main__":
    main()
