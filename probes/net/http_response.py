"""One HTTP answer, read within limits.

``httptools`` (llhttp) parses; what stands here are the limits a hostile server must not pass: the head is
at most ``HEAD_CAP`` bytes, the body at most its cap, and the bytes on the wire at most twice that, since
a body in chunks of one byte, or with endless chunk extensions, is mostly framing. A body cut at its cap
is ``cut`` and whole enough to judge. Interim answers (1xx, RFC 9110 section 15.2) are passed over, at
most ``INTERIM_CAP`` of them.
"""

from typing import Any

import httptools

HEAD_CAP = 64 << 10
INTERIM_CAP = 16
_FRAMING = frozenset((b"content-length", b"transfer-encoding"))


class HttpError(Exception):
    """The answer is none. ``reason`` as it stands in the sample: ``http_protocol``, ``header_limit``,
    ``closed``.
    """

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


class Response:
    """``feed`` it what arrives until ``complete``. Header names are lower-case."""

    __slots__ = (
        "_cap",
        "_chunks",
        "_framed",
        "_head_only",
        "_interim",
        "_lines",
        "_parser",
        "body_size",
        "complete",
        "cut",
        "head_done",
        "keep",
        "status",
        "wire_size",
    )

    def __init__(self, head_only: bool, body_cap: int) -> None:
        self._head_only = head_only
        self._cap = body_cap
        self._parser: Any = httptools.HttpResponseParser(self)
        self._chunks: list[bytes] = []
        self._interim = 0
        self._framed = False
        self._lines: list[tuple[bytes, bytes]] = []
        self.status = 0
        self.head_done = False
        self.wire_size = self.body_size = 0
        self.complete = False
        self.cut = False
        self.keep = False

    @property
    def headers(self) -> list[tuple[str, str]]:
        """The header lines in their order: name and value."""
        return [(key.decode("latin-1"), value.decode("latin-1").strip()) for key, value in self._lines]

    @property
    def body(self) -> bytes:
        """What came of the body."""
        return b"".join(self._chunks)

    def header(self, name: str) -> str | None:
        """A header's value, those of several lines joined (RFC 9110 section 5.3); None: it was not there."""
        values = [value for key, value in self.headers if key == name]
        return ", ".join(values) if values else None

    def feed(self, data: bytes) -> None:
        """Take what arrived. Raises HttpError where it is no HTTP or passes a limit."""
        self.wire_size += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self.complete, self.keep = True, False
        except httptools.HttpParserError as error:
            self.keep = False
            if not self.complete:
                raise HttpError("http_protocol", f"not HTTP: {error.__context__ or error}") from error
        if self.complete:
            return
        if not self.head_done and self.wire_size > HEAD_CAP:
            raise HttpError("header_limit", f"the head is longer than {HEAD_CAP} bytes")
        if self.wire_size > 2 * self._cap + 2 * HEAD_CAP:
            self.cut = self.complete = True

    def release(self) -> None:
        """Let go of the parser, which refers back to this: without a cycle nothing waits for the
        collector.
        """
        self._parser = None

    def end(self) -> None:
        """The server closed. Raises HttpError where the answer was not whole."""
        if not self.head_done:
            text = "closed in the middle of the head" if self.wire_size else "closed without an answer"
            raise HttpError("closed", text)
        if self._framed:
            raise HttpError("closed", f"closed in the middle of the body, after {self.body_size} bytes")
        self.complete = True

    # What follows is called by httptools.

    def on_message_begin(self) -> None:
        """An answer begins. One behind ours was not asked for, and what comes next on this connection is not known."""
        if self.complete:
            self.keep = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header line."""
        if self.complete:
            return
        key = name.lower()
        if key in _FRAMING:
            self._framed = True
        self._lines.append((key, value))

    def on_headers_complete(self) -> None:
        """The head is over."""
        if self.complete:
            return
        self.status = self._parser.get_status_code()
        if 100 <= self.status < 200 and self.status != 101:
            return
        self.head_done = True
        self.keep = self._parser.should_keep_alive()
        if self._head_only:
            self.complete = True

    def on_body(self, data: bytes) -> None:
        """A piece of the body."""
        if self.complete:
            return
        room = self._cap - self.body_size
        self._chunks.append(data[:room])
        self.body_size += min(len(data), room)
        if len(data) > room:
            self.cut = self.complete = True

    def on_message_complete(self) -> None:
        """The answer is over, or it was an interim one."""
        if self.head_done:
            self.complete = True
            return
        self._interim += 1
        if self._interim > INTERIM_CAP:
            raise ValueError(f"more than {INTERIM_CAP} interim answers")
        self._lines.clear()
        self._framed = False
