"""Metrics of contracts, from the accounts last recorded.

Lines are made contract by contract, once for every new account, and kept as one block of text per family: a
scrape only puts blocks together. Label texts are made once per promise, numbers once per text.
"""

import json
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from typing import TypedDict, cast

from monitor.web.board import Snapshot
from monitor.web.exposition import Family, labels, written

NS = 1_000_000_000
VERDICTS = ("met", "breached", "indeterminate")

_OF_PROMISE = "of the open period so far"
VALUE = Family(
    "upheld_promise_value", "gauge", f"Value {_OF_PROMISE}, in the promise's base unit (ratio, seconds, count)."
)
TARGET = Family("upheld_promise_target", "gauge", "What is promised, in the same unit.")
VERDICT = Family("upheld_promise_verdict", "gauge", f"1 on the verdict {_OF_PROMISE}, 0 on the others.")
AT_RISK = Family("upheld_promise_at_risk", "gauge", "1 while any risk of the promise is raised.")
LEFT = Family("upheld_budget_remaining_seconds", "gauge", "What may still be lost in the period, in seconds.")
CONSUMED = Family("upheld_budget_consumed_ratio", "gauge", "Share of the period's budget consumed.")
FORECAST = Family(
    "upheld_breach_forecast_timestamp_seconds", "gauge", "When the promise breaks if the outage goes on, Unix time."
)
LIMIT = Family(
    "upheld_incident_limit_remaining_seconds", "gauge", "Time left until the open incident passes its limit."
)
BURN = Family("upheld_burn_ratio", "gauge", "Speed at which the budget burns; 1 uses it up exactly in the period.")
OPEN = Family("upheld_incident_open", "gauge", "1 while an incident of the service is open.")
COVERAGE = Family("upheld_coverage_ratio", "gauge", "Share of the period so far in which the service was observed.")
EXPOSURE = Family("upheld_exposure_amount", "gauge", "The money at stake right now.")
FAMILIES = (
    VALUE, TARGET, VERDICT, AT_RISK, LEFT, CONSUMED, FORECAST, LIMIT, BURN, OPEN, COVERAGE, EXPOSURE,
)  # fmt: skip


class _Figure(TypedDict):
    exact: str


class _Budget(TypedDict):
    remaining: str
    ratio: str | None


class _Promise(TypedDict):
    id: str
    service: str
    measure: str
    unit: str
    target: str
    value: _Figure | None
    verdict: str | None
    at_risk: bool
    budget: _Budget | None
    forecast_ns: str | None
    incident_remaining_ns: str | None
    burn_1h: str | None
    burn_6h: str | None


class _Service(TypedDict):
    coverage: str | None
    incident: dict[str, str] | None


class _Exposure(TypedDict):
    amount: str
    currency: str


class _Account(TypedDict):
    services: dict[str, _Service]
    promises: list[_Promise]
    exposure: _Exposure | None


Lines = dict[str, list[str]]
Blocks = dict[str, str]


class ContractLines:
    """Writes the families of contracts; keeps each contract's text until its account changes."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[str, Blocks]] = {}
        self._labels: dict[str, dict[tuple[str, str], str]] = {}

    def prepare(self, contract: str, account: str) -> None:
        """Make the contract's text, unless it is made from this very account already."""
        made = self._made.get(contract)
        if made is None or made[0] is not account:
            self._made[contract] = (account, self._blocks(contract, account))

    def write(self, snapshot: Snapshot) -> Iterator[str]:
        """All families, in pieces."""
        for contract, account in snapshot.accounts.items():
            self.prepare(contract, account)
        for contract in self._made.keys() - snapshot.accounts.keys():
            del self._made[contract], self._labels[contract]
        for family in FAMILIES:
            blocks = (made[family.name] for _, made in self._made.values() if family.name in made)
            yield from written(family, blocks, chunk=10)

    def _blocks(self, contract: str, text: str) -> Blocks:
        """One contract's text by family, from its account as JSON."""
        account = cast(_Account, json.loads(text))
        lines: Lines = {family.name: [] for family in FAMILIES}
        for name, service in account["services"].items():
            of = labels({"contract": contract, "service": name})
            lines[OPEN.name].append(f"{OPEN.name}{of} {int(service['incident'] is not None)}")
            if (coverage := service["coverage"]) is not None:
                lines[COVERAGE.name].append(f"{COVERAGE.name}{of} {number(coverage, 1)}")
        known = self._labels.setdefault(contract, {})
        for promise in account["promises"]:
            key = promise["service"], promise["id"]
            if key not in known:
                known[key] = labels({"contract": contract, "service": key[0], "promise": key[1]})
            _promise(lines, known[key], promise)
        if exposure := account["exposure"]:
            of = labels({"contract": contract, "currency": exposure["currency"]})
            lines[EXPOSURE.name].append(f"{EXPOSURE.name}{of} {number(exposure['amount'], 1)}")
        return {name: "\n".join(made) for name, made in lines.items() if made}


def _promise(lines: Lines, of: str, promise: _Promise) -> None:
    scale, more = NS if promise["unit"] == "ns" else 1, of[:-1]
    for verdict in VERDICTS:
        here = int(promise["verdict"] == verdict)
        lines[VERDICT.name].append(f'{VERDICT.name}{more},verdict="{verdict}"}} {here}')
    lines[AT_RISK.name].append(f"{AT_RISK.name}{of} {int(promise['at_risk'])}")
    value, budget = promise["value"], promise["budget"]
    figures = (
        (TARGET.name, of, promise["target"], scale),
        (VALUE.name, of, value and value["exact"], scale),
        (CONSUMED.name, of, budget and budget["ratio"], 1),
        (LEFT.name, of, budget and promise["measure"] != "outages" and budget["remaining"], NS),
        (FORECAST.name, of, promise["forecast_ns"], NS),
        (LIMIT.name, of, promise["incident_remaining_ns"], NS),
        (BURN.name, f'{more},window="1h"}}', promise["burn_1h"], 1),
        (BURN.name, f'{more},window="6h"}}', promise["burn_6h"], 1),
    )
    for family, start, exact, unit in figures:
        if exact:
            lines[family].append(f"{family}{start} {number(exact, unit)}")


@lru_cache(4096)
def number(exact: str, scale: int) -> str:
    """An exact figure (``743/745``, ``12``, ``0.95``) divided by ``scale``, as a float is written."""
    above, _, below = exact.partition("/")
    if below:
        return repr(int(above) / (int(below) * scale))
    return repr(int(above) / scale if above.lstrip("-").isdigit() else float(Decimal(above) / scale))
