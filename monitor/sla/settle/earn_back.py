"""Taking back a share of a credit after so many good periods in a row: a negative line in the period that completes
them.

The run begins with the period right after the one the credit was for; a miss within it ends the matter. In doubt
(an indeterminate period, one that was not judged) nothing is taken back.
"""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from config.contract.money import Credit
from monitor.sla.judgement import Judgement
from monitor.sla.model import CreditLine, Verdict
from monitor.sla.settle.money import percent, to_money
from monitor.sla.settle.owing import owing
from monitor.sla.settle.reading import made


def earned_back(judgement: Judgement) -> list[CreditLine]:
    """What this period completes the run for."""
    terms = judgement.contract.earn_back
    if terms is None:
        return []
    since = [judgement, *(judgement.before(n) for n in range(1, terms.periods))]
    then = judgement.before(terms.periods) if all(one is not None for one in since) else None
    if then is None:
        return []
    credits = {c.id: c for c in judgement.contract.credits if not terms.credits or c.id in terms.credits}
    out = []
    for line in then.lines(then):
        credit = credits.get(line.id)
        if credit is None or line.amount is None or line.amount <= 0 or line.withheld is not None:
            continue
        if all(one is not None and _met(credit, one, line.service) for one in since):
            out.append(_line(judgement, line, terms.share, terms.periods, then.period.label))
    return out


def _met(credit: Credit, judgement: Judgement, service: str) -> bool:
    """Whether the credit's promises were all kept; of a credit without one, whether it gave nothing."""
    if not credit.promises:
        return not owing(credit, judgement, service)
    return _all_met(result.verdict for result in made(credit, judgement, service))


def _all_met(verdicts: Iterable[Verdict | None]) -> bool:
    found = list(verdicts)
    return bool(found) and all(verdict is Verdict.MET for verdict in found)


def _line(judgement: Judgement, line: CreditLine, share: Fraction, periods: int, label: str) -> CreditLine:
    currency = judgement.contract.currency
    assert line.amount is not None
    amount = -to_money(share * Fraction(line.amount), currency)
    steps = (
        f"{line.amount} were credited for {label}",
        f"kept in the {periods} periods since: {percent(share)} is earned back, {amount}",
    )
    return CreditLine(line.id, line.promise, line.service, None, Decimal(amount), currency, steps, item=line.item)
