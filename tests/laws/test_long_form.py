"""Laws of the long form: whatever a contract says, it says the same once it was printed and read again."""

from fractions import Fraction
from pathlib import Path

from config.contract.model import Contract, Promise
from config.contract.money import Credit
from config.contract.rules import MeasureRule
from config.errors import ConfigError
from monitor.render.long import long
from monitor.sla.settle import settle
from tests.config.kit import read
from tests.laws.settlements import Case, case
from tests.sla.settle.kit import months

SEEDS = range(60)
SECOND = 1_000_000_000


def typed(one: Case) -> Contract:
    """The contract of a case as one that can be typed: its results are promises on figures that are reported."""
    first = {result.id: result for result in reversed(one.results)}
    services = tuple(service.name for service in one.contract.services)
    measures = tuple(
        MeasureRule(
            name=id,
            kind="given",
            of=id,
            unit=result.unit,
            statistic="mean",
            scale=Fraction(1 if result.unit == "ratio" else SECOND),
        )
        for id, result in first.items()
    )
    promises = tuple(
        Promise(
            id=id,
            text=f"{id} {result.operator} {result.target}",
            measure="given",
            statistic="mean",
            operator=result.operator,
            target=result.target,
            unit=result.unit,
            services=services,
            rule=id,
        )
        for id, result in first.items()
    )
    credits = tuple(_typed(credit) for credit in one.contract.credits)
    return one.contract.but(measures=measures, promises=promises, credits=credits)


def _typed(credit: Credit) -> Credit:
    each = credit.at_most_each if credit.per != "period" else None
    by = None if credit.relation == "figure" else credit.id
    return credit.but(at_most_each=each, by=by)


def test_random_contracts_come_to_the_same_when_they_are_printed_and_read(tmp_path: Path) -> None:
    """Those that nobody could type, because a seventh is no decimal or a row can never apply, are left out."""
    read_again = 0
    for seed in SEEDS:
        one = case(seed)
        contract, file = typed(one), tmp_path / "long.yaml"
        file.write_text("upheld: 1\n" + long(contract), encoding="utf-8")
        try:
            again = read(file).contracts[contract.name]
        except ConfigError:
            continue
        read_again += 1
        assert long(again) == long(contract), seed
        assert settle(months(again, one.results)) == settle(months(contract, one.results)), seed
    assert read_again > len(SEEDS) // 4
