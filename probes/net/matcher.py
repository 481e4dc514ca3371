"""Regular expressions over what strangers sent, without their being able to stop this process.

A search runs in a child process for at most ``ALLOWED`` seconds; one that takes longer ends the child and has
no result. A pattern that ever did goes to a second child from then on, so that it holds up only its like.
"""

import asyncio
import sys
from pathlib import Path

from probes.net.matcher_child import HEAD

ALLOWED = 0.5
WAITING = 64
_CHILD = str(Path(__file__).with_name("matcher_child.py"))


class Undecided(Exception):
    """The search has no result: it took too long, or its process could not be had. The text says which."""


class Matcher:
    """Searches, one at a time in each of two children that are started when first needed."""

    def __init__(self) -> None:
        self._lanes = (_Lane(), _Lane())
        self._slow: set[str] = set()

    async def search(self, pattern: str, text: str) -> bool:
        """Whether ``pattern`` is found in ``text``. Raises Undecided."""
        try:
            return await self._lanes[pattern in self._slow].search(pattern, text)
        except asyncio.IncompleteReadError as error:
            self._slow.add(pattern)
            raise Undecided(f"the regular expression took longer than {ALLOWED} s on this text") from error
        except OSError as error:
            raise Undecided(f"no process for regular expressions: {error.strerror}") from error

    def close(self) -> None:
        """End the children."""
        for lane in self._lanes:
            lane.close()


class _Lane:
    def __init__(self) -> None:
        self._child: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def search(self, pattern: str, text: str) -> bool:
        if self._waiting >= WAITING:
            raise Undecided(f"{WAITING} other texts are waiting for a regular expression to end")
        self._waiting += 1
        try:
            async with self._turn:
                return await self._ask(pattern.encode(), text.encode(errors="replace"))
        finally:
            self._waiting -= 1

    async def _ask(self, pattern: bytes, text: bytes) -> bool:
        if self._child is None:
            self._child = await asyncio.create_subprocess_exec(
                sys.executable,
                "-I",
                "-S",
                _CHILD,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                process_group=0,  # Ctrl-C is for the daemon, which closes it
            )
        asked, answers = self._child.stdin, self._child.stdout
        assert asked is not None and answers is not None
        try:
            asked.write(HEAD.pack(ALLOWED, len(pattern), len(text)) + pattern + text)
            return await answers.readexactly(1) == b"1"
        except (asyncio.IncompleteReadError, asyncio.CancelledError):
            self.close()  # dead, or owing an answer that nobody waits for
            raise

    def close(self) -> None:
        if self._child is not None and self._child.returncode is None:
            self._child.kill()
        self._child = None
