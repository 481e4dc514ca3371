"""Every call on the store's files fails once, or from then on: a scenario of 200 commits for each of them.

The calls (open, read, write, truncate, flush, remove; SQLite's and ours) are counted in a run without faults. Then each
in turn fails, with EIO or ENOSPC, in a process of its own that goes on as the daemon does: what was not taken is
offered again. A fault that stays is taken away after a while, as a disk is made free. Whatever happens: what was
acknowledged is there, nothing is there twice, a batch is whole or absent, the store is sound.
"""

import argparse
import ctypes
import errno
import json
import os
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path

from monitor.store import seal as upkeep
from monitor.store.port import Batch, StoreError
from monitor.store.sqlite import SqliteStore, open_store
from probes.sample import Sample
from tests.store.made import DAY, START, sample

COMMITS = 200
PER_BATCH = 5
PATIENCE = 4
"""How often something is tried while a fault stays."""
CODES = {"store_io", "store_full", "store_unopenable", "store_read_only", "store_damaged", "store_busy"}
KINDS = [(error, stays) for error in (errno.EIO, errno.ENOSPC) for stays in (False, True)]


def compiled(directory: Path) -> Path | None:
    """The library that makes calls fail; None where there is no compiler."""
    library = directory / "disk.so"
    source = Path(__file__).with_suffix(".c")
    try:
        subprocess.run(
            ["cc", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True, capture_output=True
        )
    except FileNotFoundError:
        return None
    return library


class Faults:
    """What the preloaded library does from now on."""

    def __init__(self, directory: Path) -> None:
        self._library, self._directory = ctypes.CDLL(None), str(directory).encode()

    def arm(self, nth: int, error: int = errno.EIO, stays: bool = False) -> None:
        """Fail the ``nth`` call from now; 0: none."""
        self._library.fault_arm(self._directory, ctypes.c_long(nth), error, int(stays))

    def count(self) -> int:
        """How many calls there were since."""
        return int(self._library.fault_count())


class Scenario:
    """One life of a store, of which one call fails."""

    def __init__(self, directory: Path, faults: Faults, stays: bool, commits: int) -> None:
        self.path, self.faults, self.stays, self.commits = directory / "store.db", faults, stays, commits
        self.acked: list[Sample] = []
        self.calls = 0
        self.store: SqliteStore | None = None

    def run(self) -> None:
        """The commits, some of them amid sealing, a close in good order, and what a new process finds."""
        for number in range(self.commits):
            batch = [sample(seq, target=f"t{seq % 3}") for seq in range(number * PER_BATCH, (number + 1) * PER_BATCH)]
            self._append(Batch(samples=batch, accounts=[("acme", str(number))]))
            self.acked += batch
            if number % 40 == 39:
                with suppress(StoreError):
                    self._opened().seal(START + 500 * DAY)
        with suppress(StoreError):
            self._opened().close()
        self.calls = self.faults.count()
        self.faults.arm(0)
        self.inspect([])

    def _append(self, batch: Batch) -> None:
        last = ""
        for attempt in range(PATIENCE * 2):
            try:
                self._opened().append(batch)
            except StoreError as error:
                assert error.code in CODES and str(self.path) in str(error), f"{error.code}: {error}"
                assert self.stays or attempt < PATIENCE, f"a fault that passed is still there: {error}"
                last = f"{error.code}: {error}"
                if self.stays and attempt == PATIENCE - 1:
                    self.faults.arm(0)
                    self.inspect(batch.samples)
                continue
            return
        raise AssertionError(f"the fault is gone and the store still takes nothing: {last}")

    def _opened(self) -> SqliteStore:
        if self.store is None:
            self.store = open_store(self.path)
        return self.store

    def inspect(self, doubtful: Sequence[Sample]) -> None:
        """What is there beside what was acknowledged is one batch, whole."""
        if not self.path.exists() or not self.path.stat().st_size:
            assert not self.acked
            return
        try:
            store = open_store(self.path, read_only=True)
        except StoreError as error:  # it is half made; only a writer can go on making it
            assert not self.acked and error.code in ("store_missing", "store_read_only"), f"{error.code}: {error}"
            return
        with closing(store):
            stored = sorted(store.read_samples(["t0", "t1", "t2"], 0, 2**62), key=lambda each: each.seq)
            assert stored in (self.acked, [*self.acked, *doubtful]), f"{len(stored)} stored, {len(self.acked)} acked"
            assert not self.acked or store.integrity() == (), store.integrity()


def points(every: int, skip: int, total: int) -> Iterator[tuple[int, int, bool]]:
    """(call, error, stays) of every fault to be tried: each call each way, or each ``every``-th in turn, of which
    ``skip`` says where they begin: with 0 up to ``every`` less one they are all of them, each once."""
    for nth in range(1, total + 1):
        for turn, (error, stays) in enumerate(KINDS):
            if (nth + turn * max(1, every // len(KINDS))) % every == skip % every:
                yield nth, error, stays


def campaign(every: int, skip: int, commits: int) -> dict[str, int]:
    """Run preloaded: each fault in a child; what came of them."""
    total, began = _counted(commits), time.monotonic()
    found = {"commits": commits, "calls": total, "faults": 0, "failed": 0}
    for nth, error, stays in points(every, skip, total):
        found["faults"] += 1
        child = os.fork()
        if child == 0:
            os._exit(_one(nth, error, stays, commits))
        if os.waitpid(child, 0)[1]:
            found["failed"] += 1
            print(f"call {nth}, {errno.errorcode[error]}{', which stays' if stays else ''}: above", file=sys.stderr)
    return {**found, "seconds": round(time.monotonic() - began)}


def _counted(commits: int) -> int:
    with tempfile.TemporaryDirectory(prefix="upheld-disk-") as name:
        faults = Faults(Path(name))
        faults.arm(0)
        upkeep.STEP_ROWS = 30
        scenario = Scenario(Path(name), faults, False, commits)
        scenario.run()
        return scenario.calls


def _one(nth: int, error: int, stays: bool, commits: int) -> int:
    with tempfile.TemporaryDirectory(prefix="upheld-disk-") as name:
        faults = Faults(Path(name))
        faults.arm(nth, error, stays)
        try:
            Scenario(Path(name), faults, stays, commits).run()
        except BaseException as problem:
            faults.arm(0)
            traceback.print_exception(problem, limit=-3)
            return 1
    return 0


def main(words: Sequence[str] | None = None) -> None:
    """Prints one line of JSON; exit 1 where any fault cost what it must not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--commits", type=int, default=COMMITS)
    parser.add_argument("--every", type=int, default=1, help="try every k-th fault only")
    parser.add_argument("--skip", type=int, default=0, help="where those begin: 0 to K-1 are all of them, each once")
    args = parser.parse_args(words)
    if not hasattr(ctypes.CDLL(None), "fault_arm"):
        with tempfile.TemporaryDirectory() as name:
            library = compiled(Path(name))
            if library is None:
                sys.exit("a C compiler (cc) is needed to make calls fail")
            command = [sys.executable, "-m", "tests.campaign.disk", *(words or sys.argv[1:])]
            sys.exit(subprocess.run(command, env={**os.environ, "LD_PRELOAD": str(library)}).returncode)
    found = campaign(args.every, args.skip, args.commits)
    print(json.dumps(found))
    sys.exit(bool(found["failed"]))


if __name__ == "__main__":
    main()
