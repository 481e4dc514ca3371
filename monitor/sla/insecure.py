"""What a statement says of switches that make a probe believe more than it should."""

from pydantic import BaseModel

from config.contract.model import Contract
from config.model import Config


def insecure(config: Config, contract: Contract) -> tuple[str, ...]:
    """The ``insecure_*`` switches in use by the contract's targets."""
    names = {name for service in contract.services for name in service.targets}
    return tuple(f"{name}: {switch}" for name in sorted(names) for switch in switches(config.targets[name].options))


def switches(options: BaseModel) -> list[str]:
    """The ``insecure_*`` options in use, by name; a tuple names those of a target that only a statement tells of."""
    found = []
    for name in type(options).model_fields:
        value = getattr(options, name)
        if isinstance(value, BaseModel):
            found += switches(value)
        elif name.startswith("insecure_") and value:
            found += value if isinstance(value, tuple) else [name]
    return found
