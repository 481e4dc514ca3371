"""Do issued statements in somebody's hands agree with one another? Told from the papers alone.

Each is whole and signed, or it is refused, so that nobody is accused by a forged one. Of one period there is one
statement of each revision; a later one names the digest of the one before it and what differs from it. And the chains
that statements of one contract name only ever grow.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from monitor.issuing.difference import differences
from monitor.issuing.document import digest_of, figures
from monitor.issuing.keys import signed_by
from monitor.render.statement_json import Members
from probes.notation import instant


@dataclass(frozen=True, slots=True)
class Paper:
    """One statement that was issued: the file it stands in, and who signed it. ``about``: contract, begin and end."""

    file: str
    document: Members
    key: str
    about: tuple[str, int, int]
    revision: int
    issued_at: int
    heads: Mapping[str, tuple[int, str]]

    @property
    def digest(self) -> str:
        """What stands for all of it."""
        return str(self.document["digest"])


def paper(file: str, document: Members) -> Paper:
    """A statement as it was issued. Raises ValueError where it is none, or was altered."""
    stated = str(document.get("digest"))
    if digest_of(document) != stated:
        raise ValueError(f"{file}: the statement was altered: its members do not come to its digest")
    try:
        key = signed_by(document.get("signature"), stated)
    except ValueError as error:
        raise ValueError(f"{file}: the statement {error}") from error
    period, evidence, revision = (document.get(name) for name in ("period", "evidence", "revision"))
    try:
        if not isinstance(period, dict) or not isinstance(evidence, dict) or type(revision) is not int:
            raise ValueError("it was not issued")
        about = (str(document["contract"]), instant(str(period["from"])), instant(str(period["to"])))
        heads = {str(one["chain"]): (int(str(one["links"])), str(one["head"])) for one in evidence["chain"]}
        return Paper(file, document, key, about, revision, instant(str(document["issued_at"])), heads)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{file}: no issued statement: {error}") from error


def disagreements(papers: Sequence[Paper]) -> Iterator[str]:
    """Where two of one contract cannot both stand."""
    for one, other in _pairs(papers, lambda paper: (paper.about, paper.revision)):
        if one.key != other.key:
            yield f"{one.file} is signed by {one.key}, {other.file} by {other.key}: ask who changed the key"
        elif one.about == other.about:
            yield from _revisions(one, other)
    for one, other in _pairs(papers, lambda paper: (paper.issued_at, paper.revision)):
        if one.key == other.key:
            yield from _chains(one, other)


def superseded(papers: Sequence[Paper]) -> Iterator[str]:
    """Which of them counts no more, and which have nothing to do with the first."""
    for one, other in _pairs(papers, lambda paper: (paper.about, paper.revision)):
        if one.about == other.about and one.revision < other.revision:
            yield f"{other.file} is revision {other.revision} and counts in the place of {one.file}"
    for one in papers[1:]:
        if one.about[0] != papers[0].about[0]:
            yield f"{one.file} is of another contract, {one.about[0]}: there is nothing to compare"


def _pairs(papers: Sequence[Paper], order: Callable[[Paper], Any]) -> Iterator[tuple[Paper, Paper]]:
    pairs = combinations(sorted(papers, key=order), 2)
    return ((one, other) for one, other in pairs if one.about[0] == other.about[0])


def _revisions(one: Paper, other: Paper) -> Iterator[str]:
    """Two of one period, the earlier revision first."""
    if one.digest == other.digest:
        return
    changed = sorted(differences(figures(one.document), figures(other.document)), key=_path)
    if one.revision == other.revision:
        first = f"; first {changed[0]['path']}" if changed else "; their figures are the same"
        yield f"{one.file} and {other.file} are two statements of one period, both revision {one.revision}{first}"
    elif other.issued_at < one.issued_at:
        yield f"{other.file} is revision {other.revision}, and issued before {one.file}, revision {one.revision}"
    elif other.revision == one.revision + 1 and other.document.get("supersedes") != one.digest:
        yield f"{other.file} supersedes another revision {one.revision} than {one.file}: two of them were issued"
    elif other.revision == one.revision + 1 and _told(other.document) != changed:
        yield f"{other.file} does not say in what it differs from {one.file}"


def _told(document: Members) -> object:
    """In what it says that it differs from the revision before."""
    told = document.get("difference")
    return sorted(told, key=_path) if isinstance(told, list) else told


def _path(changed: object) -> str:
    return str(changed.get("path")) if isinstance(changed, Mapping) else ""


def _chains(one: Paper, other: Paper) -> Iterator[str]:
    """Two of one key, the one that was issued first first."""
    for chain, (links, head) in one.heads.items():
        after = other.heads.get(chain, (0, ""))
        if after[0] == links and after[1] != head:
            yield f"{one.file} and {other.file} name two links {links} of chain {chain}: history was made anew"
        elif after[0] < links and one.issued_at < other.issued_at:
            rest = f"{other.file}, issued later, only {after[0]}: links were cut off, or the clock was set back"
            yield f"{one.file} names {links} links of chain {chain}, {rest}"
