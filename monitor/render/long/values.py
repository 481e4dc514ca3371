"""Values as the long form writes them: every text reads back to the very value, whatever form it was typed in."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from config.contract.conditions import QUALITIES
from config.contract.gives import TIME_IN_KIND
from config.contract.measures import format_value
from config.contract.money import Give
from config.contract.noun import Condition, Rounding, Unit
from config.dump import Plain
from config.periods import day_of, from_ns, start_of
from config.units import NANOSECONDS, format_duration, format_share

Clause = dict[str, Plain]

_DIGITS = 15
HOUR = NANOSECONDS["h"]


def span(ns: int) -> str:
    """A duration: ``1h30m``."""
    return format_duration(ns)


def hours(ns: int) -> str:
    """A duration without days, which on a calendar are something else: ``72h``."""
    whole, rest = divmod(ns, HOUR)
    return f"{whole}h{format_duration(rest) if rest else ''}" if whole else format_duration(rest)


def flat(ns: int) -> str:
    """A length that is the same whatever the period's: ``flat 30 days``, ``flat 730h30m``."""
    days, rest = divmod(ns, NANOSECONDS["d"])
    return f"flat {format_duration(ns)}" if rest or not days else f"flat {days} {'day' if days == 1 else 'days'}"


def words(text: str) -> str:
    """A word of ours as it is typed."""
    return text.replace("_", " ")


def number(value: Fraction) -> str:
    """An exact decimal: ``1.5``."""
    return format_share(value / 100).removesuffix("%")


def percent(value: Fraction) -> str:
    """A share; more than all of it, too: ``150%``."""
    return format_share(value)


def multiple(value: Fraction) -> Plain:
    """So many times: ``1.5``, or ``0.1%`` where that is shorter than a number may be."""
    plain = number(value)
    return Decimal(plain) if len(plain.partition(".")[2]) <= _DIGITS else percent(value)


def figure(value: Fraction, unit: Unit) -> str:
    """A value on a figure's scale."""
    match unit:
        case "ratio":
            return percent(value)
        case "ns":
            return span(int(value))
        case "business_days":
            return format_value(value, unit)
    return number(value)


def money(amount: Fraction | Decimal, currency: str | None) -> str:
    """``25.00 EUR``."""
    plain = number(Fraction(amount))
    whole, _, rest = plain.partition(".")
    return f"{whole}.{rest:0<2} {currency}" if len(rest) < 2 else f"{plain} {currency}"


def give(given: Give, currency: str | None) -> str:
    """``10%``, ``25.00 EUR``, ``1 month of charge``, ``3 service days``."""
    match given.unit:
        case "share":
            return percent(given.amount)
        case "money":
            return money(given.amount, currency)
        case "months":
            return f"{number(given.amount)} {'month' if given.amount == 1 else 'months'} of charge"
    unit = given.unit[:-1] if given.amount == 1 and given.unit in TIME_IN_KIND else given.unit
    return f"{number(given.amount)} {unit}"


def instant(ns: int, zone: ZoneInfo) -> str:
    """A date where a day begins there, otherwise the time with its offset."""
    local = from_ns(ns, zone)
    if start_of(day_of(ns, zone), zone) == ns:
        return local.date().isoformat()
    return local.isoformat()


def condition(where: Condition) -> Clause:
    """``{severity: [high], class: [gold]}``."""
    return {typed: listed(values) for typed, name in QUALITIES.items() if (values := getattr(where, name))}


def spoken(where: Condition) -> str:
    """`` while severity is high or urgent``; empty where there is no condition."""
    qualities = [(typed, getattr(where, name)) for typed, name in QUALITIES.items()]
    said = " and ".join(f"{typed} is {' or '.join(values)}" for typed, values in qualities if values)
    return f" while {said}" if said else ""


def rounding(rule: Rounding, unit: Unit, purpose: bool = True) -> Clause:
    """``{to: 0.01%, mode: half up, for: compare}``."""
    step = span(int(rule.to)) if unit == "ns" else figure(rule.to, unit)
    out: Clause = {"to": step, "mode": words(rule.mode)}
    return out | ({"for": "compare" if rule.compare else "display"} if purpose else {})


def listed(values: Sequence[str]) -> Plain:
    """A list in one place."""
    return list(values)


def kept(clause: Mapping[str, Plain]) -> Clause:
    """What the contract says; None stands for what it does not say."""
    return {key: value for key, value in clause.items() if value is not None}
