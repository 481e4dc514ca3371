"""What a set of facts comes to, as a whole and by part, so that of evidence that was altered the first part that
differs can be named."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from monitor.render.fact_lines import line
from monitor.sla.facts import Fact
from probes.notation import instant_text
from probes.sample import Sample

_MARK = 12
"""How many digits of a part's digest are kept: the whole proves, the parts name."""


@dataclass(frozen=True, slots=True)
class Root:
    """``digest`` is SHA-256 over the facts' lines in order of the lines, each ended by a line feed. ``parts``: the same
    for the samples of each target and UTC day and for each other kind of fact, as ``"how many:first digits"``."""

    facts: int
    digest: str
    parts: Mapping[str, str] = field(default_factory=dict)


def root_of(facts: Iterable[Fact]) -> Root:
    """The root of facts; their order and repetitions do not matter."""
    parts: dict[str, set[str]] = defaultdict(set)
    for fact in facts:
        parts[_part(fact)].add(line(fact))
    ordered = sorted(text for lines in parts.values() for text in lines)
    marks = {name: f"{len(lines)}:{_digest(sorted(lines))[:_MARK]}" for name, lines in sorted(parts.items())}
    return Root(len(ordered), f"sha256:{_digest(ordered)}", marks)


def first_other(told: Mapping[str, object], found: Mapping[str, str]) -> str | None:
    """The first part that differs, in words; None where none does."""
    for name in sorted({*told, *found}):
        if told.get(name) != found.get(name):
            before, after = (str(part.get(name, "0:")).partition(":")[0] for part in (told, found))
            what = "altered" if before == after else f"{after} of them"
            return f"{name}: {what} where the statement rests on {before}"
    return None


def _part(fact: Fact) -> str:
    if isinstance(fact, Sample):
        return f"samples of {fact.target} on {instant_text(fact.at)[:10]}"
    return f"facts of kind {type(fact).__name__.removesuffix('Fact').lower()}"


def _digest(lines: Iterable[str]) -> str:
    whole = hashlib.sha256()
    for text in lines:
        whole.update(text.encode("utf-8", "surrogatepass") + b"\n")
    return whole.hexdigest()
