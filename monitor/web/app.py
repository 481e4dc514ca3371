"""The daemon's own pages: is it alive, is it ready, reload, and where everything stands.

``/-/healthy`` answers while the event loop turns. ``/-/ready`` answers 200 once the store was read and the first
judging recorded, and 503 with the reason before that and whenever recording has stopped.
"""

import html
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from monitor.web.exchange import Request, Response, Routes, text
from monitor.web.facts_door import FactsDoor
from monitor.web.issue_door import IssueDoor


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

    def routes(self) -> Routes:
        """Those of the listener."""
        routes = Routes()
        routes.get("/-/healthy", self._healthy)
        routes.get("/-/ready", self._ready)
        routes.post("/-/reload", self._reload)
        routes.get("/", self._overview)
        for door in self._behind_token:
            door.add_to(routes)
        return routes

    async def _healthy(self, _: Request) -> Response:
        return text("alive\n")

    async def _ready(self, _: Request) -> Response:
        reason = self._doors.not_ready()
        if reason is None:
            return text("ready\n")
        return text(f"not ready: {reason}\n", 503)

    async def _reload(self, request: Request) -> Response:
        if _from_another_site(request):
            return text("a page of another site may not reload this daemon\n", 403)
        went = await self._doors.reload()
        if went.problems:
            kept = "the configuration in force stays:\n"
            return text(kept + "\n".join(went.problems) + "\n", 422)
        return text("reloaded\n")

    async def _overview(self, _: Request) -> Response:
        rows = "".join(
            f"<tr><th colspan=2>{html.escape(contract)}</th></tr>{_services(account)}"
            for contract, account in sorted(self._doors.accounts().items())
        )
        links = (
            f'<p><a href="{html.escape(self._doors.metrics_url())}">metrics</a> · '
            '<a href="/-/ready">ready?</a> · in a terminal: <code>upheld status</code></p>'
        )
        page = f"<!doctype html><meta charset=utf-8><title>upheld</title><h1>upheld</h1>{links}"
        return text(f"{page}<table>{rows}</table>\n", content_type="text/html; charset=utf-8")


def _services(account: str) -> str:
    services: dict[str, dict[str, object]] = json.loads(account)["services"]
    return "".join(
        f"<tr><td>{html.escape(name)}</td><td>{html.escape(str(service['state']))}</td></tr>"
        for name, service in services.items()
    )


def _from_another_site(request: Request) -> bool:
    """A browser says so; command lines say nothing. Without this any web page could make a reader's browser post."""
    return request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin")
