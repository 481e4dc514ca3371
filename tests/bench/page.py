"""The server that ``bench-http`` has probed: ``python -m tests.bench.page [CERTIFICATE]``.

Prints its port. For every line on its input it prints how many requests it has answered so far by whom, as JSON.
"""

import asyncio
import json
import ssl
import sys
from collections import Counter

PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\nContent-Length: 100\r\n\r\n" + b"x" * 100
ASKED: Counter[str] = Counter()


class Page(asyncio.Protocol):
    """Answers the first request and closes."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        agent = data.lower().partition(b"user-agent: ")[2].partition(b"\r\n")[0].partition(b"/")[0]
        ASKED[agent.decode()] += 1
        assert isinstance(self._transport, asyncio.WriteTransport)
        self._transport.write(PAGE)
        self._transport.close()


async def main() -> None:
    """Serve until the input ends."""
    context = None
    if len(sys.argv) > 1:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[1])
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Page, "127.0.0.1", 0, ssl=context, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    while await loop.run_in_executor(None, sys.stdin.readline):
        print(json.dumps(ASKED), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
