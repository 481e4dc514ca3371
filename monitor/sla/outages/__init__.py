"""From states and tickets to the outages a contract counts.

pieces | tickets | counts ──▶ state ──▶ starts, ends ──▶ pauses, clock ──▶ qualifies ──▶ merges, overlaps ──▶ rounds
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from config.contract.rules import OutageRule
from monitor.sla.occurrence import Occurrence, World

if TYPE_CHECKING:
    from monitor.sla.scene import Scene


def occurrences(scene: "Scene", rule: OutageRule, world: World) -> Iterator[Occurrence]:
    """The outages of a rule that touch the scene's period, by start."""
    raise NotImplementedError
