"""The signing key in a process of its own, for the daemon, which signs about once an hour: what computes signatures
takes seven megabytes, and keeps them. The process begins at the first signature and ends with the work.

It is told the store's path, and then what to sign, a line each in hex; it answers with the public half and with
signatures. What is wrong with the key is a line of words.
"""

import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Self

from monitor.child import command
from monitor.issuing.keys import KeyTrouble, signing_key

MODULE = "monitor.issuing.apart"
_WRONG = "wrong "


@dataclass(frozen=True, slots=True)
class _Public:
    raw: bytes

    def public_bytes_raw(self) -> bytes:
        return self.raw


class KeyApart:
    """The key of a store, as ``keys.Key``; for as long as the ``with`` lasts. Used by one thread."""

    def __init__(self, store: str) -> None:
        self._store = store
        self._child: subprocess.Popen[str] | None = None
        self._public = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._child is not None:
            self._child.communicate()
            self._child = None

    def public_key(self) -> _Public:
        """The other half. Raises KeyTrouble."""
        self._begun()
        return _Public(self._public)

    def sign(self, data: bytes, /) -> bytes:
        """The signature. Raises KeyTrouble."""
        return self._asked(self._begun(), data.hex())

    def _begun(self) -> "subprocess.Popen[str]":
        if self._child is None:
            self._child = _begin()
            self._public = self._asked(self._child, os.fsencode(self._store).hex())
        return self._child

    def _asked(self, child: "subprocess.Popen[str]", line: str) -> bytes:
        assert child.stdin is not None and child.stdout is not None
        try:
            child.stdin.write(line + "\n")
            child.stdin.flush()
            answer = child.stdout.readline().rstrip("\n")
        except BrokenPipeError:
            answer = ""
        if answer.startswith(_WRONG):
            raise KeyTrouble(answer.removeprefix(_WRONG))
        if not answer:
            raise KeyTrouble(f"the process that signs ended with {child.wait()}")
        return bytes.fromhex(answer)


def _begin() -> "subprocess.Popen[str]":
    # In a group of its own, since Ctrl-C is not for it: whoever asks says when it ends.
    pipe = subprocess.PIPE
    try:
        return subprocess.Popen(
            command(MODULE), stdin=pipe, stdout=pipe, encoding="utf-8", errors="surrogateescape", process_group=0
        )
    except OSError as error:
        raise KeyTrouble(f"the process that signs does not begin: {error.strerror}") from error


def main() -> None:
    """Answer standard input until it ends."""
    sys.stdout = open(1, "w", encoding="utf-8", errors="surrogateescape", closefd=False)  # noqa: SIM115 - to the end
    try:
        key = signing_key(os.fsdecode(bytes.fromhex(sys.stdin.readline())))
    except KeyTrouble as trouble:
        print(f"{_WRONG}{trouble}", flush=True)
        return
    print(key.public_key().public_bytes_raw().hex(), flush=True)
    for line in sys.stdin:
        print(key.sign(bytes.fromhex(line)).hex(), flush=True)


if __name__ == "__main__":
    main()
