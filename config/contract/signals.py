"""``signals:`` what is counted elsewhere, by the name the contract gives it: ``errors: {counts: requests, of: [api]}``.

A signal that is not declared can be named directly, as its facts name it: ``from: counts requests``.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from config.errors import nearest, unknown
from config.names import check_name, known_names
from config.reader import Reader
from config.units import name

KEYS = ("counts", "of")


@dataclass(frozen=True, slots=True)
class Signal:
    """``counts`` is the signal's name in its facts; ``services`` those it is for, empty for all."""

    counts: str
    services: tuple[str, ...] = ()


def read_signals(reader: Reader, services: Mapping[str, object]) -> dict[str, Signal]:
    """Every signal by name. Without ``counts`` its facts are of its own name."""
    found: dict[str, Signal] = {}
    for called, entry in reader.fields():
        check_name(entry, called)
        if called in ("probes", "tickets"):
            entry.wrong(f"{called!r} is what it is; give the signal another name", entry.key)
        fields = entry.fields(KEYS)
        named = known_names(fields.at("of"), "service", services) if "of" in fields else ()
        found[called] = Signal(fields.get("counts", name, called), named)
    return found


def counted(called: str, signals: Mapping[str, Signal]) -> Signal:
    """The signal of that name, declared or as facts name it; ValueError where it is nearly one that is declared."""
    if called in signals:
        return signals[called]
    plain = name(called)
    if nearest(plain, signals):
        raise ValueError(unknown("signal", plain, signals))
    return Signal(plain)
