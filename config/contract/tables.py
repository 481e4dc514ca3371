"""What is wrong with the rows of a table: some can never apply, overlap, leave a hole, pay no more.

One-sided rows of one direction nest, and the worst that holds is paid. Once a row has two sides, every figure from the
promised one on to the worst possible has to be in a row, and in one only, unless the author accepts it by name.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import ceil

from config.contract.gives import said_give
from config.contract.table_rows import FAR, Cut, Row, Scale

_DECIMALS = re.compile(r"\.([0-9]+)")


@dataclass(frozen=True, slots=True)
class Rules:
    """``breach``: the cut of badness where the promise begins to be breached, and ``promised`` how it says so; None
    where rows are paid by themselves. ``step``: figures are multiples of it. ``unit``: 1 as typed (1% of a share)."""

    gaps: bool = False
    overlaps: bool = False
    breach: Cut | None = None
    promised: str = ""
    step: Fraction | None = None
    unit: Fraction | None = None


def ordered(rows: Sequence[Row], scale: Scale) -> list[Row]:
    """The rows from the mildest to the worst; of two that begin together, the one that holds longer comes first."""
    longest = sorted(rows, key=lambda row: scale.stretch(row)[1], reverse=True)
    return sorted(longest, key=lambda row: scale.stretch(row)[0])


def check(rows: Sequence[Row], scale: Scale, rules: Rules) -> None:
    """Tell of every row that is wrong; the rows are ``ordered``."""
    apart = any(row.two_sided for row in rows)
    if not apart:
        _nested(rows, scale, rules)
        return
    told = [row for row in rows if _never(row, rows, scale, rules)]
    if not told and not rules.overlaps:
        told = _overlapping(rows, scale)
    if not told:
        told = _paying_less(rows, scale, rules)
    if not told and not rules.gaps:
        _holes(rows, scale, rules)


def _nested(rows: Sequence[Row], scale: Scale, rules: Rules) -> None:
    """From the mildest row to the worst: each must win somewhere, and pay more than the one before."""
    start = scale.best if rules.breach is None else rules.breach
    for index, row in enumerate(rows):
        low, high = scale.stretch(row)
        worse = rows[index + 1] if index + 1 < len(rows) else None
        until = high if worse is None else scale.stretch(worse)[0]
        if until <= max(low, start):
            row.at.wrong(_unreachable(row, worse, scale, rules), row.at.key)
        elif index and row.tier.give.amount <= rows[index - 1].tier.give.amount:
            milder = said_give(rows[index - 1].tier.give)
            row.at.wrong(
                f"{said_give(row.tier.give)} is no more than the {milder} of the milder row; "
                "worse service must pay more"
            )


def _unreachable(row: Row, worse: Row | None, scale: Scale, rules: Rules) -> str:
    if worse is None:
        return "can never apply: no service can be that bad; leave it out"
    if scale.stretch(worse)[0] == scale.stretch(row)[0]:
        return "has the same edge as another row; leave one of them out"
    edge = f"{worse.tier.operator} {scale.show(worse.tier.edge)}"
    return f"can never apply: a breach ({rules.promised}) that bad already meets {edge!r}; leave it out"


def _never(row: Row, rows: Sequence[Row], scale: Scale, rules: Rules) -> bool:
    """Whether the row is never the one that is paid, which is told."""
    low, high = scale.stretch(row)
    start = low if rules.breach is None else max(low, rules.breach)
    if low >= high:
        text = "can never apply: no service can be that bad; leave it out"
    elif start >= high:
        text = (
            f"can never apply: {rules.promised!r} is kept wherever it holds; leave it out, or write "
            "'even if met: accept'"
        )
    else:
        over = [one for one in rows if one is not row and _covers(one, start, high, scale)]
        over = [one for one in over if one.tier.give.amount > row.tier.give.amount or scale.stretch(one) == (low, high)]
        if not over:
            return False
        text = (
            f"can never apply: wherever it holds, {over[0].text!r} pays {said_give(over[0].tier.give)}; leave one out"
        )
    row.at.wrong(text, row.at.key)
    return True


def _covers(row: Row, start: Cut, end: Cut, scale: Scale) -> bool:
    low, high = scale.stretch(row)
    return low <= start and high >= end


def _overlapping(rows: Sequence[Row], scale: Scale) -> list[Row]:
    """Rows that hold a figure which a milder one holds too. What one side alone bounds may lie below the others."""
    told = []
    for index, row in enumerate(rows):
        low, high = scale.stretch(row)
        for other in rows[:index]:
            end = min(high, scale.stretch(other)[1])
            point = end[0] == low[0] and (row.meets or other.meets)
            if low >= end or point or not other.two_sided:
                continue
            row.at.wrong(
                f"holds {scale.said(low, end)}, as {other.text!r} does; give a figure one row, "
                "or write 'overlaps: accept'",
                row.at.key,
            )
            told.append(row)
            break
    return told


def _paying_less(rows: Sequence[Row], scale: Scale, rules: Rules) -> list[Row]:
    """Rows that pay less than a milder one does, and what lies below the end of a better paid one."""
    best: Row | None = None
    for low, high in _pieces(rows, scale):
        held = [row for row in rows if _covers(row, low, high, scale)]
        if not held:
            continue
        paid = max(held, key=lambda row: row.tier.give.amount)
        if best is None or paid.tier.give.amount >= best.tier.give.amount:
            best = paid
        elif not rules.gaps or low == scale.stretch(paid)[0]:
            given, milder = said_give(paid.tier.give), said_give(best.tier.give)
            where = "" if low == scale.stretch(paid)[0] else f" for a figure of {scale.said(low, high)}"
            paid.at.wrong(f"{given}{where} is less than the {milder} of {best.text!r}; worse service must pay more")
            return [paid]
    return []


def _pieces(rows: Sequence[Row], scale: Scale) -> list[tuple[Cut, Cut]]:
    """The scale cut at every edge."""
    cuts = sorted({cut for row in rows for cut in scale.stretch(row)})
    return list(pairwise(cuts))


def _holes(rows: Sequence[Row], scale: Scale, rules: Rules) -> None:
    at = scale.stretch(rows[0])[0] if rules.breach is None else rules.breach
    before: Row | None = None
    for row in rows:
        low, high = scale.stretch(row)
        if low > at and not _none_between(at, low, scale, rules):
            _tell(row, f"{_between(before, row, rules)}", (at, low), scale, rules, before)
        if high > at:
            at, before = high, row
    if at < scale.worst and before is not None and not _none_between(at, scale.worst, scale, rules):
        _tell(before, f"{before.text!r} is the last", (at, scale.worst), scale, rules, None)


def _tell(row: Row, why: str, hole: tuple[Cut, Cut], scale: Scale, rules: Rules, before: Row | None) -> None:
    right = "close it, or write 'gaps: accept'"
    step = _printed_step(row, before, hole, rules)
    if step is not None:
        rounded = f"round: {{to: {scale.show(step)}, for: compare}}"
        right = f"close it, write 'gaps: accept', or round the measure: '{rounded}'"
    row.at.wrong(f"no row for a figure of {scale.said(*hole)}: {why}; {right}", row.at.key)


def _between(before: Row | None, row: Row, rules: Rules) -> str:
    if before is None:
        return f"{rules.promised!r} is broken from there on, and {row.text!r} comes first"
    return f"it lies between {before.text!r} and {row.text!r}"


def _printed_step(row: Row, before: Row | None, hole: tuple[Cut, Cut], rules: Rules) -> Fraction | None:
    """What figures were rounded to when the edges were printed, where that alone makes the hole."""
    if rules.unit is None:
        return None
    texts = row.text + (before.text if before is not None else f" {rules.promised}")
    digits = max((len(found) for found in _DECIMALS.findall(texts)), default=0)
    step = rules.unit / 10**digits
    return step if hole[1][0] - hole[0][0] == step and (hole[0][1], hole[1][1]) == (1, 0) else None


def _none_between(low: Cut, high: Cut, scale: Scale, rules: Rules) -> bool:
    """Whether no figure that is rounded can lie there."""
    if rules.step is None or high[0] >= FAR:
        return False
    first, last = sorted((scale.turned(low), scale.turned(high)))
    multiple = ceil(first[0] / rules.step) * rules.step
    if (multiple, 0) < first:
        multiple += rules.step
    return (multiple, 1) > last
