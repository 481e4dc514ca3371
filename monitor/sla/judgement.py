"""One judged period: what credits, caps, claims and rights are settled from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from config.contract.model import Contract
from config.periods import Period
from monitor.sla.measure import Measured
from monitor.sla.measures import RULES
from monitor.sla.model import CreditLine, PromiseResult
from monitor.sla.scene import Scene

Charges = Mapping[str, Mapping[str, Fraction | None]]


@dataclass(frozen=True)
class Judgement:
    """The results of one period with what they were taken from.

    ``charges``: what each service cost, by service and name of the charge (``charge`` is the service's own; None where
    nobody says it in the contract's currency). ``before(n)``: the judgement ``n`` periods earlier, None before
    the contract and the evidence begin; found once. ``lines``: the credits that a judgement comes to, for those that
    look back.
    """

    contract: Contract
    period: Period
    results: tuple[PromiseResult, ...]
    scenes: Mapping[str, Scene]
    charges: Charges
    before: Callable[[int], "Judgement | None"]
    lines: Callable[["Judgement"], tuple[CreditLine, ...]]
    _figures: dict[tuple[str, str], Measured] = field(default_factory=dict)

    def figure(self, name: str, service: str) -> Measured:
        """A defined measure of one service in the period, whether or not anything is promised about it."""
        key = (name, service)
        if key not in self._figures:
            rule = self.contract.measure(name)
            scenes = [self.scenes[one] for one in rule.services or (service,)] if rule.pool else [self.scenes[service]]
            self._figures[key] = RULES[rule.kind].measure(scenes, rule, None)
        return self._figures[key]
