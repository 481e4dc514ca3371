"""What would settle an indeterminate verdict is listed, promise by promise."""

from fractions import Fraction

import pytest

from monitor.sla.missing import Missing, missing
from monitor.sla.model import Item, PromiseResult, Verdict


def result(measure: str, verdict: Verdict | None = Verdict.INDETERMINATE, **more: object) -> PromiseResult:
    """A promise ``p`` of that measure."""
    bounds = {"value": Fraction(5), "lower": Fraction(4), "upper": Fraction(6), **more}
    return PromiseResult(
        "p", "hq", "p", measure, None, "<=", Fraction(5), "ns", method="m/1", verdict=verdict, **bounds
    )  # type: ignore[arg-type]


def item(key: str, verdict: Verdict) -> Item:
    """A ticket."""
    return Item(key, 0, None, None, Fraction(1), None, verdict=verdict)


@pytest.mark.parametrize(
    ("measure", "what"),
    [
        ("total-outage", "time"),
        ("ratio", "time"),
        ("given", "figure"),
        ("requests", "counts"),
        ("counts", "counts"),
        ("samples", "observation"),
        ("latency", "observation"),
    ],
)
def test_what_is_missing_depends_on_what_is_measured(measure: str, what: str) -> None:
    assert missing(result(measure)) == (Missing(what, "p"),)  # type: ignore[arg-type]


def test_open_items_are_named_one_by_one() -> None:
    items = (item("T1", Verdict.MET), item("T2", Verdict.INDETERMINATE), item("T3", Verdict.INDETERMINATE))
    assert missing(result("each", items=items)) == (Missing("end", "T2"), Missing("end", "T3"))


def test_an_incident_that_runs_on_lacks_its_end() -> None:
    assert missing(result("longest-outage", upper=None)) == (Missing("end", "p"),)


@pytest.mark.parametrize("verdict", [Verdict.MET, Verdict.BREACHED, None])
def test_a_settled_verdict_lacks_nothing(verdict: Verdict | None) -> None:
    assert missing(result("given", verdict)) == ()
