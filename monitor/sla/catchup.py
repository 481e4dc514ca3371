"""What folds lack, for many targets: what came since is read once for all of them, in the order of time.

Reading it target by target would open what was recorded last once for each of them, because it still lies together.
A target that was not heard of for long is read on its own, so that it does not lengthen the pass of the others.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import chain
from typing import Protocol, runtime_checkable

from monitor.sla.evidence import Evidence
from monitor.sla.words import FOREVER
from probes.sample import Sample

LATELY = 900_000_000_000
"""How far (ns) behind the newest a fold may stand and be read with the others."""


@runtime_checkable
class Together(Protocol):
    """Evidence that gives the samples of several targets in one pass."""

    def read_samples(self, targets: Sequence[str], start: int, end: int) -> Iterator[Sample]:
        """Samples with ``start <= at < end``, by ``(at, identity)``."""


@runtime_checkable
class Gathering(Protocol):
    """Evidence of which targets lie together."""

    def gathering(self) -> AbstractContextManager[None]:
        """Around the reading of many targets one by one."""


def gathering(evidence: Evidence) -> AbstractContextManager[None]:
    """Around the reading of many targets one by one: what holds several of them need not be opened for each."""
    return evidence.gathering() if isinstance(evidence, Gathering) else nullcontext()


def since(evidence: Evidence, stands: Mapping[str, int]) -> Iterator[Sample]:
    """The samples of each target from an instant of its own on, at the least; each target's in order."""
    newest = max(stands.values(), default=0)
    if not isinstance(evidence, Together):
        return chain.from_iterable(evidence.samples(name, at, FOREVER) for name, at in stands.items())
    together = {name: at for name, at in stands.items() if at >= newest - LATELY}
    alone = (evidence.samples(name, at, FOREVER) for name, at in stands.items() if name not in together)
    if not together:
        return chain.from_iterable(alone)
    return chain(evidence.read_samples(list(together), min(together.values()), FOREVER), chain.from_iterable(alone))
