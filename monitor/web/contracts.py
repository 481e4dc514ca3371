"""Metrics of contracts, from the accounts last recorded.

An account changes at most once a second and a scrape comes every fifteen, so lines are made when they are asked
for, contract by contract, and kept until that contract's account is another text.
"""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import TypedDict, cast

from monitor.web.board import Snapshot
from monitor.web.exposition import Family, labels, written

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


class ContractLines:
    """Writes the families of contracts; keeps each contract's lines until its account changes."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[str, Lines]] = {}

    def write(self, snapshot: Snapshot) -> Iterator[str]:
        """All families, in pieces."""
        for contract, account in snapshot.accounts.items():
            made = self._made.get(contract)
            if made is None or made[0] is not account:
                self._made[contract] = (account, lines_of(contract, account))
        for contract in self._made.keys() - snapshot.accounts.keys():
            del self._made[contract]
        made_lines = [lines for _, lines in self._made.values()]
        for family in FAMILIES:
            yield from written(family, (line for lines in made_lines for line in lines[family.name]))


def lines_of(contract: str, text: str) -> Lines:
    """One contract's lines by family, from its account as JSON."""
    account = cast(_Account, json.loads(text))
    lines: Lines = {family.name: [] for family in FAMILIES}
    for name, service in account["services"].items():
        of = labels({"contract": contract, "service": name})
        lines[OPEN.name].append(f"{OPEN.name}{of} {int(service['incident'] is not None)}")
        _put(lines, COVERAGE, of, service["coverage"])
    for promise in account["promises"]:
        _promise(lines, contract, promise)
    if exposure := account["exposure"]:
        of = labels({"contract": contract, "currency": exposure["currency"]})
        _put(lines, EXPOSURE, of, exposure["amount"])
    return lines


def _promise(lines: Lines, contract: str, promise: _Promise) -> None:
    of = labels({"contract": contract, "service": promise["service"], "promise": promise["id"]})
    scale = 1_000_000_000 if promise["unit"] == "ns" else 1
    _put(lines, TARGET, of, promise["target"], scale)
    if promise["value"] is not None:
        _put(lines, VALUE, of, promise["value"]["exact"], scale)
    for verdict in VERDICTS:
        holds = int(promise["verdict"] == verdict)
        lines[VERDICT.name].append(f'{VERDICT.name}{of[:-1]},verdict="{verdict}"}} {holds}')
    lines[AT_RISK.name].append(f"{AT_RISK.name}{of} {int(promise['at_risk'])}")
    if budget := promise["budget"]:
        _put(lines, CONSUMED, of, budget["ratio"])
        if promise["measure"] != "outages":
            _put(lines, LEFT, of, budget["remaining"], 1_000_000_000)
    _put(lines, FORECAST, of, promise["forecast_ns"], 1_000_000_000)
    _put(lines, LIMIT, of, promise["incident_remaining_ns"], 1_000_000_000)
    _put(lines, BURN, f'{of[:-1]},window="1h"}}', promise["burn_1h"])
    _put(lines, BURN, f'{of[:-1]},window="6h"}}', promise["burn_6h"])


def _put(lines: Lines, family: Family, of: str, exact: str | None, scale: int = 1) -> None:
    if exact is not None:
        lines[family.name].append(f"{family.name}{of} {_float(exact, scale)!r}")


def _float(exact: str, scale: int) -> float:
    """An exact figure (``743/745``, ``12``, ``0.95``) divided by ``scale``, for display."""
    above, _, below = exact.partition("/")
    if below:
        return int(above) / (int(below) * scale)
    return int(above) / scale if above.lstrip("-").isdigit() else float(Decimal(above) / scale)
