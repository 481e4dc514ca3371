"""Which statements are issued without anybody asking: those of periods that are over since long enough, once each."""

import logging
from collections.abc import Iterator, Sequence
from typing import Protocol

from config.contract.model import Contract
from config.contract.revisions import in_force, period_at
from config.model import Daemon
from config.periods import Period
from monitor.issuing.behind import Recorded
from monitor.log import say
from monitor.store.port import Chain, Issued, StoreError

HOUR = 3_600_000_000_000


class Keeps(Recorded, Protocol):
    """The store, as this needs it."""

    @property
    def chain(self) -> Chain:
        """What binds the evidence."""

    def issued(self, contract: str, start: int, end: int) -> Sequence[Issued]:
        """What was issued of a contract for exactly this period, by revision. Raises StoreError."""


def to_issue(contract: Contract, after: int, now: int) -> Period | None:
    """The contract's last period that is over since ``after`` ns; None where it has no periods that tile time."""
    period = period_at(contract, period_at(contract, now - after).start - 1)
    return None if _overlaps(period) else period


def _overlaps(period: Period) -> bool:
    return period.kind is not None and period.kind.startswith("trailing")


class Due:
    """Of one process, which remembers what it has done."""

    def __init__(self, store: Keeps) -> None:
        self._store = store
        self._done: dict[str, int] = {}
        self._refused: dict[str, int] = {}

    def periods(self, contract: Contract, settings: Daemon, now: int) -> list[Period]:
        """Those of a contract to be issued now, the oldest first: the last that is due, and those since the newest that
        was issued, of the time in which nobody was there to issue them. Raises ValueError, StoreError."""
        name, last = contract.name, to_issue(contract, settings.issue_after, now)
        if last is None or self._done.get(name) == last.end:
            return []
        missed = list(self._not_issued(contract, last, now - settings.retention))
        found = [period for period in missed if self._observed(contract, period)]
        lost = self._store.chain.lost_at() if found else None
        if lost is not None and any(period.end <= lost for period in found):
            text = f"statements up to {last.label} may have been issued already, since parts of this store were lost: "
            rest = f"none is issued by itself; where nobody has one, `upheld issue {name} PERIOD` makes it"
            say(logging.WARNING, "perhaps_issued", name, text + rest)
            found = [period for period in found if period.end > lost]
        return found

    def waits(self, contract: Contract, now: int) -> bool:
        """Whether one was refused within the hour."""
        return abs(now - self._refused.get(contract.name, now - HOUR)) < HOUR

    def done(self, contract: Contract, settings: Daemon, now: int) -> None:
        """All of them are issued."""
        last = to_issue(contract, settings.issue_after, now)
        if last is not None:
            self._done[contract.name] = last.end

    def refused(self, contract: Contract, now: int) -> None:
        """One could not be issued: it is tried again in an hour."""
        self._refused[contract.name] = now

    def _not_issued(self, contract: Contract, last: Period, since: int) -> Iterator[Period]:
        """The periods after the newest that was issued, as far as their evidence may be there; the last alone if none
        was."""
        found, period = list[Period](), last
        while not self._was_issued(contract.name, period):
            found.append(period)
            period = period_at(contract, period.start - 1)
            if period.start < since or _overlaps(period):
                return iter([last])
        return reversed(found)

    def _was_issued(self, name: str, period: Period) -> bool:
        """A statement that is damaged was, and keeps no other contract waiting."""
        try:
            return bool(self._store.issued(name, period.start, period.end))
        except StoreError as error:
            if error.code != "statement_damaged":
                raise
            say(logging.ERROR, error.code, name, str(error))
            return True

    def _observed(self, contract: Contract, period: Period) -> bool:
        """Whether there is anything to say: a monitor that began later says nothing of the time before."""
        services = in_force(contract, period.start).services
        targets = {target for service in services for target in service.targets}
        last = (self._store.last_before(target, period.end) for target in targets)
        if any(sample is not None and sample.at >= period.start for sample in last):
            return True
        about = {service.name for service in services}
        return any(getattr(fact, "service", None) in about for fact in self._store.facts(period.start, period.end))
