"""The one connection that writes.

It holds an advisory lock of its session for as long as it lives, so a second one is refused. Every
transaction leaves a token of its own in the store. When the connection breaks in a COMMIT, what became of it is
unknown: the token is looked up through a new connection, and that only once the lock is ours again. The server lets
go of the lock when the old session has ended, so no COMMIT can still be under way when we look.
The same token tells when another database took this one's place, say an old backup put back.
"""

import contextlib
import logging
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from config.address import shown
from monitor.store.lock import holder_name
from monitor.store.port import StoreError, StoreHeld
from monitor.store.postgres.schema import SCHEMA
from monitor.store.postgres.trouble import lost, told, translated

LOCK = (0x55504844, 1)
"""The advisory lock of a store's writer; one per database."""
WAIT = 0.5
"""How long a writer that has just ended is waited for (s): its session may outlive it by a moment."""
_DEFAULTS = {"connect_timeout": "5", "keepalives_idle": "10", "keepalives_interval": "5", "keepalives_count": "3"}
OLDEST = 150000

logging.getLogger("psycopg").setLevel(logging.ERROR)  # that a line broke is told by ourselves, once

Connection = psycopg.Connection[tuple[object, ...]]


class Address:
    """Where a store is, and its name for people, which has no password. Raises ``store_unopenable``."""

    def __init__(self, url: str) -> None:
        self.name = shown(url)
        try:
            given = psycopg.conninfo.conninfo_to_dict(url)
        except psycopg.Error:
            # The driver's words repeat the address, password and all.
            text = "is no address of a PostgreSQL database; write postgresql://user@host:port/database"
            raise StoreError("store_unopenable", f"{self.name}: {text}") from None
        self._options = {**_DEFAULTS, **{key: value for key, value in given.items() if value is not None}}

    def connect(self, application: str) -> Connection:
        """A new connection outside any transaction. Raises psycopg.Error."""
        options = {**self._options, "application_name": application, "client_encoding": "utf8"}
        connection = psycopg.connect(psycopg.conninfo.make_conninfo("", **options), autocommit=True)
        connection.execute(f"SET search_path TO {SCHEMA}".encode())
        return connection


def assert_durable(connection: Connection, name: str) -> None:
    """Raise ``store_unsafe`` where the server may forget what it acknowledged, ``store_unopenable`` where it is no
    server for us. What it says now is then kept for this session."""
    row = connection.execute(
        "SELECT current_setting('synchronous_commit'), current_setting('fsync'), current_setting('full_page_writes'), "
        "current_setting('server_encoding'), current_setting('server_version_num')::int, pg_is_in_recovery()"
    ).fetchone()
    assert row is not None
    flush, fsync, pages, encoding, version, standby = row
    for setting, value in (("synchronous_commit", flush), ("fsync", fsync), ("full_page_writes", pages)):
        if value == "off":
            raise StoreError(
                "store_unsafe", f"{name}: the server runs with {setting} = off: not durable; set it to on for this user"
            )
    if encoding != "UTF8" or int(str(version)) < OLDEST:
        text = f"PostgreSQL 15 or later with encoding UTF8 is needed, not {version} with {encoding}"
        raise StoreError("store_unopenable", f"{name}: {text}")
    if standby:
        raise StoreError("store_read_only", f"{name}: the server is a standby and takes no writes; name the primary")
    connection.execute(f"SET synchronous_commit = {flush}".encode())
    # The server gives up on us as soon as we on it: else a machine that vanished would hold its lock for hours.
    for setting, value in (("idle", 10), ("interval", 5), ("count", 3)):
        connection.execute(f"SET tcp_keepalives_{setting} = {value}".encode())


class Writer:
    """Hands out the writing connection, one transaction at a time, to any thread."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._application = f"upheld {secrets.token_hex(8)}"
        self._lock = threading.RLock()
        self._connection: Connection | None = None
        self._known: set[str | None] | None = None
        """What the token in the store may be: that of our last commit, and those of commits nobody knows of."""

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Everything done inside is recorded when this returns, and nothing of it when this raises StoreError."""
        with self._lock:
            token = secrets.token_hex(8)
            connection = self._begin()
            try:
                yield connection
                _put(connection, "commit", token)
            except BaseException as error:
                self._undo(error)
                if isinstance(error, psycopg.Error):
                    raise translated(error, self._address.name) from error
                raise
            self._commit(connection, token)

    def bare(self) -> Connection:
        """The connection outside a transaction, for setting the store up."""
        with self._lock, told(self._address.name):
            return self._open()

    def close(self) -> None:
        """Let go, and of the lock with it."""
        with self._lock:
            self._drop()

    def _begin(self) -> Connection:
        """A transaction begun; through a new connection where the old one turns out to be gone."""
        for again in (True, False):
            try:
                connection = self._open()
                connection.execute("BEGIN")
                self._same_store(connection)
                return connection
            except psycopg.Error as error:
                gone = lost(error, self._connection)
                self._drop()
                if not (gone and again):
                    raise translated(error, self._address.name) from error
            except StoreError:
                self._drop()
                raise
        raise AssertionError("the second try returns or raises")

    def _open(self) -> Connection:
        if self._connection is None:
            connection = self._address.connect(self._application)
            try:
                assert_durable(connection, self._address.name)
                self._hold(connection)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _hold(self, connection: Connection) -> None:
        """Take the lock. A session of our own that the server still believes in is ended first."""
        until = time.monotonic() + WAIT
        while not _one(connection, "SELECT pg_try_advisory_lock(%s, %s)", LOCK):
            ours = _one(
                connection,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s "
                "AND pid <> pg_backend_pid()",
                (self._application,),
            )
            if not ours and time.monotonic() > until:
                raise StoreHeld("store_held", f"{self._address.name}: held by another instance ({_holder(connection)})")
            time.sleep(0.02)

    def _same_store(self, connection: Connection) -> None:
        stored = _token(connection)
        if self._known is not None and stored not in self._known:
            raise StoreError(
                "store_replaced",
                f"{self._address.name}: another database was put in the place of the one this process was writing, or "
                "another process wrote it; restart it",
            )
        self._known = {stored}

    def _commit(self, connection: Connection, token: str) -> None:
        assert self._known is not None
        try:
            done = connection.execute("COMMIT").statusmessage
        except psycopg.Error as error:
            gone = lost(error, connection)
            self._drop()
            self._known.add(token)
            if not gone:
                raise translated(error, self._address.name) from error
            with told(self._address.name):
                if _token(self._open()) != token:
                    raise translated(error, self._address.name) from error
        else:
            if done != "COMMIT":
                raise StoreError("store_io", f"{self._address.name}: the server answered COMMIT with {done}")
        self._known = {token}

    def _undo(self, error: BaseException) -> None:
        connection = self._connection
        if connection is None or lost(error, connection):
            self._drop()
            return
        try:
            connection.execute("ROLLBACK")
        except psycopg.Error:
            self._drop()

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(psycopg.Error):  # it may be broken already
                connection.close()


def _one(connection: Connection, query: str, values: tuple[object, ...] = ()) -> object:
    row = connection.execute(query.encode(), values).fetchone()
    return row[0] if row else None


def _put(connection: Connection, key: str, value: str) -> None:
    connection.execute(
        "INSERT INTO meta VALUES (%s, %s) ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value", (key, value)
    )


def _get(connection: Connection, key: str) -> str | None:
    value = _one(connection, "SELECT value FROM meta WHERE key = %s", (key,))
    return None if value is None else str(value)


def _token(connection: Connection) -> str | None:
    return _get(connection, "commit")


def _holder(connection: Connection) -> str:
    try:
        return _get(connection, "lease") or "it is just starting"
    except psycopg.Error:
        return "it is just starting"


def sign_in(writer: Writer) -> str | None:
    """Say who writes; gives who signed in before and never out, if anybody."""
    with writer.transaction() as connection:
        connection.execute("INSERT INTO meta VALUES ('uuid', gen_random_uuid()::text) ON CONFLICT (key) DO NOTHING")
        before = _get(connection, "lease")
        _put(connection, "lease", holder_name())
    return before or None


def sign_out(writer: Writer) -> None:
    """Say that the store was let go in good order."""
    with writer.transaction() as connection:
        _put(connection, "lease", "")
