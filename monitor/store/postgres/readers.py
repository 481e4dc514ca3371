"""The connections that only read."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from monitor.store.port import StoreError
from monitor.store.postgres.connection import Address, Connection
from monitor.store.postgres.trouble import told


class Readers:
    """Connections that only read, kept for the next one who asks."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._application = f"upheld reader on {socket.gethostname()}"
        self._idle: list[Connection] = []
        self._lock = threading.Lock()
        self._closed = False

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """One unchanging view of the store; writers go on meanwhile."""
        with told(self.address.name):
            connection = self._begun()
            try:
                yield connection
            finally:
                self._give(connection)

    def close(self) -> None:
        """Close those that are idle; one in use is closed when it is given back."""
        with self._lock:
            self._closed = True
            while self._idle:
                self._idle.pop().close()

    def _begun(self) -> Connection:
        while True:
            with self._lock:
                if self._closed:
                    raise StoreError("store_closed", f"{self.address.name}: it is closed")
                connection = self._idle.pop() if self._idle else None
            kept = connection is not None
            connection = connection or self.address.connect(self._application)
            try:
                connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                return connection
            except psycopg.Error:
                connection.close()
                if not kept:  # a kept one may have died with the server it was connected to
                    raise

    def _give(self, connection: Connection) -> None:
        try:
            connection.execute("ROLLBACK")
        except psycopg.Error:
            connection.close()
            return
        with self._lock:
            if self._closed:
                connection.close()
            else:
                self._idle.append(connection)
