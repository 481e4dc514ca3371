"""What a hook kind is: one module in ``monitor/hooks/kinds/`` with NAME, Options and ``open``.

``open(hook, clock)`` makes the sender of one configured hook. It opens nothing yet and never fails for what the
outside world did: that is a DeliveryError, raised each time a delivery is tried. What is owed lives in the
store alone, so a sender may be thrown away at any instant and nothing is lost but a connection.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from config.model import Hook
from config.typed import Options
from probes.clock import Clock

if TYPE_CHECKING:  # a configuration's reader wants the options of kinds, and no store
    from monitor.store.port import Delivery


class DeliveryError(Exception):
    """The other side did not take it. The text is for the operator and holds no secret.

    ``retry_after`` (ns): how long the other side asked to be left alone; None: it did not say. ``permanent``: it said
    that asking again is of no use, so the longest back-off applies at once; the delivery stays owed all the same.
    """

    def __init__(self, text: str, retry_after: int | None = None, permanent: bool = False) -> None:
        super().__init__(text)
        self.retry_after = retry_after
        self.permanent = permanent


class Sender(Protocol):
    """One hook's way out."""

    async def ready(self) -> None:
        """Wait until a delivery has a chance, so that none is spent on a connection known to be down."""

    async def deliver(self, delivery: "Delivery") -> None:
        """Return once the other side has confirmed that it took it; else raise DeliveryError.

        Bounded in time by the kind's own timeout. May be cancelled, and may be called for several subjects at once.
        """

    def state(self, accounts: Mapping[str, str]) -> None:
        """The accounts (JSON text by contract) as they stand, for kinds that show a retained state.

        Only remembers them: showing happens in the sender's own time. The mapping is complete: what was shown of
        a contract that is missing from it is taken down.
        """

    async def close(self) -> None:
        """Say goodbye where the protocol knows one, and let go of everything."""


class Kind(Protocol):
    """A module of ``monitor/hooks/kinds``."""

    @property
    def NAME(self) -> str:
        """What ``kind:`` says in the configuration."""

    @property
    def Options(self) -> type[Options]:
        """The options that stand beside ``kind:``."""

    def open(self, hook: Hook, clock: Clock) -> Sender:
        """The sender of one hook of this kind; called on the event loop. A module's function: it takes no ``self``."""
