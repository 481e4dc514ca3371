"""Every call on the store's files fails once, or from then on: a life of 200 commits for each of them.

The calls (open, read, write, truncate, flush, remove; SQLite's and ours) are made by one process that never sees a
fault, the trunk. Before each of its steps it forks a child for every call of that step and every way to fail it (EIO or
ENOSPC, passing or staying), which goes on as the daemon does: what was not taken is offered again. A fault that stays
is taken away after a while, as a disk is made free. The child goes some steps further, seals, closes, and opens the
store anew. Whatever happens: what was acknowledged is there, nothing is there twice, a batch is whole or absent, the
store is sound and takes more. Then the store's files are put back as they were, for the next child.
"""

import argparse
import ctypes
import errno
import gc
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path

from monitor.store import seal as upkeep
from tests.campaign.kept import Kept
from tests.campaign.life import SEALED, Faults, Life
from tests.campaign.sabotage import SABOTAGES

COMMITS = 200
FURTHER = 3
"""How many steps a child goes on after the one with the fault."""
TOO_LONG = 120
"""Seconds after which a child is taken to hang."""
KINDS = [(error, stays) for error in (errno.EIO, errno.ENOSPC) for stays in (False, True)]
UNMET = 3
"""How a child ends whose fault fell on no call."""


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


def points(every: int, skip: int, first: int, count: int) -> Iterator[tuple[int, int, bool]]:
    """(call, error, stays) of every fault to be tried at ``count`` calls, of which the first has the number ``first``:
    each call each way, or each ``every``-th in turn, of which ``skip`` says where they begin: with 0 up to ``every``
    less one they are all of them, each once."""
    for nth in range(first, first + count):
        for turn, (error, stays) in enumerate(KINDS):
            if (nth + turn * max(1, every // len(KINDS))) % every == skip % every:
                yield nth, error, stays


class Trunk:
    """The life without faults, and what came of the children that it was left by."""

    def __init__(self, directory: Path, commits: int, further: int) -> None:
        here, self._beside = directory / "life", directory / "kept"
        here.mkdir()
        self._beside.mkdir()
        self._faults, self._further = Faults(here), further
        self._life = Life(here, self._faults, commits)
        self.found = {"commits": commits, "calls": 0, "faults": 0, "failed": 0, "unmet": 0}

    def grow(self, every: int, skip: int, sabotaged: bool = False) -> None:
        """Every step, and before it all faults in it. A store that is ``sabotaged`` is opened without any, and known
        for one by the first that fails."""
        self._faults.arm(0)
        for number in range(self._life.commits + 1):
            self._life.unlock()
            kept = Kept(self._life.path.parent, self._beside)
            calls = self._counted(number, kept)
            if number or not sabotaged:
                for nth, error, stays in points(every, skip, self.found["calls"] + 1, calls):
                    self._try(number, nth, error, stays, kept)
                    if sabotaged and self.found["failed"]:
                        return
            kept.forget()
            self.found["calls"] += calls
            self._life.step(number)
            if number % SEALED == SEALED - 1:
                print(f"{number + 1} steps: {self.found}", file=sys.stderr, flush=True)

    def _counted(self, number: int, kept: Kept) -> int:
        """How many calls a step makes."""
        reading, writing = os.pipe()

        def step() -> int:
            self._faults.arm(0)
            self._life.step(number)
            os.write(writing, str(self._faults.count()).encode())
            return 0

        assert _in_a_child(step, kept) == 0
        os.close(writing)
        with os.fdopen(reading) as told:
            return int(told.read())

    def _try(self, number: int, nth: int, error: int, stays: bool, kept: Kept) -> None:
        self.found["faults"] += 1
        ended = _in_a_child(lambda: self._child(number, nth - self.found["calls"], error, stays), kept)
        if ended == UNMET:
            self.found["unmet"] += 1
        elif ended:
            self.found["failed"] += 1
            print(f"call {nth}, {errno.errorcode[error]}{', which stays' if stays else ''}: above", file=sys.stderr)

    def _child(self, number: int, nth: int, error: int, stays: bool) -> int:
        life = self._life
        life.stays = stays
        self._faults.arm(nth, error, stays)
        life.step(number)
        if not self._faults.failed():
            return UNMET
        last = min(number + self._further, life.commits)
        for later in range(number + 1, last + 1):
            life.step(later)
        life.finish(closed=last == life.commits)
        return 0


def _in_a_child(work: Callable[[], int], kept: Kept) -> int:
    """How a child ended that did this, 0 if well; what it did to the files is undone."""
    child = os.fork()
    if child == 0:
        signal.alarm(TOO_LONG)
        try:
            os._exit(work())
        except BaseException as problem:
            ctypes.CDLL(None).fault_arm(b"", 0, 0, 0)
            traceback.print_exception(problem, limit=-3, chain=False)
            os._exit(1)
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    kept.put_back()
    return ended


def campaign(args: argparse.Namespace) -> dict[str, int]:
    """Run preloaded: each fault in a child; what came of them."""
    began = time.monotonic()
    upkeep.STEP_ROWS = 30
    assert threading.active_count() == 1, "a fork takes one thread along"
    gc.collect()
    gc.freeze()
    with tempfile.TemporaryDirectory(prefix="upheld-disk-") as name, SABOTAGES.get(args.sabotage, nullcontext)():
        trunk = Trunk(Path(name), args.commits, args.further)
        trunk.grow(args.every, args.skip, args.sabotage is not None)
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu = sum(one.ru_utime + one.ru_stime for one in used)
    return {**trunk.found, "seconds": round(time.monotonic() - began), "cpu_s": round(cpu)}


def main(words: Sequence[str] | None = None) -> None:
    """Prints one line of JSON; exit 1 where any fault cost what it must not, or fell on no call."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--commits", type=int, default=COMMITS)
    parser.add_argument("--every", type=int, default=1, help="try every k-th fault only")
    parser.add_argument("--skip", type=int, default=0, help="where those begin: 0 to K-1 are all of them, each once")
    parser.add_argument("--further", type=int, default=FURTHER, help="how many steps a child goes on after the fault's")
    parser.add_argument("--sabotage", choices=SABOTAGES, help="what a store does wrong, which has to be found")
    args = parser.parse_args(words)
    if not hasattr(ctypes.CDLL(None), "fault_arm"):
        with tempfile.TemporaryDirectory() as name:
            library = compiled(Path(name))
            if library is None:
                sys.exit("a C compiler (cc) is needed to make calls fail")
            command = [sys.executable, "-m", "tests.campaign.disk", *(words or sys.argv[1:])]
            sys.exit(subprocess.run(command, env={**os.environ, "LD_PRELOAD": str(library)}).returncode)
    found = campaign(args)
    print(json.dumps(found))
    sys.exit(bool(found["failed"] or found["unmet"]))


if __name__ == "__main__":
    main()
