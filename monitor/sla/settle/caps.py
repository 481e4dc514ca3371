"""At most so much: of money or in kind, per period, per outage, over longer windows and over the contract's life.

Caps are applied in the contract's order to amounts as they were rounded, and used up line by line. What earlier periods
were given counts against a window that reaches back to them. Where no cap speaks of money, the credits of a service
that are parts of a base never exceed its charge.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from config.contract.money import Give, Limit
from config.periods import containing, following
from config.spans import Span
from monitor.sla.judgement import Judgement
from monitor.sla.settle.bases import OWN, Base, base_of
from monitor.sla.settle.money import said_give, to_money
from monitor.sla.settle.owed import Owed
from monitor.sla.settle.worth import kind

ZERO = Fraction(0)
MONEY = ("share", "months", "money")
FOREVER = 2**62
DEFAULT = Limit(give=Give(amount=Fraction(1)))


def capped(judgement: Judgement, lines: Sequence[Owed]) -> list[Owed]:
    """The lines within every cap of the contract."""
    out = list(lines)
    caps = judgement.contract.caps
    for limit in caps:
        out = _Cap(judgement, limit).over(out)
    if not any(limit.give.unit in MONEY and not limit.credits for limit in caps):
        out = _Cap(judgement, DEFAULT, parts_only=True).over(out)
    return out


@dataclass
class _Cap:
    """One cap, and how much of it is left in each scope: exactly, and of money as it was rounded."""

    judgement: Judgement
    limit: Limit
    parts_only: bool = False
    left: dict[tuple[str, str], tuple[Fraction, Fraction] | None] = field(default_factory=dict)

    def over(self, lines: Sequence[Owed]) -> list[Owed]:
        return [self._one(line) if self._about(line) else line for line in lines]

    def _about(self, line: Owed) -> bool:
        limit = self.limit
        if not line.issued or (limit.credits and line.credit.id not in limit.credits):
            return False
        if limit.each == "outage" and line.thing.key is None:
            return False
        if limit.give.unit in MONEY:
            return line.amount is not None and not (self.parts_only and line.unit == "money")
        return kind(line.unit) == kind(limit.give.unit)

    def _one(self, line: Owed) -> Owed:
        scope = "the contract" if self.limit.of == "contract" else line.service
        key = scope, (line.thing.key or "") if self.limit.each == "outage" else ""
        if key not in self.left:
            self.left[key] = self._room(line, scope)
        room = self.left[key]
        if room is None:
            return line
        now = self._within(line, room[0], scope)
        if now.exact is not None and self.limit.give.unit in MONEY:  # a part of a coin is no more than is left either
            now = replace(now, exact=min(now.exact, room[1]))
        taken = self._measure(now)
        self.left[key] = max(ZERO, room[0] - taken), max(ZERO, room[1] - (taken if now.exact is None else now.exact))
        return now

    def _within(self, line: Owed, room: Fraction, scope: str) -> Owed:
        if self._measure(line) <= room:
            return line
        limit, currency = self.limit, line.currency
        if limit.give.unit in MONEY:
            return line.with_amount(given := _exactly(room, line), f"capped at {self._said(scope)}: {given}")
        said = f"capped at {self._said(scope)}: {said_give(Give(amount=room, unit=limit.give.unit), currency)}"
        return _no_dearer(line, line.with_quantity(room, said))

    def _measure(self, line: Owed) -> Fraction:
        """What of the cap a line takes."""
        return Fraction(line.amount or 0) if self.limit.give.unit in MONEY else line.quantity

    def _room(self, line: Owed, scope: str) -> tuple[Fraction, Fraction] | None:
        """How much there is to be given before the first line; None where nobody says what the base is."""
        limit, currency = self.limit, line.currency
        amount = limit.give.amount
        if limit.give.unit in ("share", "months"):
            base = self._base(line)
            if base is None:
                return None
            amount = amount * base
        rounded = Fraction(to_money(amount, currency)) if limit.give.unit in MONEY else amount
        used = _used_before(self.judgement, limit, line.service)
        return max(ZERO, rounded - used), max(ZERO, amount - used)

    def _base(self, line: Owed) -> Fraction | None:
        """The charge a share is of: that of the window; a month of it is one period's."""
        limit, judgement = self.limit, self.judgement
        at = line.thing.start if limit.each == "outage" else None
        now = _of_scope(limit, judgement, line.service, at).amount
        span = None if limit.each != "period" or limit.give.unit == "months" else _window(limit, judgement)
        return now if span is None or now is None else _over(limit, judgement, line.service, span, now)

    def _said(self, scope: str) -> str:
        limit, contract = self.limit, self.judgement.contract
        said = said_give(limit.give, contract.currency)
        if limit.give.unit == "share":
            said = f"{said} of the charge of {scope}" if limit.base == OWN else f"{said} of what {scope} is based on"
        elif limit.each != "contract" or limit.of == "service":
            said = f"{said} of {scope}" if limit.give.unit != "months" or limit.of == "contract" else said
        if limit.each == "contract":
            return f"{said} over the contract's life"
        if limit.each == "outage":
            return f"{said} per outage"
        return said if limit.per in (None, contract.period) else f"{said} per {limit.per}"


def _exactly(room: Fraction, line: Owed) -> Decimal:
    """What is left, with the digits of the line."""
    assert line.amount is not None
    digits = Decimal(room.numerator) / Decimal(room.denominator)
    return digits.quantize(line.amount) if digits == digits.quantize(line.amount) else digits


def _no_dearer(before: Owed, now: Owed) -> Owed:
    """Less in kind is never more money than an earlier cap left."""
    if before.amount is None or now.amount is None or now.amount <= before.amount:
        return now
    return now.with_amount(before.amount, f"not more than before: {before.amount}")


def _window(limit: Limit, judgement: Judgement) -> Span | None:
    """The time a cap is over, where that is more than the period."""
    period, contract = judgement.period, judgement.contract
    if limit.per is None or limit.per in (contract.period, period.kind):
        return None
    found = containing(limit.per, period.end - 1, ZoneInfo(contract.timezone))
    return (found.start, found.end) if found.start < period.start or found.end > period.end else None


def _used_before(judgement: Judgement, limit: Limit, service: str) -> Fraction:
    """What earlier periods in the cap's window were given; the oldest are settled first."""
    span = _window(limit, judgement) if limit.each == "period" else None
    start = -FOREVER if limit.each == "contract" else span[0] if span is not None else None
    if start is None:
        return ZERO
    earlier: list[Judgement] = []
    while (one := judgement.before(len(earlier) + 1)) is not None and one.period.start >= start:
        earlier.append(one)
    lines = [line for one in reversed(earlier) for line in one.lines(one) if line.withheld is None]
    used = ZERO
    for line in lines:
        if (limit.credits and line.id not in limit.credits) or (limit.of == "service" and line.service != service):
            continue
        if limit.give.unit in MONEY:
            used += max(ZERO, Fraction(line.amount or 0))
        elif line.unit is not None and line.quantity is not None and kind(line.unit) == kind(limit.give.unit):
            used += line.quantity
    return used


def _of_scope(limit: Limit, judgement: Judgement, service: str, at: int | None) -> Base:
    base = limit.base.but(contract=True) if limit.of == "contract" else limit.base
    return base_of(base, judgement, service, at)


def _over(limit: Limit, judgement: Judgement, service: str, span: Span, now: Fraction) -> Fraction:
    """The charges of all periods in a window: of the past as they were, of the rest as in this one."""
    found, n = now, 1
    while (past := judgement.ago(n)).start >= span[0]:
        starts = judgement.contract.starts
        if starts is None or past.end > starts:
            found += _of_scope(limit, _earlier(judgement, n), service, None).amount or ZERO
        n += 1
    zone, n = ZoneInfo(judgement.contract.timezone), 1
    while following(judgement.period, n, zone).end <= span[1]:
        found += now
        n += 1
    return found


def _earlier(judgement: Judgement, n: int) -> Judgement:
    """The same contract ``n`` periods ago, for what only its charges decide."""
    return replace(
        judgement,
        period=judgement.ago(n),
        charges=judgement.charged(n),
        charged=lambda further: judgement.charged(n + further),
    )
