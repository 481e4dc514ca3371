"""The server of pages over real sockets: what clients may do, what they may not, and how it ends."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

import pytest

from monitor.web.exchange import Request, Response, Routes, text
from monitor.web.requests import HEAD_CAP
from monitor.web.server import Server

CLOSE = b"Connection: close\r\n\r\n"


class Site:
    """Pages that say what they were asked."""

    def __init__(self) -> None:
        self.begun, self.go_on = asyncio.Event(), asyncio.Event()

    def routes(self) -> Routes:
        routes = Routes()
        routes.get("/", self.first)
        routes.post("/echo", self.echo)
        routes.post("/deaf", self.deaf)
        routes.get("/slow", self.slow)
        routes.get("/pieces", self.pieces)
        routes.get("/torn", self.torn)
        routes.get("/large", self.large)
        return routes

    async def first(self, request: Request) -> Response:
        return text("here\n")

    async def echo(self, request: Request) -> Response:
        return Response(await request.body(100_000))

    async def deaf(self, request: Request) -> Response:
        return text("not for you\n", 401)

    async def slow(self, request: Request) -> Response:
        self.begun.set()
        await self.go_on.wait()
        return text("at last\n")

    async def pieces(self, request: Request) -> Response:
        return Response(some(b"one ", b"", b"two ", b"three"))

    async def large(self, request: Request) -> Response:
        return Response(bytes(32 << 20))

    async def torn(self, request: Request) -> Response:
        return Response(broken())


async def some(*pieces: bytes) -> AsyncGenerator[bytes]:
    for piece in pieces:
        yield piece


async def broken() -> AsyncGenerator[bytes]:
    yield b"as far as"
    raise ZeroDivisionError


class Client:
    """A connection to the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def says(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def all(self) -> bytes:
        """What comes until the server closes."""
        async with asyncio.timeout(10):
            return await self.reader.read()

    async def until(self, end: bytes) -> bytes:
        async with asyncio.timeout(10):
            return await self.reader.readuntil(end)


@asynccontextmanager
async def serving(site: Site, patience: float = 10, most: int = 10) -> AsyncIterator[Server]:
    server = Server(site.routes(), patience, most)
    await server.start("127.0.0.1", 0)
    try:
        yield server
    finally:
        await server.close()


@asynccontextmanager
async def connected(server: Server) -> AsyncIterator[Client]:
    assert server.address is not None
    reader, writer = await asyncio.open_connection(*server.address)
    try:
        yield Client(reader, writer)
    finally:
        writer.close()


async def answered(data: bytes, patience: float = 10) -> bytes:
    """All that a server says to this before it closes."""
    async with serving(Site(), patience) as server, connected(server) as client:
        await client.says(data)
        return await client.all()


async def test_a_connection_stays_open_and_requests_are_answered_in_their_order() -> None:
    two = b"GET / HTTP/1.1\r\n\r\nPOST /echo HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET /none HTTP/1.1\r\n" + CLOSE
    said = await answered(two)
    assert said.index(b"here\n") < said.index(b"abc") < said.index(b"404 Not Found\n")
    assert said.count(b"Connection: keep-alive") == 2 and said.count(b"Connection: close") == 1


async def test_who_says_nothing_of_closing_in_the_older_http_is_closed() -> None:
    said = await answered(b"GET / HTTP/1.0\r\n\r\n")
    assert said.startswith(b"HTTP/1.1 200 OK\r\n") and b"Connection: close" in said and said.endswith(b"\r\n\r\nhere\n")


async def test_head_gives_the_head_that_get_has() -> None:
    said = await answered(b"HEAD / HTTP/1.1\r\n" + CLOSE)
    assert b"Content-Length: 5\r\n" in said and said.endswith(b"\r\n\r\n")


async def test_what_is_asked_the_wrong_way_is_told_the_right_one() -> None:
    said = await answered(b"DELETE / HTTP/1.1\r\n" + CLOSE)
    assert said.startswith(b"HTTP/1.1 405 ") and b"Allow: GET, HEAD\r\n" in said


async def test_a_query_and_a_host_lead_to_the_same_page() -> None:
    assert (await answered(b"GET http://there/?all=1 HTTP/1.1\r\n" + CLOSE)).endswith(b"here\n")


async def test_a_body_in_chunks_is_one_body() -> None:
    head = b"POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + CLOSE
    assert (await answered(head + b"2\r\nab\r\n1\r\nc\r\n0\r\n\r\n")).endswith(b"\r\n\r\nabc")


async def test_a_body_of_many_reads_is_one_body_whatever_follows_it() -> None:
    body = bytes(range(256)) * 390
    said = await answered(b"POST /echo HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % len(body) + body + b"nonsense\r\n\r\n")
    assert said.startswith(b"HTTP/1.1 200 ") and body in said and b"HTTP/1.1 400 " in said


async def test_leave_to_go_on_is_given_once_the_body_is_wanted() -> None:
    head = b"Content-Length: 3\r\nExpect: 100-continue\r\n" + CLOSE
    async with serving(Site()) as server:
        async with connected(server) as client:
            await client.says(b"POST /echo HTTP/1.1\r\n" + head)
            assert await client.until(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
            await client.says(b"abc")
            assert (await client.all()).endswith(b"\r\n\r\nabc")
        async with connected(server) as client:
            await client.says(b"POST /deaf HTTP/1.1\r\n" + head)
            assert (await client.until(b"\r\n\r\n")).startswith(b"HTTP/1.1 401 ")


async def test_a_body_that_is_too_long_is_refused_and_the_refusal_is_read() -> None:
    size = 3 << 20
    async with serving(Site()) as server, connected(server) as client:
        await client.says(b"POST /echo HTTP/1.1\r\nContent-Length: %d\r\n" % size + CLOSE + bytes(size))
        assert (await client.all()).startswith(b"HTTP/1.1 413 ")


async def test_a_body_nobody_wanted_leaves_the_answer_to_be_read() -> None:
    size = 3 << 20
    async with serving(Site()) as server, connected(server) as client:
        await client.says(b"POST /deaf HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % size + bytes(size))
        said = await client.all()
    assert said.startswith(b"HTTP/1.1 401 ") and said.endswith(b"not for you\n")


async def test_pieces_are_chunks_and_for_the_older_http_end_with_the_connection() -> None:
    newer = await answered(b"GET /pieces HTTP/1.1\r\n" + CLOSE)
    assert newer.endswith(b"\r\n\r\n4\r\none \r\n4\r\ntwo \r\n5\r\nthree\r\n0\r\n\r\n")
    older = await answered(b"GET /pieces HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    assert b"chunked" not in older and older.endswith(b"\r\n\r\none two three")


async def test_a_page_that_fails_in_the_midst_of_its_pieces_does_not_end_like_a_whole_one() -> None:
    said = await answered(b"GET /torn HTTP/1.1\r\n\r\n")
    assert b"as far as" in said and not said.endswith(b"0\r\n\r\n")


@pytest.mark.parametrize(
    "data",
    [
        b"what is this\r\n\r\n",
        b"GET / HTTP/1.1\r\nNo Name: 1\r\n\r\n",
        b"POST /echo HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST /echo HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 3\r\n\r\nabc",
    ],
)
async def test_what_is_no_request_is_refused_and_closed(data: bytes) -> None:
    assert (await answered(data)).startswith(b"HTTP/1.1 400 Bad Request\r\n")


async def test_what_was_asked_before_it_is_answered_first() -> None:
    said = await answered(b"GET / HTTP/1.1\r\n\r\nGET nonsense\r\n\r\n")
    assert said.startswith(b"HTTP/1.1 200 ") and b"HTTP/1.1 400 " in said


async def test_another_protocol_that_is_asked_for_is_answered_in_this_one() -> None:
    said = await answered(b"GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
    assert said.startswith(b"HTTP/1.1 200 ") and said.endswith(b"here\n")


async def test_a_head_without_end_is_refused() -> None:
    endless = b"GET / HTTP/1.1\r\nX: " + b"a" * (HEAD_CAP + (64 << 10))
    assert (await answered(endless)).startswith(b"HTTP/1.1 431 ")


@pytest.mark.parametrize("begun", [b"", b"GET / HT", b"POST /echo HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc"])
async def test_who_keeps_still_is_put_out(begun: bytes) -> None:
    assert await answered(begun, patience=0.05) == b""


async def test_who_does_not_read_what_he_asked_for_is_put_out() -> None:
    async with serving(Site(), patience=0.1, most=1) as server, connected(server) as client:
        await client.says(b"GET /large HTTP/1.1\r\n\r\n")
        await client.until(b"\r\n\r\n")
        async with asyncio.timeout(10):
            while await first_page(server) == b"":  # his is the only place there is
                pass


async def first_page(server: Server) -> bytes:
    async with connected(server) as client:
        await client.says(b"GET / HTTP/1.1\r\n" + CLOSE)
        try:
            return await client.all()
        except ConnectionError:
            return b""


async def test_one_more_than_may_connect_is_closed_at_once() -> None:
    async with serving(Site(), most=1) as server, connected(server) as first:
        await first.says(b"GET / HTTP/1.1\r\n\r\n")
        await first.until(b"here\n")
        async with connected(server) as second:
            assert await second.all() == b""
        await first.says(b"GET / HTTP/1.1\r\n" + CLOSE)
        assert (await first.all()).endswith(b"here\n")


async def test_what_was_asked_before_the_end_is_answered_and_the_idle_are_closed() -> None:
    site = Site()
    async with serving(site) as server, connected(server) as busy, connected(server) as idle:
        await idle.says(b"GET / HTTP/1.1\r\n\r\n")
        await idle.until(b"here\n")
        await busy.says(b"GET /slow HTTP/1.1\r\n\r\n")
        await site.begun.wait()
        closing = asyncio.create_task(server.close(10))
        await asyncio.sleep(0)
        site.go_on.set()
        assert (await busy.all()).endswith(b"at last\n")
        await closing
        assert await idle.all() == b""


async def test_what_is_not_answered_in_time_at_the_end_is_dropped() -> None:
    site = Site()
    async with serving(site) as server, connected(server) as client:
        await client.says(b"GET /slow HTTP/1.1\r\n\r\n")
        await site.begun.wait()
        await server.close(0.05)
        assert await client.all() == b""


async def test_who_leaves_while_a_page_works_does_not_end_its_work() -> None:
    site = Site()
    async with serving(site) as server:
        async with connected(server) as client:
            await client.says(b"GET /slow HTTP/1.1\r\n\r\n")
            await site.begun.wait()
        site.go_on.set()
        async with connected(server) as other:
            await other.says(b"GET / HTTP/1.1\r\n" + CLOSE)
            assert (await other.all()).endswith(b"here\n")
