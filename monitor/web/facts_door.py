"""``POST /api/v1/facts``: facts from people's hands into a running daemon, which alone may write its store.

The body is JSON Lines, as everywhere. What comes in can change what is owed, so the door is closed to everyone who
could not write the store itself: the caller shows a token that lies beside the store in a file for its owner only,
new at every start of the daemon. An answer of 200 means recorded, on disk.
"""

from collections.abc import Awaitable, Callable, Sequence

from monitor.render.facts import FactsError, read
from monitor.sla.facts import Fact
from monitor.store.port import StoreError
from monitor.web.exchange import Request, Response, Routes, TooLarge, as_json, text
from monitor.web.token import Token

PATH = "/api/v1/facts"
MOST_BYTES = 4 << 20
Submit = Callable[[Sequence[Fact]], Awaitable[None]]
"""Records all of the facts and returns, or raises StoreError."""


class FactsDoor:
    """The page. ``add_to`` puts it on a listener."""

    def __init__(self, token: Token, submit: Submit) -> None:
        self._token, self._submit = token, submit

    def add_to(self, routes: Routes) -> None:
        """One route."""
        routes.post(PATH, self._post)

    async def _post(self, request: Request) -> Response:
        if not self._token.shown_by(request):
            return text("show the token that lies beside the store\n", 401)
        try:
            body = await request.body(MOST_BYTES)
        except TooLarge:
            return text(f"more than {MOST_BYTES} bytes; send the facts in parts\n", 413)
        try:
            facts = read(body.splitlines(keepends=True), "facts")
            await self._submit(facts)
        except FactsError as error:
            return text(f"{error}\n", 422)
        except StoreError as error:
            return text(f"{error}\n", 503)
        return as_json({"taken": len(facts)})
