"""One credit as it is being settled: so much of a unit, what that is in money, and how it came about."""

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from config.contract.money import Credit
from monitor.sla.model import CreditLine
from monitor.sla.settle.money import as_money
from monitor.sla.settle.things import Thing
from monitor.sla.settle.worth import part_of_base


@dataclass(frozen=True, slots=True)
class Owed:
    """``quantity`` of ``unit`` for one thing; ``price``: the money one of it is (None: a credit in kind, or nobody
    says what the ``base`` is). ``exact`` money is what floors are compared with, ``amount`` what it is rounded to.
    ``day``: the part of the base that a day is. ``withheld``: why it is not issued."""

    credit: Credit
    service: str
    promise: str | None
    thing: Thing
    unit: str
    quantity: Fraction
    price: Fraction | None
    base: Fraction | None
    day: Fraction
    currency: str | None
    steps: tuple[str, ...]
    exact: Fraction | None = None
    amount: Decimal | None = None
    withheld: str | None = None
    claim_by: int | None = None

    @property
    def issued(self) -> bool:
        """Whether it counts."""
        return self.withheld is None

    @property
    def priced(self) -> bool:
        """Whether it is a matter of money, even where nobody says of how much."""
        return self.share is not None or self.unit == "money"

    @property
    def share(self) -> Fraction | None:
        """The part of the base that it is; None where it is none, or given in kind."""
        if self.unit not in ("share", "months") and not self.credit.in_money:
            return None
        part = part_of_base(self.unit, self.day)
        return None if part is None else self.quantity * part

    def valued(self) -> "Owed":
        """With the money it comes to, rounded as the contract says."""
        if self.price is None:
            return self
        exact = self.quantity * self.price
        return replace(self, exact=exact, amount=as_money(exact, self.currency, self.credit.round))

    def with_quantity(self, quantity: Fraction, step: str) -> "Owed":
        """With less (or more) of its unit, and why."""
        return replace(self, quantity=quantity, steps=(*self.steps, step)).valued()

    def with_amount(self, amount: Decimal, step: str) -> "Owed":
        """With another amount of money, and why."""
        return replace(self, amount=amount, exact=Fraction(amount), steps=(*self.steps, step))

    def hold_back(self, why: str) -> "Owed":
        """Not issued, and why; the first reason stays."""
        return self if self.withheld is not None else replace(self, withheld=why)

    def line(self) -> CreditLine:
        """As it is printed."""
        counted = self.unit not in ("share", "months", "money")
        return CreditLine(
            id=self.credit.id,
            promise=self.promise,
            service=self.service,
            share=self.share,
            amount=self.amount,
            currency=self.currency if self.priced else None,
            steps=self.steps,
            quantity=self.quantity if counted else None,
            unit=self.unit if counted else None,
            item=self.thing.key,
            withheld=self.withheld,
            claim_by=self.claim_by,
        )
