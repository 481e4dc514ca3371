"""Files of facts: JSON Lines or Parquet, by name, by what is in them, or as somebody says."""

import errno
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import IO, cast

from monitor.render import facts
from monitor.render.fact_lines import line
from monitor.render.facts import FactsError, Numbered
from monitor.sla.facts import Fact

LINES, PARQUET = "jsonl", "parquet"
FORMATS = (LINES, PARQUET)
_MARK = b"PAR1"
"""How every Parquet file begins, and no JSON."""
_STDIN = "-"


@dataclass(frozen=True, slots=True)
class Found:
    """What stands in a file, in its order, and what the place of a number is called."""

    facts: Iterator[Numbered]
    place: str


def format_of(path: str | None, said: str | None = None) -> str:
    """The format to write: what is said, else what the name ends with, else JSON Lines."""
    return said or (PARQUET if path is not None and path.endswith(".parquet") else LINES)


@contextmanager
def facts_in(path: str, said: str | None = None) -> Iterator[Found]:
    """The facts of a file, ``-`` for standard input, read as they are asked for. Raises FactsError where the format
    cannot be read here, and OSError where the file cannot."""
    with _opened(path) as file:
        if path == _STDIN or not file.seekable():
            with _seekable(file, said) as (whole, form):
                yield _found(path, whole, form)
            return
        mark = file.peek(len(_MARK))[: len(_MARK)]
        yield _found(path, file, said or (PARQUET if mark == _MARK else format_of(path)))


def _opened(path: str) -> AbstractContextManager[BufferedReader]:
    if path != _STDIN:
        return Path(path).open("rb")
    if sys.stdin is None:  # the caller closed it
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))
    return nullcontext(cast(BufferedReader, sys.stdin.buffer))


@contextmanager
def _seekable(stream: "IO[bytes]", said: str | None) -> Iterator[tuple[IO[bytes], str]]:
    """Standard input or a pipe, and its format. Parquet is read from its end, so it is put into a file first."""
    head = stream.read(len(_MARK)) if said is None else b""
    if (said or LINES) == LINES and head != _MARK:
        yield cast(IO[bytes], _Behind(head, stream)), LINES
        return
    with tempfile.TemporaryFile() as file:
        file.write(head)
        shutil.copyfileobj(stream, file)
        file.seek(0)
        yield file, PARQUET


class _Behind:
    """A stream of which the first bytes were taken."""

    def __init__(self, head: bytes, stream: "IO[bytes]") -> None:
        self._head, self._stream = head, stream

    def readline(self, most: int) -> bytes:
        """As files do it."""
        head, self._head = self._head, b""
        first, ended, rest = head.partition(b"\n")
        self._head = rest
        return first + ended if ended else first + self._stream.readline(most - len(first))


def _found(path: str, file: IO[bytes], form: str) -> Found:
    if form == LINES:
        return Found(facts.parsed(facts.lines_of(file)), facts.ON_LINE)
    try:
        from monitor.render.parquet.read import rows
    except ImportError as error:
        raise FactsError([f"{path}: {_missing(error)}"]) from error
    return Found(rows(file), facts.IN_ROW)


def _missing(error: ImportError) -> str:
    return f"Parquet needs pyarrow: pip install 'upheld[parquet]' ({error})"


def writing(file: IO[bytes], form: str) -> AbstractContextManager[Callable[[Fact], None]]:
    """What takes facts one by one and writes them. Raises FactsError where the format cannot be written here."""
    if form == LINES:
        return _lines(file)
    try:
        from monitor.render.parquet.write import writing as rows
    except ImportError as error:
        raise FactsError([_missing(error)]) from error
    return rows(file)


@contextmanager
def _lines(file: IO[bytes]) -> Iterator[Callable[[Fact], None]]:
    def write(fact: Fact) -> None:
        file.write(line(fact).encode() + b"\n")

    yield write
