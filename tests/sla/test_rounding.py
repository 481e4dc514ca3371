"""A figure is rounded exactly, and before it is compared only where the contract says so."""

from fractions import Fraction

import pytest

from config.contract.noun import Mode, Rounding
from monitor.sla.measure import Measured
from monitor.sla.model import Item
from monitor.sla.rounding import for_comparison, rounded

PLACES = Fraction(1, 10_000)


@pytest.mark.parametrize(
    ("value", "mode", "expected"),
    [
        (Fraction(99945, 100_000), "half_up", Fraction(9995, 10_000)),
        (Fraction(999449, 1_000_000), "half_up", Fraction(9994, 10_000)),
        (Fraction(99941, 100_000), "up", Fraction(9995, 10_000)),
        (Fraction(99949, 100_000), "down", Fraction(9994, 10_000)),
        (Fraction(9994, 10_000), "up", Fraction(9994, 10_000)),
        (Fraction(9994, 10_000), "down", Fraction(9994, 10_000)),
        (Fraction(-1, 20_000), "half_up", Fraction(0)),
        (Fraction(1, 3), "half_up", Fraction(3333, 10_000)),
    ],
)
def test_a_figure_becomes_the_multiple_its_mode_picks(value: Fraction, mode: Mode, expected: Fraction) -> None:
    assert rounded(value, Rounding(to=PLACES, mode=mode)) == expected


def test_durations_are_rounded_to_whole_units() -> None:
    minute = Fraction(60 * 10**9)
    assert rounded(Fraction(61 * 10**9), Rounding(to=minute, mode="up")) == 2 * minute
    assert rounded(Fraction(119 * 10**9), Rounding(to=minute, mode="down")) == minute


def test_only_rounding_for_comparison_changes_the_figure() -> None:
    item = Item("T1", 0, None, Fraction(1, 3), Fraction(1, 3), None)
    found = Measured(Fraction(2, 3), Fraction(1, 3), None, 4, (item,))
    shown = Rounding(to=Fraction(1, 10), mode="half_up")
    assert for_comparison(found, None) is found
    assert for_comparison(found, shown) is found
    compared = for_comparison(found, shown.but(compare=True))
    assert (compared.value, compared.lower, compared.upper) == (Fraction(7, 10), Fraction(3, 10), None)
    assert (compared.items[0].value, compared.items[0].upper, compared.samples) == (Fraction(3, 10), None, 4)
