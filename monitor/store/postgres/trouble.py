"""What PostgreSQL and its driver report, said once in the words of the house."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from monitor.store.port import StoreError

_DAMAGED = "it is damaged; keep a copy of it, then restore the latest backup"
_STATES = {
    "53100": ("store_full", "the server's disk is full; make room, writing then goes on by itself"),
    "53300": ("store_away", "the server has no connection left; raise max_connections"),
    "25006": ("store_read_only", "the server takes no writes; it may be a standby: name the primary"),
    "55P03": ("store_busy", "another program keeps a lock on it; find it in pg_stat_activity"),
    "57014": ("store_busy", "the server ended the statement; look for statement_timeout"),
    "42501": ("store_unopenable", "the server does not permit it; grant the user what is missing"),
    "XX001": ("store_damaged", _DAMAGED),
    "XX002": ("store_damaged", _DAMAGED),
}
_AWAY = frozenset({"57P01", "57P02", "57P03", "57P05"})


def lost(error: BaseException, connection: psycopg.Connection | None = None) -> bool:
    """True if the connection is gone, or never came to be."""
    if connection is not None and (connection.closed or connection.broken):
        return True
    if isinstance(error, psycopg.InterfaceError):
        return True
    if not isinstance(error, psycopg.OperationalError):
        return False
    state = error.sqlstate
    return state is None or state[:2] == "08" or state in _AWAY


def translated(error: psycopg.Error, name: str) -> StoreError:
    """The StoreError for what the server or the driver said; its words are kept behind ours."""
    code, text = _meaning(error)
    said = " ".join(str(error).split()) or type(error).__name__
    return StoreError(code, f"{name}: {text} ({said})")


def _meaning(error: psycopg.Error) -> tuple[str, str]:
    if error.sqlstate in _STATES:
        return _STATES[error.sqlstate]
    if lost(error):
        return "store_away", "the server cannot be reached; writing goes on by itself when it is back"
    if isinstance(error, psycopg.DataError):
        return "store_refused", "a batch no PostgreSQL store can hold"
    if isinstance(error, psycopg.errors.UniqueViolation):
        return "store_damaged", f"what it knows of its samples contradicts what it has: {_DAMAGED}"
    return "store_io", "the server could not do it"


@contextmanager
def told(name: str) -> Iterator[None]:
    """Whatever the driver raises inside comes out as a StoreError about the store of that name."""
    try:
        yield
    except psycopg.Error as error:
        raise translated(error, name) from error
