"""One judged period: what credits, caps, claims and rights are settled from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from zoneinfo import ZoneInfo

from config.contract.model import Contract
from config.periods import Period, previous
from monitor.sla.facts import ClaimFact
from monitor.sla.measure import Measured
from monitor.sla.model import CreditLine, PromiseResult
from monitor.sla.ruled import measure_rule
from monitor.sla.scene import Scene

Charges = Mapping[str, Mapping[str, Fraction | None]]


@dataclass(frozen=True)
class Judgement:
    """The results of one period with what they were taken from.

    ``charges``: what each service cost, by service and name of the charge (``charge`` is the service's own; None where
    nobody says it in the contract's currency). ``before(n)``: the judgement ``n`` periods earlier, None before
    the contract and the evidence begin; found once. ``lines``: the credits that a judgement comes to, for those that
    look back. ``charged(n)``: the charges ``n`` periods earlier, which are known without judging them.
    ``conditions``: the results of the lines that rights are made on; such a line holds where it is met. ``claims``:
    those made on the contract. ``now``: the evidence is complete up to it and the period still runs (None: closed).
    ``agreed``: the contract with all its dated texts, of which ``contract`` is the one that the period is judged by.
    """

    contract: Contract
    period: Period
    results: tuple[PromiseResult, ...]
    scenes: Mapping[str, Scene]
    charges: Charges
    before: Callable[[int], "Judgement | None"]
    lines: Callable[["Judgement"], tuple[CreditLine, ...]]
    charged: Callable[[int], Charges]
    conditions: tuple[PromiseResult, ...] = ()
    claims: tuple[ClaimFact, ...] = ()
    now: int | None = None
    agreed: Contract | None = None
    _figures: dict[tuple[str, str], Measured] = field(default_factory=dict)

    def ago(self, n: int) -> Period:
        """The ``n``-th period before, whether or not anything is known of it."""
        return previous(self.period, n, ZoneInfo(self.contract.timezone))

    def figure(self, name: str, service: str) -> Measured:
        """A defined measure of one service in the period, whether or not anything is promised about it."""
        key = (name, service)
        if key not in self._figures:
            rule = self.contract.measure(name)
            names = (rule.services or tuple(self.scenes)) if rule.pool else (service,)
            scenes = [self.scenes[one] for one in names]
            self._figures[key] = measure_rule(scenes, rule, None)
        return self._figures[key]
