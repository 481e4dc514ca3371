"""Facts other than samples, as every store keeps them: in memory and in SQLite."""

import time
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from monitor.sla.evidence import Facts
from monitor.sla.facts import (
    AssumeFact,
    ChargeFact,
    ClaimFact,
    CountsFact,
    EpochFact,
    ExclusionFact,
    HeartbeatFact,
    IncidentFact,
    Pause,
    ScheduleFact,
    StateFact,
    TicketFact,
    ValueFact,
    WitnessesFact,
)
from monitor.store.factcodec import fact_from, fact_text
from monitor.store.port import Batch, Store
from monitor.store.sqlite import SqliteStore
from tests.store.made import DAY, HOUR, SECOND, START, sample

EVER = 2**62


def test_facts_come_in_the_order_of_recording_and_once(store: Store) -> None:
    facts = [
        StateFact("hq", START, START + HOUR, "down", cause="fibre_cut"),
        AssumeFact("hq", "up"),
        ScheduleFact("hq", START - 90 * DAY, 30 * SECOND, 2 * SECOND),
        WitnessesFact("fra", START - 90 * DAY, ("gateway", "isp")),
        ChargeFact("hq", "mrc", "2026-10", Fraction("1200.10"), "EUR"),
        IncidentFact("hq", START, "acknowledge", START + HOUR, author="p1", note="täglich"),
        EpochFact("fra", "b1", START + 5, -250_000_001, True),
        ExclusionFact("M1", START, START + HOUR, "planned_maintenance", services=("hq", "web"), recorded_at=1),
    ]
    store.append(Batch(facts=facts[:4]))
    store.append(Batch(facts=facts))
    assert list(store.facts(START, START + DAY)) == facts
    assert list(store.facts(START + 2 * DAY, START + 3 * DAY)) == facts[1:5]


def test_all_versions_of_an_exclusion_are_given_if_one_touches(store: Store) -> None:
    first = ExclusionFact("M1", START, START + HOUR, "planned_maintenance", recorded_at=1)
    moved = replace(first, start=START + 9 * DAY, end=START + 9 * DAY + HOUR, recorded_at=2)
    gone = replace(moved, withdrawn=True, recorded_at=3)
    other = ExclusionFact("M2", START + 9 * DAY, START + 10 * DAY, "customer")
    store.append(Batch(facts=[first, other, moved, gone]))
    assert list(store.facts(START, START + DAY)) == [first, moved, gone]


def test_what_was_recorded_later_is_left_out_with_what_only_it_brings(store: Store) -> None:
    """A later version that touches brings the earlier ones; as of before it they are not read either."""
    first = ExclusionFact("M1", START, START + HOUR, "planned_maintenance", recorded_at=1)
    assumed = AssumeFact("hq", "up")
    store.append(Batch(facts=[first, assumed]))
    then = time.time_ns()
    moved = replace(first, start=START + 9 * DAY, end=START + 9 * DAY + HOUR, recorded_at=2)
    store.append(Batch(facts=[assumed, moved, AssumeFact("web", "up")]))
    assert list(store.facts(START, START + DAY, then)) == [first, assumed]
    assert list(store.facts(START + 9 * DAY, START + 10 * DAY, then)) == [assumed]
    assert list(store.facts(START + 9 * DAY, START + 10 * DAY))[:3] == [first, assumed, moved]


def test_facts_are_read_some_at_a_time_all_of_one_instant(store: Store) -> None:
    """What is recorded meanwhile is not seen, nor what only it brings; writing goes on beside it."""
    gone = ExclusionFact("M0", START - 9 * DAY, START - 8 * DAY, "customer", recorded_at=1)
    many = [CountsFact("calls", START + n, START + n + 1, 1, 0) for n in range(12_000)]
    store.append(Batch(facts=[*many, gone]))
    reading = store.facts(START, START + DAY)
    first = next(reading)
    later = replace(gone, start=START, end=START + HOUR, recorded_at=2)
    assert store.append(Batch(facts=[later, StateFact("hq", START, START + HOUR, "down")])).facts == 2
    assert len(list(store.facts(START, START + DAY))) == 12_003
    assert [first, *reading] == many


def test_a_month_of_counts_is_not_held_to_be_read(reopen: Callable[[], SqliteStore]) -> None:
    """As a list it would be 5 MB."""
    store = reopen()
    many = [CountsFact("calls", START + n, START + n + 1, 1, 0) for n in range(20_000)]
    for part in (slice(10_000), slice(10_000, None)):
        store.append(Batch(facts=many[part]))
    tracemalloc.start()
    assert sum(1 for _ in store.facts(START, START + DAY)) == 20_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 << 20, peak


def test_what_people_report_is_read_as_it_was_recorded(store: Store) -> None:
    lasting = [
        ValueFact("csat", Fraction(23, 5), period="2026-10", n=12),
        ClaimFact("acme", START + 40 * DAY, incident="T1", granted=True),
        TicketFact(
            "T1",
            "hq",
            START + HOUR,
            severity="1",
            category="gold",
            reopened=(START + 3 * HOUR,),
            pauses=(Pause(START + HOUR, START + 2 * HOUR, "access"), Pause(START + 3 * HOUR)),
            updates=(START + HOUR, START + 2 * HOUR),
            weight=Fraction(1, 3),
        ),
    ]
    facts = [
        *lasting,
        CountsFact("requests", START, START + HOUR, 1000, 3, Fraction(1, 2), "hq"),
        ValueFact("nps", Fraction(-3), at=START + HOUR, service="hq"),
        StateFact("hq", START, START + HOUR, "down", weight=Fraction(21, 1000), severity="2", affected=12),
        TicketFact("T2", "hq", START, restored=START + HOUR),
    ]
    store.append(Batch(facts=facts))
    store.append(Batch(facts=facts[2:]))
    assert list(store.facts(START, START + DAY)) == facts
    assert list(Facts(facts).facts(START, START + DAY)) == sorted(facts, key=repr)
    assert list(store.facts(START + 2 * DAY, START + 3 * DAY)) == lasting
    assert list(Facts(facts).facts(START + 2 * DAY, START + 3 * DAY)) == sorted(lasting, key=repr)


def test_a_ticket_that_was_open_is_read_with_its_end(store: Store) -> None:
    """The version that was open touches all that follows; the one that ended it must not be missed there."""
    ticket = TicketFact("T1", "hq", START, recorded_at=START)
    ended = replace(ticket, restored=START + HOUR, recorded_at=START + DAY)
    store.append(Batch(facts=[ticket, ended]))
    assert list(store.facts(START + 2 * DAY, START + 3 * DAY)) == [ticket, ended]
    assert list(Facts([ended, ticket]).facts(START + 2 * DAY, START + 3 * DAY)) == sorted([ticket, ended], key=repr)


def test_a_state_recorded_before_it_could_have_a_weight_is_known_again() -> None:
    text = '{"cause":null,"contract":null,"end":7,"service":"hq","start":3,"state":"down"}'
    assert fact_text(StateFact("hq", 3, 7, "down")) == ("state", text)
    assert fact_from("state", text) == StateFact("hq", 3, 7, "down")


def test_of_heartbeats_those_are_given_that_tell_something(store: Store) -> None:
    """The last of each boot, and those on both sides of a suspend."""
    slept = {10: 3, 40: 7}
    beats = [HeartbeatFact("fra", "b1", START + n * 5 * SECOND, n, None, slept.get(n, 0)) for n in range(50)]
    late = HeartbeatFact("fra", "b2", START + 3 * DAY)
    store.append(Batch(facts=[late, *beats[:30]]))
    store.append(Batch(facts=beats[20:]))
    assert list(store.heartbeats(START, START + 4 * DAY)) == [*(beats[n] for n in (9, 10, 39, 40, 49)), late]
    assert list(store.heartbeats(beats[3].at, beats[6].at)) == [beats[5]]
    assert list(store.heartbeats(beats[10].at, beats[12].at)) == [beats[10], beats[11]]
    assert list(store.facts(START, START + 4 * DAY)) == []
    assert store.last_heartbeat("fra") == late
    assert store.last_heartbeat("fra", "b1") == beats[-1]
    assert store.last_heartbeat("fra", "b9") is None
    assert store.last_heartbeat("ber") is None


def test_a_sample_among_the_facts_is_a_sample(store: Store) -> None:
    assert store.append(Batch(facts=[sample(1)])).recorded == 1
    assert list(store.samples("hq", 0, EVER)) == [sample(1)]
