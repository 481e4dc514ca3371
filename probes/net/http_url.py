"""Where an HTTP request goes: a URL taken apart once, strictly, and the rules for following a redirect.

Only ``http`` and ``https`` with a plain host are taken (RFC 3986, RFC 9110 section 4.2). Numeric
shorthands of IPv4 (``0x7f.1``, ``2130706433``) are neither addresses nor names here.
"""

import ipaddress
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, urljoin, urlsplit

from config.units import line
from probes.net.host import host as host_named

_PORTS = {"http": 80, "https": 443}
_SAFE = "!$%&'()*+,-./:;=?@_~[]"
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
LONGEST = 8192


@dataclass(frozen=True, slots=True)
class Url:
    """``host`` is lower-case ASCII without brackets, ``path`` has the query; ``literal``: host is an
    address.
    """

    scheme: str
    host: str
    port: int
    path: str
    literal: bool

    @property
    def origin(self) -> tuple[str, str, int]:
        """What two requests must share to be of one party (RFC 6454 section 4)."""
        return (self.scheme, self.host, self.port)

    @property
    def authority(self) -> str:
        """The Host header: with the port only where it is not the scheme's own (RFC 9110 section 7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}"


@lru_cache(maxsize=8)
def parse(text: str) -> Url:
    """A URL as typed; one that was just read is not read again. Raises ValueError that says what is wrong and what
    would be right."""
    line(text)
    if any(letter.isspace() for letter in text) or len(text) > LONGEST:
        raise ValueError(f"{text[:80]!r} is no URL; it has blanks in it or is longer than {LONGEST} characters")
    try:
        parts = urlsplit(text)
        port = parts.port
        host = parts.hostname or ""
    except ValueError as error:
        raise ValueError(f"{text!r} is no URL: {error}") from error
    if parts.scheme not in _PORTS or not host:
        raise ValueError(f"{text!r} is no URL of a web page; write it as https://www.example.com/path")
    if parts.username is not None or parts.password is not None:
        raise ValueError("a URL must not carry a user or password; write them under 'auth'")
    if parts.fragment:
        raise ValueError(f"{text!r}: what follows '#' never reaches a server; leave it out")
    host, literal = host_named(host)
    path = quote(parts.path or "/", safe=_SAFE) + (f"?{quote(parts.query, safe=_SAFE)}" if parts.query else "")
    return Url(parts.scheme, host, _PORTS[parts.scheme] if port is None else _port(port), path, literal)


def follow(base: Url, location: str) -> Url:
    """Where a Location header leads from ``base`` (RFC 9110 section 10.2.2). Raises ValueError as
    ``parse``.
    """
    return parse(urljoin(str(base), location.strip(" \t")).partition("#")[0])


def reach(address: str) -> str:
    """How far an address reaches: ``global``, ``private``, ``link``, ``loopback`` or ``special``.

    A redirect may stay within its reach or lead out to ``global``, never further in: otherwise whoever
    answers for a public page could have us ask services that only this machine can see.
    """
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        ip = _inner(ip) or ip
    if ip.is_loopback:
        return "loopback"
    if ip.is_link_local:
        return "link"
    if ip.is_unspecified or ip.is_multicast or ip.is_reserved:
        return "special"
    return "global" if ip.is_global else "private"


def _inner(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that one of IPv6 leads to: mapped, 6to4 (RFC 3056), NAT64 (RFC 6052)."""
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour


def _port(port: int) -> int:
    if port < 1:
        raise ValueError("port 0 cannot be connected to; use 1 to 65535")
    return port
