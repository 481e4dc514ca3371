"""Laws of the settlement: worse is never cheaper, nothing exceeds its cap, what is given adds up; and a second,
plainly written settlement comes to the same coins."""

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.contract.money import Combine, Credit, Flat, Floor, Give, Limit, PerUnit, Table, Tier
from monitor.sla.settle import Settled, settle
from monitor.sla.settle.money import to_money
from tests.laws.settlements import case
from tests.sla.settle.kit import HOUR, MINUTE, amounts, contract, credit, item, june, months, result, service, table

MINUTES = st.integers(min_value=0, max_value=2000)
PERCENTS = st.integers(min_value=1, max_value=150).map(lambda n: Give(amount=Fraction(n, 100)))
CHARGES = st.decimals(min_value=Decimal("0.01"), max_value=Decimal("99999"), places=2)


def total(found: Settled) -> Decimal:
    return found.total or Decimal(0)


@pytest.mark.parametrize("block", range(25))
def test_a_plain_settlement_comes_to_the_same_coins(block: int) -> None:
    for seed in range(block * 80, block * 80 + 80):
        one = case(seed)
        ours = [
            (line.id, line.service, line.item, line.withheld is not None, line.amount) for line in one.settled().lines
        ]
        theirs = [(w.credit, w.service, w.item, w.held, Decimal(w.cents) / 100) for w in one.expected()]
        assert ours == theirs, seed


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """A table on availability whose rows pay more for worse."""
    edges = sorted(draw(st.sets(st.integers(min_value=5000, max_value=9999), min_size=1, max_size=5)), reverse=True)
    gives = sorted(draw(st.lists(st.integers(min_value=1, max_value=100), min_size=5, max_size=5)))
    rows = [
        Tier(
            operator=draw(st.sampled_from(("<", "<="))), edge=Fraction(edge, 10_000), give=Give(amount=Fraction(g, 100))
        )
        for edge, g in zip(edges, gives, strict=False)
    ]
    return Table(rows=tuple(rows))


@given(tables(), MINUTES, MINUTES, CHARGES)
def test_less_uptime_never_earns_less(rows: Table, some: int, more: int, charge: Decimal) -> None:
    def paid(down: int) -> Decimal:
        value = 1 - Fraction(down, 43_200)
        found = replace(result("availability", "100%", ">= 100%"), value=value, lower=value, upper=value)
        broken = result("x", "5h", "<= 4h")
        one = Credit(id="c", promises=("x",), by="availability", shape=rows)
        return total(june(contract(one, services=(service(charge=str(charge)),)), broken, found))

    least, most = sorted((some, more))
    assert paid(least) <= paid(most)


@given(MINUTES, MINUTES, st.sampled_from(("started", "full", "pro_rata")), st.integers(min_value=1, max_value=400))
def test_more_downtime_never_earns_less_by_units(some: int, more: int, how: str, unit: int) -> None:
    shape = PerUnit(give=Give(amount=Fraction(1, 70)), unit=Fraction(unit * MINUTE), count=how)

    def paid(down: int) -> Decimal:
        return total(june(contract(credit(shape, id="c", by="down")), result("down", f"{down}m", "<= 4h")))

    least, most = sorted((some, more))
    assert paid(least) <= paid(most)


@given(st.lists(PERCENTS, min_size=1, max_size=5), PERCENTS, CHARGES, st.sampled_from(("service", "contract")))
def test_a_cap_of_a_period_is_never_exceeded(gives: list[Give], most: Give, charge: Decimal, of: str) -> None:
    credits = [credit(Flat(give=give), f"p{i}") for i, give in enumerate(gives)]
    broken = [result(f"p{i}", "5h", "<= 4h", service=name) for i in range(len(gives)) for name in ("a", "b")]
    services = (service("a", str(charge)), service("b", "17.77"))
    found = june(contract(*credits, services=services, caps=(Limit(give=most, of=of),)), *broken)
    paid: dict[str, Decimal] = defaultdict(Decimal)
    for line in found.lines:
        paid[line.service] += line.amount or 0
    costs = {"a": Fraction(charge), "b": Fraction("17.77")}
    if of == "contract":
        paid, costs = (
            defaultdict(Decimal, all=sum(paid.values(), Decimal(0))),
            {"all": sum(costs.values(), Fraction(0))},
        )
    assert all(amount <= to_money(most.amount * costs[name], "EUR") for name, amount in paid.items())


@given(st.lists(st.integers(min_value=0, max_value=900), min_size=1, max_size=6), PERCENTS, CHARGES)
def test_a_cap_per_outage_bounds_each_and_the_parts_are_added(lengths: list[int], most: Give, charge: Decimal) -> None:
    items = tuple(item(f"o{i}", f"{n}m", start=f"2026-06-{i + 1:02d}T00:00") for i, n in enumerate(lengths))
    repair = result("repair", "15h", "<= 30h", items=items)
    shape = PerUnit(give=Give(amount=Fraction(7, 100)), unit=Fraction(HOUR), count="started")
    per = credit(shape, id="c", by="repair", per="outage")
    services = (service(charge=str(charge)),)
    found = june(contract(per, services=services, caps=(Limit(give=most, each="outage"),)), repair)
    each = [min(Fraction(7, 100) * -(-n // 60), most.amount) * Fraction(charge) for n in lengths if n]
    assert [Decimal(text) for text in amounts(found)] == [to_money(amount, "EUR") for amount in each]


@settings(max_examples=40)
@given(st.lists(st.booleans(), min_size=1, max_size=9), st.integers(min_value=1, max_value=300), st.integers(1, 5))
def test_a_cap_over_a_window_is_never_exceeded(history: list[bool], most: int, length: int) -> None:
    """In whatever order months are good or bad: any window of so many of them stays within the cap."""
    cap = Limit(give=Give(amount=Fraction(most), unit="money"), per=f"trailing {length} months")
    terms = contract(credit(Flat(give=Give(amount=Fraction(10, 100))), "a"), caps=(cap,))
    found = [(result("a", "5h" if bad else "3h", "<= 4h"),) for bad in history]
    paid = [total(settle(months(terms, *found[: n + 1]))) for n in range(len(found))]
    # the last month is June whatever the history is long, so each prefix is settled as a chain of its own
    assert all(sum(paid[n + 1 - length if n + 1 > length else 0 : n + 1]) <= most for n in range(len(paid)))


@given(st.lists(PERCENTS, min_size=2, max_size=4), CHARGES)
def test_the_greatest_is_no_more_than_all_and_no_less_than_any(gives: list[Give], charge: Decimal) -> None:
    credits = [credit(Flat(give=give), f"p{i}") for i, give in enumerate(gives)]
    broken = [result(f"p{i}", "5h", "<= 4h") for i in range(len(gives))]
    ids = tuple(one.id for one in credits)
    services, off = (service(charge=str(charge)),), (Limit(give=Give(amount=Fraction(10**9), unit="money")),)

    def paid(*rules: Combine) -> Decimal:
        return total(june(contract(*credits, services=services, combine=rules, caps=off), *broken))

    each = [to_money(give.amount * Fraction(charge), "EUR") for give in gives]
    assert paid(Combine(credits=ids, take="greatest")) == max(each)
    assert paid(Combine(credits=ids, take="sum")) == sum(each)
    assert paid(Combine(credits=ids, take="one")) == each[0]


@given(PERCENTS, CHARGES, st.decimals(min_value=Decimal("0.01"), max_value=Decimal("500"), places=2))
def test_a_floor_gives_nothing_or_more_than_itself(give: Give, charge: Decimal, floor: Decimal) -> None:
    terms = contract(credit(Flat(give=give), "a"), services=(service(charge=str(charge)),), floor=Floor(amount=floor))
    found = june(terms, result("a", "5h", "<= 4h"))
    exact = min(give.amount, Fraction(1)) * Fraction(charge)
    assert (found.total is None) == (exact <= Fraction(floor))
    assert len(found.lines) == 1


def test_a_table_read_for_the_whole_is_not_one_read_for_each() -> None:
    """Three of ten minutes are 5 % each; thirty minutes at once are 5 %."""
    items = tuple(item(f"o{i}", "10m", start=f"2026-06-{i + 1:02d}T00:00") for i in range(3))
    rows = table(">= 5m: 5%", ">= 4h: 10%")
    repair, down = result("repair", "10m", "<= 1h", items=items), result("down", "30m", "<= 1h")
    assert total(june(contract(credit(rows, id="c", by="repair", per="outage")), repair)) == Decimal("150.00")
    assert total(june(contract(credit(rows, id="c", by="down")), down)) == Decimal("50.00")
