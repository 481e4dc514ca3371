"""How long a start took, step by step, in the log at level debug: since the process began, and its CPU so far with
that of the process that read the configuration."""

import logging
import resource
import time
from pathlib import Path

from monitor.log import say

_HERTZ = 100


def step(what: str) -> None:
    """A step is done."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu = sum(one.ru_utime + one.ru_stime for one in used)
    say(logging.DEBUG, "start", what, f"after {_age():.2f} s, {cpu:.2f} s of CPU")


def _age() -> float:
    """Seconds since this process began: ``starttime`` of proc(5), in hundredths of a second since the machine did."""
    began = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
    return time.clock_gettime(time.CLOCK_BOOTTIME) - began / _HERTZ
