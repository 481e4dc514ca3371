"""A name server on loopback that answers, lies, or says nothing, by the name it is asked for."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

Reply = Callable[[dns.message.Message], list[bytes]]


def reply(query: dns.message.Message, *records: str, rcode: str = "NOERROR", beside: tuple[str, ...] = ()) -> bytes:
    """A proper answer with these records, and those ``beside`` in its authority section."""
    answer = dns.message.make_response(query)
    answer.set_rcode(dns.rcode.from_text(rcode))
    for section, lines in ((answer.answer, records), (answer.authority, beside)):
        for record in lines:
            name, ttl, kind, data = record.split(" ", 3)
            section.append(dns.rrset.from_text(name, int(ttl), "IN", kind, data))
    return answer.to_wire()


class NameServer(asyncio.DatagramProtocol):
    """``answers`` maps a name (with its dot) to what is sent back, packet by packet; other names get silence.
    ``asked`` counts the questions. Over TCP the entry ``tcp:name`` answers."""

    def __init__(self, answers: dict[str, Reply]) -> None:
        self.answers = answers
        self.asked: list[str] = []
        self.port = 0
        self._writers: list[asyncio.StreamWriter] = []

    async def __aenter__(self) -> "NameServer":
        loop = asyncio.get_running_loop()
        self._tcp = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._tcp.sockets[0].getsockname()[1]
        self._udp, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", self.port))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._udp.close()
        self._tcp.close()
        for writer in self._writers:
            writer.transport.abort()
        await asyncio.sleep(0.01)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        query = dns.message.from_wire(data)
        name = query.question[0].name.to_text()
        self.asked.append(name)
        for packet in self.answers.get(name, lambda _: [])(query):
            self._udp.sendto(packet, addr)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            size = int.from_bytes(await reader.readexactly(2), "big")
            query = dns.message.from_wire(await reader.readexactly(size))
            name = f"tcp:{query.question[0].name.to_text()}"
            self.asked.append(name)
            for packet in self.answers.get(name, lambda _: [])(query):
                writer.write(len(packet).to_bytes(2, "big") + packet)
            await reader.read(1)
        writer.close()
