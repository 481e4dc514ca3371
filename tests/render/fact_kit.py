"""Facts to test with: every kind drawn at random, and one of some kinds as its line has it."""

from fractions import Fraction

from hypothesis import strategies as st

from monitor.sla.facts import (
    AssumeFact,
    ChargeFact,
    EpochFact,
    ExclusionFact,
    Fact,
    HeartbeatFact,
    IncidentFact,
    ScheduleFact,
    StateFact,
)
from tests.probes.test_wire import counts, durations, instants, samples, texts

spans = st.tuples(instants, instants).filter(lambda span: span[0] != span[1]).map(sorted)
states = st.sampled_from(["up", "down", "unknown"])
maybe = st.none() | texts


def spanned(kind: type[Fact], **others: st.SearchStrategy[object]) -> st.SearchStrategy[Fact]:
    return st.builds(lambda span, rest: kind(start=span[0], end=span[1], **rest), spans, st.fixed_dictionaries(others))


any_fact = st.one_of(
    samples,
    spanned(StateFact, service=texts, state=states, cause=maybe, contract=maybe),
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
    st.builds(ScheduleFact, texts, instants, st.integers(1, 10**18), st.integers(1, 10**18)),
    st.builds(HeartbeatFact, texts, texts, instants, st.none() | durations, st.none() | durations, durations),
    st.builds(EpochFact, texts, texts, instants, st.integers(-(10**17), 10**17), st.none() | st.booleans()),
    st.builds(
        ChargeFact,
        texts,
        texts,
        st.sampled_from(["2026-10", "2026-Q4", "2026", "2026-W41", "2026-10-05"]),
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
