"""Does any file make the reader stumble or linger? ``make campaign-fuzz``: a million wrecked contract files.

Files of the gallery, the examples and the wrong files of ``tests/bad`` are wrecked byte by byte, line by line, word by
word, and in their structure (keys dropped, values swapped between files, lists where mappings stood). Each is read as
``upheld check`` reads it, and has to end in a configuration or in problems: never in a traceback, never after more
than a tenth of a second. ``--inputs`` says how many, ``--processes`` in how many processes, ``--seed`` which; the same
seed gives the same files. What stumbles is kept under ``--keep``. The last line is JSON.
"""

import argparse
import json
import os
import random
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from traceback import format_exc
from typing import Any, NamedTuple

import yaml

from config.errors import ConfigError
from tests.config.kit import read
from tests.config.test_fuzz import mutated

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {"X": "x", "HOST": "h"}
TELL_EVERY = 5_000
SLOW = 0.05
WORD = re.compile(rb"[A-Za-z0-9_.%>=<-]+")


class Found(NamedTuple):
    """What some inputs came to; ``wrecks`` are the tracebacks, each with its input."""

    inputs: int
    refused: int
    slowest: float
    worst: bytes
    wrecks: tuple[tuple[bytes, str], ...]

    def __add__(self, other: object) -> "Found":
        assert isinstance(other, Found)
        slowest, worst = max((self.slowest, self.worst), (other.slowest, other.worst))
        wrecks = self.wrecks + other.wrecks
        return Found(self.inputs + other.inputs, self.refused + other.refused, slowest, worst, wrecks)


NOTHING = Found(0, 0, 0.0, b"", ())


def seeds() -> list[bytes]:
    """The files that are wrecked: those of contracts as often again as the wrong ones."""
    good = sorted((ROOT / "config" / "examples").rglob("*.yaml"))
    return [file.read_bytes() for file in [*good, *good, *sorted((ROOT / "tests" / "bad").glob("*.yaml"))]]


def wrecked(chance: random.Random, files: Sequence[bytes]) -> bytes:
    """One of the files, wrecked in one of the ways."""
    text = chance.choice(files)
    for _ in range(chance.randint(1, 3)):
        match chance.randrange(4):
            case 0:
                text = mutated(text, chance)
            case 1:
                text = _lines(text, chance, files)
            case 2:
                text = _words(text, chance, files)
            case _:
                text = _structure(text, chance, files)
    return text


def _lines(text: bytes, chance: random.Random, files: Sequence[bytes]) -> bytes:
    """A line dropped, doubled, moved, indented otherwise, or taken from another file."""
    lines = text.split(b"\n")
    here, there = chance.randrange(len(lines)), chance.randrange(len(lines))
    match chance.randrange(5):
        case 0:
            del lines[here]
        case 1:
            lines.insert(there, lines[here])
        case 2:
            lines[here], lines[there] = lines[there], lines[here]
        case 3:
            lines[here] = b" " * chance.randrange(12) + lines[here].strip()
        case _:
            lines.insert(here, chance.choice(chance.choice(files).split(b"\n")))
    return b"\n".join(lines)


def _words(text: bytes, chance: random.Random, files: Sequence[bytes]) -> bytes:
    """A word in the place of another, from this file or from any."""
    there = list(WORD.finditer(text))
    others = WORD.findall(text if chance.random() < 0.5 else chance.choice(files))
    if not there or not others:
        return text
    for found in sorted(chance.sample(there, min(len(there), chance.randint(1, 3))), key=lambda f: -f.start()):
        text = text[: found.start()] + chance.choice(others) + text[found.end() :]
    return text


def _structure(text: bytes, chance: random.Random, files: Sequence[bytes]) -> bytes:
    """Its tree with a branch cut off, doubled, made a list of, emptied, or one of another file grafted on."""
    tree = _tree(text)
    graft = chance.choice([branch for _, _, branch in _branches(_tree(chance.choice(files)))] or [None])
    places = list(_branches(tree))
    if not places:
        return text
    holder, key, branch = chance.choice(places)
    match chance.randrange(5):
        case 0:
            del holder[key]
        case 1:
            holder[key] = [branch, branch]
        case 2:
            holder[key] = chance.choice([{}, [], None, "", "0", {"id": branch}])
        case 3 if isinstance(holder, dict):
            holder[str(graft)[:40]] = branch
        case _:
            holder[key] = graft
    return _flow(tree).encode()


def _tree(text: bytes) -> Any:
    """Plain data of a file, every scalar its text; nothing where it is no YAML."""
    try:
        return yaml.load(text, yaml.CBaseLoader)
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError):
        return None


def _branches(tree: Any) -> Iterator[tuple[Any, Any, Any]]:
    """Every branch with what holds it and by which key."""
    stack = [tree]
    while stack:
        holder = stack.pop()
        keys: Any = holder if isinstance(holder, dict) else range(len(holder)) if isinstance(holder, list) else ()
        for key in keys:
            yield holder, key, holder[key]
            stack.append(holder[key])


def _flow(tree: Any) -> str:
    """As YAML in flow style, scalars without quotes where that does no harm."""
    match tree:
        case dict():
            return "{" + ", ".join(f"{json.dumps(str(key))}: {_flow(value)}" for key, value in tree.items()) + "}"
        case list():
            return "[" + ", ".join(map(_flow, tree)) + "]"
        case str() if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 ._%<>=/+-]*", tree) and not tree.endswith(" "):
            return tree
    return json.dumps(tree)


def fuzz(inputs: int, seed: int, tell: bool = False) -> Found:
    """So many wrecked files of one seed."""
    chance, files, found = random.Random(seed), seeds(), NOTHING
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as home:
        file = Path(home) / "upheld.yaml"
        for number in range(1, inputs + 1):
            found += _one(file, wrecked(chance, files))
            if tell and (number % TELL_EVERY == 0 or number == inputs):
                rate = number / (time.monotonic() - began)
                told = f"\r{number:,} of {inputs:,}, {rate:,.0f}/s, slowest {found.slowest * 1000:.0f} ms, "
                print(f"{told}{len(found.wrecks)} tracebacks", end="", file=sys.stderr, flush=True)
    return found


def _one(file: Path, text: bytes) -> Found:
    file.write_bytes(text)
    found = _read(file, text)
    for _ in range(3 if found.slowest > SLOW else 0):  # the machine's other work slows a reader down now and then
        found = min(found, _read(file, text), key=lambda one: one.slowest)
    return found


def _read(file: Path, text: bytes) -> Found:
    refused, wrecks = 0, ()
    began = time.thread_time()
    try:
        read(file, ENVIRONMENT)
    except ConfigError as error:
        refused = 1 if error.problems else 0
    except Exception:
        wrecks = ((text, format_exc()),)
    return Found(1, refused, time.thread_time() - began, text, wrecks)


def _kept(found: Found, directory: Path) -> None:
    """The files that stumbled with their tracebacks, and the slowest."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "slowest.yaml").write_bytes(found.worst)
    for number, (text, told) in enumerate(found.wrecks[:100]):
        (directory / f"{number}.yaml").write_bytes(text)
        (directory / f"{number}.txt").write_text(told)


def main() -> None:
    """Fuzz, show how far it is, and print what was found."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seed", type=int, default=20261001)
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args()
    shares = [given.inputs // given.processes + (n < given.inputs % given.processes) for n in range(given.processes)]
    tell = sys.stderr.isatty()
    with ProcessPoolExecutor(given.processes) as pool:
        seeds_ = [given.seed + n for n in range(given.processes)]
        found = sum(pool.map(fuzz, shares, seeds_, [tell and n == 0 for n in range(given.processes)]), NOTHING)
    if tell:
        print(file=sys.stderr)
    if given.keep:
        _kept(found, given.keep)
    slowest = round(found.slowest * 1000, 1)
    print(json.dumps({"inputs": found.inputs, "tracebacks": len(found.wrecks), "slowest_ms": slowest}))
    raise SystemExit(1 if found.wrecks or slowest > 100 else 0)


if __name__ == "__main__":
    main()
