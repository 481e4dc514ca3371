"""The measures a promise can be made about: how they are typed, in what unit, and which way is good.

What a measure *means* is the judge's to say; here stands only what the text of a promise needs to be read.
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from config.contract.model import Unit
from config.errors import nearest, unknown
from config.units import count, duration, format_duration, format_share, share

Needs = Literal["state", "latency", "packets", "pairs"]
STATISTICS = ("mean", "median", "max")
_PERCENTILE = re.compile(r"p[0-9]{1,2}(?:\.[0-9]{1,3})?")
_OVER = re.compile(r"(.+?) over (.+)")
_UNDER = re.compile(r"share of samples under (.+)")


@dataclass(frozen=True, slots=True)
class Form:
    """A measure's text: ``good`` is the side on which more is promised, ``needs`` what its samples must carry."""

    words: str
    unit: Unit
    good: Literal["high", "low"]
    needs: Needs = "state"
    statistic: bool = False
    example: str = ""

    @property
    def slug(self) -> str:
        return self.words.replace(" ", "-")


FORMS = {
    form.words: form
    for form in (
        Form("availability", "ratio", "high", example="availability >= 99.9%"),
        Form("longest outage", "ns", "low", example="longest outage <= 4h"),
        Form("total outage", "ns", "low", example="total outage <= 45m"),
        Form("outages", "count", "low", example="outages <= 3"),
        Form("latency", "ns", "low", "latency", True, example="p95 latency <= 80ms"),
        Form("packet delivery", "ratio", "high", "packets", example="packet delivery >= 99.5%"),
        Form("packet loss", "ratio", "low", "packets", example="packet loss <= 0.5%"),
        Form("jitter", "ns", "low", "pairs", True, example="jitter <= 5ms"),
    )
}
SHARE_UNDER = Form(
    "latency", "ratio", "high", "latency", example="share of samples under 50ms >= 95%"
)  # a statistic of latency whose value is a share


@dataclass(frozen=True, slots=True)
class Measured:
    """What stands left of the operator, read. ``id`` is the slug of all of it, defaults said."""

    form: Form
    statistic: str | None
    threshold: int | None
    id: str


def measured(text: str) -> Measured:
    """``[statistic] measure``, ``outages over 30m`` or ``share of samples under 50ms``; ValueError otherwise."""
    words = " ".join(text.replace("_", " ").split())
    under = _UNDER.fullmatch(words)
    if under:
        return Measured(SHARE_UNDER, "share under", _positive(under[1]), words.replace(" ", "-"))
    over = _OVER.fullmatch(words)
    if over and over[1] == "outages":
        return Measured(FORMS["outages"], None, _positive(over[2]), words.replace(" ", "-"))
    first, _, rest = words.partition(" ")
    if words in FORMS:
        form = FORMS[words]
        statistic = "mean" if form.statistic else None
    elif rest in FORMS:
        form, statistic = FORMS[rest], _statistic(first, FORMS[rest])
    else:
        raise ValueError(_no_measure(words))
    slug = f"{statistic}-{form.slug}" if statistic else form.slug
    return Measured(form, statistic, None, slug)


def value_of(text: str, unit: Unit) -> Fraction:
    """A promised or measured figure in a measure's unit, exactly."""
    match unit:
        case "ratio":
            return share(text)
        case "ns":
            return Fraction(duration(text))
        case _:
            return Fraction(count(text))


def format_value(value: Fraction, unit: Unit) -> str:
    """A figure as a person would type it."""
    match unit:
        case "ratio":
            return format_share(value)
        case "ns":
            return format_duration(int(value))
        case _:
            return str(value)


def _positive(text: str) -> int:
    result = duration(text)
    if result <= 0:
        raise ValueError(f"{text!r} leaves nothing out; write a duration above zero")
    return result


def _statistic(word: str, form: Form) -> str:
    if not form.statistic:
        raise ValueError(f"{form.words} has no statistic; write '{form.example}' without {word!r}")
    if word in STATISTICS:
        return word
    if _PERCENTILE.fullmatch(word) and Fraction(word[1:]) > 0:
        return word
    known = [*STATISTICS, "p95"]
    meant = {"average": "mean", "avg": "mean", "maximum": "max", "worst": "max"}.get(word) or nearest(word, known)
    hint = f"; did you mean {meant!r}?" if meant else ""
    raise ValueError(f"no statistic {word!r}; there are mean, median, max and percentiles such as p95{hint}")


def _no_measure(words: str) -> str:
    typed = [*FORMS, "share of samples under 50ms", "outages over 30m", "mean latency", "mean jitter"]
    close = nearest(words, typed)
    if close:
        return f"no measure {words!r}; did you mean {close!r}?"
    return unknown("measure", words, [*FORMS, "share of samples under …"])
