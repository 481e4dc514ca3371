"""Whether a redirect is followed: within the rules, never in a circle, and never to where only this machine reaches."""

from typing import NamedTuple

from probes.net import http_url
from probes.net.http_options import Redirects
from probes.net.http_request import redirected
from probes.net.http_url import Url
from probes.net.reasons import Finding
from probes.sample import Outcome

STATUSES = frozenset((301, 302, 303, 307, 308))

Been = set[tuple[str, str]]
"""URL and method of every request so far."""


class Hop(NamedTuple):
    """Where to next, and with what method."""

    url: Url
    method: str


class Refused(NamedTuple):
    """Why not."""

    finding: Finding
    text: str


def hop(url: Url, method: str, status: int, location: str, rules: Redirects, been: Been) -> Hop | Refused:
    """What an answer of ``url`` with this status and Location header leads to."""
    try:
        following = http_url.follow(url, location)
    except ValueError as error:
        return _refused("redirect_refused", f"redirect: {error}")
    said = redirected(method, status)
    if url.scheme == "https" and following.scheme == "http" and not rules.insecure:
        return _refused("redirect_refused", f"redirect from https to {following}")
    if (str(following), said) in been:
        return _refused("redirect_loop", f"redirect back to {following}")
    if len(been) > rules.follow:
        return _refused("redirect_limit", f"more than {rules.follow} redirects")
    return Hop(following, said)


def inward(origin: str, address: str, rules: Redirects) -> str:
    """What is wrong with being led from address ``origin`` to ``address``: that we reach it from here and the first
    page's readers may not. Empty: nothing."""
    first, reach = http_url.reach(origin), http_url.reach(address)
    if reach in ("global", first) or rules.inward:
        return ""
    return f"redirect to {address}, which is {reach}; the first address, {origin}, is {first}"


def _refused(reason: str, text: str) -> Refused:
    return Refused((Outcome.DOWN, reason), text)
