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
from monitor.render.explaining.parties import parties
from monitor.render.explaining.promises import promises

WIDTH = 100


def explain(config: Config, contract: Contract) -> str:
    """The whole text, ending in a line break. Pure: says nothing about figures, only about rules."""
    sections = (
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
    lines: list[str] = []
    for title, body in sections:
        said = list(_wrapped(body))
        if said:
            lines += [title, "-" * len(title), *said, ""]
    return "\n".join([*lines, f"Digest of the contract's text: {contract.digest}"]) + "\n"


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
