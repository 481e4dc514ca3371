"""What can be said of an HTTP probe in the configuration; every option is checked here, before anything runs.

Keys of two words may be written with a blank or an underscore (``keep alive``, ``keep_alive``).
"""

import ipaddress
from dataclasses import dataclass, field
from typing import Annotated, Literal

from config.typed import SPACED, After, Before, Secret
from config.units import Line, Size, between, boolean, count, format_size, line
from probes.net import host, http_url
from probes.net.http_wants import Expect, HeaderName

BODY_ASKED, BODY_UNASKED = 1 << 20, 1 << 16
_OURS = frozenset(("host", "content-length", "transfer-encoding", "connection", "accept-encoding", "upgrade", "te"))


def _url(value: object) -> str:
    url = http_url.parse(line(value))
    if url.literal and not host.of_one_machine(url.host.partition("%")[0]):
        raise ValueError(f"host {url.host!r} is not the address of one machine; write one that answers by itself")
    return str(value)


def _plain(value: Secret) -> Secret:
    """A header's value: one line, Latin-1 (RFC 9110 section 5.5). Never quoted in a message: it may be
    secret.
    """
    if any((ord(letter) < 32 and letter != "\t") or ord(letter) == 127 or ord(letter) > 255 for letter in value.text):
        raise ValueError("has a control character or one beyond Latin-1 in it; a header cannot carry that")
    return value


def _address(value: object) -> str:
    try:
        return str(ipaddress.ip_address(line(value)))
    except ValueError:
        raise ValueError(f"{value!r} is no IP address; write it as 192.0.2.1 or 2001:db8::1") from None


def _server_name(value: object) -> str:
    """A name that TLS can ask for, or an address to be found in the certificate."""
    return host.host(line(value))[0]


def _underscored(value: object) -> object:
    """``first byte`` or ``first_byte``."""
    return value.replace(" ", "_") if isinstance(value, str) else value


def _version(value: object) -> object:
    return value if isinstance(value, str) else str(value)


Flag = Annotated[bool, Before(boolean)]
Url = Annotated[str, Before(_url)]
HeaderSecret = Annotated[Secret, After(_plain)]
Limit = Annotated[Size, between(1, 1 << 24, format_size)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Auth:
    """Basic (``user`` and ``password``, RFC 7617) or ``bearer`` (RFC 6750); sent to the first origin only."""

    __pydantic_config__ = SPACED
    user: Line | None = None
    password: HeaderSecret | None = None
    bearer: HeaderSecret | None = None

    def __post_init__(self) -> None:
        basic = self.user is not None and self.password is not None
        half = self.user or (self.password and self.password.text)
        if (self.bearer is not None) == basic or (self.bearer is not None and half):
            raise ValueError("write either 'user' and 'password', or 'bearer'")
        if self.user is not None and ":" in self.user:
            raise ValueError("a user with ':' in its name cannot be sent by basic authentication")


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirects:
    """At most ``follow`` are followed (0: none, the redirect itself is judged).

    ``insecure``: one from https to http may be followed. ``inward``: one from a public to a private,
    link-local or loopback address may be. Without these such a redirect is Down, ``redirect_refused``.
    """

    __pydantic_config__ = SPACED
    follow: Annotated[int, Before(count), between(0, 20)] = 5
    insecure: Flag = False
    inward: Flag = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """``ca``, ``certificate`` and ``key`` are PEM files; ``ca`` is trusted instead of the system's
    authorities.

    ``server_name`` is asked for and verified instead of the URL's host. ``minimum``: the oldest version
    accepted.
    """

    __pydantic_config__ = SPACED
    insecure_skip_verify: Flag = False
    ca: Line | None = None
    certificate: Line | None = None
    key: Line | None = None
    server_name: Annotated[str, Before(_server_name)] | None = None
    minimum: Annotated[Literal["1.2", "1.3"], Before(_version)] = "1.2"

    def __post_init__(self) -> None:
        if self.key is not None and self.certificate is None:
            raise ValueError("'key' without 'certificate'; a client certificate needs both (or one file with both)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """An HTTP probe.

    ``family`` 4 or 6 chooses the address of a name (default 4; a literal says it itself), with no falling
    back. ``keep_alive``: use the last run's connection again while it lives. ``max_body``: read no more
    of the body. ``latency_of``: what counts as the sample's latency; ``total`` is everything but name
    resolution.
    """

    __pydantic_config__ = SPACED
    url: Url
    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] = "GET"
    headers: dict[HeaderName, HeaderSecret] = field(default_factory=dict)
    body: Secret | None = None
    auth: Auth | None = None
    redirects: Redirects = Redirects()
    tls: Tls = Tls()
    expect: Expect = Expect()  # noqa: RUF009 - frozen, and the same for nearly all
    family: Annotated[Literal[4, 6], Before(count)] | None = None
    source: Annotated[str, Before(_address)] | None = None
    keep_alive: Flag = False
    max_body: Limit | None = None
    latency_of: Annotated[Literal["total", "connect", "first_byte"], Before(_underscored)] = "total"

    @property
    def body_cap(self) -> int:
        """Bytes of body read at most."""
        return self.max_body or (BODY_UNASKED if self.expect.body is None else BODY_ASKED)

    @property
    def ip(self) -> int:
        """The IP version probed over."""
        url = http_url.parse(self.url)
        return ipaddress.ip_address(url.host).version if url.literal else self.family or 4

    def __post_init__(self) -> None:
        if self.family is not None and self.ip != self.family:
            raise ValueError(f"the URL's host is an IPv{self.ip} address, 'family' says {self.family}")
        if self.source is not None and ipaddress.ip_address(self.source).version != self.ip:
            raise ValueError(f"'source' {self.source} cannot be used over IPv{self.ip}")
        if self.expect.certificate_days is not None and not self.url.startswith("https:"):
            raise ValueError("'certificate days' needs an https URL; over http there is no certificate")
        for name in self.headers:
            if name.lower() in _OURS:
                raise ValueError(f"header {name!r} is set by the probe itself; leave it out")
            if name.lower() == "authorization" and self.auth is not None:
                raise ValueError("header 'Authorization' beside 'auth'; write one of them")
