"""The terms that a statement was judged by, as the statement carries them: the contract's text, and of its targets what
bears on judging. With them and the evidence anybody can judge again; how targets were reached is not told."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, get_args

from config.contract.model import Applies, Contract, Revision
from config.contract.noun import Remark
from config.model import Config, Target, Vantage, VantageKind
from monitor.sla.insecure import switches
from monitor.sla.known import latency_of_target

Members = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What is known of a target's options from a statement."""

    latency_of: str = "total"
    packets: int = 0
    insecure_switches: tuple[str, ...] = ()


def terms(config: Config, contract: Contract) -> Members:
    """The terms of one contract."""
    texts = [contract, *(one.contract for one in contract.revisions)]
    names = sorted({name for text in texts for service in text.services for name in service.targets})
    witnesses = [name for name in config.vantage.witnesses if name not in names]
    return {
        "contract": contract.terms,
        "revisions": [
            {
                "id": one.id,
                "start_ns": str(one.start),
                "applies_by": one.applies_by,
                "contract": one.contract.terms,
                "remarks": [asdict(remark) for remark in one.contract.remarks if _of_revision(remark)],
            }
            for one in contract.revisions
        ],
        "targets": {name: _target(config.targets[name]) for name in [*names, *witnesses]},
        "vantage": {
            "name": config.vantage.name,
            "kind": config.vantage.kind,
            "witnesses": list(config.vantage.witnesses),
        },
    }


def _target(target: Target) -> Members:
    return {
        "kind": target.kind,
        "every_ns": str(target.every),
        "timeout_ns": str(target.timeout),
        "confirm": target.confirm,
        "confirm_of": target.confirm_of,
        "vantages": list(target.vantages),
        "quorum": target.quorum,
        "latency_of": latency_of_target(target),
        "packets": getattr(target.options, "packets", 0),
        "insecure": switches(target.options),
    }


def restored(name: str, told: Mapping[str, object]) -> Config:
    """The configuration of one contract from its terms. Raises ValueError where they are none."""
    try:
        targets = {key: _restored(key, value) for key, value in _mapping(told["targets"]).items()}
        vantage, text = _vantage(_mapping(told["vantage"])), str(told["contract"])
        revised = [_Revised.of(_mapping(one)) for one in _list(told.get("revisions", []))]
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"its terms cannot be read: {error!r}") from error
    contract = _contract(name, text, targets)
    revisions = tuple(one.made(_contract(name, one.text, targets)) for one in revised)
    return Config(targets=targets, contracts={name: contract.but(revisions=revisions)}, vantage=vantage)


def _vantage(told: Mapping[str, object]) -> Vantage:
    if more := sorted(told.keys() - {"name", "kind", "witnesses"}):
        raise ValueError(f"a vantage has no {more[0]!r}")
    witnesses = tuple(_text(one) for one in _list(told["witnesses"]))
    kind: VantageKind = _one_of(told["kind"], get_args(VantageKind))
    return Vantage(name=_text(told["name"]), kind=kind, witnesses=witnesses)


@dataclass(frozen=True, slots=True)
class _Revised:
    """A revision as its terms tell it."""

    id: str
    start: int
    applies_by: Applies
    text: str
    remarks: tuple[Remark, ...]

    @classmethod
    def of(cls, told: Mapping[str, object]) -> "_Revised":
        remarks = tuple(_remark(_mapping(one)) for one in _list(told.get("remarks", [])))
        by: Applies = _one_of(told["applies_by"], get_args(Applies))
        return cls(_text(told["id"]), int(str(told["start_ns"])), by, str(told["contract"]), remarks)

    def made(self, contract: Contract) -> Revision:
        own = contract.but(remarks=(*contract.remarks, *self.remarks)) if self.remarks else contract
        return Revision(id=self.id, start=self.start, applies_by=self.applies_by, contract=own)


def _remark(told: Mapping[str, object]) -> Remark:
    found = {key: None if value is None else _text(value) for key, value in told.items()}
    return Remark(path=_text(told["path"]), **{key: value for key, value in found.items() if key != "path"})


def _one_of(value: object, words: tuple[Any, ...]) -> Any:
    if value not in words:
        raise ValueError(f"{value!r} is none of {', '.join(words)}")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no text")
    return value


def _of_revision(remark: Remark) -> bool:
    """Whether it is said of a revision itself, which is no part of the text that it makes."""
    return remark.path.startswith("revisions.")


def _contract(name: str, text: str, targets: Mapping[str, Target]) -> Contract:
    # What reads contracts takes some megabytes, and a daemon only ever writes terms.
    from config.contract.contracts import read_contracts
    from config.errors import ConfigError, Problem
    from config.places import parse
    from config.reader import Reader

    problems: list[Problem] = []
    root = parse(text.encode(), "terms", problems)
    found = None
    if root is not None:
        fields = Reader(root, "", problems).fields()
        found = (
            read_contracts(fields.at("contracts"), targets, lambda _: None).get(name) if "contracts" in fields else None
        )
    if problems or found is None:
        raise ValueError(f"its terms cannot be read: {ConfigError(problems)}")
    return found


def _restored(name: str, value: object) -> Target:
    told = _mapping(value)
    return Target(
        name=name,
        kind=str(told["kind"]),
        options=Recorded(
            latency_of=str(told["latency_of"]),
            packets=int(str(told["packets"])),
            insecure_switches=tuple(str(one) for one in _list(told["insecure"])),
        ),
        every=int(str(told["every_ns"])),
        timeout=int(str(told["timeout_ns"])),
        confirm=int(str(told["confirm"])),
        confirm_of=int(str(told["confirm_of"])),
        vantages=tuple(str(one) for one in _list(told["vantages"])),
        quorum=None if told["quorum"] is None else int(str(told["quorum"])),
    )


def _mapping(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise ValueError(f"{value!r} is no object")
    return value


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise ValueError(f"{value!r} is no list")
    return value
