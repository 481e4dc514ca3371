"""The key in a process of its own signs as the key itself does, and what is wrong with it is told."""

import os
import signal
from pathlib import Path

import pytest

from monitor.issuing.apart import KeyApart
from monitor.issuing.keys import KeyTrouble, key_file, public_text, sign, signed_by, signing_key


def children() -> set[int]:
    """Processes that this one began and did not yet see end."""
    return {int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()}


def test_it_signs_as_the_key_does(tmp_path: Path) -> None:
    """Ed25519 signs the same text the same way (RFC 8032 section 5.1.6)."""
    store = str(tmp_path / "a store.db")
    with KeyApart(store) as apart:
        told = [sign(apart, digest) for digest in ("sha256:ab", "sha256:cd")]
    key = signing_key(store)
    assert told == [sign(key, "sha256:ab"), sign(key, "sha256:cd")]
    assert signed_by(told[0], "sha256:ab") == public_text(key)


def test_nothing_begins_before_the_first_signature_and_nothing_stays(tmp_path: Path) -> None:
    before = children()
    with KeyApart(str(tmp_path / "store.db")) as apart:
        assert children() == before
        assert not key_file(str(tmp_path / "store.db")).exists()
        apart.sign(b"text")
        assert len(children() - before) == 1
    assert children() == before


def test_a_key_that_is_none_is_told_in_words(tmp_path: Path) -> None:
    store = str(tmp_path / "störe.db")
    key_file(store).write_text("no key")
    with pytest.raises(KeyTrouble) as apart, KeyApart(store) as key:
        key.public_key()
    with pytest.raises(KeyTrouble) as here:
        signing_key(store)
    assert str(apart.value) == str(here.value)


def test_a_process_that_is_killed_is_told(tmp_path: Path) -> None:
    before = children()
    with pytest.raises(KeyTrouble, match="ended with -9"), KeyApart(str(tmp_path / "store.db")) as key:
        key.public_key()
        (child,) = children() - before
        os.kill(child, signal.SIGKILL)
        for _ in range(2):
            key.sign(b"text")
    assert children() == before
