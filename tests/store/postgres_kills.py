"""Kill the server at random instants, or the process that writes, and look what is left: ``make campaign-postgres``.

In every other round the server and all its processes get SIGKILL while batches are appended, and it is started again
while the writer tries; in the rest only the session of the writer is ended, so that its next statement, often its
COMMIT, finds nobody. The writer appends each batch until it is acknowledged, as the daemon does; a sample in seven is
of a day before. Upkeep seals and binds meanwhile.
"""

import random
import threading
import time
from dataclasses import replace
from tempfile import TemporaryDirectory

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from monitor.issuing.binding import bind
from monitor.issuing.keys import public_text
from monitor.store import deep
from monitor.store.port import Batch, StoreError
from monitor.store.which import open_store
from probes.sample import Sample
from tests.postgres import Server
from tests.store.made import DAY, SECOND, START, sample

EVER = 2**62
PER_BATCH = 5
STEP = 600 * SECOND
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def campaign(server: Server, kills: int, seed: int) -> dict[str, int]:
    """Kill ``kills`` times; count what was acknowledged and lost, stored twice, or out of step with its account."""
    rng = random.Random(seed)
    url = server.url()
    store = open_store(url)
    writer = _Writer(store)
    writer.start()
    with TemporaryDirectory() as directory:
        upkeep = _Upkeep(store, writer, f"{directory}/upheld")
        upkeep.start()
        _kill(server, kills, rng, writer)
        writer.stop.set()
        writer.join()
        upkeep.join()
        found = _look(url, store, writer, kills) | {"sealed": upkeep.sealed, "unlike": len(upkeep.unlike())}
    store.close()
    return found


def _kill(server: Server, kills: int, rng: random.Random, writer: "_Writer") -> None:
    for number in range(kills):
        time.sleep(rng.uniform(0.02, 0.3))
        if number % 2:
            _end_session(server.url())
        else:
            server.kill()
            time.sleep(rng.uniform(0, 0.1))
            server.start()
        writer.acknowledge_some()


class _Writer(threading.Thread):
    """Appends one batch after the other, each until it is acknowledged."""

    def __init__(self, store) -> None:  # type: ignore[no-untyped-def]
        super().__init__()
        self.store, self.stop = store, threading.Event()
        self.acked, self.refused, self.unsure = 0, 0, 0
        self.failure: BaseException | None = None

    def run(self) -> None:
        while not self.stop.is_set():
            samples = [_made(seq) for seq in range(self.acked, self.acked + PER_BATCH)]
            batch = Batch(samples=samples, accounts=[("acme", str(self.acked + PER_BATCH))])
            try:
                receipt = self.store.append(batch)
            except StoreError as error:
                if error.code != "store_away":
                    self.failure = error
                    return
                self.refused += 1
                time.sleep(0.01)
                continue
            self.unsure += receipt.repeated > 0
            self.acked += PER_BATCH

    def acknowledge_some(self) -> None:
        """Wait until something was acknowledged anew."""
        before, until = self.acked, time.monotonic() + 30
        while self.acked <= before + PER_BATCH:
            if self.failure is not None:
                raise self.failure
            if time.monotonic() > until:
                raise TimeoutError("nothing is acknowledged any more")
            time.sleep(0.005)


class _Upkeep(threading.Thread):
    """Seals and binds what is over by the time of the latest sample."""

    def __init__(self, store, writer: _Writer, path: str) -> None:  # type: ignore[no-untyped-def]
        super().__init__()
        self.store, self._writer, self._path = store, writer, path
        self.sealed = 0

    def run(self) -> None:
        while not self._writer.stop.is_set():
            self._once(START + self._writer.acked * STEP)

    def _once(self, now: int) -> None:
        try:
            self.sealed += self.store.seal(now)
            bind(self.store, self._path, KEY, now)
        except StoreError as error:
            if error.code != "store_away":
                self._writer.failure = error
                raise
            time.sleep(0.01)

    def unlike(self) -> list[str]:
        """What is not as it was bound, once all of it is."""
        self._once(START + (self._writer.acked + 1) * STEP + DAY)
        return deep.check(self.store.chain, public_text(KEY), [])


def _look(url, store, writer: _Writer, kills: int) -> dict[str, int]:  # type: ignore[no-untyped-def]
    stored = [each.seq for each in store.read_samples(["t0", "t1", "t2"], 0, EVER)]
    with psycopg.connect(url, options="-csearch_path=upheld") as connection:
        rows, distinct = connection.execute("SELECT count(*), count(DISTINCT seq) FROM samples").fetchone() or (0, 0)
    return {
        "kills": kills,
        "acked": writer.acked,
        "acked_lost": len(set(range(writer.acked)) - set(stored)),
        "double_counted": rows - distinct + len(stored) - len(set(stored)),
        "account_differs": int(store.accounts()["acme"] != str(writer.acked)),
        "tried_again": writer.refused,
        "recorded_unheard": writer.unsure,
        "security_events": len(store.security_events()),
        "unsound": len(store.integrity()),
    }


def _end_session(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name ~ '^upheld [0-9a-f]+$'"
        )


def _made(seq: int) -> Sample:
    late = DAY if seq % 7 == 3 else 0
    return replace(sample(seq, target=f"t{seq % 3}", at=START + seq * STEP - late), took=seq)
