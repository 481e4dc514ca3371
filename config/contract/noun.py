"""What the nouns of a contract share: a frozen base, and the closed sets of words they use."""

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Literal, Self

Operator = Literal["<", "<=", "==", ">=", ">"]
Unit = Literal["ratio", "ns", "count", "score", "business_days"]
Effect = Literal["out_of_base", "not_down", "pause", "void"]
Mode = Literal["up", "down", "half_up"]


@dataclass(frozen=True, slots=True)
class Noun:
    """What a text says, frozen. Who reads the text sees to it that each field has the type it says: a library that
    looks once more would be megabytes in every daemon."""

    def but(self, **changes: Any) -> Self:
        """The same with these fields changed. TypeError for one that it has not."""
        return replace(self, **changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark(Noun):
    """What the author says of one clause: the clause quoted, and how it was read if it can be read in two ways.
    ``path`` is that of the clause within the contract (``credits.hourly``)."""

    path: str
    text: str | None = None
    interpret: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounding(Noun):
    """Round to multiples of ``to`` (in the figure's unit: ns, a share, a count, an amount)."""

    to: Fraction
    mode: Mode = "half_up"
    compare: bool = False  # before comparing and multiplying; otherwise for display alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition(Noun):
    """Which tickets, states and services a clause is about: each named quality has one of the values listed.
    Empty: all of them."""

    severity: tuple[str, ...] = ()
    category: tuple[str, ...] = ()  # typed ``class``
    cause: tuple[str, ...] = ()
    region: tuple[str, ...] = ()
    type: tuple[str, ...] = ()


ANYTHING = Condition()
