"""One life of a store, step by step: commits, some of them amid sealing, and a close in good order. A call that fails
may fall into any step; what was not taken is offered again, as the daemon does."""

import ctypes
import errno
import fcntl
import os
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

from monitor.issuing.binding import bind
from monitor.issuing.keys import KeyTrouble, signing_key
from monitor.store import deep
from monitor.store.port import Batch, StoreError
from monitor.store.sqlite import SqliteStore, open_store
from probes.columns import as_samples
from probes.sample import Sample
from tests.store.made import DAY, START, sample

PER_BATCH = 5
TARGETS = ("t0", "t1", "t2")
PATIENCE = 4
"""How often something is tried while a fault stays."""
SEALED = 40
"""After as many commits each."""
LATER = START + 500 * DAY
CODES = {"store_io", "store_full", "store_unopenable", "store_read_only", "store_damaged", "store_busy"}

HALF_MADE = {"store_missing", "store_read_only", "store_older"}
"""What a reader is told where only a writer can go on making a store."""


class Faults:
    """What the preloaded library does from now on to the calls on files of a directory."""

    def __init__(self, directory: Path) -> None:
        self._library, self._directory = ctypes.CDLL(None), str(directory).encode()

    def arm(self, nth: int, error: int = errno.EIO, stays: bool = False) -> None:
        """Fail the ``nth`` call from now; 0: none."""
        self._library.fault_arm(self._directory, ctypes.c_long(nth), error, int(stays))

    def count(self) -> int:
        """How many calls there were since."""
        return int(self._library.fault_count())

    def failed(self) -> int:
        """How many calls failed since one was last armed."""
        return int(self._library.fault_failed())


class Life:
    """A store in ``directory``: ``commits`` steps that append, one that closes. ``stays``: a fault is not over after
    the call that it fails."""

    def __init__(self, directory: Path, faults: Faults, commits: int) -> None:
        self.path, self.faults, self.commits = directory / "store.db", faults, commits
        self.stays = False
        self.acked: list[Sample] = []
        self.store: SqliteStore | None = None

    def step(self, number: int) -> None:
        """The step of that number, from 0 to ``commits``."""
        if number == self.commits:
            with suppress(StoreError):
                self._opened().close()
            return
        self._append(_batch(number))
        if number % SEALED == SEALED - 1:
            with suppress(StoreError, OSError, KeyTrouble):  # as housekeeping does, which tries again in a minute
                self._seal()

    def _seal(self) -> int:
        """What housekeeping does; how many samples were sealed."""
        sealed = self._opened().seal(LATER)
        bind(self._opened(), str(self.path), signing_key(str(self.path)), LATER)
        return sealed

    def _append(self, batch: Batch) -> None:
        last = ""
        for attempt in range(PATIENCE * 2):
            try:
                receipt = self._opened().append(batch)
            except StoreError as error:
                assert error.code in CODES and str(self.path) in str(error), f"{error.code}: {error}"
                assert self.stays or attempt < PATIENCE, f"a fault that passed is still there: {error}"
                last = f"{error.code}: {error}"
                if self.stays and attempt == PATIENCE - 1:
                    self.faults.arm(0)
                    self.inspect(as_samples(batch.samples))
                continue
            assert not [*receipt.troubles(), *receipt.passed_over], receipt
            self.acked += as_samples(batch.samples)
            return
        raise AssertionError(f"the fault is gone and the store still takes nothing: {last}")

    def _opened(self) -> SqliteStore:
        if self.store is None:
            self.store = open_store(self.path)
        return self.store

    def unlock(self) -> None:
        """Give up every lock that this process has on the store: a child that was forked has none of fcntl(2) and
        shares those of flock(2). The former end when any descriptor of their file is closed."""
        if self.store is not None and self.store._lock is not None:
            fcntl.flock(self.store._lock._handle, fcntl.LOCK_UN)
        for file in self.path.parent.iterdir():
            os.close(os.open(file, os.O_RDONLY))

    def finish(self, closed: bool) -> None:
        """The fault is gone: this process seals all there is and closes, unless it has ``closed``; the next one takes
        what comes, and nothing twice."""
        self.faults.arm(0)
        if not closed:
            self._seal()
            self._opened().close()
        self.store = None
        if closed:
            self._seal()
        again = self._opened().append(Batch(samples=self.acked[-PER_BATCH:]))
        assert (again.recorded, again.repeated) == (0, PER_BATCH), f"the same once more: {again}"
        self._append(_batch(self.commits, DAY * 30))
        self._opened().close()
        self.inspect([], bound=True)

    def inspect(self, doubtful: Sequence[Sample], bound: bool = False) -> None:
        """What is there beside what was acknowledged is one batch, whole; nothing of it is taken for damaged.
        ``bound``: what is sealed has a link."""
        if not self.path.exists() or not self.path.stat().st_size:
            assert not self.acked
            return
        try:
            store = open_store(self.path, read_only=True)
        except StoreError as error:
            assert not self.acked and error.code in HALF_MADE, f"{error.code}: {error}"
            return
        with closing(store):
            stored = sorted(store.read_samples(TARGETS, 0, 2**62), key=lambda each: each.seq)
            assert stored in (self.acked, [*self.acked, *doubtful]), f"{len(stored)} stored, {len(self.acked)} acked"
            if self.acked:
                found = [*store.integrity(), *(deep.check(store.chain, None) if bound else ())]
                assert not found, found
                assert not any(store.damaged(target, 0, 2**62) for target in TARGETS)


def _batch(number: int, later: int = 0) -> Batch:
    """What one step appends, ``later`` than it would be (ns)."""
    made = [
        sample(seq, target=TARGETS[seq % len(TARGETS)]) for seq in range(number * PER_BATCH, (number + 1) * PER_BATCH)
    ]
    if later:
        made = [replace(one, at=one.at + later, scheduled_at=one.at + later) for one in made]
    return Batch(samples=made, accounts=[("acme", str(number))])
