"""The stages of a contract before money: signals become outages, outages become measures.

    signal ─▶ state (bucket, predicate) ─▶ outage (starts, ends, qualifies, merges, rounds) ─▶ measure over a base

Durations are integer nanoseconds, shares exact fractions. Periods are canonical strings that ``config.periods``
interprets (``month``, ``month from day 15``, ``quarter from february``, ``trailing 30 days``).
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from config.contract.noun import ANYTHING, Condition, Noun, Operator, Rounding, Unit

Moment = Literal[
    "first_failure",
    "confirmation",
    "report",
    "detection",
    "acknowledgement",
    "response",
    "occurred",
    "first_success",
    "restored",
    "closed",
]
MeasureKind = Literal["ratio", "requests", "counts", "total", "longest", "count", "each", "tickets", "samples", "given"]
_LOW = {"total", "longest", "count", "each"}
_LOW_SAMPLES = {"latency", "jitter", "packet-loss"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge(Noun):
    """When an outage starts or ends: one moment, or the earliest or latest of several that are known."""

    pick: Literal["one", "earliest", "latest"] = "one"
    of: tuple[Moment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source(Noun):
    """Where outages come from. ``name``: the ``signal`` of counts facts, another outage rule, or the measure whose
    figure in each bucket is the state."""

    kind: Literal["probes", "tickets", "counts", "outage", "measure"]
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket(Noun):
    """A state judged bucket by bucket of ``length`` ns from the period's start.

    A bucket is bad when all of it failed, any of it, or its error ratio is beyond ``ratio`` (``strict``: above it,
    else at least); or while its figure of a measure holds against ``target``, as ``text`` says it. ``daily``: buckets
    are local days. ``minimum``: with fewer samples or requests it is empty, and then what ``empty`` says.
    """

    length: int
    when: Literal["all_fail", "any_fail", "error_ratio", "measure"]
    ratio: Fraction = Fraction(0)
    strict: bool = True
    operator: Operator | None = None
    target: Fraction = Fraction(0)
    text: str = ""
    daily: bool = False
    minimum: int = 1
    empty: Literal["good", "bad", "skip", "carry"] = "good"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutageRule(Noun):
    """From states and tickets to counted outages; every field is one independent choice, the defaults are the plain
    outage of a probe: from the first failure to the first success.

    ``every_source``: down only while all sources are (else while any is). ``confirm_after`` ns: shorter is no outage,
    and ``starts`` at ``confirmation`` counts from there. ``least`` (``strict``: longer than it, else at least):
    what qualifies; then all of it counts, or only the ``excess``. ``accumulate`` (need, window): outage time within
    any window of that length. ``merge_within``: the gap up to which outages are one, those of ``merge_least``; the
    gap is charged where ``merge_span``. ``pauses``: ticket pauses that stop the clock (None: all of them).
    ``grace``: restored within it, nothing counts; otherwise all of it, or what is ``beyond``; it runs from the start,
    or from a moment of its ticket (``grace_from``), without which nothing counts. ``reported_within``: a
    ticket has to be opened within that of the start. ``split``: outages are divided at those edges.
    """

    name: str
    sources: tuple[Source, ...] = (Source(kind="probes"),)
    every_source: bool = False
    services: tuple[str, ...] = ()
    bucket: Bucket | None = None
    consecutive: int = 1
    control: str | None = None
    starts: Edge = Edge(of=("first_failure",))
    ends: Edge = Edge(of=("first_success",))
    confirm_after: int = 0
    least: int = 0
    strict: bool = False
    excess: bool = False
    accumulate: tuple[int, int] | None = None
    merge_within: int | None = None
    merge_least: int = 0
    merge_span: bool = False
    overlap: Literal["union", "longest", "sum"] = "union"
    clock: str | None = None
    pauses: tuple[str, ...] | None = None
    grace: int = 0
    grace_beyond: bool = False
    grace_from: Moment | None = None
    reopen: Literal["continues", "new"] = "continues"
    reported_within: int | None = None
    where: Condition = ANYTHING
    affected: int = 0
    round: Rounding | None = None
    split: Literal["day", "period"] | None = None
    weighted: bool = False

    @property
    def plain(self) -> bool:
        """Whether it is the outage of a probe as it is, so that the exact bounds of chains hold."""
        return self == OutageRule(name=self.name, services=self.services)


@dataclass(frozen=True, slots=True, kw_only=True)
class Base(Noun):
    """What a ratio is taken of: the time of the period, a flat length (ns), the time the service existed, or the
    hours of a calendar."""

    kind: Literal["actual", "flat", "existing", "scheduled"] = "actual"
    flat: int | None = None
    calendar: str | None = None


ACTUAL = Base()


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureRule(Noun):
    """One measure the contract defines.

    ``of``: the outage rule, the signal, the sample measure or the value fact it is taken from; for ``each`` an outage
    rule or a ticket leg (``response``, ``resolution``, … or ``A to B``). ``statistic``: mean, median, max, min, sum,
    last, pNN, ``share within`` (with ``threshold``), ``share under``, ``share over``; None for ``each``: every item
    by itself. ``beyond`` ns is taken off a total (``allowance``: what the availability promise on the same outage
    leaves). ``longer`` (``strict_longer``: longer than, else at least) filters a count. ``over``: a trailing period
    instead of the contract's; ``per``: judged in each such sub-period. ``legs``: for ``tickets``, the legs and their
    limits (ns) that a ticket must all keep. Legs ``in_days`` have limits in business days. ``skip``: outage rules
    whose time leaves the samples out. ``bins`` (ns) with ``of_bins``: a statistic of the means of equal buckets.
    ``empty``: what a bucket in which nothing was counted is; None: skipped, but of one that nobody told of nothing
    is known. ``weighted``: outages count by their weight. ``scale``: what 1 of a given figure is in ``unit`` (10^6
    for ms).
    """

    name: str
    kind: MeasureKind
    of: str
    unit: Unit
    services: tuple[str, ...] = ()
    pool: bool = False
    statistic: str | None = None
    threshold: int | None = None
    base: Base | None = None
    absent: Literal["shrink", "up"] = "shrink"
    aggregate: Literal["ratio_of_sums", "mean_of_ratios"] = "ratio_of_sums"
    bucket: int | None = None
    empty: Literal["good", "bad", "skip", "carry"] | None = None
    number: Literal["share", "failed", "total"] = "share"
    beyond: int = 0
    allowance: bool = False
    weighted: bool = False
    longer: int = 0
    strict_longer: bool = True
    over: str | None = None
    per: str | None = None
    clock: str | None = None
    where: Condition = ANYTHING
    legs: tuple[tuple[str, int], ...] = ()
    in_days: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    bins: int | None = None
    of_bins: str | None = None
    less_excluded: bool = False
    scale: Fraction = Fraction(1)
    round: Rounding | None = None
    unknown: Literal["indeterminate", "up", "down", "exclude"] | None = None


def good_side(rule: MeasureRule) -> Literal["high", "low", "either"]:
    """The side on which more is promised; ``either`` where the promise says."""
    if rule.kind == "given" or rule.number == "total":
        return "either"
    if rule.number == "failed" or "share over" in (rule.statistic, rule.of_bins):
        return "low"
    if "share" in (rule.statistic or "") or "share" in (rule.of_bins or ""):
        return "high"
    low = rule.of in _LOW_SAMPLES if rule.kind == "samples" else rule.kind in _LOW
    return "low" if low else "high"
