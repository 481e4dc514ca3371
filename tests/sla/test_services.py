"""Services of several targets, states told by others, assumptions, and what a contract says of the unknown."""

from dataclasses import replace
from fractions import Fraction

import pytest

from config.contract.model import Contract, Service
from config.model import Config, Vantage
from monitor.sla.facts import AssumeFact, EpochFact, Fact, HeartbeatFact, StateFact
from monitor.sla.model import Statement, Sufficiency, Verdict
from probes.sample import Sample
from tests.sla.histories import AVAILABILITY, LONGEST, MINUTE, SECOND, TARGET, TEN, contract, judge, result, samples

NAMES = ("a", "b", "c")
START = TEN - 10 * MINUTE


def three(down_when: int, *texts: str) -> Statement:
    """A service of three targets, one line of samples each, 30 minutes from 9:50 on."""
    facts: list[Fact] = []
    for name, text in zip(NAMES, texts, strict=True):
        facts += [replace(s, target=name, boot=name) for s in samples(text.ljust(30, "U"), start=START)]
    config = Config(targets={n: replace(TARGET, name=n) for n in NAMES})
    terms = contract(services=(Service(name="hq", targets=NAMES, down_when=down_when),))
    return judge(facts, terms, config=config)


@pytest.mark.parametrize(("down_when", "down", "unknown"), [(1, 4, 1), (2, 2, 1), (3, 1, 1)])
def test_a_service_is_down_when_enough_of_its_targets_are(down_when: int, down: int, unknown: int) -> None:
    """a: UUddd, b: Udd?U, c: ???dU... counted by hand, minute by minute:
    minute   0    1    2    3    4    5
    a        U    U    d    d    d    U
    b        U    d    d    ?    U    U
    c        ?    U    d    d    ?    U
    """
    figures = three(down_when, "UUdddU", "Udd?UU", "?Udd?U").services[0]
    assert (figures.down // MINUTE, figures.unknown // MINUTE) == (down, unknown)


def test_a_state_overrides_samples_and_an_assumption_fills_silence_only() -> None:
    """Ten minutes without samples, told down for three of them; the rest is assumed up; a sample's unknown stays."""
    facts: list[Fact] = [*samples("U" * 10 + "." * 10 + "?" + "U" * 9, start=START)]
    facts.append(StateFact("hq", TEN + 2 * MINUTE, TEN + 5 * MINUTE, "down", cause="fibre_cut"))
    bare = judge(facts)
    assert (bare.services[0].down, bare.services[0].unknown) == (3 * MINUTE, 8 * MINUTE)
    assert bare.incidents[0].cause == "fibre_cut"
    filled = judge([*facts, AssumeFact("hq", "up")])
    assert (filled.services[0].down, filled.services[0].unknown) == (3 * MINUTE, MINUTE)
    assert judge([*facts, AssumeFact("hq", "up", contract="other")]).services[0].unknown == 8 * MINUTE


@pytest.mark.parametrize(
    ("policy", "verdict", "bounds"),
    [
        ("indeterminate", Verdict.INDETERMINATE, (29, 30, 30)),
        ("up", Verdict.MET, (30, 30, 30)),
        ("down", Verdict.BREACHED, (29, 29, 29)),
        ("exclude", Verdict.MET, (29, 29, 29)),
    ],
)
def test_a_contract_may_say_what_unknown_time_counts_as(
    policy: str, verdict: Verdict, bounds: tuple[int, int, int]
) -> None:
    """One minute of thirty is unknown; the totals shown stay as measured."""
    statement = judge(samples("U" * 10 + "?" + "U" * 19, start=START), contract(AVAILABILITY, unknown=policy))
    found = result(statement, "availability")
    assert found.verdict is verdict
    assert statement.services[0].unknown == MINUTE
    whole = 29 if policy == "exclude" else 30
    assert found.lower is not None and found.upper is not None
    assert (found.lower * whole, found.upper * whole) == (bounds[0], bounds[2])


def test_coverage_is_judged_against_the_budget() -> None:
    """99.9 % of 30 min allow 1.8 s: a minute unknown is too much; of 50 % it is a fifteenth, of 1/30 the whole."""
    text = "U" * 10 + "?" + "U" * 19
    assert _sufficiency(text, contract(AVAILABILITY)) is Sufficiency.INSUFFICIENT
    half = AVAILABILITY.but(target=AVAILABILITY.target / 2)
    assert _sufficiency(text, contract(half)) is Sufficiency.HIGH
    tight = AVAILABILITY.but(target=Fraction(29, 30))
    assert _sufficiency(text, contract(tight)) is Sufficiency.USABLE


def _sufficiency(text: str, terms: Contract) -> Sufficiency | None:
    return result(judge(samples(text, start=START), terms), "availability").sufficiency


def boots(text: str) -> list[Sample]:
    """Samples whose boot is the letter's case: lower-case u and d are of the second boot."""
    return [
        replace(s, boot="b2" if mark.islower() and mark != "d" else "b1")
        for s, mark in zip(samples(text.upper().replace("D", "d"), start=START), text.replace(".", ""), strict=True)
    ]


def test_a_restart_without_goodbye_leaves_one_interval_at_most() -> None:
    """Two minutes between the boots: within max_gap, yet the second of them is nobody's."""
    text = "U" * 10 + "U.u" + "u" * 17
    [unknown] = judge(boots(text)).unknown
    assert (unknown.start, unknown.end, unknown.cause) == (TEN + MINUTE, TEN + 2 * MINUTE, "monitor_down")


def test_the_last_heartbeat_says_how_long_the_old_boot_lived() -> None:
    beat = HeartbeatFact("fra", "b1", TEN + 90 * SECOND)
    [unknown] = judge([*boots("U" * 10 + "U.u" + "u" * 17), beat]).unknown
    assert (unknown.start, unknown.end) == (TEN + 90 * SECOND, TEN + 2 * MINUTE)


def test_a_suspend_is_unknown_from_the_last_sign_of_life_to_the_next_sample() -> None:
    """Signs at 10:00:10 and, after two minutes asleep, at 10:02:30; the next sample is at 10:02:31."""
    facts: list[Fact] = [*samples("U" * 11, start=START), *samples("U" * 18, start=TEN + 151 * SECOND)]
    facts += [
        HeartbeatFact("fra", "b1", TEN + 10 * SECOND),
        HeartbeatFact("fra", "b1", TEN + 150 * SECOND, None, None, 120),
    ]
    [unknown] = judge(facts, contract(LONGEST), end=TEN + 20 * MINUTE).unknown
    assert (unknown.start, unknown.end, unknown.cause) == (TEN + 10 * SECOND, TEN + 151 * SECOND, "suspend")


@pytest.mark.parametrize("as_of", [None, TEN + 55 * SECOND])
def test_a_suspend_after_the_last_sample_is_unknown_too(as_of: int | None) -> None:
    """Signs at 10:00:10 and, after half a minute asleep, at 10:00:40; the sample of 10:00 would speak until 10:01."""
    facts: list[Fact] = [
        *samples("U" * 11, start=START),
        HeartbeatFact("fra", "b1", TEN + 10 * SECOND),
        HeartbeatFact("fra", "b1", TEN + 40 * SECOND, None, None, 30),
    ]
    unknown = [one for one in judge(facts, contract(LONGEST), as_of=as_of).unknown if one.cause != "pending"]
    assert [(one.start, one.cause) for one in unknown] == [(TEN + 10 * SECOND, "suspend")]


def test_a_clock_set_forward_leaves_what_it_jumped_over_unknown() -> None:
    """At 10:00:10 the clock is set to 10:00:50: forty seconds that never were, and nobody looked until 10:01."""
    step = EpochFact("fra", "b1", TEN + 50 * SECOND, 40 * SECOND)
    [unknown] = judge([*samples("U" * 30, start=START), step]).unknown
    assert (unknown.start, unknown.end, unknown.cause) == (TEN + 10 * SECOND, TEN + MINUTE, "clock")


def test_a_clock_set_back_makes_the_doubled_time_unknown() -> None:
    """At 10:05 the clock is set back by three minutes: [10:02, 10:05) was covered twice."""
    step = EpochFact("fra", "b1", TEN + 2 * MINUTE, -3 * MINUTE)
    [unknown] = judge([*samples("U" * 30, start=START), step]).unknown
    assert (unknown.start, unknown.end, unknown.cause) == (TEN + 2 * MINUTE, TEN + 5 * MINUTE, "clock")


def witnessed() -> Config:
    """The target, and a witness ``gw`` beside it."""
    return Config(
        targets={"hq": TARGET, "gw": replace(TARGET, name="gw")}, vantage=Vantage(name="fra", witnesses=("gw",))
    )


@pytest.mark.parametrize(("took", "down"), [(None, 10 * SECOND), (10 * SECOND, 10 * SECOND), (11 * SECOND, 0)])
def test_a_request_under_way_when_the_connection_goes_says_nothing(took: int | None, down: int) -> None:
    """Asked at 10:02:00; the witness is good at 10:02:10 and then silent: an answer awaited beyond that is our loss."""
    target = list(samples("U" * 12 + "d" + "U" * 17, start=START))
    target[12] = replace(target[12], took=took)
    heard = samples("U" * 12 + "Ud" + "U" * 16, start=START + 10 * SECOND)
    witness = [replace(sample, target="gw", boot="w") for sample in heard]
    assert judge([*target, *witness], config=witnessed()).services[0].down == down


def test_while_all_witnesses_are_silent_a_down_says_nothing() -> None:
    """The witness is good at 10:00:30 and again at 10:04:30: the target's Downs of 10:02 to 10:04 say nothing."""
    config = witnessed()
    target = samples("U" * 10 + "UUdddUUUUU".ljust(20, "U"), start=START)
    early = START - 30 * SECOND
    heard = samples("U" * 12 + "ddd" + "U" * 15, start=early)
    witness = [replace(s, target="gw", boot="w") for s in heard]
    statement = judge([*target, *witness], config=config)
    assert statement.services[0].down == 0
    assert {span.cause for span in statement.unknown} == {"vantage_cut_off"}
    assert judge(list(target), config=config).services[0].down == 3 * MINUTE
