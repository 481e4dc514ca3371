"""The two listeners of the daemon: its pages, and the metrics on an address of their own."""

from aiohttp import web

from config.model import Daemon, Listen
from monitor.web.app import Pages

_GOODBYE = 0.5


class Unavailable(Exception):
    """An address cannot be listened on; the text says which and what helps."""


class Listeners:
    """Both, started and ended together. URLs name the ports really taken."""

    def __init__(self, pages: Pages, metrics: web.Application, terms: Daemon) -> None:
        self._wanted = {"listen": (pages.app(), terms.web), "metrics": (metrics, terms.metrics)}
        self._runners: dict[str, web.AppRunner] = {}

    async def start(self) -> None:
        """Listen. Raises Unavailable."""
        for name, (app, listen) in self._wanted.items():
            runner = web.AppRunner(app, access_log=None, keepalive_timeout=30, shutdown_timeout=_GOODBYE)
            self._runners[name] = runner
            await runner.setup()
            try:
                await web.TCPSite(runner, listen.host, listen.port).start()
            except OSError as error:
                await self.close()
                text = f"daemon.{name}: cannot listen on {listen.host}:{listen.port}: {error.strerror or error}"
                raise Unavailable(f"{text}; stop what does, or give another address") from None

    async def close(self) -> None:
        """Answer what was asked, take no more."""
        for runner in self._runners.values():
            await runner.cleanup()

    @property
    def web_url(self) -> str:
        """Where the pages are, without a slash at the end."""
        return self._url("listen")

    @property
    def metrics_url(self) -> str:
        """Where the metrics are."""
        return self._url("metrics") + "/metrics"

    def _url(self, name: str) -> str:
        listen: Listen = self._wanted[name][1]
        runner = self._runners.get(name)
        host, port = listen.host, listen.port
        if runner is not None and runner.addresses:
            host, port = runner.addresses[0][:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
