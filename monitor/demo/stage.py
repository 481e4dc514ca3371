"""A little web server on loopback that answers for every target of the demo, so that its daemon has work."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOST = "127.0.0.1"


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = b"all is well\n"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the daemon keeps the record."""


@contextmanager
def stage() -> Iterator[int]:
    """The server, for as long as the block runs; gives its port."""
    server = ThreadingHTTPServer((HOST, 0), _Answer)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, name="demo-stage", daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def free_port(wanted: int) -> int:
    """The wanted port of loopback if nobody has it, else any that is free."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    return wanted
