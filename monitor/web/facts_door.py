"""``POST /api/v1/facts``: facts from people's hands into a running daemon, which alone may write its store.

The body is JSON Lines, as everywhere. What comes in can change what is owed, so the door is closed to everyone who
could not write the store itself: the caller shows a token that lies beside the store in a file for its owner only,
new at every start of the daemon. An answer of 200 means recorded, on disk.
"""

from collections.abc import Awaitable, Callable, Sequence

from aiohttp import web

from monitor.render.facts import FactsError, read
from monitor.sla.facts import Fact
from monitor.store.port import StoreError
from monitor.web.token import Token

PATH = "/api/v1/facts"
MOST_BYTES = 4 << 20
Submit = Callable[[Sequence[Fact]], Awaitable[None]]
"""Records all of the facts and returns, or raises StoreError."""


class FactsDoor:
    """The page. ``add_to`` puts it on a listener."""

    def __init__(self, token: Token, submit: Submit) -> None:
        self._token, self._submit = token, submit

    def add_to(self, app: web.Application) -> None:
        """One route."""
        app.router.add_post(PATH, self._post)

    async def _post(self, request: web.Request) -> web.Response:
        if not self._token.shown_by(request):
            return web.Response(status=401, text="show the token that lies beside the store\n")
        body = bytearray()
        async for part in request.content.iter_any():
            body += part
            if len(body) > MOST_BYTES:
                return web.Response(status=413, text=f"more than {MOST_BYTES} bytes; send the facts in parts\n")
        try:
            facts = read(bytes(body).splitlines(keepends=True), "facts")
            await self._submit(facts)
        except FactsError as error:
            return web.Response(status=422, text=f"{error}\n")
        except StoreError as error:
            return web.Response(status=503, text=f"{error}\n")
        return web.json_response({"taken": len(facts)})
