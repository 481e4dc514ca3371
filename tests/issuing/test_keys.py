"""The key that statements are signed with."""

import os
from pathlib import Path

import pytest

from monitor.issuing.keys import public_text, signing_key


def test_a_key_is_made_where_making_one_was_cut_short(tmp_path: Path) -> None:
    """By a disk that failed, or a kill of a process that had the same number, as in a container each has."""
    (tmp_path / f".store.db.key.{os.getpid()}").write_bytes(b"half a k")
    made = signing_key(str(tmp_path / "store.db"))
    assert public_text(signing_key(str(tmp_path / "store.db"))) == public_text(made)
    assert [file.name for file in tmp_path.iterdir()] == ["store.db.key"]


def test_a_key_has_its_name_on_disk_before_it_signs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed, fsync = list[Path](), os.fsync

    def told(handle: int) -> None:
        fsync(handle)
        flushed.append(Path(f"/proc/self/fd/{handle}").readlink())

    monkeypatch.setattr(os, "fsync", told)
    signing_key(str(tmp_path / "store.db"))
    assert flushed[-1] == tmp_path and len(flushed) == 2
