"""A contract in plain language, with every default spelled out: what ``upheld explain`` prints.

Written for somebody who has to rely on the contract and will not read its file: what is promised, how it is
measured, what does not count, what follows from a breach, and by which rules the figures are judged.
"""

import textwrap
from collections.abc import Iterable, Iterator

from config.contract.model import Contract
from config.model import Config
from config.period_kinds import noun
from monitor.render.explaining.claims import claims, rights
from monitor.render.explaining.exclusions import exclusions, unobserved
from monitor.render.explaining.measuring import measuring
from monitor.render.explaining.money import credits
from monitor.render.explaining.parties import date_of, parties
from monitor.render.explaining.promises import promises

WIDTH = 100


def explain(config: Config, contract: Contract) -> str:
    """The whole text, ending in a line break. Pure: says nothing about figures, only about rules."""
    lines = _text(_sections(config, contract))
    for title, body in _revisions(config, contract):
        lines += [title, "-" * len(title), *_wrapped(body), ""]
    return "\n".join([*lines, f"Digest of the contract's text: {contract.digest}"]) + "\n"


Sections = list[tuple[str, list[str]]]


def _sections(config: Config, contract: Contract) -> Sections:
    """The titles with what is said below them."""
    said = (
        (f"Contract {contract.name}", parties(contract)),
        ("What is promised", promises(contract)),
        ("How it is measured", measuring(config, contract)),
        ("What does not count", exclusions(contract)),
        ("Time that nobody observed", unobserved(contract)),
        ("What follows from a breach", credits(contract)),
        ("How to claim, and until when", claims(config, contract)),
        ("Further rights", rights(contract)),
        ("How figures are judged", _judging(contract)),
        ("What the author says", _remarks(contract)),
    )
    return [(title, list(body)) for title, body in said]


def _text(sections: Sections) -> list[str]:
    lines: list[str] = []
    for title, body in sections:
        if body:
            lines += [title, "-" * len(title), *_wrapped(body), ""]
    return lines


def _revisions(config: Config, contract: Contract) -> Iterator[tuple[str, list[str]]]:
    """What each revision says otherwise than the text before it."""
    before = contract
    for one in contract.revisions:
        by = one.applies_by.replace("_", " ")
        since = f"It holds from {date_of(contract, one.start)} on, by the {by}."
        old, new = _said(config, before), _said(config, one.contract)
        gone = [f"- No longer: {line}" for line in old if line not in new]
        added = [f"- Now: {line}" for line in new if line not in old]
        yield f"Revision {one.id}", [since, *gone, *added]
        before = one.contract


def _said(config: Config, contract: Contract) -> list[str]:
    """Every sentence of a text, but for those of its revisions; a list item with all that stands below it."""
    said: list[str] = []
    for _, body in _sections(config, contract):
        for line in body:
            if line.startswith("  ") and said:
                said[-1] += f" {line.strip()}"
            else:
                said.append(line.removeprefix("- "))
    return said


def _wrapped(body: Iterable[str]) -> Iterator[str]:
    for text in body:
        indent = " " * (len(text) - len(text.lstrip()))
        hanging = indent + ("  " if text.lstrip().startswith("- ") else "")
        yield from textwrap.wrap(
            text, WIDTH, initial_indent="", subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False
        ) or [""]


def _judging(contract: Contract) -> Iterator[str]:
    yield (
        "Figures are exact fractions and are compared unrounded, unless a measure says that it is rounded first; what "
        "is shown is rounded toward the unfavourable side of what was promised, so that 99.9499 % is never shown as "
        "99.95 %."
    )
    kind = noun(contract.period)
    yield (
        f"An outage over the edge of a {kind} is divided there for totals. For limits on one incident and "
        f"for counts it belongs whole to the {kind} it began in."
    )


def _remarks(contract: Contract) -> Iterator[str]:
    for one in contract.remarks:
        if one.text:
            yield f"- {one.path}: {one.text}"
        if one.interpret:
            yield f"- {one.path}, read as: {one.interpret}"
