"""New names where the file system has neither hard links nor rights of files, as FAT and some network mounts.

The kernel refuses link(2) and chmod(2) to a process of its own, by a filter (seccomp(2)), as such a file system does.
"""

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.durable import publish
from monitor.issuing.keys import KeyTrouble, key_file, public_text, signing_key
from tests.cli.kit import lines, sample, upheld, written

ROOT = Path(__file__).parents[1]
CALLS = {"x86_64": (86, 265, 90, 91, 268, 452), "aarch64": (37, 52, 53, 452)}
"""The numbers of link, linkat, chmod, fchmod, fchmodat, fchmodat2."""
WITHOUT = """
import ctypes, errno, struct, sys
calls = {calls}
allow, refuse = 0x7FFF0000, 0x00050000 | errno.EPERM
steps = [(0x20, 0, 0, 0), *((0x15, len(calls) - place, 0, call) for place, call in enumerate(calls))]
code = b"".join(struct.pack("HBBI", *step) for step in [*steps, (0x06, 0, 0, allow), (0x06, 0, 0, refuse)])
lying = ctypes.create_string_buffer(code)
program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(lying)))
libc = ctypes.CDLL(None, use_errno=True)
assert libc.prctl(38, 1, 0, 0, 0) == 0 and libc.prctl(22, 2, program, 0, 0) == 0, ctypes.get_errno()
from monitor.cli import main
main(sys.argv[1:])
"""

without_links = pytest.mark.skipif(platform.machine() not in CALLS, reason="numbers of system calls not known")


def done(*arguments: object) -> subprocess.CompletedProcess[str]:
    """One run of the command on such a file system."""
    run = [sys.executable, "-c", WITHOUT.format(calls=CALLS[platform.machine()]), *map(str, arguments)]
    return subprocess.run(run, cwd=ROOT, text=True, capture_output=True, env=os.environ | {"PYTHONPATH": str(ROOT)})


@without_links
def test_a_store_works_where_there_are_no_hard_links(tmp_path: Path) -> None:
    """The signing key is made, a statement issued and written, the store copied; and nothing is overwritten."""
    config, facts, copy, out = written(tmp_path), *(tmp_path / name for name in ("facts.jsonl", "copy.db", "s.json"))
    facts.write_text(lines([sample(minute) for minute in range(180, 200)]))
    assert upheld("import", facts, "-c", config).exit_code == 0
    issued = done("issue", "acme", "2026-10", "-o", out, "-c", config)
    assert issued.returncode == 0, issued.stderr
    assert public_text(signing_key(str(tmp_path / "upheld.db"))) in out.read_text()
    first = done("backup", copy, "-c", config)
    assert first.returncode == 0, first.stderr
    whole = copy.read_bytes()
    again = done("backup", copy, "-c", config)
    assert again.returncode == 69 and "exists already" in again.stderr
    assert copy.read_bytes() == whole
    assert upheld("doctor", "--thorough", "--store", copy, "-c", config).output.count("sound") == 1
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_a_name_that_somebody_took_meanwhile_is_left_to_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without links too: between the refusal of one and the other way there may be somebody."""
    part, target = tmp_path / "part", tmp_path / "target"
    part.write_bytes(b"ours")

    def refuse(*_: object) -> None:
        target.write_bytes(b"theirs")
        raise PermissionError(1, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    with pytest.raises(FileExistsError):
        publish(part, target)
    assert target.read_bytes() == b"theirs"


def test_a_name_is_free_again_where_the_file_could_not_take_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    with pytest.raises(FileNotFoundError):
        publish(tmp_path / "never made", tmp_path / "target")
    assert not list(tmp_path.iterdir())


def test_an_empty_key_is_refused_and_said_to_be_empty(tmp_path: Path) -> None:
    """What may be left where the process was killed between taking the name and giving it the key."""
    store = str(tmp_path / "store.db")
    key_file(store).touch()
    with pytest.raises(KeyTrouble, match="it is empty, so remove it if there never was one"):
        signing_key(store)
