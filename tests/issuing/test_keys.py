"""The key that statements are signed with."""

import os
from pathlib import Path

from monitor.issuing.keys import public_text, signing_key


def test_a_key_is_made_where_making_one_was_cut_short(tmp_path: Path) -> None:
    """By a disk that failed, or a kill of a process that had the same number, as in a container each has."""
    (tmp_path / f".store.db.key.{os.getpid()}").write_bytes(b"half a k")
    made = signing_key(str(tmp_path / "store.db"))
    assert public_text(signing_key(str(tmp_path / "store.db"))) == public_text(made)
    assert [file.name for file in tmp_path.iterdir()] == ["store.db.key"]
