"""A descriptor watched on the event loop for one direction at a time."""

import asyncio
from collections.abc import Callable


class Watch:
    """Calls ``ready`` when the descriptor can be read (``readable``) or written (``writable``), until told
    otherwise. Telling it what it already watches for costs nothing."""

    __slots__ = ("_fd", "_loop", "_mode", "_ready")

    def __init__(self, loop: asyncio.AbstractEventLoop, fd: int, ready: Callable[[], None]) -> None:
        self._loop, self._fd, self._ready = loop, fd, ready
        self._mode = ""

    def readable(self) -> None:
        """Watch for something to read."""
        if self._mode != "r":
            self.stop()
            self._loop.add_reader(self._fd, self._ready)
            self._mode = "r"

    def writable(self) -> None:
        """Watch for room to write."""
        if self._mode != "w":
            self.stop()
            self._loop.add_writer(self._fd, self._ready)
            self._mode = "w"

    def stop(self) -> None:
        """Watch for nothing; must come before the descriptor is closed."""
        if self._mode == "r":
            self._loop.remove_reader(self._fd)
        elif self._mode == "w":
            self._loop.remove_writer(self._fd)
        self._mode = ""
