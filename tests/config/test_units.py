"""Units are exact from the text typed, and what has no unit is told which would fit."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import units
from config.options import checked


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("30s", 30 * 10**9),
        ("500ms", 500 * 10**6),
        ("1h30m", 5400 * 10**9),
        ("1h 30m", 5400 * 10**9),
        ("1.5h", 5400 * 10**9),
        ("72h", 72 * 3600 * 10**9),
        ("400d", 400 * 86400 * 10**9),
        ("2w", 14 * 86400 * 10**9),
        ("0.000000001s", 1),
        ("7us", 7000),
        ("7µs", 7000),
        ("0s", 0),
    ],
)
def test_a_duration_is_exact_nanoseconds(text: str, ns: int) -> None:
    assert units.duration(text) == ns


@pytest.mark.parametrize(
    "text",
    [
        "",
        "30",
        "s",
        "-3s",
        "1m1h",
        "1m1m",
        "1.5.2s",
        "5 minutes",
        "22:30",
        "0.1ns",
        "200y",
        "99999999999w",
        "1e3s",
        "٣s",
    ],
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"write|unit|finer|longer"):
        units.duration(text)


@pytest.mark.parametrize("value", [30, Decimal("1.5"), 1.5])
def test_a_bare_number_is_told_which_units_fit(value: object) -> None:
    with pytest.raises(ValueError, match=r"has no unit; a duration is written as .*units: ns, us, ms, s, m, h, d, w"):
        units.duration(value)
    with pytest.raises(ValueError, match=r"has no unit; a share is written as 99.9% \(units: %\)"):
        units.share(value)


@pytest.mark.parametrize("value", [None, True, [], {}])
def test_what_is_not_even_text_is_named_as_it_stands_in_the_file(value: object) -> None:
    names = {"None": "nothing", "True": "true", "[]": "a list", "{}": "a mapping"}
    for parse in (units.duration, units.share, units.size, units.amount, units.count, units.line, units.name):
        with pytest.raises(ValueError, match=f"^{names[str(value)]} is "):
            parse(value)


@given(st.integers(min_value=0, max_value=units.LONGEST))
def test_a_duration_written_is_the_duration_read(ns: int) -> None:
    assert units.duration(units.format_duration(ns)) == ns


@given(st.integers(min_value=0, max_value=10**9))
def test_a_share_written_is_the_share_read(billionths: int) -> None:
    share = Fraction(billionths, 10**9)
    assert units.share(units.format_share(share)) == share


@given(st.integers(min_value=0, max_value=2**40))
def test_a_size_written_is_the_size_read(size: int) -> None:
    assert units.size(units.format_size(size)) == size


def test_a_share_that_no_decimal_says_is_written_as_a_fraction() -> None:
    assert units.format_share(Fraction(2, 3)) == "2/3"


def test_a_duration_may_be_shown_below_zero_though_none_is_typed_so() -> None:
    assert units.format_duration(-90 * 10**9) == "-1m30s"


@pytest.mark.parametrize(
    ("text", "share"),
    [("99.9%", Fraction(999, 1000)), ("100%", Fraction(1)), ("0%", Fraction(0)), ("99.95 %", Fraction(1999, 2000))],
)
def test_a_share_is_an_exact_fraction(text: str, share: Fraction) -> None:
    assert units.share(text) == share


def test_a_share_cannot_exceed_the_whole() -> None:
    with pytest.raises(ValueError, match=r"^a share cannot exceed 100%, not '100.0001%'$"):
        units.share("100.0001%")


@pytest.mark.parametrize("text", ["99,9%", "%", "-1%", "1e2%", "nan%", "99.9%%"])
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no share; write it as 99\.9%"):
        units.share(text)


def test_sizes_tell_thousands_from_two_to_the_tenth() -> None:
    assert [units.size(text) for text in ("64KiB", "64kB", "1.5MiB", "512B")] == [65536, 64000, 1572864, 512]
    for wrong in ("64kb", "0.5B", "64", "KiB"):
        with pytest.raises(ValueError, match=r"no unit of size|whole number|units:|is no size"):
            units.size(wrong)


def test_money_keeps_the_digits_typed() -> None:
    assert str(units.amount("1200.00")) == "1200.00"
    assert units.amount(Decimal("1200.10")) == Decimal("1200.10")
    assert units.money("10.50 EUR") == (Decimal("10.50"), "EUR")


@pytest.mark.parametrize("value", ["1,200", "-5", "1e3", "nan", "12 EUR", True, ""])
def test_what_is_no_amount_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"is no amount; write it as 1200\.00"):
        units.amount(value)


@pytest.mark.parametrize("value", ["10", "EUR 10", "10 eur", "10EUR"])
def test_what_is_no_money_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match=r"write it as 10.00 EUR|has no unit"):
        units.money(value)


@pytest.mark.parametrize("word", ["yes", "no", "NO", "on", "off", "y", "True", 1, 0, None])
def test_only_true_and_false_are_a_yes_or_no(word: object) -> None:
    with pytest.raises(ValueError, match="write true or false"):
        units.boolean(word)
    assert [units.boolean(value) for value in (True, False, "true", "false")] == [True, False, True, False]


@pytest.mark.parametrize("text", ["a\r\nb", "a\x00b", "a\x1bb", "a\u2028b", " ", ""])
def test_a_line_has_no_breaks_and_is_not_empty(text: str) -> None:
    with pytest.raises(ValueError, match=r"line break or control character|is empty"):
        units.line(text)


@pytest.mark.parametrize("text", ["", "-a", ".a", "a b", "ä", "a/b", "a" * 64, "a\n"])
def test_a_name_has_a_closed_alphabet(text: str) -> None:
    with pytest.raises(ValueError, match="is no name"):
        units.name(text)
    assert units.name("a" * 63) == "a" * 63
    assert units.name("0_hq-router.fra") == "0_hq-router.fra"


@dataclass
class Options:
    every: units.Duration = 5
    share: units.Share = Fraction(1)
    size: units.Size = 0
    charge: units.Amount = Decimal(0)


def test_the_annotated_types_read_the_same_texts() -> None:
    made = checked(Options, {"every": "2s", "share": "50%", "size": "1KiB", "charge": "1.10"})
    assert made == Options(every=2 * 10**9, share=Fraction(1, 2), size=1024, charge=Decimal("1.10"))
    with pytest.raises(ValueError, match="has no unit"):
        checked(Options, {"every": 2})
