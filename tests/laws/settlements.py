"""Random contracts and results from a seed, for settling: every common shape, limits of all sorts, odd amounts."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from random import Random

from config.contract.model import Contract, Service
from config.contract.money import (
    Bracket,
    Brackets,
    Combine,
    Credit,
    Factor,
    Flat,
    Floor,
    Give,
    Limit,
    PerUnit,
    ProRata,
    Shape,
    Table,
    Tier,
)
from config.contract.noun import Condition, Rounding
from monitor.sla.model import Item, PromiseResult
from monitor.sla.settle import Settled, settle
from monitor.sla.verdict import judge
from tests.oracle.settlement import Line, settlement
from tests.sla.settle.kit import DAY, HOUR, MINUTE, at, contract, months

LENGTH = 30 * DAY
COUNTS = ("started", "full", "pro_rata")


@dataclass(frozen=True)
class Case:
    """One contract and what was found in June. ``seed`` makes it again."""

    seed: int
    contract: Contract
    results: tuple[PromiseResult, ...]

    def settled(self) -> Settled:
        return settle(months(self.contract, self.results))

    def expected(self) -> list[Line]:
        costs = {service.name: Fraction(service.charge or 0) for service in self.contract.services}
        return settlement(self.contract, LENGTH, self.results, costs)


def case(seed: int) -> Case:
    """The case of that seed."""
    rng = Random(seed)
    services = tuple(
        Service(name=name, charge=Decimal(rng.randrange(100, 500_000)) / 100, category=rng.choice(("c1", "c2", None)))
        for name in ("hq", "line")[: rng.choice((1, 1, 2))]
    )
    kinds = {f"p{i}": rng.choice(("ratio", "ns", "ns")) for i in range(rng.randint(1, 4))}
    results = tuple(_result(rng, id, unit, s.name) for id, unit in kinds.items() for s in services)
    credits = tuple(_credit(rng, id, unit) for id, unit in kinds.items())
    terms = contract(
        *credits,
        services=services,
        combine=_combine(rng, tuple(kinds)),
        caps=tuple(_limit(rng, tuple(kinds)) for _ in range(rng.choice((0, 0, 1, 2)))),
        floor=rng.choice((None, None, Floor(amount=Decimal("50.00"), suppress=rng.random() < 0.5))),
    )
    return Case(seed, terms, results)


def _result(rng: Random, id: str, unit: str, service: str) -> PromiseResult:
    ratio = unit == "ratio"
    operator, target = (">=", Fraction(99, 100)) if ratio else ("<=", Fraction(4 * HOUR))
    items = () if ratio else tuple(_item(rng, id, number, target) for number in range(rng.randint(1, 4)))
    value = Fraction(rng.randrange(90_000, 100_001), 100_000) if ratio else Fraction(rng.randrange(2000) * MINUTE)
    slack = rng.choice((0, 0, 1)) * (Fraction(rng.randrange(100), 10_000) if ratio else rng.randrange(60) * MINUTE)
    lower, upper = max(Fraction(0), value - slack), value + slack
    if items:
        lower = upper = value = max(item.value or Fraction(0) for item in items)
    verdict = judge(operator, target, lower, upper)
    named = f"{id} {operator} {target}"
    return PromiseResult(
        *(id, service, named, "given", None, operator, target, "ratio" if ratio else "ns"),
        *(value, lower, upper, verdict, "given/1"),
        items=items,
    )


def _item(rng: Random, id: str, number: int, target: Fraction) -> Item:
    length = rng.randrange(1, 900) * MINUTE
    start = at(f"2026-06-{rng.randrange(1, 28):02d}T00:00") + number * MINUTE
    value = Fraction(length)
    verdict = judge("<=", target, value, value)
    return Item(f"{id}-{number}", start, start + length, value, value, value, verdict=verdict)


def _credit(rng: Random, id: str, unit: str) -> Credit:
    relation = rng.choice(("figure",) * 4 + ("relative_excess", "shortfall" if unit == "ratio" else "excess"))
    shape = _shape(rng, "share of it" if relation == "relative_excess" else unit, relation == "figure")
    money = _unit_of(shape)
    return Credit(
        id=id,
        promises=(id,),
        relation=relation,
        shape=shape,
        per=rng.choice(("period", "outage")) if unit == "ns" else "period",
        factors=(Factor(where=Condition(category=("c2",)), times=Fraction(6, 10)),) if rng.random() < 0.3 else (),
        at_most=rng.choice((None, None, Give(amount=Fraction(rng.randrange(1, 60), 100)))),
        at_most_each=rng.choice((None, None, Give(amount=Fraction(rng.randrange(1, 40), 100)))),
        at_least=rng.choice((None, None, Give(amount=Fraction(rng.randrange(1, 500), 100), unit="money"))),
        in_money=money not in ("share", "money"),
    )


def _unit_of(shape: Shape) -> str:
    match shape:
        case Table() | Brackets():
            return shape.rows[0].give.unit
        case PerUnit() | Flat():
            return shape.give.unit
    return "share"


def _shape(rng: Random, unit: str, plain: bool) -> Shape:
    give = _giving(rng)
    step = Fraction(rng.randrange(1, 200), 10_000) if unit != "ns" else Fraction(rng.randrange(10, 300) * MINUTE)
    match rng.randrange(5):
        case 0:
            edges = sorted({rng.randrange(1, 10) * step for _ in range(3)})
            high = unit == "ratio" and plain
            rows = tuple(
                Tier(
                    operator=rng.choice(("<", "<=") if high else (">", ">=")),
                    edge=1 - edge if high else edge,
                    give=give(5 * (1 + place)),
                )
                for place, edge in enumerate(edges)
            )
            return Table(rows=rows)
        case 1:
            beyond = rng.choice((0, 1, 2)) * step
            edge = 1 - beyond if unit == "ratio" and plain and beyond else beyond
            return PerUnit(give=give(3), unit=step, count=rng.choice(COUNTS), beyond=edge)
        case 2:
            rounding = rng.choice((None, Rounding(to=Fraction(1, 10_000))))
            return ProRata(times=Fraction(rng.choice((1, 2, 10))), flat=rng.choice((None, 31 * DAY)), round=rounding)
        case 3:
            return Flat(give=give(7))
    first = Bracket(up_to=step * 4, unit=step, count=rng.choice(COUNTS), give=give(2))
    rest = Bracket(up_to=None, unit=step * 2, count=rng.choice(COUNTS), give=give(4))
    return Brackets(rows=(first, rest), marginal=rng.random() < 0.5)


class _giving:
    """Amounts of one unit."""

    def __init__(self, rng: Random) -> None:
        self.unit = rng.choice(("share", "share", "share", "money", "service days", "service hours"))
        self.digits = Fraction(rng.randrange(1, 10), 7)

    def __call__(self, size: int) -> Give:
        scale = {"share": Fraction(1, 100), "money": Fraction(10), "service days": Fraction(1)}
        return Give(amount=size * self.digits * scale.get(self.unit, Fraction(6)), unit=self.unit)


def _combine(rng: Random, ids: tuple[str, ...]) -> tuple[Combine, ...]:
    if len(ids) < 2 or rng.random() < 0.5:
        return ()
    chosen = tuple(rng.sample(ids, k=2))
    return (Combine(credits=chosen, take=rng.choice(("sum", "greatest", "one"))),)


def _limit(rng: Random, ids: tuple[str, ...]) -> Limit:
    give = rng.choice((Give(amount=Fraction(rng.randrange(1, 120), 100)), Give(amount=Fraction(333), unit="money")))
    credits = (rng.choice(ids),) if rng.random() < 0.3 else ()
    return Limit(
        give=give,
        of=rng.choice(("service", "service", "contract")),
        each=rng.choice(("period", "period", "outage")),
        credits=credits,
    )
