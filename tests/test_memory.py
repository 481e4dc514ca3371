"""What is free goes back to the system: of a process of its own, as the C library has one heap."""

import ctypes
import subprocess
import sys
from pathlib import Path

import pytest

GLIBC = hasattr(ctypes.CDLL(None), "malloc_trim")
BETWEEN = """
import ctypes, sys
from pathlib import Path
from monitor.memory import keep_little, trim

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

if "keep" in sys.argv:
    keep_little()
big = [bytearray(4 << 20) for _ in range(8)]  # whose freeing raises the limits of a C library left to itself
del big
kept = [bytearray(60_000) for _ in range(1000)]
full = resident()
kept = kept[::50]
free = resident()
if "trim" in sys.argv:
    trim()
print(full - free, free - resident())
"""


def given_back(*words: str) -> tuple[int, int]:
    """Bytes of 60 MB that are free between what lives: at once, and when asked."""
    command = [sys.executable, "-c", BETWEEN, *words]
    told = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1]).stdout
    at_once, asked = map(int, told.split())
    return at_once, asked


@pytest.mark.skipif(not GLIBC, reason="the C library has no malloc_trim")
def test_what_is_free_between_what_lives_is_given_back_when_asked() -> None:
    assert given_back("keep")[1] < 1_000_000
    assert given_back("keep", "trim")[1] > 50_000_000


@pytest.mark.skipif(not GLIBC, reason="the C library has no mallopt")
def test_large_blocks_are_given_back_at_once_however_many_were_freed_before() -> None:
    code = BETWEEN.replace("60_000", "2_000_000").replace("range(1000)", "range(30)").replace("::50", "::29")
    command = [sys.executable, "-c", code]
    root = Path(__file__).parents[1]
    held, freed = (
        int(subprocess.run([*command, *words], capture_output=True, text=True, check=True, cwd=root).stdout.split()[0])
        for words in ((), ("keep",))
    )
    assert held < 10_000_000 and freed > 50_000_000


HEAPS = """
import ctypes, sys, threading
from monitor.memory import keep_little

if "keep" in sys.argv:
    keep_little()
library = ctypes.CDLL(None)
library.malloc.restype = library.fopen.restype = ctypes.c_void_p
for thread in [threading.Thread(target=library.malloc, args=(1000,)) for _ in range(4)]:
    thread.start()
    thread.join()
told = ctypes.c_void_p(library.fopen(b"/proc/self/fd/1", b"w"))
library.malloc_info(0, told)
library.fclose(told)
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_info"), reason="the C library has no malloc_info")
def test_all_threads_have_one_heap() -> None:
    root = Path(__file__).parents[1]
    several, one = (
        subprocess.run([sys.executable, "-c", HEAPS, *words], capture_output=True, text=True, check=True, cwd=root)
        for words in ((), ("keep",))
    )
    assert several.stdout.count("<heap nr=") > 1 == one.stdout.count("<heap nr=")
