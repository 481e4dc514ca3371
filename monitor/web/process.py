"""How this process is, as Prometheus' clients tell it: memory, CPU, descriptors, from proc(5)."""

import os
import resource
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from monitor.web.exposition import Family

VIRTUAL = Family("process_virtual_memory_bytes", "gauge", "Virtual memory size in bytes.")
RESIDENT = Family("process_resident_memory_bytes", "gauge", "Resident memory size in bytes.")
BEGAN = Family("process_start_time_seconds", "gauge", "Start time of the process since unix epoch in seconds.")
CPU = Family("process_cpu_seconds_total", "counter", "Total user and system CPU time spent in seconds.")
OPEN = Family("process_open_fds", "gauge", "Number of open file descriptors.")
MOST = Family("process_max_fds", "gauge", "Maximum number of open file descriptors.")
_UNLIMITED = 2**64 - 1


def figures() -> Iterator[tuple[Family, float]]:
    """Each with its value; those left out that cannot be read here."""
    try:
        fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
        opened = len(os.listdir("/proc/self/fd")) - 1  # noqa: PTH208 - names alone; one is the listing's own
        ticks = os.sysconf("SC_CLK_TCK")
        yield VIRTUAL, int(fields[20])
        yield RESIDENT, int(fields[21]) * os.sysconf("SC_PAGESIZE")
        yield BEGAN, int(fields[19]) / ticks + _machine_began()
        yield CPU, (int(fields[11]) + int(fields[12])) / ticks
        yield OPEN, opened
    except OSError:
        return
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield MOST, _UNLIMITED if most == resource.RLIM_INFINITY else most


@lru_cache(maxsize=1)  # set clocks move it, and the same process would seem another one
def _machine_began() -> int:
    """When the machine began, Unix time; to the second, as the kernel tells it."""
    lines = Path("/proc/stat").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("btime "))
