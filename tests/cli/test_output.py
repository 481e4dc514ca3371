"""Where a verb's words go: a file, a pipe, a device, a disk without room."""

import os
import resource
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.cli.kit import lines, sample, upheld, written

ROOT = Path(__file__).parents[2]


@pytest.fixture
def asked(tmp_path: Path) -> tuple[str, ...]:
    """A statement, of a file of two samples."""
    config, facts = written(tmp_path), tmp_path / "facts.jsonl"
    facts.write_text(lines([sample(1), sample(2)]))
    return ("statement", "acme", "2026-10", "--facts", str(facts), "-c", str(config))


def test_what_is_there_and_no_file_is_written_to_and_stays_what_it_is(asked: tuple[str, ...], tmp_path: Path) -> None:
    """A device too, which whoever has the right to would have made a file of."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    came: list[str] = []
    reader = threading.Thread(target=lambda: came.append(pipe.read_text()), daemon=True)
    reader.start()
    try:
        done = upheld(*asked, "-o", pipe)
        assert done.exit_code == 0 and pipe.is_fifo()
    finally:
        os.close(os.open(pipe, os.O_RDWR | os.O_NONBLOCK))
        reader.join(5)
    assert came == [upheld(*asked).output]


def test_a_link_leads_where_it_led(asked: tuple[str, ...], tmp_path: Path) -> None:
    link, there = tmp_path / "link.txt", tmp_path / "there.txt"
    link.symlink_to(there.name)
    assert upheld(*asked, "-o", link).exit_code == 0
    assert link.is_symlink() and there.read_text() == upheld(*asked).output


def test_a_place_that_cannot_be_is_one_line_and_exit_69(asked: tuple[str, ...], tmp_path: Path) -> None:
    loop, long = tmp_path / "loop", tmp_path / ("a" * 300)
    loop.symlink_to(loop.name)
    for where, why in ((loop, "Too many levels of symbolic links"), (long, "File name too long"), (tmp_path, "Is a d")):
        done = upheld(*asked, "-o", where)
        assert (done.exit_code, done.output.startswith(f"{where}: cannot be written: {why}")) == (69, True), done.output
    assert loop.is_symlink() and len(list(tmp_path.iterdir())) == 3


def test_closed_standard_output_is_one_line_and_exit_69(asked: tuple[str, ...]) -> None:
    command = ["sh", "-c", 'exec "$0" "$@" >&-', sys.executable, "-m", "monitor.cli", *asked]
    done = subprocess.run(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    assert (done.returncode, done.stderr) == (69, "standard output is closed; name a file with -o\n")


@pytest.mark.parametrize("verb", ["statement", "schema"])
def test_output_that_nobody_reads_is_141_and_no_word(asked: tuple[str, ...], verb: str) -> None:
    """And not 1, which says that something was found."""
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "monitor.cli", *(asked if verb == "statement" else ("schema",))]
    with os.fdopen(writing, "wb") as out:
        done = subprocess.run(command, cwd=ROOT, stdout=out, stderr=subprocess.PIPE, text=True)
    assert (done.returncode, done.stderr) == (141, "")


def test_facts_come_through_a_pipe_in_either_format(asked: tuple[str, ...], tmp_path: Path) -> None:
    """As of a shell's ``<(…)``; Parquet is read from its end, which a pipe does not have."""
    config, facts = asked[-1], asked[4]
    assert upheld("import", facts, "-c", config).exit_code == 0
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for form in ("jsonl", "parquet"):
        exported = tmp_path / f"october.{form}"
        assert upheld("export", "acme", "2026-10", "-o", exported, "-c", config).exit_code == 0
        writer = threading.Thread(target=pipe.write_bytes, args=(exported.read_bytes(),), daemon=True)
        writer.start()
        through = upheld(*asked[:4], pipe, "-c", config)
        writer.join(5)
        assert (through.exit_code, through.output) == (0, upheld(*asked[:4], exported, "-c", config).output)


def test_standard_input_that_is_closed_is_one_line(asked: tuple[str, ...]) -> None:
    command = ["sh", "-c", 'exec "$0" "$@" <&-', sys.executable, "-m", "monitor.cli", "import", "-", *asked[-2:]]
    done = subprocess.run(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    assert (done.returncode, done.stderr) == (2, "-: cannot be read: Bad file descriptor\n")


@pytest.mark.parametrize("verb", ["statement", "schema"])
def test_no_room_for_standard_output_is_one_line_and_exit_69(asked: tuple[str, ...], tmp_path: Path, verb: str) -> None:
    """No byte fits into the file that it leads to; the temporary files of a statement do not count."""
    command = [sys.executable, "-m", "monitor.cli", *(asked if verb == "statement" else ("schema",))]
    out, spare = tmp_path / "out", 4096
    out.write_bytes(bytes(spare))
    with out.open("ab") as full:
        done = subprocess.run(
            command, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (spare, spare)),
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (69, "standard output: cannot be written: File too large\n")
    assert out.stat().st_size == spare
