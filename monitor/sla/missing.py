"""What would have to be known to settle an indeterminate verdict, promise by promise.

time         spans that nobody can speak for; the statement lists them, with their causes
end          a ticket or outage that is not over, or whose end nobody told
figure       nothing was told of a figure that is counted elsewhere
counts       nothing, or not all, was told of what is counted elsewhere
observation  too little of the time was observed for a statistic of samples
"""

from dataclasses import dataclass
from typing import Literal

from monitor.sla.measures import SAMPLE
from monitor.sla.model import PromiseResult, Verdict

What = Literal["time", "end", "figure", "counts", "observation"]
_TOLD: dict[str, What] = {"given": "figure", "requests": "counts", "counts": "counts"}


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that is not known; ``of`` is the item's key, or the promise's id."""

    what: What
    of: str


def missing(result: PromiseResult) -> tuple[Missing, ...]:
    """What is not known of a promise; nothing where its verdict is settled."""
    if result.verdict is not Verdict.INDETERMINATE:
        return ()
    open_items = [item.key for item in result.items if item.verdict is Verdict.INDETERMINATE]
    if open_items:
        return tuple(Missing("end", key) for key in open_items)
    if result.measure in _TOLD:
        return (Missing(_TOLD[result.measure], result.id),)
    if result.measure in SAMPLE or result.measure == "samples":
        return (Missing("observation", result.id),)
    runs_on = result.upper is None and result.lower is not None
    return (Missing("end" if runs_on else "time", result.id),)
