"""Earlier periods of a contract, judged with the same evidence: only when something looks back at them, and once."""

from collections.abc import Callable, Iterable
from zoneinfo import ZoneInfo

from config.contract.model import Contract
from config.contract.revisions import in_force
from config.period_kinds import kind_of
from config.periods import Period, previous
from config.spans import Span
from monitor.sla.evidence import Evidence
from monitor.sla.facts import ChargeFact, CountsFact, Fact, StateFact, TicketFact, ValueFact
from monitor.sla.judgement import Judgement
from monitor.sla.model import CreditLine
from monitor.sla.settle.charges import Charges, charges
from monitor.sla.settle.settlement import lines_of
from monitor.sla.words import FOREVER


class History:
    """The judgements of one contract, ``agreed`` with all its dated texts, by period. ``judge`` makes one that is not
    there yet."""

    def __init__(self, agreed: Contract, evidence: Evidence, judge: Callable[[Period, "History"], Judgement]) -> None:
        self.agreed, self._evidence, self._judge = agreed, evidence, judge
        self._zone = ZoneInfo(agreed.timezone)
        self._judged: dict[Span, Judgement | None] = {}
        self._lines: dict[Span, tuple[CreditLine, ...]] = {}
        self._told: tuple[Fact, ...] | None = None
        self._line: list[Period] = []  # from the first that was asked about backwards
        self._places: dict[Span, int] = {}

    def before(self, period: Period) -> Callable[[int], Judgement | None]:
        """The judgements before a period: of the n-th, None before the contract, its warm-up or the evidence."""

        def nth(n: int) -> Judgement | None:
            if n < 1 or period.kind is None:
                return None
            earlier = self._ago(period, n)
            span = earlier.start, earlier.end
            if span not in self._judged:
                self._judged[span] = self._judge(earlier, self) if self._reaches(earlier) else None
            return self._judged[span]

        return nth

    def charged(self, period: Period) -> Callable[[int], Charges]:
        """What each service cost n periods before, which needs no judging."""

        def nth(n: int) -> Charges:
            told = [fact for fact in self._facts() if isinstance(fact, ChargeFact)]
            earlier = previous(period, n, self._zone)
            terms = in_force(self.agreed, earlier.start)
            return charges(terms, earlier.label, _meant(terms, told))

        return nth

    def lines(self, judgement: Judgement) -> tuple[CreditLine, ...]:
        """What a judgement comes to; settled once."""
        span = judgement.period.start, judgement.period.end
        if span not in self._lines:
            self._lines[span] = lines_of(judgement)
        return self._lines[span]

    def _ago(self, period: Period, n: int) -> Period:
        """The n-th period before. Calendar periods follow each other, so that each is worked out once."""
        if kind_of(period.kind or "").trailing:
            return previous(period, n, self._zone)
        if (period.start, period.end) not in self._places:
            self._places, self._line = {(period.start, period.end): 0}, [period]
        place = self._places[period.start, period.end] + n
        while len(self._line) <= place:
            last = previous(self._line[-1], 1, self._zone)
            self._places[last.start, last.end] = len(self._line)
            self._line.append(last)
        return self._line[place]

    def _reaches(self, period: Period) -> bool:
        contract = in_force(self.agreed, period.start)
        if contract.starts is not None and period.end <= contract.starts:
            return False
        if contract.judged_from is not None and period.start < contract.judged_from:
            return False
        targets = {name for service in contract.services for name in service.targets}
        if any(self._evidence.last_before(name, period.end) is not None for name in targets):
            return True
        return any(_observed_before(contract, fact, period) for fact in self._facts())

    def _facts(self) -> tuple[Fact, ...]:
        if self._told is None:
            self._told = tuple(self._evidence.facts(-FOREVER, FOREVER))
        return self._told


def _meant(contract: Contract, facts: Iterable[ChargeFact]) -> list[ChargeFact]:
    """The charges of this contract."""
    ours = {service.name for service in contract.services}
    return [fact for fact in facts if fact.contract in (None, contract.name) and fact.service in ours]


def _observed_before(contract: Contract, fact: Fact, period: Period) -> bool:
    """Whether a fact tells of something in the period or before it."""
    ours = {None, *(service.name for service in contract.services)}
    match fact:
        case StateFact() | TicketFact() | CountsFact():
            return fact.service in ours and fact.contract in (None, contract.name) and fact.start < period.end
        case ValueFact():
            mine = fact.service in ours and fact.contract in (None, contract.name)
            return mine and (fact.period == period.label or (fact.at is not None and fact.at < period.end))
    return False
