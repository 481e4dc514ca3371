"""What limits credits and what follows from them, in the long form: combine, caps, floor, claim, rights, earn back."""

from fractions import Fraction

from config.contract.credit_checks import kinds
from config.contract.gives import payable
from config.contract.model import Contract
from config.contract.money import AllOf, AnyOf, ClaimTerms, Clause, Combine, Deadline, Give, Holds, Limit, Missed
from config.dump import Plain
from monitor.render.long.credits import base
from monitor.render.long.promises import held
from monitor.render.long.values import Clause as Typed
from monitor.render.long.values import give, kept, listed, money, percent, span, words

_WHOLE = Give(amount=Fraction(1))
_MONEY = ("share", "months", "money")


def settling(contract: Contract) -> Typed:
    """The keys that stand behind ``credits``."""
    return kept(
        {
            "combine": [_combine(one) for one in contract.combine] or None,
            "caps": [_cap(contract, one) for one in caps(contract)] or None,
            "floor": _floor(contract),
            "claim": None if contract.claim is None else _claim(contract.claim) or None,
            "rights": _rights(contract) or None,
            "earn back": _earn_back(contract),
        }
    )


def _combine(one: Combine) -> Typed:
    return kept({"credits": listed(one.credits), "take": one.take, "per": one.per, "chooser": one.chooser})


def caps(contract: Contract) -> tuple[Limit, ...]:
    """Those of the contract, and the one that stands where none of them limits money: all that a service costs in a
    period, for credits that are parts of a base."""
    if any(one.give.unit in _MONEY and not one.credits for one in contract.caps):
        return contract.caps
    parts = [one for one in contract.credits if any(payable(u, one.in_money) for u in kinds(one.shape) - {"money"})]
    if not parts:
        return contract.caps
    plain = not any("money" in kinds(one.shape) for one in contract.credits)
    default = Limit(give=_WHOLE, credits=() if plain else tuple(one.id for one in parts))
    return contract.caps if default in contract.caps else (*contract.caps, default)


def _cap(contract: Contract, one: Limit) -> Typed:
    per = (one.per or contract.period) if one.each == "period" else one.each
    return kept(
        {
            "max": give(one.give, contract.currency),
            "of": one.of,
            "per": per,
            "credits": listed(one.credits) if one.credits else None,
            "base": base(one.base, contract.currency),
        }
    )


def _floor(contract: Contract) -> Typed | None:
    floor = contract.floor
    if floor is None:
        return None
    return {"only above" if floor.suppress else "raise to": money(floor.amount, contract.currency)}


def _claim(one: ClaimTerms) -> Typed:
    within = None if one.ticket_within is None else f"{span(one.ticket_within)} of outage start"
    return kept(
        {
            "how": "automatic" if one.automatic else "on request",
            **({} if one.deadline is None else _deadline(one.deadline)),
            "ticket within": within,
            "standing": one.standing,
            "settle": one.settle,
            "expires": one.expires,
            "consumes": "outages" if one.consumes else None,
        }
    )


def _deadline(one: Deadline) -> Typed:
    if one.day_of_next_month is not None:
        return {"until": f"day {one.day_of_next_month} of the next month"}
    if one.end_of_period is not None:
        return {"until": f"end of the {one.end_of_period}th period after"}
    if one.within is not None:
        within = span(one.within)
    elif one.business_days is not None:
        within = f"{one.business_days} business days"
    else:
        within = f"{one.months} months"
    return {"within": within, "of": words(one.of), "calendar": one.calendar}


def _rights(contract: Contract) -> list[Plain]:
    return [
        kept(
            {
                "id": right.id,
                "gives": right.gives,
                "if": _clause(contract, right.condition),
                "exercise within": None if right.exercise_within is None else span(right.exercise_within),
            }
        )
        for right in contract.rights
    ]


def _clause(contract: Contract, one: Clause) -> Plain:
    match one:
        case Holds():
            return held(contract, next(line for line in contract.conditions if line.id == one.promise))
        case Missed():
            among = f"{one.count} of {one.among} periods"
            row = f"{one.count} consecutive {'period' if one.count == 1 else 'periods'}"
            return {"promise": one.promise, "breached": row if one.among is None else among}
        case AnyOf():
            return {"any": [_clause(contract, part) for part in one.parts]}
        case AllOf():
            return {"all": [_clause(contract, part) for part in one.parts]}


def _earn_back(contract: Contract) -> Typed | None:
    back = contract.earn_back
    if back is None:
        return None
    periods = f"{back.periods} consecutive {'period' if back.periods == 1 else 'periods'}"
    named = listed(back.credits) if back.credits else None
    return kept({"share": percent(back.share), "after": periods, "credits": named})
