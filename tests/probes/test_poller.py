"""The poller: a descriptor's events are its own, even where its number was another's a moment ago."""

import asyncio
import socket

from probes.net.poller import Poller


async def test_what_is_entered_is_called_until_it_leaves() -> None:
    poller = Poller(asyncio.get_running_loop())
    one, other = socket.socketpair()
    called: list[str] = []
    poller.enter(one.fileno(), lambda events: called.append("one"))
    await asyncio.sleep(0.01)
    first = len(called)
    other.send(b"x")
    await asyncio.sleep(0.01)
    second = len(called)
    poller.leave(one.fileno(), closing=False)
    other.send(b"y")
    await asyncio.sleep(0.01)
    assert (first, second, len(called)) == (1, 2, 2)
    poller.close()
    one.close()
    other.close()


async def test_an_event_of_a_closed_descriptor_is_not_taken_for_its_successors() -> None:
    """Both become ready in one batch; the first closes the second and opens another under its number."""
    poller = Poller(asyncio.get_running_loop())
    a, a_peer = socket.socketpair()
    b, b_peer = socket.socketpair()
    fresh: list[socket.socket] = []
    called: list[str] = []
    number = b.fileno()

    def replace(events: int) -> None:
        if not fresh:
            poller.leave(number, closing=True)
            b.close()
            fresh.append(socket.socket())
            poller.enter(number, lambda events: called.append("successor"))

    poller.enter(a.fileno(), replace)
    poller.enter(number, lambda events: called.append("forerunner"))
    poller._dispatch()
    assert fresh[0].fileno() == number and called == []
    poller.close()
    for sock in (a, a_peer, b_peer, *fresh):
        sock.close()
