"""The process that tries regular expressions, run by its path with nothing but the standard library.

Python's ``re`` cannot be interrupted and some patterns take for ever on some texts. Here that ends this process
and nothing else: the alarm is left to its default action, which kills without asking the interpreter.
"""

import re
import signal
import struct
import sys

HEAD = struct.Struct("!dII")
"""Seconds allowed, bytes of pattern, bytes of text; both UTF-8 behind it. The answer is one byte, ``1`` or ``0``."""


def serve() -> None:
    """Answer until the other end closes."""
    asked, answers = sys.stdin.buffer, sys.stdout.buffer
    while head := asked.read(HEAD.size):
        allowed, pattern, text = HEAD.unpack(head)
        wanted = asked.read(pattern).decode()
        where = asked.read(text).decode(errors="replace")
        signal.setitimer(signal.ITIMER_REAL, allowed)
        found = re.search(wanted, where) is not None
        signal.setitimer(signal.ITIMER_REAL, 0)
        answers.write(b"1" if found else b"0")
        answers.flush()


if __name__ == "__main__":
    serve()
