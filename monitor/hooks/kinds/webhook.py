"""``kind: webhook``: every event as a signed HTTP POST of JSON.

Signed by Standard Webhooks 1.0 where a secret is given: ``webhook-id`` is the idempotency key and stays the same
over every try, ``webhook-timestamp`` is the time of the try, ``webhook-signature`` covers both and the body.

Taken means 2xx. A redirect is not followed: the address was chosen by the operator, and an answer must not be able
to send events, or this machine, elsewhere. ``Retry-After`` (RFC 9110 §10.2.3) is honoured; 410 says that there
is nobody any more. The answer's body is never read, so it can neither fill memory nor reach a log.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

from config.model import SECOND, Hook
from config.typed import SECRET, STRICT, After, Before, Secret, Shape
from config.units import Duration, between, boolean, format_duration
from monitor.hooks import message, signing, tls
from monitor.hooks.hook import DeliveryError, Sender
from probes.clock import Clock

if TYPE_CHECKING:  # the client takes long to import, and whoever only reads a configuration sends nothing
    from aiohttp import ClientSession
    from multidict import CIMultiDict

    from monitor.store.port import Delivery

NAME = "webhook"
OWN_HEADERS = frozenset({"host", "content-length", "transfer-encoding", "connection"})


def _address(url: Secret) -> Secret:
    from yarl import URL

    text = url.text
    try:
        parsed = URL(text)
    except ValueError:
        raise ValueError("not a URL; write it as 'https://host/path'") from None
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise ValueError("a webhook's url must begin with 'https://' (or 'http://') and name a host")
    if parsed.user is not None or parsed.password is not None:
        raise ValueError("a url must not hold a password; give it as 'headers: {Authorization: …}'")
    if any(char.isspace() or not char.isprintable() for char in text):
        raise ValueError("a url must not hold spaces or control characters")
    return url


def _secret(secret: Secret) -> Secret:
    signing.key(secret.text)
    return secret


def _headers(headers: dict[str, Secret]) -> dict[str, Secret]:
    for name, value in headers.items():
        if not name.isascii() or not name.replace("-", "").replace("_", "").isalnum():
            raise ValueError(f"{name!r} cannot be a header's name; letters, digits, '-' and '_' can")
        if name.lower() in OWN_HEADERS or name.lower().startswith("webhook-"):
            raise ValueError(f"the header {name!r} is set by the webhook itself")
        if not value.text.isprintable() or not value.text.isascii():
            raise ValueError(f"the value of header {name!r} may only hold printable ASCII, and no line breaks")
    return headers


def _listed(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Secrets = Annotated[
    tuple[Annotated[Secret, After(_secret)], ...],
    Before(_listed),
    Shape({"anyOf": [SECRET, {"type": "array", "items": SECRET}]}),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Where to post, how to sign. ``url`` and the headers' values are kept like secrets, since they often hold one.

    ``secret``: ``whsec_`` and base64, or any text; a list signs with each of them, newest first, for rotation.
    ``timeout`` (ns) bounds a whole try, name resolution to status line.
    """

    __pydantic_config__ = STRICT

    url: Annotated[Secret, After(_address)]
    secret: Secrets = ()
    headers: Annotated[dict[str, Secret], After(_headers)] = field(default_factory=dict)
    timeout: Annotated[Duration, between(SECOND // 10, 60 * SECOND, format_duration)] = 10 * SECOND
    ca_file: str | None = None
    cert_file: str | None = None
    key_file: str | None = None
    insecure_skip_verify: Annotated[bool, Before(boolean)] = False

    @property
    def keys(self) -> tuple[bytes, ...]:
        """The signing keys, in the order given; none: unsigned."""
        return tuple(signing.key(each.text) for each in self.secret)


def open(hook: Hook, clock: Clock) -> Sender:
    """The sender of one webhook."""
    if not isinstance(hook.options, Options):
        raise TypeError(f"hook {hook.name} is no webhook")
    return Webhook(hook.options, clock)


class Webhook:
    """Posts. Every try has a connection of its own: at this pace keeping one saves nothing, and a connection the
    receiver closed while idle would make the next delivery fail."""

    def __init__(self, options: Options, clock: Clock) -> None:
        self._options = options
        self._clock = clock
        self._keys = options.keys
        self._session: ClientSession | None = None

    async def ready(self) -> None:
        """Always: whether the receiver answers is only known by asking."""

    async def deliver(self, delivery: "Delivery") -> None:
        """Post it once. Raises DeliveryError unless the answer is 2xx within the timeout."""
        from aiohttp import ClientError

        from monitor.hooks import answer

        body = message.body(delivery)
        headers = self._headers(message.identity(delivery.id), body)
        url = self._options.url.text
        try:
            async with asyncio.timeout(self._options.timeout / SECOND):
                session = await self._opened()
                async with session.post(url, data=body, headers=headers, allow_redirects=False) as response:
                    status, asked = response.status, response.headers.get("Retry-After")
                    response.close()
        except TimeoutError as error:
            raise DeliveryError(f"no answer within {self._options.timeout / SECOND:g} s") from error
        except (ClientError, OSError, ValueError) as error:
            raise DeliveryError(answer.reason(error)) from error
        answer.judge(status, answer.retry_after(asked, self._clock.wall()))

    def state(self, accounts: Mapping[str, str]) -> None:
        """A webhook tells of events only."""

    async def close(self) -> None:
        """Drop what is in flight; it is still owed."""
        if self._session is not None:
            await self._session.close()

    def _headers(self, identity: str, body: bytes) -> "CIMultiDict[str]":
        from multidict import CIMultiDict

        timestamp = self._clock.wall() // SECOND
        headers = CIMultiDict({"Content-Type": "application/json", "User-Agent": "upheld"})
        headers.update({name: value.text for name, value in self._options.headers.items()})
        headers.update({"webhook-id": identity, "webhook-timestamp": str(timestamp)})
        if self._keys:
            headers["webhook-signature"] = signing.signature(self._keys, identity, timestamp, body)
        return headers

    async def _opened(self) -> "ClientSession":
        if self._session is None:
            import aiohttp

            from monitor.hooks.names import Names

            chosen = self._options
            files = chosen.ca_file, chosen.cert_file, chosen.key_file
            context = await asyncio.to_thread(tls.context, *files, chosen.insecure_skip_verify)
            if self._session is None:  # another delivery may have opened it meanwhile
                self._session = aiohttp.ClientSession(
                    connector=aiohttp.TCPConnector(ssl=context, resolver=Names(), force_close=True, limit=0),
                    cookie_jar=aiohttp.DummyCookieJar(),
                    timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
                    trust_env=False,
                )
        return self._session
