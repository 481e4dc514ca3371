"""Who may change what is owed: whoever could write the store itself. The daemon writes a token beside its store, for
the owner alone to read, new at every start; who shows it may use the doors."""

import hmac
import os
import secrets
from pathlib import Path

from aiohttp import web


def token_file(store: str) -> Path:
    """Where the token of the daemon that holds the store lies."""
    return Path(store + ".token")


class Token:
    """A token for this run of the daemon, written for the store's owner alone to read."""

    def __init__(self, store: str) -> None:
        token, path = secrets.token_urlsafe(32), token_file(store)
        path.unlink(missing_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(token)
        self._token = token.encode()

    def shown_by(self, request: web.Request) -> bool:
        """Whether the caller showed it."""
        shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(shown.encode("utf-8", "surrogateescape"), self._token)
