"""One contract from its whole text: what its revisions make of it, its remarks taken out, its nouns read for every text
that may be in force."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar
from zoneinfo import ZoneInfo

from config import periods
from config.contract import terms
from config.contract.levels import Text, over
from config.contract.model import Contract, Revision
from config.contract.noun import Remark
from config.contract.parties import dated_digests
from config.contract.read import Shared, Targets, read_contract
from config.contract.remarks import remark, without_remarks
from config.contract.services import instant
from config.contract.stamps import Stamp, read_stamps
from config.digest import digest
from config.dump import dump
from config.dump import entry as entry_of
from config.errors import Problem
from config.places import Node
from config.reader import Reader

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as typed, its clauses without remarks, and the remarks."""

    typed: Node
    clauses: Node
    remarks: tuple[Remark, ...]


@dataclass(frozen=True, slots=True)
class Whole:
    """One contract's text put together: as first agreed, and as of each revision."""

    first: Reading
    revised: tuple[tuple[Stamp, Reading], ...]


def put_together(entry: Reader, chain: Sequence[Text]) -> Whole:
    """The text of a chain, and what its revisions make of it. ``entry`` says where the last of them stands."""
    first = over(chain)
    stamps = read_stamps(chain, zone_of(first))
    later = revised(chain, stamps, starts_of(first))
    return Whole(reading(entry, first), tuple((stamp, reading(entry, node, stamp)) for stamp, node in later))


def reading(entry: Reader, node: Node, stamp: Stamp | None = None) -> Reading:
    """A text with its remarks, and those of the revision that it is of, taken out. ``entry`` says where it stands."""
    clauses, remarks = without_remarks(Reader(node, entry.path, entry.problems, entry.key))
    about = [] if stamp is None else [remark(each, f"revisions.{stamp.id}") for each in stamp.entries]
    return Reading(node, clauses, (*remarks, *(one for one in about if one is not None)))


def revised(chain: Sequence[Text], stamps: Sequence[Stamp], starts: int | None) -> tuple[tuple[Stamp, Node], ...]:
    """The text as of each revision: over all that came before, but for those of other subscriptions."""
    found = []
    for place, stamp in enumerate(stamps):
        before = [one for one in stamps[:place] if one.counts(starts)]
        patches = [patch for one in [*before, stamp] for patch in one.patches]
        found.append((stamp, over(chain, patches)))
    return tuple(found)


def finished(
    called: str, entry: Reader, whole: Whole, targets: Targets, shared: Shared | None = None
) -> Contract | None:
    """The contract of a whole text with its revisions. ``shared``: what it has in common with others."""
    first = _read(called, entry, whole.first, targets, shared)
    if first is None:
        return None
    found: list[Revision] = []
    before = first
    for stamp, later in whole.revised:
        contract = _read(called, entry, later, targets, shared)
        if contract is None:
            return None
        _check_period(stamp, before, contract)
        before = contract
        found.append(Revision(id=stamp.id, start=stamp.start, applies_by=stamp.applies_by, contract=contract))
    return first.but(revisions=tuple(found)) if found else first


def _read(called: str, entry: Reader, text: Reading, targets: Targets, shared: Shared | None) -> Contract | None:
    """One text's nouns. The digest is of the text with its remarks, as they are printed."""
    contract = read_contract(Reader(text.clauses, entry.path, entry.problems, entry.key), called, targets, shared)
    if contract is None:
        return None
    update: dict[str, object] = {
        "digest": digest(text.typed, expanded=True, known=shared),
        "remarks": text.remarks,
        "terms": _terms(called, text.typed, shared),
    }
    if contract.parties:
        dated = dated_digests(text.typed, contract.parties, shared)
        update |= {"digests": dated, "digest": dated[-1][1]}
    return contract.but(**update)


def _terms(called: str, node: Node, shared: Shared | None) -> str:
    """The text as a section of its own; what is shared is written once."""
    if shared is None or not isinstance(node.value, dict):
        return dump(Node(node.place, {"contracts": Node(node.place, {called: node})}))
    lines = dump({"contracts": {called: None}}).removesuffix(" null\n")
    for key, child in node.value.items():
        text = shared.lines.get(id(child))
        if text is None:
            text = entry_of(key, child, "    ")
            if id(child) in shared.ids:
                shared.lines[id(child)] = text
        lines += "\n" + text
    return lines + "\n"


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
