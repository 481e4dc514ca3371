"""Records of vectors: contract and facts of each in short, spread out to the lines that the program reads.

A file ``cases/NAME.yaml`` is a list of records about the contracts of ``config/examples/published/NAME.yaml``:
``id``, ``contract``, ``period``, ``facts``, ``expected`` and, where a key's reading is not the usual one, ``figures``
(key → words of :mod:`tests.vectors.figures`). ``runs`` names several statements of one record, each of which may
say its own contract, period and facts. Every service is assumed to be up unless ``assume: none``.

Facts are the members of their JSON lines, in short: ``2025-06-01 10:00`` is that time in UTC, ``for: 10m`` stands for
``to``, ``down: SERVICE`` is a state, ``samples: TARGET`` with ``marks: U5 d3`` are samples in a row, and
``repeat: 8, every: 5m`` says a fact again and again.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from config import places
from config.units import duration
from probes.notation import instant, instant_text

CASES = Path(__file__).parent / "cases"
GALLERY = Path(__file__).parents[2] / "config" / "examples" / "published"
OUTCOMES = {"U": ("up", None), "d": ("down", "timeout"), "?": ("unknown", "stall")}

Members = dict[str, Any]

_SHORT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?")
_ZULU = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


@dataclass(frozen=True)
class Run:
    """One statement of a record."""

    contract: str
    period: str
    facts: list[Members] = field(default_factory=list)
    assume: str = "up"


@dataclass(frozen=True)
class Record:
    """One vector. ``file`` is its contracts' file; ``edits`` make a wrong one of it, which is ``refused``."""

    id: str
    file: Path
    runs: Mapping[str, Run]
    expected: Members
    figures: Mapping[str, Any]
    edits: list[list[str]]
    refused: str


def records() -> list[Record]:
    """Every record there is."""
    return [_record(raw, GALLERY / f.name) for f in sorted(CASES.glob("*.yaml")) for raw in _plain(_tree(f))]


def _tree(file: Path) -> places.Node:
    problems: list[Any] = []
    node = places.parse(file.read_bytes(), file.name, problems)
    assert node is not None, problems
    return node


def _plain(node: places.Node) -> Any:
    """Data of a tree: whole numbers and truths as such, decimals as they are written."""
    match node.value:
        case dict() as members:
            return {key: _plain(child) for key, child in members.items()}
        case list() as items:
            return [_plain(child) for child in items]
        case bool() | int() | str() | None as value:
            return value
    return node.typed


def _record(raw: Members, file: Path) -> Record:
    common = {key: raw[key] for key in ("contract", "period", "facts", "assume") if key in raw}
    common |= {"period": str(common["period"])} if "period" in common else {}
    runs = {name: Run(**{**common, **(run or {})}) for name, run in raw.get("runs", {"main": {}}).items()}
    if "file" in raw:
        file = file.with_name(f"{raw['file']}.yaml")
    figures, edits = raw.get("figures", {}), raw.get("edits", [])
    return Record(raw["id"], file, runs, raw["expected"], figures, edits, raw.get("refused", ""))


def lines(run: Run, services: Mapping[str, object]) -> list[bytes]:
    """The facts of a run as lines of JSON."""
    spread = [line for fact in run.facts for line in _spread(_timed(fact))]
    if run.assume != "none":
        spread += [{"kind": "assume", "service": name, "state": run.assume} for name in services]
    return [json.dumps(line).encode() + b"\n" for line in spread]


def _timed(value: Any) -> Any:
    """Times written in short, as the program writes them."""
    match value:
        case dict():
            return {key: _timed(item) for key, item in value.items()}
        case list():
            return [_timed(item) for item in value]
        case str() if found := _SHORT.fullmatch(value):
            return value.replace(" ", "T") + ("Z" if found[1] else ":00Z")
    return value


def _spread(fact: Members) -> Iterator[Members]:
    if "repeat" in fact:
        once = {key: value for key, value in fact.items() if key not in ("repeat", "every")}
        for index in range(fact["repeat"]):
            yield from _spread(_later(once, index * duration(fact["every"]), index))
    elif "samples" in fact:
        yield from _samples(fact)
    else:
        yield _line(fact)


def _later(value: Any, by: int, index: int) -> Any:
    match value:
        case dict():
            return {key: f"{item}-{index}" if key == "id" else _later(item, by, index) for key, item in value.items()}
        case list():
            return [_later(item, by, index) for item in value]
        case str() if _ZULU.fullmatch(value):
            return instant_text(instant(value) + by)
    return value


def _line(fact: Members) -> Members:
    line = {key: value for key, value in fact.items() if key not in ("down", "for")}
    if "for" in fact:
        line["to"] = instant_text(instant(fact["from"]) + duration(fact["for"]))
    return line if "down" not in fact else {"kind": "state", "service": fact["down"], "state": "down", **line}


def _samples(fact: Members) -> Iterator[Members]:
    at, every = instant(fact["from"]), duration(fact["every"])
    marks = "".join(mark[0] * int(mark[1:] or 1) for mark in fact["marks"].split())
    rtts = iter(fact.get("rtt_ms", []))
    for index, mark in enumerate(marks):
        outcome, reason = OUTCOMES[mark]
        when, took = at + index * every, next(rtts, None)
        yield {
            "kind": "sample",
            "target": fact["samples"],
            "vantage": fact.get("vantage", "here"),
            "boot": fact["samples"],
            "seq": when // 1_000_000_000,
            "at": instant_text(when),
            "outcome": outcome,
            **({} if reason is None else {"reason": reason}),
            **({} if took is None else {"sent": 1, "received": 1, "rtt_ms": [took]}),
        }
