"""The C library gives memory back as soon as it is free, and not when it sees fit.

Left to itself it raises its limits with every large block that is freed, and then keeps megabytes between what lives:
some ten where there are ten thousand targets. Only the GNU library has these calls (mallopt(3), malloc_trim(3)).
"""

import ctypes

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
_LARGE = 1 << 20
"""Blocks of so many bytes are the system's as soon as they are free. Smaller ones come and go too often for that."""
_TOP = 1 << 19
"""So many free bytes at the end of the heap may stay."""


def keep_little() -> None:
    """From here on; to be called before much is allocated."""
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):
        library.mallopt(_MMAP_THRESHOLD, _LARGE)
        library.mallopt(_TRIM_THRESHOLD, _TOP)
        library.mallopt(_ARENA_MAX, 1)  # one heap for all threads: of them one at a time runs Python anyway


def trim() -> None:
    """Give back what is free between what lives. Takes about a millisecond, and holds others up for less."""
    library = ctypes.CDLL(None)
    if hasattr(library, "malloc_trim"):
        library.malloc_trim(ctypes.c_size_t(0))
