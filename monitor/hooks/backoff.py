"""How long to wait before trying again: exponential, with full jitter.

Full jitter draws uniformly from nothing to the ceiling. It spreads many senders that failed at one instant better
than a ceiling with a little noise does, and costs the receiver least when it comes back.
"""

from collections.abc import Callable

SECOND = 1_000_000_000
FIRST = SECOND
LONGEST = 300 * SECOND
LONGEST_ASKED = 3600 * SECOND


def ceiling(failures: int) -> int:
    """The longest wait (ns) after that many failures in a row: 1 s, 2 s, 4 s … up to 5 min."""
    return min(LONGEST, FIRST << min(max(failures - 1, 0), 20))


def wait(failures: int, draw: Callable[[], float], asked: int | None = None, permanent: bool = False) -> int:
    """The wait (ns) before the next try. ``draw`` gives floats in [0, 1).

    ``asked`` is what the other side asked for: it is never undercut, but trusted for an hour at the most, so that
    a receiver gone wrong cannot silence a hook for good. ``permanent`` waits in the upper half of the longest ceiling.
    """
    if permanent:
        own = LONGEST // 2 + int(draw() * (LONGEST // 2))
    else:
        own = int(draw() * ceiling(failures))
    return max(own, granted(asked))


def granted(asked: int | None) -> int:
    """What is granted (ns) of the wait the other side asked for."""
    return min(asked or 0, LONGEST_ASKED)
