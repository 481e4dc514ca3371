"""Who the witnesses of our vantage were, and when: naming another makes nothing else of what was before."""

from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import NamedTuple

from config.model import Vantage
from config.spans import Span, clip
from monitor.sla.facts import Fact, WitnessesFact
from monitor.sla.words import FOREVER, silent_spans
from probes.sample import Sample


class Naming(NamedTuple):
    """From ``since`` on, and until the next, these are the witnesses."""

    since: int
    names: tuple[str, ...]


def namings(vantage: Vantage, told: Iterable[WitnessesFact]) -> tuple[Naming, ...]:
    """By start, the first for ever before: those told first, or what the configuration says where nothing is told."""
    ours = sorted((fact for fact in told if fact.vantage == vantage.name), key=attrgetter("start", "witnesses"))
    if not ours:
        return (Naming(-FOREVER, vantage.witnesses),)
    return (Naming(-FOREVER, ours[0].witnesses), *(Naming(fact.start, fact.witnesses) for fact in ours[1:]))


def names_in(named: Iterable[Naming]) -> list[str]:
    """Everybody who ever was a witness."""
    return list(dict.fromkeys(name for naming in named for name in naming.names))


def silences(named: Sequence[Naming], heard: Mapping[str, Sequence[Sample]]) -> list[Span]:
    """When all who were the witnesses failed. What is heard of one that is none any more changes nothing; a silence
    that goes on over a change is one."""
    found: list[Span] = []
    for place, (since, names) in enumerate(named):
        until = named[place + 1].since if place + 1 < len(named) else FOREVER
        samples = [[sample for sample in heard.get(name, ()) if sample.at < until] for name in names]
        spans = [span for one in silent_spans(samples) for span in clip([one], since, until)]
        if found and spans and found[-1][1] == spans[0][0] == since:
            spans[0] = (found.pop()[0], spans[0][1])
        found += spans
    return found


def witness_changes(vantage: Vantage, told: Iterable[Fact], now: int) -> list[WitnessesFact]:
    """What has to be recorded so that what failed so far is judged by who the witnesses were then: those from now on,
    where the last told are others."""
    ours = [fact for fact in told if isinstance(fact, WitnessesFact) and fact.vantage == vantage.name]
    latest = max(ours, key=attrgetter("start", "witnesses"), default=None)
    if latest is not None and latest.witnesses == vantage.witnesses:
        return []
    return [WitnessesFact(vantage.name, now, vantage.witnesses)]
