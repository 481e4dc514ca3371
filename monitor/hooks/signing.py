"""Signatures by Standard Webhooks 1.0, symmetric scheme ``v1`` (https://www.standardwebhooks.com).

The signed text is ``id.timestamp.body``; the signature is its HMAC-SHA256 in base64, led by ``v1,``. Several
secrets give several signatures, separated by spaces: a receiver accepts the message if any of them is right, so
a secret is replaced by sending both for a while.
"""

import base64
import binascii
import hmac
from collections.abc import Sequence

PREFIX = "whsec_"


def key(secret: str) -> bytes:
    """The key a secret stands for: the base64 after ``whsec_``, else the text itself in UTF-8.

    Raises ValueError, without the secret in it, where there is no key or the base64 is broken.
    """
    if not secret.startswith(PREFIX):
        found = secret.encode()
    else:
        try:
            found = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
        except binascii.Error:
            raise ValueError("a secret that starts with 'whsec_' must go on in base64") from None
    if not found:
        raise ValueError("a secret must not be empty")
    return found


def signature(keys: Sequence[bytes], identity: str, timestamp: int, body: bytes) -> str:
    """The ``webhook-signature`` header. ``timestamp`` in whole seconds since 1970 UTC."""
    text = b".".join((identity.encode(), str(timestamp).encode(), body))
    return " ".join("v1," + base64.b64encode(hmac.digest(each, text, "sha256")).decode() for each in keys)
