"""The heads of a store's chains in a file beside it (``STORE.heads``), for one reason: an older copy of the store that
was put in its place, or one whose newest links were cut off, is whole in itself, and only what lies outside can tell.

The file is there before the first link is, so that a store with links that has none was parted from it.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from monitor.durable import flush_directory
from monitor.issuing.links import RECORDS, Link, link_from

PARTED = ("", 0, "")
"""Among the ``lost`` heads of a link: the file was not there, so nobody can say which heads were lost."""


def heads_file(store: str) -> Path:
    """Where the heads of a store's chains lie."""
    return Path(store + ".heads")


def read_heads(path: Path) -> list[Link] | None:
    """The heads that lie beside a store; None where there is no such file. Raises ValueError where it is not what was
    written, OSError."""
    try:
        return [link_from(line) for line in path.read_text("utf-8").splitlines()]
    except FileNotFoundError:
        return None


def parted(path: Path, heads: Sequence[Link]) -> str | None:
    """What is wrong with the file of a store with these ``heads``, None where nothing is: it is gone, was emptied, or
    is not what was written. Raises OSError.

    It is empty up to the end of the first round of binding, whose links are all of one instant.
    """
    if not heads:
        return None
    try:
        found = read_heads(path)
    except ValueError as error:
        return f"{path}: {error}"
    if found is None:
        return f"{path} is gone"
    first_round = len({link.at for link in heads}) == 1 and all(
        link.number == 1 for link in heads if link.chain == RECORDS
    )
    return None if found or first_round else f"{path} was emptied"


def write_heads(path: Path, heads: Sequence[Link]) -> None:
    """Put these in the place of what the file says, unless it says the same. Raises OSError."""
    text = "".join(link.text() + "\n" for link in sorted(heads, key=lambda link: link.chain)).encode()
    if path.exists() and path.read_bytes() == text:
        return
    part = path.with_name(f".{path.name}.{os.getpid()}")
    with part.open("wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    flush_directory(path.parent)
