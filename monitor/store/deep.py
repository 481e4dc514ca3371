"""Is the evidence what was recorded? Every link, leaf, sample, heartbeat, fact and statement, computed anew.

The digests that stand beside bodies tell of accidents; who knows this program can make them. What nobody can make
without the key is a link, and what nobody can make at all is a head that a customer holds. So findings here are of
what differs from what was signed, each named by where it lies; nothing found says that all that was bound up to the
last heads is as it was.
"""

import json
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from monitor.issuing.document import digest_of
from monitor.issuing.heads import PARTED
from monitor.issuing.keys import signed_by
from monitor.issuing.links import RECORDS, Link, link_from, whole_days
from monitor.store import deep_records, deep_samples, issuedstore, people
from monitor.store.linkstore import Chains
from monitor.store.sql import Sql
from monitor.store.view import View
from probes.notation import instant_text


@dataclass(frozen=True, slots=True)
class Anchor:
    """A head that was known outside of the chain: who says so, and what."""

    told_by: str
    chain: str
    number: int
    head: str
    key: str


@dataclass(frozen=True, slots=True)
class Held:
    """An issued statement in somebody's hands: whose, and what stands in it."""

    told_by: str
    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class Chained:
    """The links of a store that can be read, by chain and in order of number."""

    by_name: Mapping[str, Sequence[Link]]


def check(chain: Chains, key: str | None, anchors: Sequence[Anchor] = (), held: Sequence[Held] = ()) -> list[str]:
    """What is not as it was recorded; see ``findings``. ``held`` are statements that the store has to have. Raises
    StoreError."""
    with chain.view() as view:
        rows = issuedstore.rows(view.sql)
        own = [anchor for row in rows for anchor in _anchors_in(row)]
        found = list(findings(view, key, [*own, *anchors]))
    there = {row[5] for row in rows}
    gone = "the store does not have it: it was removed, or another one was issued in its place"
    return [*found, *(f"{one.name} ({one.told_by}): {gone}" for one in held if one.digest not in there)]


def held(document: Mapping[str, object], told_by: str) -> Held:
    """A statement that was issued, and not altered since. Raises ValueError where it is none."""
    stated = str(document.get("digest"))
    if digest_of(dict(document)) != stated:
        raise ValueError("it was altered: its members do not come to its digest")
    try:
        signed_by(document.get("signature"), stated)
    except ValueError as error:
        raise ValueError(f"it {error}") from error
    period = document.get("period")
    label = period.get("label") if isinstance(period, Mapping) else None
    name = f"statement of {document.get('contract')} for {label} revision {document.get('revision')}"
    return Held(told_by, name, stated)


def anchors_of(document: Mapping[str, object], told_by: str) -> list[Anchor]:
    """The heads that an issued statement carries. Raises ValueError where it cannot be read."""
    evidence = document.get("evidence")
    if not isinstance(evidence, Mapping):
        raise ValueError("the statement names no evidence; it was not issued")
    try:
        told = evidence.get("chain", [])
        return [
            Anchor(told_by, str(one["chain"]), int(str(one["links"])), str(one["head"]), str(one["key"]))
            for one in told
        ]
    except (KeyError, TypeError) as error:
        raise ValueError(f"the chain that the statement names cannot be read: {error!r}") from error


def _anchors_in(row: issuedstore.Row) -> list[Anchor]:
    try:
        return anchors_of(json.loads(row[7]), f"the statement of {row[0]} issued {instant_text(row[4])[:10]}")
    except (ValueError, AttributeError, TypeError):
        return []  # what is wrong with it is found with the records


def findings(view: View, key: str | None, anchors: Sequence[Anchor]) -> Iterator[str]:
    """What is not as it was recorded, the first in each chain first. ``key``: the public key that has to have signed
    the links; None: whichever signed the first."""
    if mistyped := list(view.mistyped()):
        yield from mistyped
        return
    yield from view.unguarded()
    chains: dict[str, list[Link]] = {}
    yield from _links(view.sql, key, chains)
    read = Chained(chains)
    for anchor in anchors:
        yield from _anchored(anchor, read)
    yield from deep_samples.findings(view, read.by_name, _removable(view.sql, read))
    yield from deep_records.findings(view.sql, read.by_name.get(RECORDS, ()), key)
    for told in people.altered(view.sql):
        yield f"person {told}: its name is not the one that facts were recorded with"


def _links(connection: Sql, key: str | None, chains: dict[str, list[Link]]) -> Iterator[str]:
    """Whether each chain hangs together and was signed by one key; fills ``chains`` with what can be read."""
    last: Link | None = None
    for chain, number, body in connection.execute("SELECT chain, number, body FROM links ORDER BY chain, number"):
        name = f"chain {chain}, link {number}"
        before = last if last is not None and last.chain == chain else None
        try:
            link = link_from(body)
            signer = link.signer()
        except ValueError as error:
            yield f"{name}: it was altered: {error}"
            continue
        expected = 1 if before is None else before.number + 1
        if number != expected:
            yield f"{name}: link {expected} is missing before it"
        elif (link.chain, link.number) != (chain, number) or link.before != (before.head if before else ""):
            yield f"{name}: it does not follow the link before it: links were exchanged or altered"
        key = key or signer
        if signer != key:
            yield f"{name}: signed by {signer}, not by {key}"
        if _horizon(link) > max(link.at, _horizon(before) if before else 0):  # carried on where the clock was set back
            yield f"{name}: it lets samples be removed that were not taken when it was made"
        for told in link.lost:
            yield _lost(told, name)
        chains.setdefault(chain, []).append(link)
        last = link


def _lost(told: tuple[str, int, str], name: str) -> str:
    if told == PARTED:
        return f"{name}: the heads beside the store were gone when it was made; what was cut off before does not show"
    return f"chain {told[0]}, link {told[1]}: gone since an older copy of the store was put back ({name} says so)"


def _anchored(anchor: Anchor, chains: Chained) -> Iterator[str]:
    links = chains.by_name.get(anchor.chain, ())
    found = next((link for link in links if link.number == anchor.number), None)
    name = f"chain {anchor.chain}, link {anchor.number}"
    if found is None:
        newest = links[-1].number if links else 0
        yield f"{name}: missing, though {anchor.told_by} names it; the last is {newest}: cut off or rolled back"
    elif found.head != anchor.head:
        yield f"{name}: another one than {anchor.told_by} names: history was made anew"
    elif found.key != anchor.key:
        yield f"{name}: signed by {found.key}, and by {anchor.key} when {anchor.told_by} named it: it was signed anew"


@dataclass(frozen=True, slots=True)
class Removable:
    """What retention may have removed: ``links`` say until when, each further than the one before; ``kept`` is
    (issued at, start, end) of a target's samples that statements rest on."""

    links: Sequence[Link]
    kept: Mapping[str, Sequence[tuple[int, int, int]]]

    def may_be_gone(self, target: str | None, start: int, end: int) -> bool:
        """Whether all of a target's samples of a span may be gone; None: heartbeats, which speak for every target."""
        for link in self.links[bisect_left(self.links, end, key=_horizon) :]:
            spared = [(first, last) for one, first, last in link.spared if target in (None, one)]
            if not any(first < end and start < last for first, last in spared):
                targets = self.kept if target is None else (target,)
                kept = [one for name in targets for one in self.kept.get(name, ())]
                return not any(at <= link.at and first < end and start < last for at, first, last in kept)
        return False


def _horizon(link: Link) -> int:
    return link.horizon or 0


def _removable(connection: Sql, chains: Chained) -> Removable:
    further: list[Link] = []
    for link in chains.by_name.get(RECORDS, ()):
        if _horizon(link) > (_horizon(further[-1]) if further else 0):
            further.append(link)
    kept: dict[str, list[tuple[int, int, int]]] = {}
    for row in issuedstore.rows(connection):
        try:
            spans = list(whole_days(issuedstore.keep_of(row)))
        except (ValueError, TypeError):
            continue  # what is wrong with it is found with the records
        for target, start, end in spans:
            kept.setdefault(target, []).append((row[4], start, end))
    return Removable(further, kept)
