"""Whether an issued statement follows from its evidence: checked from the two files alone.

In order: the statement was not altered (digest), it was signed, by whom; the evidence is the evidence it rests on
(root); the terms are those of the contract's digest; and judged again, every figure is the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from config.contract.model import Contract
from config.contract.revisions import in_force
from config.periods import Period
from config.periods import parse as parse_period
from monitor.issuing.difference import differences
from monitor.issuing.document import digest_of, figures
from monitor.issuing.keys import signed_by
from monitor.issuing.people import by_pseudonym
from monitor.issuing.root import first_other, root_of
from monitor.issuing.terms import restored
from monitor.render.statement_json import Members, body
from monitor.sla.evidence import Facts
from monitor.sla.facts import Fact
from monitor.sla.statement import TZDATA, build
from probes.notation import instant


@dataclass(frozen=True, slots=True)
class Verified:
    """``problem`` is the first thing that does not hold, None where all does. ``key`` signed it; ``notes`` are worth
    knowing and change nothing."""

    problem: str | None
    key: str | None = None
    notes: tuple[str, ...] = ()


def verify(document: Members, facts: Sequence[Fact], key: str | None = None) -> Verified:
    """Check a statement against its evidence. ``key``: the public key that has to have signed it."""
    notes: list[str] = []
    signer = None
    try:
        for step in _steps(document, facts, key, notes):
            signer = step
    except ValueError as error:
        return Verified(str(error), signer, tuple(notes))
    return Verified(None, signer, tuple(notes))


def _steps(document: Members, facts: Sequence[Fact], key: str | None, notes: list[str]) -> Iterator[str]:
    """The checks one after the other; each raises ValueError. Yields who signed once that is known."""
    stated = str(document.get("digest"))
    if digest_of(document) != stated:
        altered = f"the statement was altered: its members come to {digest_of(document)}, it says {stated}"
        raise ValueError(f"{altered}{_figure_of(document, facts)}")
    signer = signed_by(document.get("signature"), stated)
    yield signer
    if key is not None and key != signer:
        raise ValueError(f"the statement was signed by {signer}, not by {key}")
    facts = [by_pseudonym(fact) for fact in facts]
    _check_root(document, facts)
    yield signer
    _check_figures(document, facts, notes)
    yield signer


def _figure_of(document: Members, facts: Sequence[Fact]) -> str:
    """The first figure of an altered statement that its evidence does not give, if that can be told."""
    try:
        _check_figures(document, [by_pseudonym(fact) for fact in facts], [])
    except ValueError as error:
        return f"; {error}"
    except (KeyError, TypeError, ArithmeticError):
        return ""  # what was altered keeps it from being judged
    return "; every figure follows from its evidence, so the change is in what frames them"


def _check_root(document: Members, facts: Sequence[Fact]) -> None:
    told = document.get("evidence")
    if not isinstance(told, dict):
        raise ValueError("the statement names no evidence; it was not issued")
    found = root_of(facts)
    if (found.facts, found.digest) != (told.get("facts"), told.get("root")):
        raise ValueError(
            f"the evidence is not what the statement rests on: {found.facts} facts of root {found.digest}, "
            f"it names {told.get('facts')} of root {told.get('root')}{_first(told.get('parts'), found.parts)}"
        )


def _first(told: object, found: Mapping[str, str]) -> str:
    other = first_other(told, found) if isinstance(told, dict) else None
    return "" if other is None else f"; first {other}"


def _check_figures(document: Members, facts: Sequence[Fact], notes: list[str]) -> None:
    name, told = str(document.get("contract")), document.get("terms")
    if not isinstance(told, dict):
        raise ValueError("the statement carries no terms; it was not issued")
    config = restored(name, told)
    contract = config.contracts[name]
    period = _period(document, contract)
    as_of = document.get("as_of")
    again = figures(body(build(config, contract, period, Facts(facts), None if as_of is None else instant(str(as_of)))))
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
