"""What the JSON Schema of a contract says of measures and promises: patterns for the one-line forms.

A promise may be made on any measure that the contract defines, of which a pattern cannot know; where it defines none,
the line is held to the standard measures.
"""

from config.contract import measure_fields as fields
from config.contract.conditions import QUALITIES
from config.contract.measure_kinds import KINDS
from config.contract.measure_rules import COMMON, NAME_PATTERN
from config.contract.measures import DESK, FORMS, SHARE_UNDER, Form
from config.contract.promises import KEYS
from config.contract.terms import ID_PATTERN
from config.period_kinds import PATTERN as PERIOD
from config.units import DURATION_PATTERN, LINE_PATTERN, SHARE_PATTERN
from config.units import NAME_PATTERN as NAMED_PATTERN

Schema = dict[str, object]

_DURATION = DURATION_PATTERN[1:-1]
_BUSINESS = r"[0-9]{1,4}(\.[0-9]{1,3})? +(consecutive +)?business +(day|hour|minute)s?"
_TIME = rf"({_DURATION}|{_BUSINESS})"
_STATISTIC = r"((mean|median|max|p[0-9]{1,2}(\.[0-9]{1,3})?)[ _]+)?"
_VALUE = {"ratio": SHARE_PATTERN[1:-1], "ns": _TIME, "count": "[0-9]+"}
_SIGN = r"\s*(<=|>=|==|<|>|≤|≥)\s*"


def _promised(form: Form) -> str:
    """What is measured and the figure in its unit."""
    words = form.words.replace(" ", "[ _]+")
    if form is SHARE_UNDER:
        words = rf"share[ _]+of[ _]+samples[ _]+under[ _]+{_DURATION}"
    elif form.unit == "count":
        words += rf"([ _]+over[ _]+{_DURATION})?"
    statistic = _STATISTIC if form.statistic else ""
    return rf"{statistic}{words}{_SIGN}{_VALUE[form.unit]}"


_SHARE = rf"share[ _]+of[ _]+tickets[ _]+(answered|resolved)[ _]+within[ _]+{_TIME}{_SIGN}{_VALUE['ratio']}"
_STANDARD = (*FORMS.values(), SHARE_UNDER, *(form for form, _ in DESK.values()))
_PROMISED = "|".join((*(_promised(form) for form in _STANDARD), _SHARE))
_NAMED = NAMED_PATTERN[1:-1]
_OF = rf"\s+of\s+{_NAMED}(\s*,\s*{_NAMED})*"
_PER = rf"\s+per\s+{PERIOD}"
PROMISE_PATTERN = rf"^\s*({_PROMISED})({_OF})?({_PER})?({_OF})?(\s+while\s+.+)?\s*$"
ANY_PROMISE = rf"^[^<>=≤≥]*[^<>=≤≥\s]{_SIGN}[^<>=≤≥]+$"


def _text(pattern: str, description: str, *examples: str) -> Schema:
    return {"type": "string", "pattern": pattern, "description": description, "examples": list(examples)}


def _some(one: Schema, description: str) -> Schema:
    """One of them, or a list."""
    return {"anyOf": [one, {"type": "array", "minItems": 1, "items": one}], "description": description}


def _chosen(description: str, *words: str) -> Schema:
    return {"enum": [*words, *(word.replace(" ", "_") for word in words if " " in word)], "description": description}


_NAME = _text(NAMED_PATTERN, "A name.")
_FLAG: Schema = {"anyOf": [{"type": "boolean"}, {"enum": ["yes", "no"]}]}


def condition() -> Schema:
    """``if:`` on any clause."""
    value: Schema = {"anyOf": [{"type": "integer"}, {"type": "string", "minLength": 1}]}
    properties = {quality: _some(value, f"Only where its {quality} is this, or one of these.") for quality in QUALITIES}
    return {
        "type": "object",
        "minProperties": 1,
        "properties": properties,
        "additionalProperties": False,
        "description": "What it is about: every quality named has to fit.",
    }


def promises() -> Schema:
    """The list, with any measure in its lines."""
    line = _text(ANY_PROMISE, "[statistic] measure operator value [of service, …] [per period] [while condition]")
    given: dict[str, Schema] = {
        "id": _text(f"^{ID_PATTERN}$", "Instead of the slug of what is measured."),
        "promise": line | {"examples": [form.example for form in _STANDARD]},
        "if": condition(),
        "clock": _text(NAMED_PATTERN, "The calendar whose hours count.", "office"),
        "per": _text(rf"^{PERIOD}$", "Judged in each such part of the period.", "day"),
        "replaces": _text(LINE_PATTERN, "The promise it stands instead of, where its condition holds."),
        "by": _chosen("Who promises; default provider.", "provider", "customer"),
    }
    assert given.keys() == set(KEYS)
    mapping = {"type": "object", "properties": given, "required": ["promise"], "additionalProperties": False}
    return {"type": "array", "minItems": 1, "items": {"anyOf": [line, mapping]}, "description": "One line each."}


def only_standard() -> Schema:
    """What is asked besides of a contract whose text is all there and defines no measure."""
    other: Schema = {"anyOf": [{"required": [key]} for key in ("measures", "inherits", "revisions", "template")]}
    line = _text(PROMISE_PATTERN, "A promise on a standard measure.", *(form.example for form in _STANDARD))
    held: Schema = {"type": "object", "properties": {"promise": line}}
    promised = {"type": "array", "items": {"anyOf": [line, held]}}
    return {"if": other, "else": {"properties": {"promises": promised}}}


def measures() -> Schema:
    """``measures:`` by name."""
    entry: Schema = {
        "type": "object",
        "properties": {**_kinds(), **_parameters()},
        "additionalProperties": False,
        "anyOf": [{"required": [kind]} for kind in KINDS],
    }
    return {
        "type": "object",
        "propertyNames": {"pattern": f"^ *{NAME_PATTERN.replace(' ', ' +')} *$"},
        "additionalProperties": entry,
        "description": "What is measured in the contract's own words; a name stands instead of a standard measure's.",
    }


def _kinds() -> dict[str, Schema]:
    outage = _text(LINE_PATTERN, "An outage that the contract defines.", "outage")
    signal = _text(LINE_PATTERN, "The signal of counts facts.", "requests")
    sampled = [form.words for form in FORMS.values() if form.needs != "state"]
    limit = _text(f"^{_TIME}$", "Within which a ticket has to do it.", "4h")
    found: dict[str, Schema] = {
        "ratio": outage | {"description": "The share of the base in which there was no such outage."},
        "requests": signal | {"description": "1 − the error ratio of what was counted."},
        "counts": signal | {"description": "1 − failed / total over the period, or one of the two numbers ('of')."},
        "total": outage | {"description": "All such outages, added up."},
        "longest": outage | {"description": "The longest such outage."},
        "count": outage | {"description": "How many such outages there were."},
        "each": _text(LINE_PATTERN, "Every outage, or every ticket's leg, by itself.", *fields.LEGS),
        "share of tickets": {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": limit,
            "description": "The share of tickets that kept the limits of all legs named.",
        },
        "samples": _chosen("A statistic of what samples bring.", *sampled),
        "given": _text(LINE_PATTERN, "Figures counted elsewhere: the measure of value facts.", "csat"),
    }
    assert found.keys() == KINDS.keys()
    return found


def _parameters() -> dict[str, Schema]:
    stat = _text(LINE_PATTERN, "mean, median, max, p95, share within 4h; default: each by itself, or the mean.", "p95")
    step: Schema = {"anyOf": [{"type": "number"}, {"type": "string"}]}
    rounding = {"type": "object", "properties": {"to": step, "mode": _text(LINE_PATTERN, ""), "for": _text("", "")}}
    duration = _text(DURATION_PATTERN, "A duration.", "5m")
    found: dict[str, Schema] = {
        "of": _some(_NAME, "The services; default all. For counts also 'failed' or 'total': the number itself."),
        "pool": _FLAG | {"description": "One figure of all its services together."},
        "over": _text(rf"^{PERIOD}$", "A period of its own, ending with the contract's.", "trailing 30 days"),
        "per": _text(rf"^{PERIOD}$", "Measured in each such part of the period.", "day"),
        "if": condition(),
        "clock": _text(NAMED_PATTERN, "The calendar whose hours count.", "office"),
        "round": {"anyOf": [_text(LINE_PATTERN, "", "0.01% half up for compare"), rounding]},
        "unknown": _chosen("What unknown time counts as.", "indeterminate", "up", "down", "exclude"),
        "base": _text(LINE_PATTERN, "actual, flat 30 days, existing or scheduled CALENDAR.", "flat 30 days"),
        "absent": _chosen("Time before and after a service existed; default shrink.", "shrink", "up"),
        "bucket": duration | {"description": "The length of the parts that are taken by themselves."},
        "aggregate": _chosen("Default ratio of sums.", "mean of ratios", "ratio of sums"),
        "number": _chosen("What is taken of the counts; default share.", "share", "failed", "total"),
        "empty": _chosen("What a bucket is in which nothing was counted.", "good", "bad", "skip", "carry"),
        "beyond": _text(
            rf"^(allowance|{_DURATION})$", "What is taken off; allowance: what the promise allows.", "216m"
        ),
        "weighted": _FLAG | {"description": "Whether outages count by their weight."},
        "longer than": duration | {"description": "Only outages longer than that are counted."},
        "at least": duration | {"description": "Only outages of at least that are counted."},
        "stat": stat,
        "less": _chosen("Time taken off each.", "excluded"),
        "skip": _some(_text(LINE_PATTERN, ""), "Outages whose time leaves samples out."),
        "of bins": stat | {"description": "The statistic of the buckets; default mean."},
        "unit": _chosen("How given figures are written.", *fields.GIVEN_UNITS),
    }
    assert found.keys() == {*COMMON, *(key for kind in KINDS.values() for key in kind.keys)}
    return found
