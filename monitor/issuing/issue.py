"""Issuing: a closed period's statement is judged, signed and recorded; facts that come later make the next revision."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from config.contract.model import Contract
from config.contract.revisions import in_force
from config.model import Config
from config.periods import Period
from monitor.issuing.behind import Recorded, behind, known_until
from monitor.issuing.difference import differences
from monitor.issuing.document import figures, issued
from monitor.issuing.keys import Key
from monitor.issuing.root import root_of
from monitor.issuing.terms import terms
from monitor.render.statement_json import Members, body, canonical
from monitor.store.port import Chain, Issued


class Issues(Recorded, Protocol):
    """The store, as issuing needs it."""

    @property
    def chain(self) -> Chain:
        """What binds the evidence."""

    def issued(self, contract: str, start: int, end: int) -> Sequence[Issued]:
        """What was issued of a contract for exactly this period, by revision."""

    def record_issued(self, statement: Issued) -> None:
        """Keep a statement for ever."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The newest statement of a period, and whether it was issued just now."""

    statement: Issued
    new: bool


def issue(config: Config, contract: Contract, period: Period, store: Issues, now: int, key: Key) -> Outcome:
    """Issue the statement of a period that is over, or a further revision if facts since then change a figure.

    Raises ValueError where the period is not over, or is not one of the contract's.
    """
    if now < period.end:
        raise ValueError(f"the period {period.label} is not over; a statement is issued once nothing is still to come")
    kind = in_force(contract, period.start).period
    if period.kind != kind:
        raise ValueError(f"{period.label} is no period of {contract.name}, which is accounted by {kind}")
    found = behind(config, contract, period, store, None, named=False, until=known_until(period, now), recorded=now)
    root = root_of(found.facts)
    last = next(iter(sorted(store.issued(contract.name, period.start, period.end), key=_newest)), None)
    before: Members | None = None if last is None else json.loads(last.body)
    if (
        last is not None
        and before is not None
        and not any(differences(figures(before), figures(body(found.statement))))
    ):
        return Outcome(last, False)
    document = issued(found.statement, terms(config, contract), root, before, now, key, store.chain.heads())
    text = canonical(document) + "\n"
    made = Issued(
        contract=contract.name,
        start=period.start,
        end=period.end,
        revision=int(str(document["revision"])),
        at=now,
        digest=str(document["digest"]),
        body=text,
        keep=found.spans,
    )
    store.record_issued(made)
    return Outcome(made, True)


def _newest(one: Issued) -> int:
    return -one.revision
