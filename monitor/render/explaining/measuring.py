"""How the targets are probed and from where, and what of it becomes an outage."""

from collections.abc import Iterator

from config.contract.model import Contract
from config.model import Config, Target
from monitor.render.explaining.outages import outages
from monitor.render.explaining.words import span


def measuring(config: Config, contract: Contract) -> Iterator[str]:
    """Targets, vantage, outages."""
    names = list(dict.fromkeys(name for service in contract.services for name in service.targets))
    for name in names:
        yield from _target(config.targets[name])
    if names:
        yield from _vantage(config)
    if any(not service.targets and not service.of for service in contract.services):
        yield (
            "A service without targets is judged by what people or machines report of it: states, tickets, counts and "
            "figures."
        )
    if contract.outages:
        yield "What counts as an outage:"
        yield from outages(contract)
    elif names:
        yield (
            "An outage begins with the start of the first failing sample and ends with that of the first good one, "
            "whatever confirmation the alert waited for."
        )


def _vantage(config: Config) -> Iterator[str]:
    vantage = config.vantage
    witnesses = ", ".join(vantage.witnesses)
    where = {"external": "outside the customer's site", "onsite": "on the customer's site"}[vantage.kind]
    yield f"Probed from the vantage {vantage.name}, which is {where}."
    if witnesses:
        yield f"While its witnesses ({witnesses}) are all silent it is cut off, and what it takes for down is unknown."
    else:
        yield "It has no witnesses, so that losing its own connection cannot be told from the service being down."


def _target(target: Target) -> Iterator[str]:
    packets = getattr(target.options, "packets", None)
    burst = f" with {packets} packets each time" if packets is not None else ""
    yield (
        f"- {target.name} is probed by {target.kind}{burst} every {span(target.every)}, waiting at most "
        f"{span(target.timeout)} for the answer."
    )
    again = f"again {span(target.recheck)} later" if target.recheck is not None else "not before its next turn"
    yield (
        f"  A sample speaks until the next one if that comes within {span(target.max_gap)}, else for "
        f"{span(target.every)}; the rest is unknown. After a failure it is probed {again}. An outage is "
        f"told as confirmed once {target.confirm} of the last {target.confirm_of} samples failed."
    )
    if len(target.vantages) > 1:
        quorum = target.quorum or 2
        yield f"  Seen from {', '.join(target.vantages)}: down needs {quorum} of them and the majority."
