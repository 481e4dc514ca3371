"""A table typed twice, in shares and in durations: ``durations:`` beside ``table:``, and which of the two decides.

A share of the time is a duration only once the period's length is known, and months differ. Unless ``columns`` chooses,
both have to give the same for every figure in a period of every length.
"""

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from config.contract.gives import said_give
from config.contract.money import Give
from config.contract.table_rows import Cut, Row, Scale
from config.period_kinds import noun
from config.periods import containing
from config.units import NANOSECONDS, format_duration, format_share

DAY = NANOSECONDS["d"]
SECOND = NANOSECONDS["s"]
_LEAP_CYCLE = 4 * 365 + 1
_NOTHING = Give(amount=Fraction(0))


@lru_cache(maxsize=64)
def lengths(period: str) -> tuple[int, ...]:
    """How long (ns) periods of that kind are, the days of a clock change apart."""
    found = (containing(period, day * DAY, ZoneInfo("UTC")) for day in range(_LEAP_CYCLE))
    return tuple(sorted({one.end - one.start for one in found}))


def disagreement(
    table: Sequence[Row], shares: Scale, durations: Sequence[Row], period: str, long: Sequence[int], start: Cut | None
) -> str | None:
    """Where the two columns give different things in a period that is so ``long`` (ns); None where they never do.
    ``start``: the cut of the first column's badness from which on anything is paid."""
    for length in long:
        cuts = {cut for row in table for cut in _times(row, shares, length)}
        cuts |= {row.low for row in durations} | {row.high for row in durations}
        low = (Fraction(0), 0) if start is None else _time(start, shares, length)
        inside = sorted({low, (Fraction(length), 1), *(cut for cut in cuts if low < cut < (Fraction(length), 1))})
        for one, other in pairwise(inside):
            first = _given(table, _share(one, shares, length), shares)
            second = max((r.tier.give for r in durations if r.low <= one < r.high), key=_amount, default=_NOTHING)
            if first.amount != second.amount:
                return _told(length, one, other, (first, second), shares, period)
    return None


def _given(rows: Sequence[Row], at: Cut, scale: Scale) -> Give:
    """What the worst row gives for the figures just after a cut of badness."""
    held = [row.tier.give for row in rows if scale.stretch(row)[0] <= at < scale.stretch(row)[1]]
    return max(held, key=_amount, default=_NOTHING)


def _amount(given: Give) -> Fraction:
    return given.amount


def _time(cut: Cut, scale: Scale, length: int) -> Cut:
    """A cut of badness of a share as one of the time lost."""
    lost = 1 + cut[0] if scale.worse == "low" else cut[0]
    return lost * length, cut[1]


def _times(row: Row, scale: Scale, length: int) -> tuple[Cut, Cut]:
    low, high = scale.stretch(row)
    return _time(low, scale, length), _time(high, scale, length)


def _share(cut: Cut, scale: Scale, length: int) -> Cut:
    """A cut of the time lost as one of badness of a share."""
    part = cut[0] / length
    return (part - 1 if scale.worse == "low" else part), cut[1]


def _told(length: int, low: Cut, high: Cut, given: tuple[Give, Give], scale: Scale, period: str) -> str:
    lost = _inside(low, high)
    part = lost / length
    figure = 1 - part if scale.worse == "low" else part
    long = f"{length // DAY} days" if length % DAY == 0 else format_duration(length)
    time = format_duration(int(lost))
    return (
        f"differs from 'table' in a {noun(period)} of {long}: {time} lost is {_percent(figure)}, which gives "
        f"{said_give(given[0])} by 'table' and {said_give(given[1])} here; write 'columns: percent' or "
        "'columns: duration'"
    )


def _inside(low: Cut, high: Cut) -> Fraction:
    """A time between two cuts: a whole second where there is one, else a nanosecond, else the middle."""
    for step in (SECOND, 1):
        whole = -(-low[0] // step) * step
        if (whole, 0) < low:
            whole += step
        if (whole, 1) <= high:
            return Fraction(whole)
    return (low[0] + high[0]) / 2


def _percent(share: Fraction) -> str:
    exact = format_share(share)
    if exact.endswith("%") and len(exact) <= 10:
        return exact
    rounded = Fraction(round(share * 10**7), 10**7)
    return f"about {format_share(rounded)}"
