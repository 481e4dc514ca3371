"""Every way of telling, listed by hand: a kind is one module here, and is known once it stands in this list."""

from monitor.hooks.hook import Kind
from monitor.hooks.kinds import mqtt, webhook

KINDS: dict[str, Kind] = {kind.NAME: kind for kind in (webhook, mqtt)}
