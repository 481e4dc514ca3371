"""The measures a promise can be made about: how they are typed, in what unit, and which way is good.

What a measure *means* is the judge's to say; here stands only what the text of a promise needs to be read.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from config.contract.model import Unit
from config.contract.rules import MeasureRule
from config.errors import nearest, unknown
from config.units import amount, count, duration, format_duration, format_share, share

Needs = Literal["state", "latency", "packets", "pairs", "facts"]
STATISTICS = ("mean", "median", "max")
_PERCENTILE = re.compile(r"p[0-9]{1,2}(?:\.[0-9]{1,3})?")
_OVER = re.compile(r"(.+?) over (.+)")
_UNDER = re.compile(r"share of samples under (.+)")
_BUSINESS = re.compile(r"([0-9]{1,4}(?:\.[0-9]{1,3})?) (?:consecutive )?business (day|hour|minute)s?")
_TICKETS = re.compile(r"share of tickets (answered|resolved) within (.+)")


@dataclass(frozen=True, slots=True)
class Form:
    """A measure's text: ``good`` is the side on which more is promised (``either``: the promise says), ``needs`` what
    its samples must carry."""

    words: str
    unit: Unit
    good: Literal["high", "low", "either"]
    needs: Needs = "state"
    statistic: bool = False
    example: str = ""

    @property
    def slug(self) -> str:
        return slug(self.words)


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


TICKETS = Form("share of tickets", "ratio", "high", "facts", example="share of tickets answered within 15m >= 90%")
DESK = {
    form.words: (form, leg)
    for form, leg in (
        (Form("response time", "ns", "low", "facts", True, "response time <= 30m"), "response"),
        (Form("resolution time", "ns", "low", "facts", True, "resolution time <= 4h"), "resolution"),
        (Form("update gap", "ns", "low", "facts", True, "update gap <= 1h"), "update gap"),
    )
}
"""Standard measures of tickets, with the leg of a ticket that each takes."""


class NoMeasure(ValueError):
    """There is no such measure; the text says which there are."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What stands left of the operator, read. ``id`` is the slug of all of it, defaults said. ``rule``: the measure,
    where it is defined by the contract or taken from tickets."""

    form: Form
    statistic: str | None
    threshold: int | None
    id: str
    rule: MeasureRule | None = None


def measured(text: str) -> Measured:
    """``[statistic] measure``, ``outages over 30m`` or ``share of samples under 50ms``; ValueError otherwise."""
    words = " ".join(text.replace("_", " ").split())
    under = _UNDER.fullmatch(words)
    if under:
        return Measured(SHARE_UNDER, "share under", above_zero(under[1]), words.replace(" ", "-"))
    over = _OVER.fullmatch(words)
    if over and over[1] == "outages":
        return Measured(FORMS["outages"], None, above_zero(over[2]), words.replace(" ", "-"))
    first, _, rest = words.partition(" ")
    if words in FORMS:
        form = FORMS[words]
        statistic = "mean" if form.statistic else None
    elif rest in FORMS:
        form, statistic = FORMS[rest], _statistic(first, FORMS[rest])
    else:
        return _of_tickets(words)
    return Measured(form, statistic, None, f"{statistic}-{form.slug}" if statistic else form.slug)


def _of_tickets(words: str) -> Measured:
    """``response time``, ``p95 resolution time``, ``share of tickets answered within 15m``."""
    share_of = _TICKETS.fullmatch(words)
    if share_of:
        leg = "response" if share_of[1] == "answered" else "resolution"
        limit = business(share_of[2])
        legs = ((leg, above_zero(share_of[2]) if limit is None else int(limit.amount)),)
        days = (leg,) if limit is not None and limit.days else ()
        rule = MeasureRule(name=words, kind="tickets", of="tickets", unit="ratio", legs=legs, in_days=days)
        return Measured(TICKETS, None, None, slug(words), rule)
    first, _, rest = words.partition(" ")
    if words not in DESK and rest not in DESK:
        raise NoMeasure(no_measure(words))
    form, leg = DESK[words if words in DESK else rest]
    statistic = None if words in DESK else _statistic(first, form)
    rule = MeasureRule(name=words, kind="each", of=leg, unit="ns", statistic=statistic)
    return Measured(form, statistic, None, slug(words), rule)


def slug(words: str) -> str:
    """A measure's words as the id of what is promised of it."""
    return words.lower().replace(" ", "-").replace("_", "-")


@dataclass(frozen=True, slots=True)
class Business:
    """So many business days, or ns inside business hours."""

    amount: Fraction
    days: bool


def business(text: str) -> Business | None:
    """``4 business hours``, ``30 business minutes``, ``2 business days``; None for anything else."""
    found = _BUSINESS.fullmatch(" ".join(text.split()))
    if found is None:
        return None
    number = Fraction(found[1])
    if found[2] != "day":
        return Business(number * duration(f"1{found[2][0]}"), False)
    if number.denominator != 1 or number < 1:
        raise ValueError(f"{text!r}: business days are counted whole; write hours for a part of one")
    return Business(number, True)


def value_of(text: str, unit: Unit) -> Fraction:
    """A promised or measured figure in a measure's unit, exactly."""
    match unit:
        case "ratio":
            return share(text)
        case "ns":
            return Fraction(duration(text))
        case "score":
            return _score(text)
        case _:
            return Fraction(count(text))


def _score(text: str) -> Fraction:
    try:
        return Fraction(amount(text))
    except ValueError:
        raise ValueError(f"{text!r} is no figure; write a number such as 4.5") from None


def format_value(value: Fraction, unit: Unit) -> str:
    """A figure as a person would type it."""
    match unit:
        case "ratio":
            return format_share(value)
        case "ns":
            return format_duration(int(value))
        case "score":
            return format_share(value / 100).removesuffix("%")
        case "business_days":
            return f"{value} business day{'s' if value != 1 else ''}"
        case _:
            return str(value)


def above_zero(text: str) -> int:
    result = duration(text)
    if result <= 0:
        raise ValueError(f"{text!r} leaves nothing out; write a duration above zero")
    return result


def _statistic(word: str, form: Form) -> str:
    if not form.statistic:
        raise ValueError(f"{form.words} has no statistic; write '{form.example}' without {word!r}")
    return statistic_named(word)


def statistic_named(word: str) -> str:
    """``mean``, ``median``, ``max`` or a percentile such as ``p99.9``; ValueError says what would be right."""
    if word in STATISTICS:
        return word
    if _PERCENTILE.fullmatch(word) and Fraction(word[1:]) > 0:
        return word
    known = [*STATISTICS, "p95"]
    meant = {"average": "mean", "avg": "mean", "maximum": "max", "worst": "max"}.get(word) or nearest(word, known)
    hint = f"; did you mean {meant!r}?" if meant else ""
    raise ValueError(f"no statistic {word!r}; there are mean, median, max and percentiles such as p95{hint}")


SHARES = ("share of samples under 50ms", "share of tickets answered within 15m", "share of tickets resolved within 4h")


def no_measure(words: str, defined: Iterable[str] = ()) -> str:
    close = nearest(words, [*FORMS, *DESK, *SHARES, *defined, "outages over 30m", "mean latency", "mean jitter"])
    if close:
        return f"no measure {words!r}; did you mean {close!r}?"
    return unknown("measure", words, [*FORMS, *DESK, *defined, "share of samples under …", "share of tickets …"])
