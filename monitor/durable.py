"""New names in directories: never over another file's, and on disk once the directory was flushed (fsync(2)), whatever
became of the file."""

import errno
import os
from pathlib import Path

_NO_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS})
"""What link(2) says where the file system has no hard links: FAT, exFAT, some network mounts, some made by programs."""
_NOT_FLUSHED = frozenset({errno.EINVAL, errno.EOPNOTSUPP})
"""What fsync(2) says of a directory where the file system does not flush any."""


def publish(part: Path, target: Path) -> None:
    """Give a whole file its name, which nobody else may have, and put the name on disk. ``part`` may stay beside it.
    Raises FileExistsError, OSError."""
    try:
        os.link(part, target)  # unlike a rename, refuses what came to be there meanwhile
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        _renamed(part, target)
    flush_directory(target.parent)


def _renamed(part: Path, target: Path) -> None:
    """The same without hard links: the name is taken by an empty file of our own, which gives way to the whole one."""
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    try:
        part.replace(target)
    except OSError:
        target.unlink(missing_ok=True)
        raise


def flush_directory(path: Path) -> None:
    """Its names as they stand. Raises OSError."""
    directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(directory)
    except OSError as error:
        if error.errno not in _NOT_FLUSHED:
            raise
    finally:
        os.close(directory)
