"""Every way of telling, listed by hand: a kind is one module here, and is known once it stands in this list."""

from config.listed import Listed
from monitor.hooks.hook import Kind


def _webhook() -> Kind:
    from monitor.hooks.kinds import webhook

    return webhook


def _mqtt() -> Kind:
    from monitor.hooks.kinds import mqtt

    return mqtt


KINDS = Listed({"webhook": _webhook, "mqtt": _mqtt})
