"""Figures of a statement's JSON by short words, as ``docs/contract-language.md`` says where each stands.

A reading is ``[RUN:] WORD ARGUMENT...``. It gives a fraction, a truth, a text, None, or a list of them.
"""

import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from config.periods import from_ns
from config.units import duration
from probes.notation import instant

Members = Mapping[str, Any]
Figure = Fraction | bool | str | None | list[Any]

SECOND = 1_000_000_000
UNITS = {"seconds": SECOND, "minutes": 60 * SECOND, "hours": 3600 * SECOND, "ms": 1_000_000, "number": 1}

USUAL = {
    "availability_pct": "percent availability",
    "availability_pct_2": "percent availability",
    "availability_pct_6": "percent availability",
    "breached": "breached availability",
    "commitment_met": "met availability",
    "credit": "total",
    "credit_pct": "share",
    "credit_days": "kind service days",
    "downtime_minutes": "minutes total-outage",
    "met": "met",
    "total_minutes": "length",
    "duration_minutes": "minutes total-outage",
}
"""How a key is read where its record does not say."""


def read(words: str, runs: Mapping[str, Members]) -> Figure:
    """The figure of a reading, from the statements of a record by name of their run."""
    name, colon, rest = words.partition(": ")
    statement = runs[name] if colon else next(iter(runs.values()))
    word, *arguments = (rest if colon else words).split(" ")
    if word in ACROSS:
        return ACROSS[word](list(runs.values()), *arguments)
    return WORDS[word](statement, *arguments)


def promises(statement: Members, id: str = "") -> list[Members]:
    """The promises of that id, or all of them."""
    found = [one for one in statement["promises"] if id in ("", one["id"])]
    assert found, f"no promise {id!r} among {[one['id'] for one in statement['promises']]}"
    return found


def value(statement: Members, id: str) -> Fraction:
    """The exact value of a promise."""
    found = promises(statement, id)[0]["value"]
    assert found is not None, f"{id} has no value"
    return Fraction(found["exact"])


def credits(statement: Members, *ids: str) -> list[Members]:
    """The credit lines of those ids, or all of them."""
    return [line for line in statement["credits"] if not ids or line["id"] in ids]


def _share(statement: Members, *ids: str) -> Fraction:
    return sum((Fraction(line["share"] or 0) for line in credits(statement, *ids)), Fraction(0)) * 100


def _shares(statement: Members, *ids: str) -> list[Figure]:
    """What each counted outage earns, which may be nothing."""
    earned = {instant(line["item"]): Fraction(line["share"]) * 100 for line in credits(statement, *ids)}
    return [earned.get(at, Fraction(0)) for at in _starts(statement)]


def _total(statement: Members) -> Fraction:
    total = statement["credit_total"]
    return Fraction(0 if total is None else total["amount"])


def _exact(statement: Members, charge: str, *ids: str) -> Fraction:
    """What the lines' shares make of a charge before it is rounded."""
    return _share(statement, *ids) * Fraction(charge) / 100


def _kind(statement: Members, *unit: str) -> Fraction:
    singular = " ".join(unit).removesuffix("s")
    found = [one["exact"] for one in statement["in_kind"] if one["unit"].removesuffix("s") == singular]
    return sum((Fraction(one) for one in found), Fraction(0))


def _uncapped(statement: Members, *ids: str) -> Fraction:
    return sum((Fraction(line["quantity"]["exact"]) for line in credits(statement, *ids)), Fraction(0))


def _verdict(wanted: str) -> Callable[..., bool]:
    def judged(statement: Members, id: str = "") -> bool:
        found = {one["verdict"] for one in promises(statement, id)}
        assert found <= {"met", "breached", None}, found
        return (found == {"met"}) if wanted == "met" else ("breached" in found)

    return judged


def _in(unit: int) -> Callable[..., Fraction]:
    return lambda statement, id: value(statement, id) / unit


def _relative(statement: Members, id: str) -> Fraction:
    target = Fraction(promises(statement, id)[0]["target"])
    return max(Fraction(0), (value(statement, id) - target) / target) * 100


def _shortfall(statement: Members, id: str) -> Fraction:
    return (Fraction(promises(statement, id)[0]["target"]) - value(statement, id)) * 100


def _allowance(statement: Members, id: str) -> Fraction:
    length = Fraction(statement["period"]["seconds"])
    return (1 - Fraction(promises(statement, id)[0]["target"])) * length / 60


def _counted(statement: Members, rule: str = "outage", unit: str = "minutes") -> Fraction:
    found = [Fraction(one["charged"]["exact"]) for one in statement["counted"] if one["rule"] == rule]
    return sum(found, Fraction(0)) / UNITS[unit]


def _incidents(statement: Members, unit: str) -> Fraction:
    spans = [span for incident in statement["incidents"] for span in incident["spans"]]
    return Fraction(sum(instant(span["to"]) - instant(span["from"]) for span in spans), UNITS[unit])


def _starts(statement: Members) -> list[int]:
    return sorted(instant(one["start"]) for one in statement["incidents"])


def _span_days(statement: Members) -> Fraction:
    starts = _starts(statement)
    return Fraction((starts[-1] - starts[0]) // (86_400 * SECOND))


def _excluded(statement: Members) -> Fraction:
    period = statement["period"]
    spans = [span for use in statement["exclusions"] for span in use["applied"] if span["from"] >= period["from"]]
    return Fraction(sum(instant(span["to"]) - instant(span["from"]) for span in spans), 60 * SECOND)


def _right(statement: Members, id: str) -> Members:
    return next(one for one in statement["rights"] if one["id"] == id)


def _last_day(at: str | None, zone: str = "UTC") -> str | None:
    """The last day that is within a time that ends before an instant."""
    return None if at is None else f"{from_ns(instant(at) - 1_000, ZoneInfo(zone)):%Y-%m-%d}"


def _local(statement: Members, zone: str, word: str, id: str, *after: str) -> str:
    """An item's due time or start as day of the week and time of a zone."""
    at = promises(statement, id)[0]["items"][0][word]
    return " ".join([f"{from_ns(instant(at), ZoneInfo(zone)):%a %H:%M}", *after])


def _item(statement: Members, id: str, unit: str) -> Fraction:
    return Fraction(promises(statement, id)[0]["items"][0]["value"]["exact"]) / UNITS[unit]


def _base(statement: Members, service: str) -> Fraction:
    """Minutes of the period that are not excluded."""
    buckets = statement["services"][service]
    return Fraction(sum(int(buckets[f"{one}_ns"]) for one in ("up", "down", "unknown")), 60 * SECOND)


def _tests(statement: Members, first: str, seconds: str) -> list[Any]:
    """Outages by the tests they are made of, the first being number 1."""
    found, step = [], int(seconds) * SECOND
    for one in statement["counted"]:
        start, end = instant(one["start"]) - instant(first), instant(one["end"]) - instant(first)
        found.append({"region": one["rule"][-1], "tests": list(range(start // step + 1, end // step + 1))})
    return found


def _earned(statement: Members, *ids: str) -> Fraction:
    """What is taken back of earlier credits."""
    return -sum((min(Fraction(0), Fraction(line["amount"] or 0)) for line in credits(statement, *ids)), Fraction(0))


def _closing(runs: list[Members]) -> str | None:
    """The first period in which something is earned back."""
    return next((f"{run['period']['label']} close" for run in runs if _earned(run)), None)


def interval(told: str) -> str | None:
    """The hole that a problem names."""
    found = re.search(r"figure (of more than|from) ([0-9.]+)% up to (and with )?([0-9.]+)%", told)
    if found is None:
        return None
    return f"gap {'[' if found[1] == 'from' else '('}{found[2]}, {found[4]}{']' if found[3] else ')'}"


def _length_of(statement: Members, id: str) -> Fraction | None:
    """Minutes of the length that a part was taken of, by the credit's own account."""
    found = re.search(r" of (\S+) is ", " ".join(step for line in credits(statement, id) for step in line["steps"]))
    return None if found is None else Fraction(duration(found[1]), 60 * SECOND)


def _differs(runs: list[Members], *words: str) -> bool:
    return len({str(WORDS[words[0]](run, *words[1:])) for run in runs}) > 1


def _most_kept(runs: list[Members], id: str) -> Fraction | None:
    """How many outages the first run has, if that keeps the promise and the second, with one more, does not."""
    kept, broken = (len(run["incidents"]) for run in runs)
    good = _verdict("met")(runs[0], id) and _verdict("breached")(runs[1], id) and broken == kept + 1
    return Fraction(kept) if good else None


def _steps(statement: Members, id: str) -> Fraction:
    """How many units a credit counted, by its own account of it."""
    told = " ".join(step for line in credits(statement, id) for step in line["steps"])
    found = re.search(r"(\d+) (?:×|x|times|units?|started|full)", told)
    assert found, told
    return Fraction(found[1])


WORDS: Mapping[str, Callable[..., Figure]] = {
    **{unit: _in(size) for unit, size in UNITS.items()},
    "percent": lambda statement, id: value(statement, id) * 100,
    "missing": lambda statement, id: (1 - value(statement, id)) * 100,
    "met": _verdict("met"),
    "kept": lambda statement, id: _verdict("met")(statement, id),
    "breached": _verdict("breached"),
    "share": _share,
    "shares": _shares,
    "paid": lambda statement, charge: _total(statement) / Fraction(charge) * 100,
    "length-of": _length_of,
    "fraction": lambda statement, *ids: _share(statement, *ids) / 100,
    "lines": lambda statement, *ids: Fraction(len(credits(statement, *ids))),
    "none": lambda statement, *ids: None if not credits(statement, *ids) else "some",
    "total": _total,
    "exact": _exact,
    "issued": lambda statement: _total(statement) > 0,
    "kind": _kind,
    "uncapped": _uncapped,
    "units": _steps,
    "relative": _relative,
    "shortfall": _shortfall,
    "allowance": _allowance,
    "counted": _counted,
    "outages": lambda statement: Fraction(len(statement["counted"])),
    "any": lambda statement: bool(statement["counted"]),
    "first": lambda statement: statement["counted"][0]["start"],
    "incidents": _incidents,
    "span": _span_days,
    "excluded": _excluded,
    "length": lambda statement: Fraction(statement["period"]["seconds"]) / 60,
    "due": lambda statement, id: promises(statement, id)[0]["items"][0]["due"],
    "arisen": lambda statement, id: _right(statement, id)["arisen"],
    "exercise": lambda statement, id: _last_day(_right(statement, id)["exercise_by"]),
    "line-until": lambda statement, id: credits(statement, id)[0]["claim_by"][:16],
    "last-day": lambda statement, zone="UTC": _last_day(statement["claim_by"], zone),
    "in-time": lambda statement: [one["in_time"] for one in statement["claims"]],
    "issuable": lambda statement, id: all(line["withheld"] is None for line in credits(statement, id)),
    "clock": lambda statement: statement["counted"][0]["start"][11:16],
    "part": lambda statement, times, *ids: _share(statement, *ids) / 100 / Fraction(times),
    "longest-incident": lambda statement, unit: max(
        _incidents({"incidents": [i]}, unit) for i in statement["incidents"]
    ),
    "fives": lambda statement: value(statement, "total-outage") / (300 * SECOND),
    "local": _local,
    "item": _item,
    "base": _base,
    "tests": _tests,
    "misprint": lambda statement, *text: " ".join(text),
    "verdict": lambda statement, id: {"met": "met", "breached": "not met"}[promises(statement, id)[0]["verdict"]],
}

ACROSS: Mapping[str, Callable[..., Figure]] = {
    "differs": _differs,
    "most-kept": _most_kept,
    "earned": lambda runs: sum(map(_earned, runs), Fraction(0)),
    "closing": _closing,
}
