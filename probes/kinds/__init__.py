"""Every way of probing. To add one: a module here with NAME, Options and ``open``, a function and a line below, and a
test."""

from config.listed import Listed
from probes.kind import Kind


def _icmp() -> Kind:
    from probes.kinds import icmp

    return icmp


def _http() -> Kind:
    from probes.kinds import http

    return http


KINDS = Listed({"icmp": _icmp, "http": _http})
