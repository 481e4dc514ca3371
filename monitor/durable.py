"""A new name in a directory is on disk once the directory was flushed (fsync(2)), whatever became of the file."""

import os
from pathlib import Path


def flush_directory(path: Path) -> None:
    """Its names as they stand. Raises OSError."""
    directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
