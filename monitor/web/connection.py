"""A client's connection to a server of ours: requests in, answers out, one after the other (RFC 9112)."""

import asyncio
import time
from collections.abc import Mapping
from contextlib import aclosing, suppress
from http import HTTPStatus

from monitor.web.exchange import Request, Response, Routes, failed, refusal
from monitor.web.requests import Requests

PIECE = 64 << 10
"""Bytes that are read, and written, at a time."""
_LINGER = 10.0
_CHUNKED = {"Transfer-Encoding": "chunked"}


class Connection:
    """One client's. ``busy`` while a request is answered."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, routes: Routes, patience: float
    ) -> None:
        self.busy = False
        self._reader, self._writer, self._routes, self._patience = reader, writer, routes, patience
        self._requests, self._awaits_leave = Requests(self._more), False
        writer.transport.set_write_buffer_limits(0)  # what is drained is with the kernel

    async def answer(self) -> bool:
        """Answer the next request. Whether another one may come. Raises OSError, TimeoutError, Gone."""
        async with asyncio.timeout(self._patience):
            while not self._requests.found and not self._requests.last:
                if not await self._read():
                    return False
        if not self._requests.found:
            if self._requests.refused is not None:
                await self._say(None, refusal(self._requests.refused), False)
                await self._linger()
            return False
        self.busy = True
        try:
            return await self._answered(self._requests.found.popleft())
        finally:
            self.busy = False

    async def _answered(self, request: Request) -> bool:
        self._awaits_leave = request.pieces and request.headers.get("expect", "").lower() == "100-continue"
        response = await self._routes.answer(request)
        whole = isinstance(response.body, bytes) or request.pieces  # otherwise its end is that of the connection
        lasting = request.lasting and request.complete and whole
        try:
            await self._say(request, response, lasting)
        except (OSError, TimeoutError):
            raise
        except Exception as error:  # the page's, in the midst of its pieces
            failed(request, error)
            return False
        if not request.complete:
            await self._linger()
        return lasting

    async def _linger(self) -> None:
        """Let the client say the rest, to nobody: it would lose the answer to a connection closed while it writes."""
        self._writer.write_eof()
        with suppress(TimeoutError):
            async with asyncio.timeout(_LINGER):
                while await self._reader.read(PIECE):
                    pass

    async def _read(self) -> bool:
        """What came, to the parser. False at its end."""
        data = await self._reader.read(PIECE)
        self._requests.feed(data)
        return bool(data)

    async def _more(self) -> bool:
        """More of the body of the request under way, if the client has it and does not keep still."""
        try:
            async with asyncio.timeout(self._patience):
                if self._awaits_leave:
                    self._awaits_leave = False
                    self._writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                    await self._writer.drain()
                return await self._read() and self._requests.refused is None
        except (OSError, TimeoutError):
            return False

    async def _say(self, request: Request | None, response: Response, lasting: bool) -> None:
        body, bare = response.body, request is not None and request.method == "HEAD"
        pieces = not isinstance(body, bytes) and request is not None and request.pieces
        framing = {"Content-Length": str(len(body))} if isinstance(body, bytes) else _CHUNKED if pieces else {}
        head = _head(response, {**framing, "Connection": "keep-alive" if lasting else "close"})
        if isinstance(body, bytes):
            await self._write(head if bare else head + body)
            return
        async with aclosing(body):
            await self._write(head)
            if bare:
                return
            async for piece in body:
                if piece:
                    await self._write(b"%x\r\n%b\r\n" % (len(piece), piece) if pieces else piece)
            if pieces:
                await self._write(b"0\r\n\r\n")

    async def _write(self, data: bytes) -> None:
        """To the kernel, piece by piece. Raises OSError, TimeoutError."""
        for first in range(0, len(data), PIECE):
            async with asyncio.timeout(self._patience):
                self._writer.write(data[first : first + PIECE])
                await self._writer.drain()


def _head(response: Response, framing: Mapping[str, str]) -> bytes:
    date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())
    headers = {"Content-Type": response.content_type, "Date": date, **response.headers, **framing}
    status = HTTPStatus(response.status)
    lines = [f"HTTP/1.1 {status.value} {status.phrase}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")
