"""Bytes of a connection → requests (HTTP/1.0 and 1.1, RFC 9112). ``httptools`` (llhttp) parses."""

from collections import deque
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

import httptools

from monitor.web.exchange import Request

HEAD_CAP = 64 << 10
"""Most bytes of a head, counted in what comes at a time."""
_BODY = ("content-length", "transfer-encoding")


class Requests:
    """Those that were ``found`` and wait for an answer. ``refused``: what follows them is none. ``last``: nothing
    follows them. ``more`` is what requests read on with."""

    def __init__(self, more: Callable[[], Awaitable[bool]]) -> None:
        self.found: deque[Request] = deque()
        self.refused: HTTPStatus | None = None
        self.last = False
        self._more = more
        self._parser: Any = httptools.HttpRequestParser(self)
        self._url = b""
        self._lines: list[tuple[bytes, bytes]] = []
        self._under_way: Request | None = None
        self._head = 0

    def feed(self, data: bytes) -> None:
        """More of what the client says."""
        if self.refused is not None or (self.last and self._under_way is None):
            return
        self._head += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:  # wants another protocol, and is answered in this one
            self.last = True
        except httptools.HttpParserError:
            if not self.last or self._under_way is not None:  # what follows the last one does not matter
                self._refuse(HTTPStatus.BAD_REQUEST)
        if self._under_way is None and self._head > HEAD_CAP:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def _refuse(self, status: HTTPStatus) -> None:
        self.refused, self.last = status, True

    def on_message_begin(self) -> None:
        """A request begins; this and what follows is called by the parser."""
        self._url, self._lines = b"", []

    def on_url(self, url: bytes) -> None:
        """A part of what is asked for."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """A line of the head."""
        self._lines.append((name, value))

    def on_headers_complete(self) -> None:
        """The end of the head."""
        headers: dict[str, str] = {}
        for name, value in self._lines:
            key, said = name.decode("latin-1").lower(), value.decode("utf-8", "surrogateescape")
            headers[key] = f"{headers[key]}, {said}" if key in headers else said
        if self._parser.should_upgrade() and not headers.keys().isdisjoint(_BODY):  # which would not be read
            self._refuse(HTTPStatus.BAD_REQUEST)
            return
        lasting = bool(self._parser.should_keep_alive())
        method = self._parser.get_method().decode("latin-1")
        pieces = self._parser.get_http_version() != "1.0"
        self._under_way = Request(method, _path(self._url), headers, self._more, lasting, pieces)
        self._head, self.last = 0, not lasting
        self.found.append(self._under_way)

    def on_body(self, part: bytes) -> None:
        """A part of the body."""
        if self._under_way is not None:
            self._under_way.take(part)

    def on_message_complete(self) -> None:
        """The end of a request."""
        if self._under_way is not None:
            self._under_way.complete = True
        self._under_way, self._head = None, 0


def _path(url: bytes) -> str:
    """Without host and query; what is no path leads to no page."""
    try:
        found = httptools.parse_url(url).path
    except httptools.HttpParserInvalidURLError:
        found = None
    return (found or b"").decode("latin-1")
