"""What a probe kind is: one module in ``probes/kinds/`` with NAME, Options and ``open``.

``open(kit)`` makes the one prober of that kind in this process: it holds the sockets all its targets share.
The scheduler calls ``start`` at each slot and goes on; the prober calls ``done`` once, on the event loop.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from config.model import Target
from config.typed import Options
from probes.clock import Clock, Life
from probes.sample import Outcome
from probes.sync import Sync, read

if TYPE_CHECKING:  # whoever only reads a configuration does without arrays
    import numpy as np
    from numpy.typing import NDArray


@dataclass(slots=True)  # not frozen: a frozen one takes five times as long to make, and each run makes one
class Seen:
    """What one run found: a Sample before the scheduler stamps target, vantage, boot and seq on it.

    ``at`` is when the run started (wall ns), ``took`` how long it took (monotonic ns). ``steps`` explain the run
    to a person, one line each, and are filled only where ``explain`` was asked for.
    """

    at: int
    outcome: Outcome
    reason: str | None = None
    took: int | None = None
    sent: int | None = None
    received: int | None = None
    rtts: tuple[int | None, ...] = ()
    duplicates: int = 0
    late: int = 0
    phases: tuple[tuple[str, int], ...] = ()
    address: str | None = None
    steps: tuple[str, ...] = ()


@dataclass(slots=True, eq=False, weakref_slot=True)
class Cohort:
    """Targets of one kind with the same slots: their runs begin together, round after round. With a new configuration
    come new cohorts, so what is found out about one holds for as long as it lives."""

    targets: tuple[Target, ...]


@dataclass(slots=True, eq=False)
class Well:
    """What those of a cohort saw that are Up with nothing else to tell: every packet sent was answered in time.

    ``places`` of these targets in the cohort; ``rtts``: a row for each of them, one round trip (ns) a packet.
    ``at`` and ``took`` as in ``Seen``, the same for all. ``addresses`` of all targets of the cohort, by place."""

    places: "NDArray[np.int64]"
    at: int
    took: int
    rtts: "NDArray[np.int64]"
    addresses: Sequence[str | None]


class Resolver(Protocol):
    """Names to addresses without the default thread pool."""

    def known(self, name: str, family: int) -> str | None:
        """The address if it is at hand without asking anyone: a literal, the hosts file, a cached answer."""

    async def resolve(self, name: str, family: int, timeout: int) -> str:  # noqa: ASYNC109 - ns, of the probe
        """One address of ``family`` (socket.AF_INET, AF_INET6) within ``timeout`` ns. A literal is given back.

        Raises ``ResolveError``, which tells an authoritative "no such name" from the resolver's own failure.
        """


class ResolveError(Exception):
    """``reason`` as it stands in the sample: ``nxdomain`` or ``no_address`` (the name's owner says there is none),
    ``dns_local`` (our resolver failed or did not answer)."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Kit:
    """What every prober is handed. ``sync``: whether somebody keeps the machine's clock."""

    clock: Clock
    life: Life
    resolver: Resolver
    sync: Callable[[], Sync] = read


class Prober(Protocol):
    """All runs of one kind in this process."""

    def start(self, target: Target, done: Callable[[Seen], None], explain: bool = False) -> None:
        """Begin one run now; ``done`` is called once, at the latest one timeout and a little later. Never raises for
        what the network or this machine did: that is Down or Unknown with its reason."""

    def close(self) -> None:
        """Let go of everything; runs in flight end Unknown ``shutdown``."""


@runtime_checkable
class Together(Protocol):
    """A prober that begins many runs at once for less than one by one."""

    @property
    def stamped(self) -> bool:
        """Whether the kernel says when an answer came, so that no judgement rests on how punctual this process was."""

    def start_all(
        self, cohort: Cohort, places: Sequence[int], done: Callable[[int, Seen], None], well: Callable[[Well], None]
    ) -> None:
        """``start`` for the targets at these places. Each run ends once: in a ``Well``, or by its place and what it
        saw."""


@runtime_checkable
class Keeping(Protocol):
    """A prober that keeps something for each of its targets."""

    def keep(self, targets: Mapping[str, Target]) -> None:
        """From now on these are probed, by name, and no others: let go of what was kept for those."""


class Kind(Protocol):
    """A module of ``probes/kinds``."""

    @property
    def NAME(self) -> str:
        """What the configuration calls it."""

    @property
    def Options(self) -> type[Options]:
        """What can be said of a probe of this kind."""

    def open(self, kit: Kit) -> Prober:
        """The prober of this kind."""
