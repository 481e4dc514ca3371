"""Words that several chapters need: operators, figures, conditions, roundings."""

from fractions import Fraction

from config.contract.measures import format_value
from config.contract.noun import Condition, Rounding, Unit
from config.units import format_duration, format_share

OPERATORS = {">=": "at least", ">": "more than", "<=": "at most", "<": "less than", "==": "exactly"}
MODES = {"up": "up", "down": "down", "half_up": "half up"}


def figure(value: Fraction, unit: Unit) -> str:
    """A figure in its unit; what a person cannot type exactly is shown to a thousandth of its unit."""
    if unit == "business_days":
        return f"{number(value)} business {'day' if value == 1 else 'days'}"
    if unit in ("score", "count"):
        return number(value)
    try:
        return format_value(value, unit)
    except (ValueError, ArithmeticError):
        return number(value)


def number(value: Fraction) -> str:
    """A plain number, with at most six digits after the point."""
    if value.denominator == 1:
        return str(value.numerator)
    thousandths = f"{float(value):.6f}".rstrip("0").rstrip(".")
    return thousandths if Fraction(thousandths) == value else f"about {thousandths}"


def span(ns: int) -> str:
    """A duration."""
    return format_duration(ns)


def percent(share: Fraction) -> str:
    """A share; beyond the whole too."""
    try:
        return format_share(share)
    except ValueError:
        return f"{number(share * 100)}%"


def listed(words: tuple[str, ...] | list[str], last: str = "or") -> str:
    """``a, b or c``."""
    plain = [word.replace("_", " ") for word in words]
    if len(plain) < 2:
        return "".join(plain)
    return f"{', '.join(plain[:-1])} {last} {plain[-1]}"


def conditions(where: Condition) -> str:
    """``severity 1 or 2 and class gold``; empty where there are none."""
    named = {
        "severity": where.severity,
        "class": where.category,
        "cause": where.cause,
        "region": where.region,
        "type": where.type,
    }
    return " and ".join(f"{name} {listed(values)}" for name, values in named.items() if values)


def rounding(rule: Rounding, unit: Unit) -> str:
    """How a figure is rounded, and what that bears on."""
    step = span(int(rule.to)) if unit == "ns" else figure(rule.to, unit)
    what = "before it is compared" if rule.compare else "for display only"
    return f"rounded {MODES[rule.mode]} to {step} {what}"
