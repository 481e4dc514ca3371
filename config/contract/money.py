"""The stages of a contract after the verdict: credits, how they combine, their caps and floors, claims, rights.

Shares are exact fractions, amounts exact decimals of the contract's currency, instants and durations nanoseconds.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from config.contract.noun import ANYTHING, Condition, Noun, Operator, Rounding

Count = Literal["started", "full", "pro_rata"]
Scope = Literal["service", "contract"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Give(Noun):
    """What is given: ``amount`` of ``unit``. ``share``: of the base; ``money``: of the contract's currency;
    ``months``: of the base as a monthly charge; anything else is a credit in kind, counted in that word
    (``service days``, ``service hours``, ``points``, ``transactions``)."""

    amount: Fraction
    unit: str = "share"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeBase(Noun):
    """The amount a share is taken of. ``of`` names charges (``charge`` is the service's own) to be picked from; a
    fixed ``amount``; with ``back`` the mean of that many periods before, or the charges of the ``preceding`` ns
    before the outage. ``contract``: all services together."""

    of: tuple[str, ...] = ("charge",)
    pick: Literal["one", "greatest", "least", "sum"] = "one"
    amount: Decimal | None = None
    back: int = 0
    preceding: int | None = None
    contract: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier(Noun):
    """One row: where the figure satisfies ``operator edge`` and, if it has a second side, ``other other_edge``."""

    operator: Operator
    edge: Fraction
    give: Give
    other: Operator | None = None
    other_edge: Fraction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(Noun):
    """Rows read by one figure, the worst that matches wins. ``tail``: units beyond the last row, added to it.
    ``gaps``, ``overlaps``: the author accepts figures in no row, or in several."""

    kind: Literal["table"] = "table"
    rows: tuple[Tier, ...]
    tail: "PerUnit | None" = None
    gaps: bool = False
    overlaps: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PerUnit(Noun):
    """``give`` for each ``unit`` of the figure (ns, points of a share, counts) beyond ``beyond``. ``promised``: beyond
    what the promise allows."""

    kind: Literal["per_unit"] = "per_unit"
    give: Give
    unit: Fraction
    count: Count
    beyond: Fraction = Fraction(0)
    promised: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProRata(Noun):
    """The base's part for the time lost, ``times`` over; ``flat`` ns stands for the period's length, or the mean
    length of the ``back`` periods before, or the ``judged`` time alone, without what left the base. ``round`` rounds
    the fraction before it is multiplied. ``unit``: what the base counts where that is no money (``transactions``)."""

    kind: Literal["pro_rata"] = "pro_rata"
    times: Fraction = Fraction(1)
    flat: int | None = None
    back: int = 0
    judged: bool = False
    round: Rounding | None = None
    unit: str = "share"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flat(Noun):
    """The same whatever was measured."""

    kind: Literal["flat"] = "flat"
    give: Give


@dataclass(frozen=True, slots=True, kw_only=True)
class Bracket(Noun):
    """Units up to ``up_to`` (None: the last bracket)."""

    up_to: Fraction | None
    unit: Fraction
    count: Count
    give: Give


@dataclass(frozen=True, slots=True, kw_only=True)
class Brackets(Noun):
    """Units at rates that change on the way. ``marginal``: each bracket's part at its own rate; otherwise all of the
    figure at the rate of the bracket it ends in."""

    kind: Literal["brackets"] = "brackets"
    rows: tuple[Bracket, ...]
    marginal: bool = True


Shape = Table | PerUnit | ProRata | Flat | Brackets


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation(Noun):
    """``times`` the credit where the promise also failed in the ``periods`` periods before."""

    periods: int = 1
    times: Fraction = Fraction(2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor(Noun):
    """``times`` the credit for services, tickets or outages that satisfy the condition."""

    where: Condition
    times: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit(Noun):
    """At most this much. ``months`` of a charge are written as a share above 1."""

    give: Give
    of: Scope = "service"
    per: str | None = None  # a period; None: the contract's
    each: Literal["period", "outage", "contract"] = "period"
    credits: tuple[str, ...] = ()
    base: ChargeBase = ChargeBase()


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit(Noun):
    """What follows. ``promises``: ids of which any has to be breached; empty: whenever the shape gives something.

    ``by``: the measure, or the promise by its id, that the shape reads, None for the promise's own; ``relation`` reads
    how far it lies from the target instead of the figure itself: shortfall or excess in its unit, or relative to the
    target. ``points_of``: the credit in kind whose amount is read. ``per``: the shape is read once for each of them and
    the results added. ``in_money``: in-kind days and hours are paid as their part of the base.
    """

    id: str
    promises: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    by: str | None = None
    relation: Literal["figure", "shortfall", "excess", "relative_excess"] = "figure"
    points_of: str | None = None
    base: ChargeBase = ChargeBase()
    shape: Shape
    per: Literal["period", "outage", "day", "ticket"] = "period"
    escalations: tuple[Escalation, ...] = ()
    factors: tuple[Factor, ...] = ()
    where: Condition = ANYTHING
    round: Rounding | None = None
    at_most: Give | None = None
    at_most_each: Give | None = None
    at_least: Give | None = None
    in_money: bool = False
    day_of: Literal["thirtieth", "period"] = "thirtieth"


@dataclass(frozen=True, slots=True, kw_only=True)
class Combine(Noun):
    """How credits for the same thing go together; ``one``: the first that gives something, in the order listed
    (``chooser`` says who may choose otherwise)."""

    credits: tuple[str, ...]
    take: Literal["sum", "greatest", "one"]
    per: Literal["period", "outage"] = "period"
    chooser: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor(Noun):
    """``suppress``: nothing is issued unless the total is above ``amount``; otherwise a smaller total is raised."""

    amount: Decimal
    suppress: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline(Noun):
    """Until when: ``within`` ns, or ``business_days`` on ``calendar``, after an event; or a ``day`` of the month, or
    the end of the n-th period, after the period."""

    of: Literal[
        "period_end", "outage_start", "outage_end", "ticket_opened", "ticket_closed", "publication", "eligibility"
    ] = "period_end"
    within: int | None = None
    business_days: int | None = None
    calendar: str | None = None
    months: int | None = None
    day_of_next_month: int | None = None
    end_of_period: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimTerms(Noun):
    """How a credit is asked for. ``ticket_within`` ns of an outage's start a ticket has to be open."""

    automatic: bool = False
    deadline: Deadline | None = None
    ticket_within: int | None = None
    standing: str | None = None
    settle: str | None = None
    expires: str | None = None
    consumes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Holds(Noun):
    """A condition of a right that reads a figure: ``id`` names the promise-like line that was made of it."""

    kind: Literal["holds"] = "holds"
    promise: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed(Noun):
    """A promise breached in ``count`` periods: one after the other, or among the last ``among``."""

    kind: Literal["missed"] = "missed"
    promise: str
    count: int
    among: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AllOf(Noun):
    """Every part holds."""

    kind: Literal["all"] = "all"
    parts: tuple["Clause", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf(Noun):
    """Some part holds."""

    kind: Literal["any"] = "any"
    parts: tuple["Clause", ...]


Clause = Holds | Missed | AllOf | AnyOf


@dataclass(frozen=True, slots=True, kw_only=True)
class Right(Noun):
    """What a party may do once the condition holds, and for how long (ns)."""

    id: str
    gives: str
    condition: Clause
    exercise_within: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EarnBack(Noun):
    """The share of a credit that is taken back after so many periods in which its promises were met."""

    share: Fraction
    periods: int
    credits: tuple[str, ...] = ()
