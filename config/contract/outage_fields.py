"""What an outage rule is made of, one value at a time: sources, buckets, moments, and choices of one word.

Every reader here takes one value as the file holds it and raises ``ValueError`` saying what would be right.
"""

import re
from collections.abc import Collection, Mapping
from typing import Literal, get_args

from config.contract import measure_fields as read_as
from config.contract.rules import Bucket, Edge, Moment, Source
from config.contract.scope import Scope
from config.contract.signals import Signal, counted
from config.errors import nearest, unknown
from config.units import count, said, share

STARTS: tuple[Moment, ...] = get_args(Moment)[:7]
TOLD = tuple(moment for moment in STARTS if moment != "first_failure")
ENDS: tuple[Moment, ...] = get_args(Moment)[7:]
DAY = 24 * 3600 * 10**9
EMPTY = ("good", "bad", "skip", "carry")
RATIO_PATTERN = r"error ratio (?:>=|>|≥) ?[0-9.]+ ?%"

_RATIO = re.compile(r"error ratio (>=|>|≥) ?(\S+ ?%)")
_COMPARED = re.compile(r"[<>≤≥=]")
_PICKED = re.compile(r"(earliest|latest) of (.+)")
_WITHIN = re.compile(r"(.+?) within (.+)")


def source(value: object, signals: Mapping[str, Signal], outages: Collection[str]) -> tuple[Source, Signal | None]:
    """``probes``, ``tickets``, ``counts NAME``, the name of a signal or of another rule; ValueError where there is
    none."""
    words = " ".join(value.split()) if isinstance(value, str) else ""
    if words in ("probes", "tickets"):
        return Source(kind="probes" if words == "probes" else "tickets"), None
    if words in signals or words.startswith("counts "):
        signal = counted(words.removeprefix("counts ") if words not in signals else words, signals)
        return Source(kind="counts", name=signal.counts), signal
    if words in outages:
        return Source(kind="outage", name=words), None
    if not words:
        raise ValueError(_no_source(value))
    known = ["probes", "tickets", *signals, *sorted(outages)]
    hint = "" if nearest(words, known) else "; counts are read as 'counts NAME'"
    raise ValueError(unknown("source", words, known) + hint)


def _no_source(value: object) -> str:
    return f"{said(value)} is no source; write probes, tickets, or counts and a signal, as in 'counts requests'"


def bad_when(value: object) -> Bucket:
    """``all fail``, ``any fail``, ``error ratio > 5%``, or a line such as ``packet loss > 0.1%``, as a bucket whose
    length is still to be said. The line is read once measures are known."""
    words = " ".join(value.split()) if isinstance(value, str) else ""
    if words in ("all fail", "any fail"):
        return Bucket(length=0, when="all_fail" if words == "all fail" else "any_fail")
    found = _RATIO.fullmatch(words)
    if not found and _COMPARED.search(words) and not words.startswith("error ratio"):
        return Bucket(length=0, when="measure", text=words)
    if not found:
        text = "write all fail, any fail, 'error ratio > 5%', or a figure such as 'packet loss > 0.1%'"
        raise ValueError(f"{said(value)} tells no bad bucket; {text}")
    ratio, strict = share(found[2]), found[1] == ">"
    if ratio == 1 and strict:
        raise ValueError(f"nothing is above {found[2]!r}; did you mean 'all fail'?")
    if ratio == 0 and not strict:
        raise ValueError(f"every bucket has {words!r}; did you mean 'any fail'?")
    return Bucket(length=0, when="error_ratio", ratio=ratio, strict=strict)


def bucket(value: object, figures: bool) -> tuple[int, bool]:
    """The length of a bucket in ns, and whether it is a local day: ``5m``, or ``day`` where a figure judges it."""
    if value != "day":
        return read_as.positive(value), False
    if not figures:
        raise ValueError("'day' is for buckets that a figure judges; write 24h")
    return DAY, True


def moment(value: object) -> Moment:
    """A moment that a ticket tells of."""
    return read_as.meant(value, "moment of a ticket", {one.replace("_", " "): one for one in TOLD})


def edge(value: object, moments: tuple[Moment, ...]) -> Edge:
    """``report``, ``earliest of report, detection``, ``latest of restored, closed``."""
    words = " ".join(value.replace("_", " ").split()) if isinstance(value, str) else ""
    found = _PICKED.fullmatch(words)
    names = [one.strip() for one in found[2].split(",")] if found else [words]
    known = {moment.replace("_", " "): moment for moment in moments}
    for one in names:
        if one not in known:
            raise ValueError(unknown("moment", one or str(value), known))
    if not found:
        return Edge(of=(known[words],))
    if len(names) < 2 or len(set(names)) < len(names):
        raise ValueError(f"{words!r} has nothing to choose from; name two or more moments, each once")
    return Edge(pick="earliest" if found[1] == "earliest" else "latest", of=tuple(known[one] for one in names))


def accumulated(value: object) -> tuple[int, int]:
    """``60s within 15m`` as the outage time needed and the length of the window, in ns."""
    found = _WITHIN.fullmatch(" ".join(value.split())) if isinstance(value, str) else None
    if not found:
        raise ValueError(f"{said(value)} is no sum of outages; write it as '60s within 15m'")
    need, window = read_as.positive(found[1]), read_as.positive(found[2])
    if need > window:
        raise ValueError(f"{value!r} can never be: {found[2]} have no {found[1]} in them")
    return need, window


def control(value: object, scope: Scope) -> str:
    """The service that has to be up meanwhile."""
    if isinstance(value, str) and value in scope.services:
        return value
    hint = "" if nearest(str(value), scope.services) else "; a target is watched by a service of its own"
    raise ValueError(unknown("service", str(value), scope.services) + hint)


def at_least_one(value: object) -> int:
    """A whole number from one on."""
    found = count(value)
    if found < 1:
        raise ValueError(f"{said(value)} is too few; write 1 or more")
    return found


def either(value: object, first: str, second: str) -> bool:
    """Whether it is the second of two words."""
    if value in (first, second):
        return value == second
    raise ValueError(unknown("choice", str(value), (first, second)))


def empty(value: object) -> Literal["good", "bad", "skip", "carry"]:
    """What a bucket without samples is."""
    match value:
        case "good" | "bad" | "skip" | "carry":
            return value
    raise ValueError(unknown("way to judge an empty bucket", str(value), EMPTY))


def overlap(value: object) -> Literal["union", "longest", "sum"]:
    """How outages at the same time are counted."""
    match value:
        case "union" | "longest" | "sum":
            return value
    raise ValueError(unknown("way to count what overlaps", str(value), ("union", "longest", "sum")))


def split(value: object) -> Literal["day", "period"]:
    """Where outages are divided."""
    match value:
        case "day" | "period":
            return value
    raise ValueError(unknown("edge to divide at", str(value), ("day", "period")))
