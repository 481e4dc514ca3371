"""Whether an issued statement follows from its evidence: checked from the two files alone.

In order: the statement was not altered (digest), it was signed, by whom; the evidence is the evidence it rests on
(root); the terms are those of the contract's digest; and judged again, every figure is the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from zoneinfo import ZoneInfo

from config.contract.model import Contract
from config.contract.revisions import in_force
from config.periods import Period
from config.periods import parse as parse_period
from config.spans import Span
from monitor.issuing.difference import differences
from monitor.issuing.document import digest_of, figures
from monitor.issuing.keys import signed_by
from monitor.issuing.people import by_pseudonym
from monitor.issuing.root import first_other, root_of
from monitor.issuing.terms import restored
from monitor.render.statement_json import Members, body
from monitor.sla.evidence import Evidence, Facts
from monitor.sla.facts import Fact, HeartbeatFact
from monitor.sla.series import Series, series_of
from monitor.sla.statement import TZDATA, build
from probes.notation import instant
from probes.sample import Sample


@dataclass(frozen=True, slots=True)
class Verified:
    """``problem`` is the first thing that does not hold, None where all does. ``key`` signed it; ``notes`` are worth
    knowing and change nothing."""

    problem: str | None
    key: str | None = None
    notes: tuple[str, ...] = ()


class Whole(Evidence, Protocol):
    """Evidence that can be gone through."""

    def everything(self) -> Iterator[Fact]:
        """Every fact, as often as it is asked for."""


class Listed(Facts):
    """A list of facts, whole."""

    def __init__(self, facts: Sequence[Fact]) -> None:
        super().__init__(facts)
        self._facts = facts

    def everything(self) -> Iterator[Fact]:
        """As Whole says."""
        return iter(self._facts)


class Pseudonymous:
    """Evidence with people by pseudonym. What it gives raises ValueError where a name and its pseudonym differ."""

    def __init__(self, evidence: Whole) -> None:
        self._evidence = evidence

    def everything(self) -> Iterator[Fact]:
        """As Whole says."""
        return map(by_pseudonym, self._evidence.everything())

    def samples(self, target: str, start: int, end: int) -> Iterator[Sample]:
        """As Evidence says."""
        return self._evidence.samples(target, start, end)

    def series(self, target: str, start: int, end: int) -> Series | list[Sample]:
        """As Columnar says."""
        return series_of(self._evidence, target, start, end)

    def last_before(self, target: str, at: int) -> Sample | None:
        """As Evidence says."""
        return self._evidence.last_before(target, at)

    def facts(self, start: int, end: int) -> Iterator[Fact]:
        """As Evidence says. What only a name told apart is one fact now."""
        return iter(sorted(set(map(by_pseudonym, self._evidence.facts(start, end))), key=repr))

    def heartbeats(self, start: int, end: int) -> Iterator[HeartbeatFact]:
        """As Evidence says."""
        return self._evidence.heartbeats(start, end)

    def damaged(self, target: str, start: int, end: int) -> Sequence[Span]:
        """As Evidence says."""
        return self._evidence.damaged(target, start, end)


def verify(document: Members, evidence: Whole, key: str | None = None) -> Verified:
    """Check a statement against its evidence. ``key``: the public key that has to have signed it. Raises StoreError
    where there is no room for sorting the evidence."""
    notes: list[str] = []
    signer = None
    try:
        for step in _steps(document, Pseudonymous(evidence), key, notes):
            signer = step
    except ValueError as error:
        return Verified(str(error), signer, tuple(notes))
    return Verified(None, signer, tuple(notes))


def _steps(document: Members, evidence: Whole, key: str | None, notes: list[str]) -> Iterator[str]:
    """The checks one after the other; each raises ValueError. Yields who signed once that is known."""
    stated = str(document.get("digest"))
    if digest_of(document) != stated:
        altered = f"the statement was altered: its members come to {digest_of(document)}, it says {stated}"
        raise ValueError(f"{altered}{_figure_of(document, evidence)}")
    signer = signed_by(document.get("signature"), stated)
    yield signer
    if key is not None and key != signer:
        raise ValueError(f"the statement was signed by {signer}, not by {key}")
    _check_root(document, evidence)
    yield signer
    _check_figures(document, evidence, notes)
    yield signer


def _figure_of(document: Members, evidence: Whole) -> str:
    """The first figure of an altered statement that its evidence does not give, if that can be told."""
    try:
        for _ in evidence.everything():  # of every author, also of those that no figure asks for
            pass
        _check_figures(document, evidence, [])
    except ValueError as error:
        return f"; {error}"
    except (KeyError, TypeError, ArithmeticError):
        return ""  # what was altered keeps it from being judged
    return "; every figure follows from its evidence, so the change is in what frames them"


def _check_root(document: Members, evidence: Whole) -> None:
    told = document.get("evidence")
    if not isinstance(told, dict):
        raise ValueError("the statement names no evidence; it was not issued")
    found = root_of(evidence.everything())
    if (found.facts, found.digest) != (told.get("facts"), told.get("root")):
        raise ValueError(
            f"the evidence is not what the statement rests on: {found.facts} facts of root {found.digest}, "
            f"it names {told.get('facts')} of root {told.get('root')}{_first(told.get('parts'), found.parts)}"
        )


def _first(told: object, found: Mapping[str, str]) -> str:
    other = first_other(told, found) if isinstance(told, dict) else None
    return "" if other is None else f"; first {other}"


def _check_figures(document: Members, evidence: Whole, notes: list[str]) -> None:
    name, told = str(document.get("contract")), document.get("terms")
    if not isinstance(told, dict):
        raise ValueError("the statement carries no terms; it was not issued")
    config = restored(name, told)
    contract = config.contracts[name]
    period = _period(document, contract)
    as_of = document.get("as_of")
    again = figures(body(build(config, contract, period, evidence, None if as_of is None else instant(str(as_of)))))
    stated = figures(document)
    if stated.get("tzdata") != TZDATA:
        notes.append(f"judged with time zones of {TZDATA}, the statement with {stated.get('tzdata')}")
        stated = stated | {"tzdata": TZDATA}
    first = next(differences(stated, again), None)
    if first is not None:
        raise ValueError(
            f"the evidence gives another figure: {first['path']} is {first['after']!r}, "
            f"the statement says {first['before']!r}"
        )


def _period(document: Members, contract: Contract) -> Period:
    told = document.get("period")
    if not isinstance(told, dict):
        raise ValueError("the statement names no period")
    span = parse_period(f"{told['from']}/{told['to']}", ZoneInfo(str(told["timezone"])))
    kind = in_force(contract, span.start).period
    return Period(str(told["label"]), kind if _is_own(told, kind) else span.kind, span.start, span.end)


def _is_own(told: Members, kind: str) -> bool:
    return "/" not in str(told["label"]) or kind.startswith("trailing")
