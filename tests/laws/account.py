"""A live account beside the statement that a recomputation gives."""

from fractions import Fraction
from typing import Any

from monitor.sla.model import Statement


def unlike(account: dict[str, Any], statement: Statement) -> list[str]:
    """Where they differ, as lines to read."""
    out = []
    for figures in statement.services:
        mine = account["services"][figures.service]
        theirs = (figures.up, figures.down, figures.unknown - figures.pending, figures.excluded)
        got = tuple(int(mine[name]) for name in ("up_ns", "down_ns", "unknown_ns", "excluded_ns"))
        out += [f"{figures.service} {got} != {theirs}"] if got != theirs else []
    results = {(result.service, result.id): result for result in statement.promises}
    for promise in account["promises"]:
        result = results[promise["service"], promise["id"]]
        for name in ("value", "lower", "upper"):
            got, expected = _fraction(promise[name]), getattr(result, name)
            out += [f"{result.id} {name} {got} != {expected}"] if got != expected else []
        if promise["verdict"] != (result.verdict and result.verdict.value):
            out.append(f"{result.id} verdict {promise['verdict']} != {result.verdict}")
    return out


def _fraction(value: dict[str, str] | None) -> Fraction | None:
    return None if value is None else Fraction(value["exact"])
