"""Whatever a file holds, reading it ends in a configuration or in problems, soon, and never in a traceback."""

import random
import time
from pathlib import Path

from config.errors import ConfigError
from tests.config.kit import CONTRACT, read

EXAMPLES = sorted((Path(__file__).parents[2] / "config" / "examples").glob("*.yaml"))
BAD = sorted((Path(__file__).parents[1] / "bad").glob("*.yaml"))
PIECES = [
    b"\x00", b"\xff", b"\xef\xbb\xbf", b"\t", b"\n", b"  ", b": ", b"- ", b"{", b"}", b"[", b"]", b"'", b'"', b"&a ",
    b"*a", b"!!python/name:os.system ", b"|", b">", b"? ", b"---\n", b"%YAML 1.1\n", b"#", b"${", b"${X}", b"${file:/}",
    b"$${", b"on", b"NO", b"null", b"~", b"22:30", b"1e999", b"-1", b"0", b"99999999999999999999", b".inf", b"100.1%",
    b"%", b"1h1h", b"\xc2\x85", b"\xe2\x80\xa8", b"\\x00", b"<<: ", b"of ", b">= ", b" per month", b"[]", b"{}", b"\r",
]  # fmt: skip
INPUTS = 3000


def mutated(text: bytes, chance: random.Random) -> bytes:
    """The text with a few pieces put in, cut out, doubled, swapped or flipped."""
    for _ in range(chance.randint(1, 6)):
        here = chance.randrange(len(text) + 1)
        there = min(len(text), here + chance.randrange(1, 40))
        match chance.randrange(5):
            case 0:
                text = text[:here] + chance.choice(PIECES) + text[here:]
            case 1:
                text = text[:here] + text[there:]
            case 2:
                text = text[:there] + text[here:there] + text[there:]
            case 3:
                text = text[:here] + chance.choice(PIECES) + text[there:]
            case _:
                text = text[:here] + bytes([chance.randrange(256)]) + text[here + 1 :]
    return text


def test_mutated_files_give_no_traceback_and_no_delay(tmp_path: Path) -> None:
    """What is slow once is read again: other work slows a reader down now and then, a slow file always."""
    chance = random.Random(20261001)
    seeds = [file.read_bytes() for file in [*EXAMPLES, *BAD]] + [CONTRACT.encode()] * 30
    file = tmp_path / "f.yaml"
    slowest, refused = 0.0, 0
    for _ in range(INPUTS):
        file.write_bytes(mutated(chance.choice(seeds), chance))
        took, wrong = timed(file)
        if took > 0.05:
            took = min(took, *(timed(file)[0] for _ in range(3)))
        slowest, refused = max(slowest, took), refused + wrong
    assert refused > INPUTS // 2
    assert slowest < 0.1


def timed(file: Path) -> tuple[float, bool]:
    """The CPU time (s) of reading a file, and whether it was refused."""
    began, refused = time.thread_time(), False
    try:
        read(file, {"X": "x", "HOST": "h"})
    except ConfigError as error:
        refused = True
        assert error.problems
        assert all(str(one).startswith(str(file)) for one in error.problems)
    return time.thread_time() - began, refused
