"""Which charge a share is of: the text's, those told since, the greatest or the sum of several, earlier ones."""

from decimal import Decimal
from fractions import Fraction

import pytest

from config.contract.money import ChargeBase
from monitor.sla.facts import ChargeFact
from monitor.sla.settle.bases import base_of
from monitor.sla.settle.charges import charges
from tests.sla.settle.kit import contract, months, service

PORT = service("port", None, charges=(("mrc", Decimal("4000.00")), ("usage", Decimal("500.00"))))
BOTH = (PORT, service("line", "100.00"))


def told(name: str, amount: int, label: str = "2026-06", currency: str = "EUR", of: str = "port") -> ChargeFact:
    return ChargeFact(of, name, label, Fraction(amount), currency)


@pytest.mark.parametrize(
    ("base", "amount"),
    [
        (ChargeBase(), 4500),
        (ChargeBase(of=("mrc",)), 4000),
        (ChargeBase(of=("mrc", "usage"), pick="greatest"), 4000),
        (ChargeBase(of=("mrc", "usage"), pick="least"), 500),
        (ChargeBase(of=("mrc", "usage"), pick="sum"), 4500),
        (ChargeBase(of=("setup",)), None),
        (ChargeBase(of=("line.charge",)), 100),
        (ChargeBase(amount=Decimal("77.50")), Fraction("77.5")),
        (ChargeBase(contract=True), 4600),
    ],
)
def test_a_base_picks_among_the_charges(base: ChargeBase, amount: int | None) -> None:
    assert base_of(base, months(contract(services=BOTH), ()), "port").amount == amount


def test_earlier_periods_are_bases_without_being_judged() -> None:
    facts = [told("mrc", 900, "2026-05"), told("mrc", 1200, "2026-04")]
    judged = months(contract(services=BOTH), (), facts=facts)
    assert base_of(ChargeBase(of=("mrc",), back=1), judged, "port").amount == 900
    assert base_of(ChargeBase(of=("mrc",), back=3), judged, "port").amount == Fraction(900 + 1200 + 4000, 3)


def test_what_is_told_replaces_the_charge_of_its_name_and_adds_others() -> None:
    found = charges(contract(services=BOTH), "2026-06", [told("usage", 700), told("extra", 1), told("extra", 2)])
    assert found["port"] == {"mrc": 4000, "usage": 700, "extra": 3, "charge": 4703}
    assert found["line"] == {"charge": 100}


def test_of_a_service_with_one_plain_charge_all_that_is_told_replaces_it() -> None:
    found = charges(contract(services=BOTH), "2026-06", [told("mrc", 200, of="line"), told("usage", 1, of="line")])
    assert found["line"]["charge"] == 201
    found = charges(contract(services=BOTH), "2026-06", [told("charge", 90, of="line"), told("usage", 1, of="line")])
    assert found["line"] == {"charge": 90, "usage": 1}


def test_charges_of_two_currencies_do_not_add_up() -> None:
    found = charges(contract(services=BOTH), "2026-06", [told("usage", 1, currency="USD")])
    assert [found["port"][name] for name in ("usage", "charge", "mrc")] == [None, None, 4000]
