"""The two listeners of the daemon: its pages, and the metrics on an address of their own."""

from config.model import Daemon
from monitor.web.exchange import Routes
from monitor.web.server import Server

_GOODBYE = 0.5


class Unavailable(Exception):
    """An address cannot be listened on; the text says which and what helps."""


class Listeners:
    """Both, started and ended together. URLs name the ports really taken."""

    def __init__(self, pages: Routes, metrics: Routes, terms: Daemon) -> None:
        self._wanted = {"listen": (Server(pages), terms.web), "metrics": (Server(metrics), terms.metrics)}

    async def start(self) -> None:
        """Listen. Raises Unavailable."""
        for name, (server, listen) in self._wanted.items():
            try:
                await server.start(listen.host, listen.port)
            except OSError as error:
                await self.close()
                text = f"daemon.{name}: cannot listen on {listen.host}:{listen.port}: {error.strerror or error}"
                raise Unavailable(f"{text}; stop what does, or give another address") from None

    async def close(self) -> None:
        """Answer what was asked, take no more."""
        for server, _ in self._wanted.values():
            await server.close(_GOODBYE)

    @property
    def web_url(self) -> str:
        """Where the pages are, without a slash at the end."""
        return self._url("listen")

    @property
    def metrics_url(self) -> str:
        """Where the metrics are."""
        return self._url("metrics") + "/metrics"

    def _url(self, name: str) -> str:
        server, listen = self._wanted[name]
        host, port = server.address or (listen.host, listen.port)
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
