"""What a statement says of switches that make a probe believe more than it should."""

from dataclasses import fields, is_dataclass

from config.contract.model import Contract
from config.model import Config
from config.typed import Options


def insecure(config: Config, contract: Contract) -> tuple[str, ...]:
    """The ``insecure_*`` switches in use by the contract's targets."""
    names = {name for service in contract.services for name in service.targets}
    return tuple(f"{name}: {switch}" for name in sorted(names) for switch in switches(config.targets[name].options))


def switches(options: Options) -> list[str]:
    """The ``insecure_*`` options in use, by name; a tuple names those of a target that only a statement tells of."""
    found = []
    for field in fields(options):
        value = getattr(options, field.name)
        if is_dataclass(value) and not isinstance(value, type):
            found += switches(value)
        elif field.name.startswith("insecure_") and value:
            found += value if isinstance(value, tuple) else [field.name]
    return found
