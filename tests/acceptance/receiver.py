"""A webhook receiver in a thread of its own: keeps what it got, and checks each signature with nothing but ``hmac``."""

import base64
import hashlib
import hmac
import json
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = b"a key of the test's own, 32 bytes"


@dataclass(frozen=True)
class Told:
    """One event as it arrived."""

    id: str
    name: str
    promise: str | None
    time: str
    data: dict[str, str]


class Receiver:
    """``told`` in the order of arrival, repeats and all; ``forged`` counts what was not signed with the key."""

    def __init__(self) -> None:
        receiver = self
        self.told: list[Told] = []
        self.forged = 0

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                signed = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.".encode() + body
                digest = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
                if f"v1,{digest}" not in self.headers["webhook-signature"].split():
                    receiver.forged += 1
                event = json.loads(body)
                name = event["type"].removeprefix("upheld.")
                receiver.told.append(Told(event["id"], name, event["promise"], event["time"], event["data"]))
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/hook"

    @property
    def secret(self) -> str:
        return "whsec_" + base64.b64encode(KEY).decode()

    def names(self, promise: str | None = None) -> list[str]:
        """The distinct events of a promise (None: of no promise), in order of first arrival."""
        return [told.name for told in self.once() if told.promise == promise]

    def once(self) -> list[Told]:
        """Each event once, by its id."""
        return list({told.id: told for told in reversed(self.told)}.values())[::-1]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
