"""The shapes of a credit besides a table: an amount per unit, a part of the base, a flat amount, brackets.

    per unit: {unit: 30m, of: down, count: started, beyond: 2h, give: 5%, at most: 100%}
    per unit: 5% per started 30m beyond 2h
    pro rata: {of: down, times: 10, over: flat 30 days, round fraction: 4 places}
    flat: 10%
    brackets: [{up to: 2h, unit: 1h, count: full, give: 1 service hour}, {unit: 1h, count: pro rata, give: …}]

Each takes the figure it reads; which figure that is, its ``of`` says beside ``by`` (``config.contract.figures``).
"""

import re
from fractions import Fraction
from typing import Literal

from config.contract.figures import Figure
from config.contract.gives import GIVE_PATTERN, give, multiple, something, two_kinds
from config.contract.measure_fields import MODES, flat, meant
from config.contract.money import Bracket, Brackets, Count, Flat, Give, PerUnit, ProRata
from config.contract.noun import Rounding
from config.reader import Fields, Reader
from config.units import DURATION_PATTERN, said

PER_UNIT_KEYS = ("unit", "of", "count", "beyond", "give", "at most")
PRO_RATA_KEYS = ("of", "times", "over", "round fraction", "give")
BRACKET_KEYS = ("up to", "unit", "count", "give")
TAIL_KEYS = ("beyond", "unit", "count", "give")
COUNTS: dict[str, Count] = {"started": "started", "full": "full", "pro rata": "pro_rata"}
PER_UNIT_PATTERN = rf"{GIVE_PATTERN} per (?:started|full|pro rata) .+? beyond .+"
OVER_PATTERN = rf"(?:period|base|flat (?:[0-9]{{1,4}} days?|{DURATION_PATTERN[1:-1]})|mean of [0-9]{{1,2}} periods?)"
PLACES_PATTERN = r"[0-9]{1,2} places?(?: (?:half up|up|down))?"

LONGEST = 200

_PER_UNIT = re.compile(r"(.+?) per (?:(started|full|pro rata) )?(.+?)(?: beyond (.+))?")
_MEAN_OVER = re.compile(r"mean of ([0-9]{1,2}) periods?")
_PLACES = re.compile(r"([0-9]{1,2}) places?(?: (half up|up|down))?")
_KIND = re.compile(r"[a-z]+(?: [a-z]+){0,3}")
_PARTS = "'count: started', 'count: full' or 'count: pro rata'"


def count(value: object) -> Count:
    """Whether a part of a unit counts: as a whole one, not at all, or as the part it is."""
    return meant(value, "way to count units", COUNTS)


def read_per_unit(reader: Reader, figure: Figure, currency: str | None, promised: bool) -> PerUnit | None:
    """An amount for each unit. ``promised``: there is a promise that allows something, for ``beyond: promise``."""
    if not isinstance(reader.node.value, dict):
        return reader.read(lambda value: per_unit_line(value, figure, currency, promised), None)
    fields = reader.fields(PER_UNIT_KEYS)
    if fields.broken:
        return None
    found = _units(fields, figure, currency)
    beyond, allowed = fields.get("beyond", lambda value: _beyond(value, figure, promised), (Fraction(0), False))
    if found is None:
        return None
    unit, how, given = found
    return PerUnit(give=given, unit=unit, count=how, beyond=beyond, promised=allowed)


def _units(fields: Fields, figure: Figure, currency: str | None) -> tuple[Fraction, Count, Give] | None:
    """The unit, how parts of one count, and what each gives."""
    unit = fields.need("unit", figure.size, "unit: 1h" if figure.unit == "ns" else "unit: 1%")
    if "count" not in fields:
        at = fields.reader
        at.wrong(f"leaves open whether a part of a unit counts; write {_PARTS}", at.key)
    how = fields.get("count", count, None)
    given = fields.need("give", lambda value: something(value, currency), "give: 5%")
    return None if unit is None or how is None or given is None else (unit, how, given)


def _beyond(value: object, figure: Figure, promised: bool) -> tuple[Fraction, bool]:
    if value == "promise":
        if not promised:
            raise ValueError("'promise': there is no promise that allows something; name it with 'for'")
        if figure.relation != "figure" or figure.points_of is not None:
            raise ValueError(f"'promise': {figure.relation.replace('_', ' ')} is beyond it already; leave it out")
        return Fraction(0), True
    return figure.read(value), False


def per_unit_line(value: object, figure: Figure, currency: str | None, promised: bool) -> PerUnit:
    """``5% per started hour beyond 4h``; whether a part counts, and from where, have to be said."""
    text = " ".join(value.split()) if isinstance(value, str) else ""
    found = _PER_UNIT.fullmatch(text) if len(text) <= LONGEST else None
    if not found:
        raise ValueError(f"{said(value)} is no amount per unit; write it as '5% per started hour beyond 4h'")
    given, part, unit, beyond = found.groups()
    if part is None:
        raise ValueError(f"{value!r} leaves open whether a part of one counts; write 'per started' or 'per full'")
    if beyond is None:
        raise ValueError(f"{value!r} leaves open from where it counts; write 'beyond 0s' or 'beyond promise'")
    after, allowed = _beyond(beyond, figure, promised)
    return PerUnit(
        give=something(given, currency), unit=figure.size(unit), count=count(part), beyond=after, promised=allowed
    )


def read_pro_rata(reader: Reader, figure: Figure) -> ProRata | None:
    """A part of the base, for time that was lost, or for a share of it."""
    fields = reader.fields(PRO_RATA_KEYS)
    if fields.broken:
        return None
    if figure.unit not in ("ns", "ratio") or figure.unlimited:
        reader.wrong("needs a measure of time, as in 'of: total outage', or of a share of it", reader.key)
        return None
    flat, back, judged = fields.get("over", _over, (None, 0, False))
    return ProRata(
        times=fields.get("times", _times, Fraction(1)),
        flat=flat,
        back=back,
        judged=judged,
        round=fields.get("round fraction", _places, None),
        unit=fields.get("give", _counted, "share"),
    )


def _times(value: object) -> Fraction:
    found = multiple(value)
    if found <= 0:
        raise ValueError(f"{said(value)} times pays nothing; write it as 10")
    return found


def _over(value: object) -> tuple[int | None, int, bool]:
    """The length a part is of: flat ns, the mean of so many periods before, or the base of the period alone."""
    words = " ".join(value.split()) if isinstance(value, str) else ""
    mean = _MEAN_OVER.fullmatch(words)
    if words in ("period", "base"):
        return None, 0, words == "base"
    if length := flat(words):
        return length, 0, False
    if mean and int(mean[1]):
        return None, int(mean[1]), False
    raise ValueError(f"{said(value)} is no length; write period, base, flat 30 days or mean of 4 periods")


def _places(value: object) -> Rounding:
    found = _PLACES.fullmatch(" ".join(value.split())) if isinstance(value, str) else None
    if not found or int(found[1]) > 15:
        raise ValueError(f"{said(value)} is no rounding of a fraction; write it as 4 places or 4 places down")
    return Rounding(to=Fraction(1, 10 ** int(found[1])), mode=MODES[found[2] or "half up"], compare=True)


def _counted(value: object) -> str:
    """What the base counts where it is no money."""
    if isinstance(value, str) and _KIND.fullmatch(value):
        return give(f"2 {value}", None).unit
    raise ValueError(f"{said(value)} is nothing that a base counts; write it as transactions, or leave it out")


def read_flat(reader: Reader, currency: str | None) -> Flat | None:
    """The same for every breach."""
    given = reader.read(lambda value: something(value, currency), None)
    return None if given is None else Flat(give=given)


def read_brackets(
    reader: Reader, figure: Figure, currency: str | None, mode: Literal["total", "marginal"]
) -> Brackets | None:
    """Units at rates that change on the way; the last bracket has no end."""
    rows: list[Bracket] = []
    items = reader.items()
    for place, item in enumerate(items):
        fields = item.fields(BRACKET_KEYS)
        if fields.broken:
            continue
        found = _units(fields, figure, currency)
        end = fields.get("up to", figure.read, None)
        last = place == len(items) - 1
        if last and "up to" in fields:
            fields.at("up to").wrong(
                "is the end of the last bracket; leave it out, or write one more", fields.at("up to").key
            )
        elif not last and "up to" not in fields:
            item.wrong("has no end, and brackets follow it; write 'up to: 2h'")
        elif rows and end is not None and rows[-1].up_to is not None and end <= rows[-1].up_to:
            fields.at("up to").wrong("does not come after the bracket before it; write them in their order")
        elif found is not None and rows and found[2].unit != rows[0].give.unit:
            fields.at("give").wrong(two_kinds(found[2], rows[0].give, "bracket before"))
        if found is not None:
            rows.append(Bracket(up_to=end, unit=found[0], count=found[1], give=found[2]))
    if reader.node.value == []:
        reader.wrong("is empty; write '- {up to: 2h, unit: 1h, count: full, give: 5%}'", reader.key)
    return Brackets(rows=tuple(rows), marginal=mode == "marginal") if rows else None


def read_tail(reader: Reader, figure: Figure, currency: str | None) -> PerUnit | None:
    """Units beyond a table, added to its last row."""
    fields = reader.fields(TAIL_KEYS)
    if fields.broken:
        return None
    beyond = fields.need("beyond", figure.read, "beyond: 6h")
    found = _units(fields, figure, currency)
    if found is None or beyond is None:
        return None
    return PerUnit(give=found[2], unit=found[0], count=found[1], beyond=beyond)
