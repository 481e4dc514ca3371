"""``POST /api/v1/issue``: a statement issued by the daemon, which alone may write its store; for whoever may read the
token beside the store."""

import json
from collections.abc import Awaitable, Callable

from aiohttp import web

from monitor.issuing.issue import Outcome
from monitor.issuing.keys import KeyTrouble
from monitor.store.port import StoreError
from monitor.web.token import Token

PATH = "/api/v1/issue"
Issue = Callable[[str, str], Awaitable[Outcome]]
"""Issues a contract's period, both by name. Raises ValueError where one is wrong, StoreError, KeyTrouble."""


class IssueDoor:
    """The page. ``add_to`` puts it on a listener."""

    def __init__(self, token: Token, issue: Issue) -> None:
        self._token, self._issue = token, issue

    def add_to(self, app: web.Application) -> None:
        """One route."""
        app.router.add_post(PATH, self._post)

    async def _post(self, request: web.Request) -> web.Response:
        if not self._token.shown_by(request):
            return web.Response(status=401, text="show the token that lies beside the store\n")
        try:
            asked = json.loads(await request.text())
            contract, period = str(asked["contract"]), str(asked["period"])
        except (ValueError, KeyError, TypeError):
            return web.Response(status=422, text='send {"contract": …, "period": …}\n')
        try:
            outcome = await self._issue(contract, period)
        except ValueError as error:
            return web.Response(status=422, text=f"{error}\n")
        except (StoreError, KeyTrouble) as error:
            return web.Response(status=503, text=f"{error}\n")
        return web.json_response({"statement": outcome.statement.body, "said": said(outcome, period)})


def said(outcome: Outcome, period: str) -> str:
    """What happened, in a line."""
    one = outcome.statement
    if outcome.new:
        return f"{one.contract} {period}: revision {one.revision} issued, {one.digest}"
    return f"{one.contract} {period}: nothing changed since revision {one.revision}, {one.digest}"
