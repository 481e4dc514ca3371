"""Proof of life: silence is evidence against a target only if we were there to hear it.

A silence, and a connection ended by the other side, may be our own doing if this process did not run: the
answer lay unread, or the server gave up waiting for us. Then the outcome is Unknown ``stall``. A refusal,
an error status or a bad certificate stays what it is, whenever it was read.
"""

from probes.clock import Life
from probes.net.reasons import Finding
from probes.sample import Outcome

BOUND = 200_000_000
FINE = 20_000_000
STALL: Finding = (Outcome.UNKNOWN, "stall")
_SILENT = frozenset(("timeout", "reset", "closed", "tls_closed"))


def bound(timeout: int) -> int:
    """The lag (ns) from which on a silence within ``timeout`` proves nothing."""
    return min(timeout // 10, BOUND)


def proven(finding: Finding, life: Life, start: int, now: int, timeout: int) -> Finding:
    """``finding``, or ``stall`` where it rests on silence and this process was not alive throughout."""
    outcome, reason = finding
    if outcome is not Outcome.DOWN or reason not in _SILENT:
        return finding
    deadline = start + timeout
    lag = max(life.worst_lag(start, min(now, deadline)), now - deadline)
    return STALL if lag >= bound(timeout) else finding


def blurred(life: Life, start: int, end: int) -> bool:
    """Whether the loop's own lag is a notable part (20 ms and a tenth) of a duration measured on it."""
    took = end - start
    if took < FINE:
        return False
    lag = life.worst_lag(start, end)
    return lag >= FINE and lag * 10 >= took
