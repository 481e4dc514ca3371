"""Which tickets, outages and services a clause is about: conditions matched against what is known of a thing."""

from collections.abc import Sequence
from dataclasses import dataclass

from config.contract.noun import Condition


@dataclass(frozen=True, slots=True)
class Qualities:
    """What conditions ask for, as far as it is known; ``category`` is written ``class``."""

    severity: str | None = None
    category: str | None = None
    cause: str | None = None
    region: str | None = None
    type: str | None = None


def same_words(left: str, right: str) -> bool:
    """Spaces and underscores are the same, and so are capitals."""
    return left.replace("_", " ").casefold() == right.replace("_", " ").casefold()


def matches(where: Condition, known: Qualities) -> bool:
    """Whether a thing has one of the values of each quality that the condition names. What is not known of it is none
    of them."""
    return all(
        _one_of(values, value)
        for values, value in (
            (where.severity, known.severity),
            (where.category, known.category),
            (where.cause, known.cause),
            (where.region, known.region),
            (where.type, known.type),
        )
    )


def _one_of(values: Sequence[str], value: str | None) -> bool:
    return not values or (value is not None and any(same_words(value, one) for one in values))
