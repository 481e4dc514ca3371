"""Boards with something on them."""

import json

from config.contract.model import Contract
from config.model import Config, Vantage
from monitor.store.port import Batch
from monitor.web.board import Board
from probes.sample import Outcome, Sample
from tests.probes.clockwork import MIDNIGHT, SECOND, target

MS = 1_000_000


def config(*names: str, contracts: tuple[str, ...] = ("acme",)) -> Config:
    return Config(
        vantage=Vantage(name="fra"),
        targets={name: target(name) for name in names},
        contracts={name: contract(name) for name in contracts},
    )


def contract(name: str) -> Contract:
    return Contract(name=name, provider="p", customer="c", timezone="Europe/Berlin", services=(), promises=())


def up(name: str = "hq", seq: int = 1, at: int = MIDNIGHT, **more: object) -> Sample:
    return Sample(name, "fra", "b", seq, at, Outcome.UP, **more)  # type: ignore[arg-type]


def promise(service: str, measure: str = "availability", **more: object) -> dict[str, object]:
    return {
        "id": measure, "service": service, "measure": measure, "unit": "ratio", "target": "999/1000",
        "value": {"exact": "743/745"}, "verdict": "indeterminate", "at_risk": True,
        "budget": {"total": "2678400000000", "consumed": "1339200000000", "remaining": "1339200000000",
                   "ratio": "0.500000"},
        "forecast_ns": str(MIDNIGHT + SECOND // 2), "incident_remaining_ns": None,
        "burn_1h": "14.400000", "burn_6h": None, **more,
    }  # fmt: skip


def account(*promises: dict[str, object], services: tuple[str, ...] = ("net",), as_of: int = 0) -> str:
    service = {"state": "up", "coverage": "0.998000", "incident": None}
    return json.dumps(
        {
            "as_of": str(as_of),
            "services": dict.fromkeys(services, service),
            "promises": list(promises),
            "exposure": {"amount": "120.00", "currency": "EUR"},
        }
    )


def board(cfg: Config, *samples: Sample, accounts: tuple[tuple[str, str], ...] = ()) -> Board:
    made = Board(cfg)
    made.commit(Batch(samples=samples, accounts=accounts))
    return made
