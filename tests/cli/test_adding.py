"""While a daemon holds the store, facts go through its door, and only for those who could write the store."""

import asyncio
import io
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from monitor.sla.facts import Fact, TicketFact
from monitor.store.port import Batch, StoreError
from monitor.store.sqlite import SqliteStore, open_store
from monitor.web.facts_door import PATH, FactsDoor
from monitor.web.token import Token, token_file
from tests.cli.kit import CONFIG, lines, sample, upheld, written


class Daemon:
    """Holds a store and has the door open, in a thread of its own."""

    def __init__(self, store: SqliteStore) -> None:
        self.store, self.away = store, False
        self.taken: list[int] = []
        self.port = 0

    async def submit(self, facts: Sequence[Fact]) -> None:
        if self.away:
            raise StoreError("store_away", "the disk is full")
        self.taken.append(len(facts))
        await asyncio.to_thread(self.store.append, Batch(facts=facts))


@contextmanager
def running(daemon: Daemon) -> Iterator[None]:
    loop, ready = asyncio.new_event_loop(), threading.Event()

    async def serve() -> web.AppRunner:
        app = web.Application()
        FactsDoor(Token(str(daemon.store.path)), daemon.submit).add_to(app)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        daemon.port = runner.addresses[0][1]
        return runner

    def work() -> None:
        runner = loop.run_until_complete(serve())
        ready.set()
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()

    thread = threading.Thread(target=work)
    thread.start()
    assert ready.wait(10)
    try:
        yield
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    daemon = Daemon(open_store(tmp_path / "upheld.db"))
    with running(daemon):
        yield daemon
    daemon.store.close()


@pytest.fixture
def config(tmp_path: Path, daemon: Daemon) -> Path:
    path = tmp_path / "upheld.yaml"
    path.write_text(CONFIG + f"daemon: {{listen: 127.0.0.1:{daemon.port}}}\n")
    return path


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    path = tmp_path / "facts.jsonl"
    path.write_text(lines([sample(m) for m in range(1_200)]))
    return path


def test_a_held_store_is_written_through_its_daemon_in_parts(daemon: Daemon, config: Path, facts: Path) -> None:
    result = upheld("import", facts, "-c", config)
    assert (result.exit_code, daemon.taken) == (0, [1_000, 200])
    assert len(list(daemon.store.samples("hq-router", 0, 1 << 62))) == 1_200


def test_without_the_token_nobody_gets_in(daemon: Daemon, config: Path, facts: Path) -> None:
    token_file(str(daemon.store.path)).write_text("guessed")
    result = upheld("import", facts, "-c", config)
    assert result.exit_code == 69
    assert "(401): show the token that lies beside the store" in result.output
    assert daemon.taken == []


def test_the_token_is_its_owners_alone(daemon: Daemon) -> None:
    assert token_file(str(daemon.store.path)).stat().st_mode & 0o777 == 0o600


def test_a_holder_without_a_token_is_no_daemon_to_talk_to(daemon: Daemon, config: Path, facts: Path) -> None:
    token_file(str(daemon.store.path)).unlink()
    result = upheld("import", facts, "-c", config)
    assert result.exit_code == 75
    assert "held by another instance" in result.output


def test_a_daemon_that_cannot_record_says_so(daemon: Daemon, config: Path, facts: Path) -> None:
    daemon.away = True
    result = upheld("import", facts, "-c", config)
    assert result.exit_code == 69
    assert "(503): the disk is full" in result.output


def test_a_daemon_that_does_not_answer_is_named_by_its_address(daemon: Daemon, config: Path, facts: Path) -> None:
    config.write_text(CONFIG + "daemon: {listen: 127.0.0.1:1}\n")
    result = upheld("import", facts, "-c", config)
    assert result.exit_code == 69
    assert "nobody answers at 127.0.0.1:1" in result.output


def test_a_ticket_goes_the_same_way(daemon: Daemon, config: Path) -> None:
    ticket = {"kind": "ticket", "id": "T1", "service": "hq", "opened": "2026-10-01T08:00:00Z"}
    assert upheld("import", "-", "-c", config, given=lines([ticket])).exit_code == 0
    (kept,) = daemon.store.facts(0, 1 << 62)
    assert isinstance(kept, TicketFact)
    assert (kept.id, kept.end) == ("T1", None)


def test_an_exclusion_goes_the_same_way(daemon: Daemon, config: Path) -> None:
    span = ("--from", "2026-10-01T00:00:00Z", "--to", "2026-10-01T01:00:00Z")
    result = upheld(
        "exclude", "add", *span, "--cause", "planned maintenance", "--reason", "r", "--author", "a", "-c", config
    )
    assert (result.exit_code, daemon.taken) == (0, [1])


@pytest.mark.parametrize(("body", "status"), [(b'{"kind":"x"}', 422), (b"x" * (5 << 20), 413)])
async def test_the_door_refuses_what_it_cannot_take(daemon: Daemon, body: bytes, status: int) -> None:
    token = token_file(str(daemon.store.path)).read_text()
    url = f"http://127.0.0.1:{daemon.port}{PATH}"
    async with aiohttp.ClientSession() as session:
        answer = await session.post(url, data=io.BytesIO(body), headers={"Authorization": f"Bearer {token}"})
        assert answer.status == status
    assert daemon.taken == []


def test_what_was_saved_before_older_samples_came_is_saved_no_longer(tmp_path: Path, facts: Path) -> None:
    config = written(tmp_path)
    path = tmp_path / "upheld.db"
    with closing(open_store(path)) as store:
        store.append(Batch(checkpoints=[("acme/hq", "a fold without them"), ("acme/web", "")]))
    result = upheld("import", facts, "-c", config, "--store", path)
    assert result.exit_code == 0, result.output
    with closing(open_store(path)) as store:
        assert store.checkpoints() == {"acme/hq": "", "acme/web": ""}
        assert len(store.columns("hq-router", 0, 1 << 62)) == 1_200
