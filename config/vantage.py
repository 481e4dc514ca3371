"""``vantage:`` where this machine's probes run from."""

from collections.abc import Mapping

from config.errors import unknown
from config.model import Target, Vantage, VantageKind
from config.names import known_names
from config.reader import Reader
from config.units import name

KEYS = ("name", "kind", "witnesses")


def read_vantage(reader: Reader | None, targets: Mapping[str, Target | None]) -> Vantage:
    """The section, or its defaults. On a customer's site the uplink *is* the service, so that losing it must not
    look like losing the vantage: there the witness has to be named."""
    if reader is None:
        return Vantage()
    fields = reader.fields(KEYS)
    here = fields.get("name", name, "here")
    witnesses = known_names(fields.at("witnesses"), "target", targets) if "witnesses" in fields else ()
    for one in witnesses:
        if (target := targets[one]) is not None and target.vantages and here not in target.vantages:
            others = ", ".join(target.vantages)
            text = f"{one!r} is not probed from {here!r} but from {others}, so it vouches for nothing here"
            fields.at("witnesses").wrong(text)
    usual: VantageKind = "external"
    kind = fields.get("kind", _vantage_kind, usual)
    if kind == "onsite" and "witnesses" not in fields:
        text = "an onsite vantage needs 'witnesses'; name a target inside the site, such as the LAN gateway"
        fields.at("kind").wrong(text)
    elif kind == "onsite" and fields.at("witnesses").node.value == []:
        fields.at("witnesses").wrong("is empty; name a target inside the site, such as the LAN gateway")
    return Vantage(name=here, kind=kind, witnesses=witnesses)


def _vantage_kind(value: object) -> VantageKind:
    if value == "external":
        return "external"
    if value == "onsite":
        return "onsite"
    raise ValueError(unknown("vantage kind", str(value), ("external", "onsite")))
