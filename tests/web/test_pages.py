"""The daemon's own pages over a real socket."""

from collections.abc import Mapping

from monitor.web.app import Doors, Pages, Reloaded
from tests.web.boards import account
from tests.web.pages import served


class Daemon:
    """Answers as a daemon would; the test sets the answers."""

    def __init__(self) -> None:
        self.reason: str | None = None
        self.problems: tuple[str, ...] = ()
        self.reloads = 0
        self.shown: dict[str, str] = {}

    def pages(self) -> Pages:
        return Pages(Doors(lambda: self.reason, self.reload, self.accounts, lambda: "http://127.0.0.1:1/metrics"))

    async def reload(self) -> Reloaded:
        self.reloads += 1
        return Reloaded(self.problems)

    def accounts(self) -> Mapping[str, str]:
        return self.shown


async def test_alive_is_not_ready() -> None:
    daemon = Daemon()
    daemon.reason = "nothing recorded yet"
    async with served(daemon.pages().app()) as session:
        async with session.get("/-/healthy") as healthy:
            assert healthy.status == 200
        async with session.get("/-/ready") as ready:
            assert (ready.status, await ready.text()) == (503, "not ready: nothing recorded yet\n")
        daemon.reason = None
        async with session.get("/-/ready") as ready:
            assert ready.status == 200


async def test_a_reload_says_what_is_wrong_and_that_the_old_stays() -> None:
    daemon = Daemon()
    async with served(daemon.pages().app()) as session:
        async with session.post("/-/reload") as good:
            assert (good.status, await good.text()) == (200, "reloaded\n")
        daemon.problems = ("a.yaml:1:1: no", "a.yaml:2:1: nor this")
        async with session.post("/-/reload") as bad:
            assert bad.status == 422
            assert await bad.text() == "the configuration in force stays:\na.yaml:1:1: no\na.yaml:2:1: nor this\n"
        async with session.get("/-/reload") as wrong:
            assert wrong.status == 405
    assert daemon.reloads == 2


async def test_another_sites_page_cannot_reload() -> None:
    daemon = Daemon()
    browser = {"Sec-Fetch-Site": "cross-site"}
    async with served(daemon.pages().app()) as session, session.post("/-/reload", headers=browser) as refused:
        assert refused.status == 403
    assert daemon.reloads == 0


async def test_the_first_page_says_where_to_look_and_escapes_names() -> None:
    daemon = Daemon()
    daemon.shown = {"<b>acme": account(services=("n&t",))}
    async with served(daemon.pages().app()) as session, session.get("/") as page:
        text = await page.text()
    assert "&lt;b&gt;acme" in text and "n&amp;t" in text and "<td>up</td>" in text
    assert "http://127.0.0.1:1/metrics" in text and "upheld status" in text


async def test_a_page_that_fails_shows_no_traceback() -> None:
    daemon = Daemon()
    daemon.shown = {"acme": "not json"}
    async with served(daemon.pages().app()) as session:
        async with session.get("/") as page:
            assert (page.status, await page.text()) == (500, "500 this page failed; the log says more\n")
        async with session.get("/no/such/page") as missing:
            assert (missing.status, await missing.text()) == (404, "404 Not Found\n")
