"""A statement reads in the customer's language: every word of ours, numbers, money and dates; never other digits."""

from dataclasses import replace
from decimal import Decimal
from string import Formatter
from zoneinfo import ZoneInfo

import pytest

from monitor.render import statement_text
from monitor.render.language import Language
from monitor.render.languages import LANGUAGES, en
from tests.render.test_golden import BY_HAND, statement_of

DE = LANGUAGES["de"]
BERLIN = ZoneInfo("Europe/Berlin")


def places(text: str) -> set[str]:
    """The named places of a text."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=lambda one: one.code)
def test_a_language_has_every_text_with_the_same_places(language: Language) -> None:
    assert language.texts.keys() == en.TEXTS.keys()
    for key, text in en.TEXTS.items():
        assert places(language.texts[key]) == places(text), key


def test_a_german_statement_reads_in_german() -> None:
    text = statement_text.render(replace(statement_of("maintenance"), language="de"))
    assert text.splitlines()[:3] == [
        "Abrechnung 2026-10-05 zum Vertrag acme (Fassung 1, nicht ausgestellt)",
        "ExampleNet für ACME GmbH",
        "05.10.2026 00:00:00 +00:00 – 06.10.2026 00:00:00 +00:00 (24h00m00s), UTC",
    ]
    assert (
        "  Verfügbarkeit 99,791 % (zugesagt 99,9 %): Ausfall 3m00s, ausgenommen 2m00s geplante Wartung, "
        "Beobachtung hoch → verletzt"
    ) in text
    assert (
        "hq: 05.10.2026 10:02:00 – 10:04:00 +00:00 (2m00s): M1, geplante Wartung, 2m00s aus der Bezugszeit genommen, "
        "angekündigt 01.10.2026 00:00:00 +00:00, von noc, router swap"
    ) in text


@pytest.mark.parametrize("name", sorted(BY_HAND))
def test_languages_differ_in_words_and_signs_but_never_in_digits(name: str) -> None:
    """The digits of both texts, dates aside, are the same in the same order."""
    statement = statement_of(name)
    digits = []
    for language in LANGUAGES.values():
        plain = replace(language, date="")
        digits.append([sign for sign in statement_text.render(statement, plain) if sign.isdigit()])
    assert digits[0] == digits[1]


def test_money_is_written_as_the_language_writes_it() -> None:
    assert DE.money(Decimal("1234567.80"), "EUR") == "1.234.567,80 EUR"
    assert DE.money(Decimal("-120"), "JPY") == "-120 JPY"
    assert LANGUAGES["en"].money(Decimal("1234567.80"), "EUR") == "1234567.80 EUR"


def test_a_moment_keeps_its_offset_on_the_night_the_clocks_change() -> None:
    """2026-10-25 00:30Z and 01:30Z are both 2:30 in Berlin."""
    first = 1_792_888_200 * 10**9
    assert DE.moment(first, BERLIN) == "25.10.2026 02:30:00 +02:00"
    assert DE.moment(first + 3600 * 10**9, BERLIN) == "25.10.2026 02:30:00 +01:00"
    assert DE.moment(first + 250_000_000, BERLIN) == "25.10.2026 02:30:00,250 +02:00"


def test_only_decimal_numbers_change_their_sign() -> None:
    said = DE.number("99.5 % of 0.25 s by latency/1.2, 2026.7 from 192.0.2.7 at 10:00:00.5")
    assert said.startswith("99,5 % of 0,25 s by latency/1.2, 2026,7 from")
    assert "192.0.2.7" in said
