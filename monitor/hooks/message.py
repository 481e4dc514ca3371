"""An event as the JSON object every hook sends. Its members are a promise to receivers: add, never change.

The members are those of CloudEvents 1.0 in its JSON format (https://github.com/cloudevents/spec), the domain's own
ones among them as extension attributes:

==============  =========================================================================================
``id``          the idempotency key: the same happening has the same id, however often it is sent
``source``      ``upheld``
``specversion`` ``1.0``
``type``        ``upheld.`` and the event's name, as ``upheld.outage.opened``
``time``        when it happened (not when it was found or sent), RFC 3339 in UTC
``subject``     what it is about; events of one subject come in order
``contract``, ``service``, ``promise``  names from the configuration; ``promise`` is null where there is none
``summary``     one line for people
``data``        the figures, all of them text: shares as exact fractions, instants and durations in ns
==============  =========================================================================================
"""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from monitor.store.port import Delivery

SECOND = 1_000_000_000


def identity(key: str) -> str:
    """An idempotency key in a form that fits an HTTP header and holds no full stop; different keys stay different.

    Standard Webhooks signs ``id.timestamp.body``: a full stop inside the id would let one signed text be read in two
    ways. Everything but letters, digits and ``-_~/:|=@`` is percent-encoded.
    """
    return quote(key, safe="/:|=@", errors="surrogatepass").replace(".", "%2E")


def instant(at: int) -> str:
    """Nanoseconds since 1970 UTC as RFC 3339, with as many decimals as the instant has."""
    seconds, rest = divmod(at, SECOND)
    decimals = f".{rest:09d}".rstrip("0") if rest else ""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}{decimals}Z"


def body(delivery: "Delivery") -> bytes:
    """The event of a delivery as UTF-8 JSON; every try of a delivery gives the same bytes."""
    event = delivery.event
    members = {
        "id": identity(delivery.id),
        "source": "upheld",
        "specversion": "1.0",
        "type": f"upheld.{event.name}",
        "time": instant(event.at),
        "subject": event.subject,
        "contract": event.contract,
        "service": event.service,
        "promise": event.promise,
        "summary": event.summary,
        "data": dict(event.data),
    }
    return json.dumps(members, separators=(",", ":")).encode()
