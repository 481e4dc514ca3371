"""One exchange of HTTP as pages see it: what is asked, what is answered, and which page answers.

A page is a coroutine from ``Request`` to ``Response``. ``server.py`` carries both over a connection.
"""

import json
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from monitor.log import say


class TooLarge(Exception):
    """The body is longer than the page takes."""


class Gone(Exception):
    """Whoever asked left, or kept still, before the body was there."""


@dataclass(frozen=True, slots=True)
class Response:
    """What is answered. A ``body`` that comes in pieces is never held as a whole."""

    body: bytes | AsyncGenerator[bytes]
    status: int = 200
    content_type: str = "text/plain; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


def text(body: str, status: int = 200, content_type: str = "text/plain; charset=utf-8") -> Response:
    """A text, in UTF-8."""
    return Response(body.encode(), status, content_type)


def as_json(value: object) -> Response:
    """A value as JSON."""
    return Response(json.dumps(value).encode(), content_type="application/json; charset=utf-8")


def refusal(status: HTTPStatus, headers: Mapping[str, str] | None = None) -> Response:
    """What HTTP calls the status, as a plain line."""
    return Response(f"{status.value} {status.phrase}\n".encode(), status, headers=headers or {})


@dataclass(slots=True, eq=False)
class Request:
    """What was asked. Names of ``headers`` are lower-case, ``path`` stands without the query. ``more`` reads on; False
    where nothing more comes.

    ``lasting``: the connection may stay for another request; ``pieces``: whoever asks reads bodies without a length.
    ``complete``: all of the body was read.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    more: Callable[[], Awaitable[bool]]
    lasting: bool = True
    pieces: bool = True
    complete: bool = False
    _body: bytearray = field(default_factory=bytearray)

    async def body(self, most: int) -> bytes:
        """All of the body; what has not come yet is read only now. Raises TooLarge for more than ``most`` bytes,
        Gone."""
        while not self.complete and len(self._body) <= most:
            if not await self.more() and not self.complete:
                raise Gone
        if len(self._body) > most:
            raise TooLarge
        return bytes(self._body)

    def take(self, part: bytes) -> None:
        """More of the body."""
        self._body += part


Page = Callable[[Request], Awaitable[Response]]


class Routes:
    """Pages by path and method. What answers GET answers HEAD."""

    def __init__(self) -> None:
        self._pages: dict[str, dict[str, Page]] = {}

    def get(self, path: str, page: Page) -> None:
        """A page to read."""
        self._pages.setdefault(path, {}).update(GET=page, HEAD=page)

    def post(self, path: str, page: Page) -> None:
        """A page that does something."""
        self._pages.setdefault(path, {})["POST"] = page

    async def answer(self, request: Request) -> Response:
        """What the page says that was asked for; a plain line where there is none, and where it fails. Raises Gone."""
        pages = self._pages.get(request.path)
        if pages is None:
            return refusal(HTTPStatus.NOT_FOUND)
        page = pages.get(request.method)
        if page is None:
            return refusal(HTTPStatus.METHOD_NOT_ALLOWED, {"Allow": ", ".join(sorted(pages))})
        try:
            return await page(request)
        except TooLarge:
            return refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        except Gone:
            raise
        except Exception as error:
            failed(request, error)
            return text("500 this page failed; the log says more\n", 500)


def failed(request: Request, error: Exception) -> None:
    """A page that fails is a bug of ours: the log has its kind, the reader a plain line, nobody a traceback."""
    told = f"{type(error).__name__}: {error}; this is a bug, please report it"
    say(logging.ERROR, "page_failed", f"{request.method} {request.path}", told)
