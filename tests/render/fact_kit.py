"""Facts to test with: every kind drawn at random, and one of some kinds as its line has it."""

from dataclasses import replace
from fractions import Fraction

from hypothesis import strategies as st

from monitor.sla.facts import (
    AssumeFact,
    ChargeFact,
    ClaimFact,
    CountsFact,
    DamageFact,
    EpochFact,
    ExclusionFact,
    Fact,
    HeartbeatFact,
    IncidentFact,
    Pause,
    ScheduleFact,
    StateFact,
    TicketFact,
    ValueFact,
    WitnessesFact,
)
from tests.probes.test_wire import counts, durations, instants, samples, texts

spans = st.tuples(instants, instants).filter(lambda span: span[0] != span[1]).map(sorted)
states = st.sampled_from(["up", "down", "unknown"])
maybe = st.none() | texts


def spanned(kind: type[Fact], **others: st.SearchStrategy[object]) -> st.SearchStrategy[Fact]:
    return st.builds(lambda span, rest: kind(start=span[0], end=span[1], **rest), spans, st.fixed_dictionaries(others))


shares = st.none() | st.fractions(0, 1, max_denominator=10**6)
figures = st.fractions() | st.decimals(allow_nan=False, allow_infinity=False, places=4).map(Fraction)
few = st.none() | counts
periods = st.sampled_from(["2026-10", "2026-Q4", "2026", "2026-W41", "2026-10-05"])


def _counted(fact: Fact) -> Fact:
    assert isinstance(fact, CountsFact)
    return replace(fact, total=max(fact.total, fact.failed), failed=min(fact.total, fact.failed))


@st.composite
def tickets(draw: st.DrawFn) -> TicketFact:
    """A ticket whose instants come in an order that can be."""
    order = [
        *("occurred", "detected", "requested", "opened", "acknowledged", "responded", "repair_started"),
        *("restored", "delivered", "closed"),
    ]
    instants_ = sorted(draw(st.lists(instants, min_size=16, max_size=16, unique=True)))
    optional = draw(st.sets(st.sampled_from([key for key in order if key != "opened"])))
    at = {key: instants_[i] for i, key in enumerate(order) if key == "opened" or key in optional}
    within = instants_[order.index("opened") : order.index("restored")]
    spans_ = draw(st.lists(st.tuples(st.sampled_from(within), st.sampled_from(within), maybe), max_size=3))
    open_ = not optional & {"restored", "delivered", "closed"}
    pauses = [Pause(start, end, cause) for start, end, cause in spans_ if start < end]
    pauses += [Pause(start, None, cause) for start, end, cause in spans_ if start >= end and open_]
    texts_ = st.fixed_dictionaries(dict.fromkeys(("severity", "category", "region", "cause", "contract"), maybe))
    return TicketFact(
        id=draw(texts),
        service=draw(texts),
        type=draw(st.just("fault") | texts),
        confirmed=draw(st.none() | instants),
        notified=draw(st.none() | st.sampled_from(within)),
        due=draw(st.none() | instants),
        reopened=tuple(draw(st.lists(st.sampled_from(within), max_size=2))),
        pauses=tuple(pauses),
        updates=tuple(draw(st.lists(st.sampled_from(within), max_size=3))),
        weight=draw(shares),
        affected=draw(few),
        by=draw(st.sampled_from(["provider", "customer"])),
        recorded_at=draw(st.none() | instants),
        **at,
        **draw(texts_),
    )


any_fact = st.one_of(
    samples,
    spanned(
        StateFact,
        service=texts,
        state=states,
        cause=maybe,
        contract=maybe,
        weight=shares,
        severity=maybe,
        affected=few,
    ),
    tickets(),
    spanned(CountsFact, signal=texts, total=counts, failed=counts, weight=shares, service=maybe, contract=maybe).map(
        _counted
    ),
    st.builds(ValueFact, texts, figures, periods, st.none(), maybe, maybe, few),
    st.builds(ValueFact, texts, figures, st.none(), instants, maybe, maybe, few),
    st.builds(ClaimFact, texts, instants, maybe, st.none() | st.booleans(), maybe),
    spanned(
        ExclusionFact,
        id=texts,
        cause=texts,
        announced_at=st.none() | instants,
        services=st.lists(texts).map(tuple),
        author=maybe,
        reason=maybe,
        evidence=maybe,
        contract=maybe,
        recorded_at=st.none() | instants,
        withdrawn=st.booleans(),
    ),
    st.builds(AssumeFact, texts, states, maybe),
    spanned(DamageFact, target=maybe, service=maybe),
    st.builds(ScheduleFact, texts, instants, st.integers(1, 10**18), st.integers(1, 10**18)),
    st.builds(WitnessesFact, texts, instants, st.lists(texts).map(tuple)),
    st.builds(HeartbeatFact, texts, texts, instants, st.none() | durations, st.none() | durations, durations),
    st.builds(EpochFact, texts, texts, instants, st.integers(-(10**17), 10**17), st.none() | st.booleans()),
    st.builds(
        ChargeFact,
        texts,
        texts,
        periods,
        counts.map(lambda number: Fraction(number % 10**17, 1000)),
        st.just("EUR"),
        maybe,
    ),
    st.builds(IncidentFact, texts, instants, st.sampled_from(["acknowledge", "note"]), instants, maybe, maybe, maybe),
)

SAMPLE = {
    "kind": "sample",
    "target": "hq",
    "vantage": "fra",
    "boot": "b1",
    "seq": 7,
    "at": "2026-10-01T00:00:30Z",
    "outcome": "up",
}
STATE = {
    "kind": "state",
    "service": "hq",
    "from": "2026-10-01T00:00:00Z",
    "to": "2026-10-01T02:00:00Z",
    "state": "down",
}
M1 = {
    "kind": "exclusion",
    "id": "M1",
    "from": "2026-10-01T00:00:00Z",
    "to": "2026-10-01T02:00:00Z",
    "cause": "planned_maintenance",
}
T1 = {
    "kind": "ticket",
    "id": "T1",
    "service": "hq",
    "severity": 1,
    "opened": "2026-10-01T08:00:00Z",
    "responded": "2026-10-01T08:20:00Z",
    "restored": "2026-10-01T14:00:00Z",
}
COUNTS = {
    "kind": "counts",
    "signal": "requests",
    "from": "2026-10-01T00:00:00Z",
    "to": "2026-10-01T00:05:00Z",
    "total": 1000,
    "failed": 3,
}
CSAT = {"kind": "value", "measure": "csat", "period": "2026-10", "value": "4.6"}
CLAIM = {"kind": "claim", "contract": "acme", "at": "2026-11-02T09:00:00Z"}
