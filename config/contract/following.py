"""What follows from the verdicts of a contract: credits, their limits, claims, rights, what is earned back."""

from dataclasses import dataclass
from typing import Any

from config.contract import caps, claims, rights
from config.contract.caps import Credits, read_caps, read_combine, read_floor
from config.contract.claims import read_claim
from config.contract.credit_items import read_credit_items
from config.contract.credits import read_credits
from config.contract.figures import Names
from config.contract.money import Credit
from config.contract.rights import read_earn_back, read_rights
from config.contract.rules import MeasureRule
from config.reader import Fields

KEYS = ("credits", *caps.KEYS, *claims.KEYS, *rights.KEYS)


@dataclass(frozen=True, slots=True)
class Following:
    """``terms`` are fields of the contract; ``measures`` those that only credits and rights read."""

    terms: dict[str, Any]
    measures: tuple[MeasureRule, ...]


def read_following(fields: Fields, known: Names) -> Following:
    """All of it, for a contract whose promises and measures are known."""
    found, made, complete = _credits(fields, known)
    listed = Credits(known, found, complete)
    arising = read_rights(fields, known)
    terms: dict[str, Any] = {
        "credits": found,
        "combine": read_combine(fields, listed),
        "caps": read_caps(fields, listed),
        "floor": read_floor(fields, known.scope.currency),
        "claim": read_claim(fields, known.scope),
        "rights": tuple(arising.rights),
        "conditions": tuple(arising.conditions),
        "earn_back": read_earn_back(fields, listed),
    }
    return Following(terms, tuple({rule.name: rule for rule in (*made, *arising.measures.values())}.values()))


def _credits(fields: Fields, known: Names) -> tuple[tuple[Credit, ...], tuple[MeasureRule, ...], bool]:
    """The credits of a list, or of the short form, a mapping by promise."""
    if "credits" not in fields:
        return (), (), True
    at = fields.at("credits")
    if isinstance(at.node.value, list):
        listed = read_credit_items(at, known)
        return tuple(credit for credit, _ in listed.credits), tuple(listed.measures), listed.complete
    found = read_credits(at, known)
    complete = isinstance(at.node.value, dict) and len(found) == len(at.node.value)
    return found, (), complete
