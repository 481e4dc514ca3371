"""One contract from its whole text: what its revisions make of it, its remarks taken out, its nouns read for every text
that may be in force."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar
from zoneinfo import ZoneInfo

from config import periods
from config.contract import terms
from config.contract.levels import Text, over
from config.contract.model import Contract, Revision
from config.contract.noun import Remark
from config.contract.parties import dated_digests
from config.contract.read import read_contract
from config.contract.remarks import remark, without_remarks
from config.contract.services import instant
from config.contract.stamps import Stamp, read_stamps
from config.digest import digest
from config.dump import dump
from config.errors import Problem
from config.model import Target
from config.places import Node
from config.reader import Reader

T = TypeVar("T")
Targets = Mapping[str, Target | None]


@dataclass(frozen=True, slots=True)
class Whole:
    """One contract's text put together: as first agreed, and as of each revision."""

    first: Node
    revised: tuple[tuple[Stamp, Node], ...]


def put_together(chain: Sequence[Text]) -> Whole:
    """The text of a chain, and what its revisions make of it."""
    first = over(chain)
    return Whole(first, revised(chain, read_stamps(chain, zone_of(first)), starts_of(first)))


def revised(chain: Sequence[Text], stamps: Sequence[Stamp], starts: int | None) -> tuple[tuple[Stamp, Node], ...]:
    """The text as of each revision: over all that came before, but for those of other subscriptions."""
    found = []
    for place, stamp in enumerate(stamps):
        before = [one for one in stamps[:place] if one.counts(starts)]
        patches = [patch for one in [*before, stamp] for patch in one.patches]
        found.append((stamp, over(chain, patches)))
    return tuple(found)


def finished(called: str, entry: Reader, whole: Whole, targets: Targets) -> Contract | None:
    """The contract of a whole text with its revisions. ``entry`` says where it stands."""
    first = _read(called, entry, whole.first, targets, ())
    if first is None:
        return None
    found: list[Revision] = []
    before = first
    for stamp, node in whole.revised:
        said = [one for one in (remark(each, f"revisions.{stamp.id}") for each in stamp.entries) if one is not None]
        contract = _read(called, entry, node, targets, said)
        if contract is None:
            return None
        _check_period(stamp, before, contract)
        before = contract
        found.append(Revision(id=stamp.id, start=stamp.start, applies_by=stamp.applies_by, contract=contract))
    return first.model_copy(update={"revisions": tuple(found)}) if found else first


def _read(called: str, entry: Reader, node: Node, targets: Targets, said: Sequence[Remark]) -> Contract | None:
    """One text's nouns. The digest is of the text with its remarks, as they are printed."""
    clauses, remarks = without_remarks(Reader(node, entry.path, entry.problems, entry.key))
    contract = read_contract(Reader(clauses, entry.path, entry.problems, entry.key), called, targets)
    if contract is None:
        return None
    update: dict[str, object] = {
        "digest": digest(node, expanded=True),
        "remarks": (*remarks, *said),
        "terms": dump(Node(node.place, {"contracts": Node(node.place, {called: node})})),
    }
    if contract.parties:
        dated = dated_digests(node, contract.parties)
        update |= {"digests": dated, "digest": dated[-1][1]}
    return contract.model_copy(update=update)


def _check_period(stamp: Stamp, before: Contract, after: Contract) -> None:
    """A period of another kind begins where one of the old kind ended, or time would be judged twice or not at all."""
    if before.period == after.period or stamp.applies_by == "subscription_start":
        return
    zone = ZoneInfo(after.timezone)
    for kind in (before.period, after.period):
        if periods.containing(kind, stamp.start, zone).start != stamp.start:
            stamp.at.wrong(
                f"changes the period from {before.period} to {after.period} on a day that begins no {kind}; "
                "write a day on which both begin"
            )
            return


def zone_of(node: Node) -> ZoneInfo:
    """The contract's zone; UTC where it has none or a wrong one, which is told elsewhere."""
    return _quietly(node, "timezone", terms.zone) or terms.zone("UTC")


def starts_of(node: Node) -> int | None:
    """The contract's first day; None where it has none or a wrong one, which is told elsewhere."""
    zone = zone_of(node)
    return _quietly(node, "starts", lambda value: instant(value, zone))


def _quietly(node: Node, key: str, parse: Callable[[object], T]) -> T | None:
    child = node.value.get(key) if isinstance(node.value, dict) else None
    unheard: list[Problem] = []
    return None if child is None else Reader(child, "", unheard).read(parse, None)
