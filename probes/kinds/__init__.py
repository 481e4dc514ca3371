"""Every way of probing. To add one: a module here with NAME, Options and ``open``, a line below, and a test."""

from probes.kind import Kind
from probes.kinds import http, icmp

KINDS: dict[str, Kind] = {icmp.NAME: icmp, http.NAME: http}
