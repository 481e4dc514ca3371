"""What can go wrong on the way to a server, and what is to come of it: nothing acknowledged lost, nothing twice."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from tempfile import TemporaryDirectory

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from monitor.store.port import Batch, StoreError
from monitor.store.which import open_store
from tests.postgres import Databases, Server, own_server
from tests.store.made import sample
from tests.store.postgres_kills import campaign

EVER = 2**62


@pytest.fixture
def server() -> Iterator[Server]:
    """A server of this test's own."""
    made = own_server()
    yield made
    made.remove()


def test_nothing_acknowledged_is_lost_when_the_server_is_killed(server: Server) -> None:
    """Ten kills at random instants, of the server and of the session."""
    result = campaign(server, 10, 1)
    assert result["acked"] > 100 and result["tried_again"] > 0
    assert result["sealed"] > 0
    wrong = ("acked_lost", "double_counted", "account_differs", "unsound", "unlike", "security_events")
    assert {key: result[key] for key in wrong} == dict.fromkeys(wrong, 0)


def test_a_server_that_flushes_nothing_is_refused() -> None:
    made = own_server(("fsync=off",))
    try:
        with pytest.raises(StoreError, match="fsync = off: not durable") as error:
            open_store(made.url())
        assert error.value.code == "store_unsafe"
    finally:
        made.remove()


def test_an_absent_server_is_told_and_found_again(server: Server) -> None:
    with closing(open_store(server.url())) as store:
        store.append(Batch(samples=[sample(1)]))
        server.kill()
        for ask in (lambda: store.append(Batch(samples=[sample(2)])), lambda: list(store.samples("hq", 0, EVER))):
            with pytest.raises(StoreError) as error:
                ask()
            assert error.value.code == "store_away"
        assert store.quick_check() != ()
        server.start()
        assert list(store.samples("hq", 0, EVER)) == [sample(1)]
        assert store.append(Batch(samples=[sample(2)])).recorded == 1
        assert store.quick_check() == ()


class Between:
    """Stands between a writer and its server, on a socket of its own. Once ``armed`` it lets the next COMMIT pass and
    cuts the line before the answer, or cuts it instead (``passes`` false); ``shut``: nobody gets through any more."""

    def __init__(self, url: str, directory: str) -> None:
        self._server = f"{conninfo_to_dict(url)['host']}/.s.PGSQL.5432"
        self.url = url.replace(str(conninfo_to_dict(url)["host"]), directory)
        self.armed, self.passes, self.shut = False, True, False
        self.shut_after = False
        self._door = socket.socket(socket.AF_UNIX)
        self._door.bind(f"{directory}/.s.PGSQL.5432")
        self._door.listen()
        threading.Thread(target=self._open, daemon=True).start()

    def close(self) -> None:
        self._door.close()

    def _open(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._door.accept()
                if self.shut:
                    near.close()
                    continue
                far = socket.socket(socket.AF_UNIX)
                far.connect(self._server)
                line = near, far, threading.Event()
                for end in (self._there, self._back):
                    threading.Thread(target=end, args=line, daemon=True).start()

    def _there(self, near: socket.socket, far: socket.socket, silent: threading.Event) -> None:
        with contextlib.suppress(OSError), near, far:
            while data := near.recv(65536):
                if self.armed and b"COMMIT" in data:
                    self.armed, self.shut = False, self.shut_after
                    silent.set()
                    if self.passes:
                        far.sendall(data)
                        far.recv(65536)  # it has happened: the server answers
                    break  # not sooner: who comes anew ends this session
                far.sendall(data)
            _cut(near)
            _cut(far)

    def _back(self, near: socket.socket, far: socket.socket, silent: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while (data := far.recv(65536, socket.MSG_PEEK)) and not silent.is_set():
                near.sendall(data)
                far.recv(len(data))


def _cut(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def between(databases: Databases) -> Iterator[Between]:
    """A line to an empty database that can be cut."""
    with TemporaryDirectory(prefix="upheld-line.") as directory:
        made = Between(databases.new(), directory)
        yield made
        made.close()


@pytest.mark.parametrize("passes", [True, False])
def test_a_commit_that_nobody_answered_is_looked_up_before_it_is_believed(between: Between, passes: bool) -> None:
    """Recorded counts as recorded; what was not is refused whole and taken when it comes again."""
    with closing(open_store(between.url)) as store:
        store.append(Batch(samples=[sample(1)]))
        between.passes, between.armed = passes, True
        batch = Batch(samples=[sample(2), sample(3)], accounts=[("acme", "{}")])
        if passes:
            assert store.append(batch).recorded == 2
        else:
            with pytest.raises(StoreError) as error:
                store.append(batch)
            assert error.value.code == "store_away"
            assert list(store.samples("hq", 0, EVER)) == [sample(1)] and store.accounts() == {}
            assert store.append(batch).recorded == 2
        assert list(store.samples("hq", 0, EVER)) == [sample(1), sample(2), sample(3)]
        assert store.append(batch).repeated == 2


def test_a_commit_whose_outcome_cannot_be_asked_for_is_counted_once(between: Between) -> None:
    with closing(open_store(between.url)) as store:
        store.append(Batch(samples=[sample(1)]))
        between.armed = between.shut_after = True
        with pytest.raises(StoreError) as error:
            store.append(Batch(samples=[sample(2)]))
        assert error.value.code == "store_away"
        between.shut = False
        assert store.append(Batch(samples=[sample(2), sample(3)])).repeated == 1
        assert list(store.samples("hq", 0, EVER)) == [sample(1), sample(2), sample(3)]


def test_a_session_the_server_still_believes_in_is_ended_before_its_successor_writes(databases: Databases) -> None:
    """After a cut nobody noticed over there, the lock is held by ourselves."""
    url = databases.new()
    with closing(open_store(url)) as store:
        store.append(Batch(samples=[sample(1)]))
        writer = store._writer  # type: ignore[union-attr]
        assert writer is not None
        ghost, writer._connection = writer._connection, None
        assert isinstance(ghost, psycopg.Connection)
        assert store.append(Batch(samples=[sample(2)])).recorded == 1
        with pytest.raises(psycopg.OperationalError):
            ghost.execute("SELECT 1")
        ghost.close()
