"""Hostile servers: each ends at a cap or at the deadline with its own reason, and costs nobody else anything."""

import asyncio
import gzip
import re
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager

import pytest

from probes.net.matcher import Matcher, Undecided
from probes.sample import Outcome
from tests.probes.pages import answer, probe, prober, repeating, run, saying, server, target

UP, DOWN, UNKNOWN = Outcome.UP, Outcome.DOWN, Outcome.UNKNOWN
HEAD = b"HTTP/1.1 200 OK\r\n"


@contextmanager
def dead(reset: bool) -> Iterator[int]:
    """A socket that listens and accepts; ``reset``: it then resets, else it says nothing."""
    listening = socket.create_server(("127.0.0.1", 0))
    loop, taken = asyncio.get_running_loop(), []

    def accept() -> None:
        one, _ = listening.accept()
        if reset:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            one.close()
        else:
            taken.append(one)

    loop.add_reader(listening, accept)
    try:
        yield listening.getsockname()[1]
    finally:
        loop.remove_reader(listening)
        for one in [listening, *taken]:
            one.close()


@pytest.mark.parametrize(("first", "second", "outcome"), [("200", "500", UP), ("500", "200", DOWN), ("204", "500", UP)])
async def test_the_first_answer_counts_and_what_comes_behind_it_does_not(
    first: str, second: str, outcome: Outcome
) -> None:
    """In one piece, as a server sends them that answers what was not asked, or to the silence of a kept connection."""
    pages = answer("X: a", status=f"{first} One", framed=first != "204") + answer("X: b", status=f"{second} Two")
    async with server(saying(pages)) as port, prober() as made:
        aim = target(f"http://127.0.0.1:{port}/", keep_alive="true", expect={"headers": {"X": "a"}})
        seen = [await run(made, aim) for _ in range(2)]
    assert {one.outcome for one in seen} == {outcome}
    assert not any("used again" in step for one in seen for step in one.steps)


async def test_a_connection_that_brought_two_answers_is_not_kept() -> None:
    async def handle(reader, writer, head):  # type: ignore[no-untyped-def]
        writer.write(2 * answer(body=b"x"))
        await reader.read()

    async with server(handle) as port, prober() as made:
        aim = target(f"http://127.0.0.1:{port}/", keep_alive="true")
        seen = [await run(made, aim) for _ in range(2)]
    assert {one.outcome for one in seen} == {UP}
    assert not any("used again" in step for one in seen for step in one.steps)


async def test_a_good_answer_from_before_the_request_hides_no_failure() -> None:
    connections = 0

    async def handle(reader, writer, head):  # type: ignore[no-untyped-def]
        nonlocal connections
        connections += 1
        writer.write(answer(body=b"x", status="200 OK" if connections == 1 else "500 No"))
        await writer.drain()
        await asyncio.sleep(0.1)
        writer.write(answer(body=b"x"))
        await reader.read()

    async with server(handle) as port, prober() as made:
        aim = target(f"http://127.0.0.1:{port}/", keep_alive="true")
        first = await run(made, aim)
        await asyncio.sleep(0.3)
        second = await run(made, aim)
    assert (first.outcome, second.outcome, second.reason) == (UP, DOWN, "status")


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_reset_after_accepting_is_down_reset(scheme: str) -> None:
    with dead(reset=True) as port:
        seen = await probe(f"{scheme}://127.0.0.1:{port}/")
    assert (seen.outcome, seen.reason) == (DOWN, "reset")


async def test_silence_after_accepting_is_a_timeout_after_connecting() -> None:
    with dead(reset=False) as port:
        began = time.monotonic()
        seen = await probe(f"http://127.0.0.1:{port}/", within=0.3)
    assert (seen.outcome, seen.reason) == (DOWN, "timeout")
    assert [name for name, _ in seen.phases] == ["connect"]
    assert 0.29 < time.monotonic() - began < 0.6


async def test_a_connection_never_accepted_is_a_timeout_without_phases() -> None:
    """The listener's queue is full: the kernel leaves our SYN without an answer."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        port = listening.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            seen = await probe(f"http://127.0.0.1:{port}/", within=0.3)
    assert (seen.outcome, seen.reason, seen.phases) == (DOWN, "timeout", ())


@pytest.mark.parametrize(
    ("start", "piece"),
    [(HEAD, b"A"), (HEAD + b"Content-Length: 100\r\n\r\n", b"x"), (b"", b"H"), (b"HTTP/1.1 ", b"0")],
)
async def test_a_drip_of_bytes_ends_at_the_one_deadline(start: bytes, piece: bytes) -> None:
    async with server(repeating(start, piece, pause=0.05)) as port:
        began = time.monotonic()
        seen = await probe(f"http://127.0.0.1:{port}/", within=0.5)
    assert seen.outcome is DOWN and seen.reason in ("timeout", "http_protocol")
    assert time.monotonic() - began < 0.8


async def test_a_body_without_end_is_judged_at_the_cap() -> None:
    async with server(repeating(HEAD + b"\r\n", b"x" * 65536)) as port:
        assert (await probe(f"http://127.0.0.1:{port}/")).outcome is UP
        seen = await probe(f"http://127.0.0.1:{port}/", expect={"body": {"contains": "y"}})
        assert (seen.outcome, seen.reason) == (UNKNOWN, "body_limit")
        seen = await probe(f"http://127.0.0.1:{port}/", expect={"body": {"matches": "y"}})
        assert (seen.outcome, seen.reason) == (UNKNOWN, "body_limit")
        seen = await probe(f"http://127.0.0.1:{port}/", expect={"body": {"not contains": "x"}})
        assert (seen.outcome, seen.reason) == (DOWN, "body")
        seen = await probe(f"http://127.0.0.1:{port}/", expect={"body": {"contains": "x"}}, **{"max body": "1KiB"})
        assert seen.outcome is UP


@pytest.mark.parametrize(
    "framing",
    [
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1;" + b"e" * 20_000 + b"\r\nx\r\n"),
        (HEAD + b"Content-Length: 10000000000\r\n\r\n", b"x" * 10_000),
    ],
)
async def test_framing_is_no_way_past_the_cap(framing: tuple[bytes, bytes]) -> None:
    start, piece = framing
    async with server(repeating(start, piece * (1 + 40_000 // len(piece)))) as port:
        seen = await probe(f"http://127.0.0.1:{port}/", within=3)
    assert seen.outcome is UP and any("cut at our cap" in step for step in seen.steps)


@pytest.mark.parametrize(
    ("start", "piece", "reason"),
    [
        (HEAD, b"A: b\r\n" * 1000, "header_limit"),
        (HEAD + b"A: ", b"b" * 10_000, "header_limit"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n", "http_protocol"),
        (b"HTTP/1.1 20", b"0", "http_protocol"),
        (b"ICMP/9 200 OK\r\n\r\n", b"x", "http_protocol"),
        (HEAD + b"A: b\x00c\r\n\r\n", b"x", "http_protocol"),
        (HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", b"x", "http_protocol"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"zz\r\n", "http_protocol"),
        (HEAD + b"A: b\r\n  folded\r\n\r\n", b"x", "http_protocol"),
        (bytes(range(256)), b"\xff" * 100, "http_protocol"),
    ],
)
async def test_what_is_no_http_is_named(start: bytes, piece: bytes, reason: str) -> None:
    async with server(repeating(start, piece)) as port:
        seen = await probe(f"http://127.0.0.1:{port}/", within=3)
    assert (seen.outcome, seen.reason) == (DOWN, reason)


@pytest.mark.parametrize(
    "pieces",
    [(), (b"HTTP/1.1 200",), (answer(body=b"xx")[:-1],), (HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab",)],
)
async def test_an_answer_cut_short_is_down_closed(pieces: tuple[bytes, ...]) -> None:
    async with server(saying(*pieces)) as port:
        seen = await probe(f"http://127.0.0.1:{port}/")
    assert (seen.outcome, seen.reason) == (DOWN, "closed")


async def test_a_compressed_body_is_never_unpacked() -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    async with server(saying(answer("Content-Encoding: gzip", body=bomb))) as port:
        began = time.process_time()
        assert (await probe(f"http://127.0.0.1:{port}/")).outcome is UP
        seen = await probe(f"http://127.0.0.1:{port}/", expect={"body": {"contains": "x"}})
        assert time.process_time() - began < 0.2
    assert (seen.outcome, seen.reason) == (UNKNOWN, "encoding")


async def test_a_regular_expression_without_end_stops_neither_loop_nor_neighbours() -> None:
    page = answer(body=b"a" * 4000 + b"!")
    hang = {"body": {"matches": "(a+)+$"}}
    async with server(saying(page)) as port, prober() as made:
        slow = [target(f"http://127.0.0.1:{port}/", f"s{n}", timeout=2, expect=hang) for n in range(2)]
        waiting = [asyncio.ensure_future(run(made, aim)) for aim in slow]
        await asyncio.sleep(0.05)
        began = time.monotonic()
        assert (await run(made, target(f"http://127.0.0.1:{port}/"))).outcome is UP
        assert time.monotonic() - began < 0.2
        seen = await asyncio.gather(*waiting)
        fine = target(f"http://127.0.0.1:{port}/", "fine", expect={"body": {"matches": "^a+!$"}})
        assert (await run(made, fine)).outcome is UP
    assert [(one.outcome, one.reason) for one in seen] == [(UNKNOWN, "undecided")] * 2


async def test_a_pattern_that_hangs_holds_up_only_its_like() -> None:
    matcher = Matcher()
    with pytest.raises(Undecided):
        await matcher.search("(a+)+$", "a" * 40 + "!")
    again = asyncio.ensure_future(matcher.search("(a+)+$", "a" * 40 + "!"))
    await asyncio.sleep(0.05)
    began = time.monotonic()
    assert await matcher.search("b", "abc") and not await matcher.search("^b", "abc")
    assert time.monotonic() - began < 0.3
    with pytest.raises(Undecided):
        await again
    matcher.close()
    await asyncio.sleep(0.05)


async def test_two_hundred_hostile_targets_delay_no_healthy_one() -> None:
    """200 healthy targets started every 10 ms among 200 that drip, flood, hang, reset or lie."""
    handlers = [
        repeating(HEAD, b"A", pause=0.1),
        repeating(HEAD + b"\r\n", b"x" * 65536),
        repeating(HEAD, b"A: b\r\n" * 1000),
        saying(b"junk\r\n\r\n"),
        saying(answer("Location: /", status="302 Found")),
        saying(then="silence"),
    ]
    async with AsyncExitStack() as stack:
        hostile = [await stack.enter_async_context(server(handle)) for handle in handlers]
        healthy = await stack.enter_async_context(server(saying(answer(body=b"ok"))))
        made = await stack.enter_async_context(prober())
        bad, good, late = [], [], []
        for n in range(200):
            began = time.monotonic()
            aim = target(f"http://127.0.0.1:{hostile[n % len(hostile)]}/", f"bad{n}", timeout=2)
            bad.append(asyncio.ensure_future(run(made, aim, explain=False)))
            aim = target(f"http://127.0.0.1:{healthy}/", f"good{n}", timeout=2)
            good.append(asyncio.ensure_future(run(made, aim, explain=False)))
            await asyncio.sleep(0.01)
            late.append(time.monotonic() - began - 0.01)
        seen, spoiled = await asyncio.gather(*good), await asyncio.gather(*bad)
    assert {one.outcome for one in seen} == {UP}
    assert sorted(late)[197] < 0.1
    assert all((one.outcome is UP) == (n % 6 == 1) for n, one in enumerate(spoiled))
    assert all(re.fullmatch("[a-z_]+", one.reason or "up") for one in spoiled)


async def test_an_answer_sent_before_the_question_is_not_overlooked() -> None:
    async def early(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(body=b"early"))
        await reader.read(-1)
        writer.close()

    listening = await asyncio.start_server(early, "127.0.0.1", 0)
    seen = await probe(f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/", within=0.5)
    listening.close()
    await asyncio.sleep(0.05)
    assert seen.outcome is UP
