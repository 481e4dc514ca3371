"""The daemon's own pages: is it alive, is it ready, reload, and where everything stands.

``/-/healthy`` answers while the event loop turns. ``/-/ready`` answers 200 once the store was read and the first
judging recorded, and 503 with the reason before that and whenever recording has stopped.
"""

import html
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from aiohttp import web
from aiohttp.typedefs import Handler

from monitor.log import say
from monitor.web.facts_door import FactsDoor
from monitor.web.issue_door import IssueDoor

_MOST_BODY = 16_384


@dataclass(frozen=True, slots=True)
class Reloaded:
    """How a reload went: ``problems`` are one line each; empty: the new configuration is in force."""

    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Doors:
    """What the pages ask the daemon. ``not_ready`` gives the reason, or None once it is ready."""

    not_ready: Callable[[], str | None]
    reload: Callable[[], Awaitable[Reloaded]]
    accounts: Callable[[], Mapping[str, str]]
    metrics_url: Callable[[], str]


class Pages:
    """The portal's listener. ``behind_token`` are the doors by which people change what is owed."""

    def __init__(self, doors: Doors, *behind_token: FactsDoor | IssueDoor) -> None:
        self._doors, self._behind_token = doors, behind_token

    def app(self) -> web.Application:
        """The listener's application."""
        app = web.Application(middlewares=[plain_errors], client_max_size=_MOST_BODY)
        app.router.add_get("/-/healthy", self._healthy)
        app.router.add_get("/-/ready", self._ready)
        app.router.add_post("/-/reload", self._reload)
        app.router.add_get("/", self._overview)
        for door in self._behind_token:
            door.add_to(app)
        return app

    async def _healthy(self, _: web.Request) -> web.Response:
        return web.Response(text="alive\n")

    async def _ready(self, _: web.Request) -> web.Response:
        reason = self._doors.not_ready()
        if reason is None:
            return web.Response(text="ready\n")
        return web.Response(status=503, text=f"not ready: {reason}\n")

    async def _reload(self, request: web.Request) -> web.Response:
        if _from_another_site(request):
            return web.Response(status=403, text="a page of another site may not reload this daemon\n")
        went = await self._doors.reload()
        if went.problems:
            kept = "the configuration in force stays:\n"
            return web.Response(status=422, text=kept + "\n".join(went.problems) + "\n")
        return web.Response(text="reloaded\n")

    async def _overview(self, _: web.Request) -> web.Response:
        rows = "".join(
            f"<tr><th colspan=2>{html.escape(contract)}</th></tr>{_services(account)}"
            for contract, account in sorted(self._doors.accounts().items())
        )
        links = (
            f'<p><a href="{html.escape(self._doors.metrics_url())}">metrics</a> · '
            '<a href="/-/ready">ready?</a> · in a terminal: <code>upheld status</code></p>'
        )
        page = f"<!doctype html><meta charset=utf-8><title>upheld</title><h1>upheld</h1>{links}"
        return web.Response(text=f"{page}<table>{rows}</table>\n", content_type="text/html")


def _services(account: str) -> str:
    services: dict[str, dict[str, object]] = json.loads(account)["services"]
    return "".join(
        f"<tr><td>{html.escape(name)}</td><td>{html.escape(str(service['state']))}</td></tr>"
        for name, service in services.items()
    )


def _from_another_site(request: web.Request) -> bool:
    """A browser says so; command lines say nothing. Without this any web page could make a reader's browser post."""
    return request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin")


@web.middleware
async def plain_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A page that fails is a bug of ours: the log has its kind, the reader a plain line, nobody a traceback."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        return web.Response(status=error.status, text=f"{error.status} {error.reason}\n")
    except Exception as error:
        where = f"{request.method} {request.path}"
        say(logging.ERROR, "page_failed", where, f"{type(error).__name__}: {error}; this is a bug, please report it")
        return web.Response(status=500, text="500 this page failed; the log says more\n")
