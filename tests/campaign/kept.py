"""The files of a directory that children change one after the other, put back as they were for the next of them.

A child that was forked goes on with files that its parent has open and has mapped, so they are put back where they
lie: the same files, by name and inode, with the bytes they had.
"""

import os
from pathlib import Path


class Kept:
    """The files in ``directory`` as they are now. ``beside``: an empty directory on the same file system, which holds
    a second name of each, so that it lives on whoever removes the first. It is emptied by ``forget``."""

    def __init__(self, directory: Path, beside: Path) -> None:
        self._directory, self._beside = directory, beside
        self._content: dict[str, bytes] = {}
        for file in directory.iterdir():
            os.link(file, beside / file.name)
            self._content[file.name] = file.read_bytes()

    def put_back(self) -> None:
        """Whatever was written, removed or made since is undone."""
        for file in self._directory.iterdir():
            if file.name not in self._content or not file.samefile(self._beside / file.name):
                file.unlink()
        for name, content in self._content.items():
            if not (self._directory / name).exists():
                os.link(self._beside / name, self._directory / name)
            with (self._directory / name).open("r+b") as opened:
                opened.write(content)
                opened.truncate()

    def forget(self) -> None:
        """Keep them no longer."""
        for name in self._content:
            (self._beside / name).unlink()
