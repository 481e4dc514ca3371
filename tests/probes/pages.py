"""What the HTTP probe's tests stand on: servers that behave and misbehave, certificates, and one run of a probe."""

import asyncio
import datetime
import ipaddress
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from config.model import Target
from config.options import checked
from probes.clock import Clock, SystemClock
from probes.kind import Kit, Prober, ResolveError, Resolver, Seen
from probes.kinds import http
from probes.sync import Sync

SECOND = 1_000_000_000
_USES = {"server": ExtendedKeyUsageOID.SERVER_AUTH, "client": ExtendedKeyUsageOID.CLIENT_AUTH}
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter, bytes], Awaitable[None]]


class Alive:
    """A loop that is never late, or by ``lag`` ns throughout."""

    def __init__(self, lag: int = 0) -> None:
        self.lag = lag

    def worst_lag(self, start: int, end: int) -> int:
        return self.lag


class Names:
    """A resolver that knows what it is told; ``reasons`` are what it refuses other names with."""

    def __init__(self, known: dict[str, str] | None = None, asked: dict[str, str] | None = None) -> None:
        self._known, self._asked = known or {}, asked or {}

    def known(self, name: str, family: int) -> str | None:
        return self._known.get(name)

    async def resolve(self, name: str, family: int, timeout: int) -> str:  # noqa: ASYNC109
        await asyncio.sleep(0.01)
        answer = self._asked.get(name, "nxdomain")
        if answer in ("nxdomain", "no_address", "dns_local"):
            raise ResolveError(answer, "told so by the test")
        return answer


@asynccontextmanager
async def prober(
    life: Alive | None = None, names: Resolver | None = None, clock: Clock | None = None, kept: bool | None = True
) -> AsyncIterator[Prober]:
    """The kind's prober, closed at the end. ``kept``: whether the machine's clock is, whatever the truth."""
    made = http.open(Kit(clock or SystemClock(), life or Alive(), names or Names(), lambda: Sync(kept)))
    try:
        yield made
    finally:
        made.close()


def target(url: str, name: str = "page", timeout: float = 1.0, **options: object) -> Target:
    """A target with the options as they stand in a file, keys with blanks and all."""
    read = checked(http.Options, {"url": url, **options})
    return Target(name=name, kind="http", options=read, every=10 * SECOND, timeout=int(timeout * SECOND))


async def run(made: Prober, aim: Target, explain: bool = True) -> Seen:
    """One run of one probe."""
    seen: asyncio.Future[Seen] = asyncio.get_running_loop().create_future()
    made.start(aim, seen.set_result, explain)
    return await asyncio.wait_for(seen, aim.timeout / SECOND + 7)


async def probe(url: str, within: float = 1.0, **options: object) -> Seen:
    """One run of a probe of its own."""
    async with prober() as made:
        return await run(made, target(url, timeout=within, **options))


@asynccontextmanager
async def server(handle: Handler, context: ssl.SSLContext | None = None, port: int = 0) -> AsyncIterator[int]:
    """A server on loopback; ``handle`` gets each connection with the request's head. Gives its port."""
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        with suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError, asyncio.CancelledError):
            await handle(reader, writer, await reader.readuntil(b"\r\n\r\n"))
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", port, ssl=context, limit=1 << 22)
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        listening.close()
        for writer in writers:
            writer.transport.abort()
        await asyncio.sleep(0.02)


def answer(*head: str, body: bytes = b"", status: str = "200 OK", framed: bool = True) -> bytes:
    """The bytes of an answer."""
    lines = [f"HTTP/1.1 {status}", *head]
    if framed:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def saying(*pieces: bytes, pause: float = 0.0, then: str = "close") -> Handler:
    """Sends pieces with pauses between, then closes, or is silent."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)
        if then == "silence":
            await asyncio.sleep(60)

    return handle


def repeating(start: bytes, piece: bytes, pause: float = 0.0) -> Handler:
    """Sends a start, then the same piece for ever."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes) -> None:
        writer.write(start)
        while True:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)

    return handle


def paths(pages: dict[str, bytes], heads: list[bytes] | None = None) -> Handler:
    """Answers by path; ``heads`` collects the requests."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes) -> None:
        if heads is not None:
            heads.append(head)
        writer.write(pages.get(head.split()[1].decode(), answer(status="404 Not Found")))
        await writer.drain()

    return handle


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority that lives as long as a test."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    directory: Path

    @property
    def file(self) -> str:
        """Its certificate as a PEM file."""
        return str(self.directory / "ca.pem")


def authority(directory: Path) -> Authority:
    """A new one, with its files in ``directory``."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test authority")])
    now = datetime.datetime.now(datetime.UTC)
    built = (
        _builder(name, name, key, now - datetime.timedelta(days=2), now + datetime.timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    directory.mkdir(exist_ok=True)
    (directory / "ca.pem").write_bytes(built.public_bytes(serialization.Encoding.PEM))
    return Authority(key, built, directory)


def certificate(
    by: Authority,
    names: Iterable[str] = ("127.0.0.1",),
    days: tuple[float, float] = (-1, 30),
    own: bool = False,
    uses: Sequence[str] = ("server", "client"),
) -> str:
    """A file with key and certificate for ``names``, valid over ``days`` from now; ``own``: signed by itself;
    ``uses``: by whom."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test server")])
    now = datetime.datetime.now(datetime.UTC)
    begin, end = (now + datetime.timedelta(days=day) for day in days)
    built = (
        _builder(subject, subject if own else by.certificate.subject, key, begin, end)
        .add_extension(x509.SubjectAlternativeName([_alternative(name) for name in names]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([_USES[use] for use in uses]), critical=False)
        .sign(key if own else by.key, hashes.SHA256())
    )
    path = by.directory / f"{x509.random_serial_number():x}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + built.public_bytes(serialization.Encoding.PEM))
    return str(path)


def serving(file: str, clients: Authority | None = None) -> ssl.SSLContext:
    """A server's context; ``clients``: certificates of that authority are demanded."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    if clients is not None:
        context.load_verify_locations(clients.file)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    begin: datetime.datetime,
    end: datetime.datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
    )


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
