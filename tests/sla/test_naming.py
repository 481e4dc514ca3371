"""Who the witnesses were is a fact: naming another, or none, makes nothing else of what was before."""

import json
from dataclasses import replace

import pytest

from config.contract.revisions import period_at
from config.model import Config, Vantage
from monitor.sla.evidence import Facts
from monitor.sla.facts import Fact, WitnessesFact
from monitor.sla.ledger import Ledger
from monitor.sla.naming import Naming, silences, witness_changes
from monitor.sla.statement import build
from probes.sample import Sample
from tests.sla.histories import AVAILABILITY, MINUTE, SECOND, TARGET, TEN, contract, judge, samples

START = TEN - 10 * MINUTE
TARGETS = {name: replace(TARGET, name=name) for name in ("hq", "gw", "isp")}
BOTH = Config(targets=TARGETS, vantage=Vantage(name="fra", witnesses=("gw", "isp")))
ALONE = WitnessesFact("fra", START, ("gw",))
BOTH_ALONE = BOTH.but(vantage=Vantage(name="fra", witnesses=("gw",)))
SECOND_NAMED = WitnessesFact("fra", TEN + 8 * MINUTE, ("gw", "isp"))


def said(name: str, words: str, start: int) -> list[Sample]:
    """What a witness said, a word a minute."""
    return [replace(sample, target=name, boot=name) for sample in samples(words, start=start)]


_WORDS = "U" * 12 + "ddd" + "U" * 15
CUT_OFF: list[Fact] = [*samples(_WORDS, start=START), *said("gw", _WORDS, START - 30 * SECOND)]
"""The target fails at 10:02, 10:03 and 10:04, the gateway half a minute before each; both answer again then."""


@pytest.mark.parametrize("later", ["", "U", "d", "dU"])
def test_a_witness_named_later_makes_no_outage_of_what_was_unknown(later: str) -> None:
    facts: list[Fact] = [*CUT_OFF, ALONE, SECOND_NAMED, *said("isp", later, TEN + 8 * MINUTE + SECOND)]
    statement = judge(facts, config=BOTH)
    assert statement.services[0].down == 0
    assert {span.cause for span in statement.unknown} == {"vantage_cut_off"}


def test_where_nobody_tells_when_the_configuration_holds_for_ever() -> None:
    assert judge(CUT_OFF, config=BOTH_ALONE).services[0].down == 0
    assert judge(CUT_OFF, config=BOTH).services[0].down == 3 * MINUTE


def test_a_first_witness_whose_first_word_is_bad_takes_back_no_outage_of_before() -> None:
    down = samples("U" * 12 + "ddd" + "U" * 15, start=START)
    bad = said("gw", "dU", TEN + 8 * MINUTE + SECOND)
    told = [WitnessesFact("fra", START, ()), WitnessesFact("fra", TEN + 8 * MINUTE, ("gw",))]
    assert judge([*down, *bad, *told], config=BOTH_ALONE).services[0].down == 3 * MINUTE
    assert judge([*down, *bad], config=BOTH_ALONE).services[0].down == 0


def test_a_witness_that_is_none_any_more_has_vouched_for_what_was_before() -> None:
    none = BOTH.but(vantage=Vantage(name="fra"))
    gone = WitnessesFact("fra", TEN + 8 * MINUTE, ())
    assert judge([*CUT_OFF, ALONE, gone], config=none).services[0].down == 0
    again = samples("U" * 20 + "ddd" + "U" * 7, start=START)  # as above, from 10:10 on: the gateway fails unheard
    failing = said("gw", "U" * 20 + "ddd" + "U" * 7, START - 30 * SECOND)
    assert judge([*again, *failing, ALONE, gone], config=none).services[0].down == 3 * MINUTE


def test_what_fails_once_it_is_none_any_more_makes_no_silence_of_the_time_before() -> None:
    until = START + 90 * SECOND
    heard = {"gw": said("gw", "UUdU", START), "isp": said("isp", "UUUU", START)}
    assert silences([Naming(START, ("gw",)), Naming(until, ("isp",))], heard) == []
    assert len(silences([Naming(START, ("gw",))], heard)) == 1


def test_a_silence_goes_on_over_the_naming_of_another() -> None:
    """The second is named at 10:03, in the midst, and fails from its first word on; that at 10:03 took no time."""
    named = WitnessesFact("fra", TEN + 3 * MINUTE, ("gw", "isp"))
    isp = said("isp", "dUUU", TEN + 3 * MINUTE + 5 * SECOND)
    assert {span.cause for span in judge([*CUT_OFF, ALONE, named, *isp], config=BOTH).unknown} == {"vantage_cut_off"}
    [unknown] = judge([*CUT_OFF, ALONE, named, *isp], config=BOTH).unknown
    assert (unknown.start, unknown.end) == (TEN + 2 * MINUTE, TEN + 5 * MINUTE)


def test_of_several_vantages_each_has_its_own() -> None:
    other = WitnessesFact("ams", START, ("isp",))
    assert judge([*CUT_OFF, other, ALONE], config=BOTH).services[0].down == 0


def test_who_they_are_is_told_once_and_again_when_it_changes() -> None:
    first = witness_changes(BOTH.vantage, [], TEN)
    assert first == [WitnessesFact("fra", TEN, ("gw", "isp"))]
    assert witness_changes(BOTH.vantage, first, TEN + MINUTE) == []
    none = Vantage(name="fra")
    second = witness_changes(none, first, TEN + MINUTE)
    assert second == [WitnessesFact("fra", TEN + MINUTE, ())]
    assert witness_changes(BOTH.vantage, [*second, *first], TEN + 2 * MINUTE)[0].witnesses == ("gw", "isp")
    assert witness_changes(Vantage(name="ams"), first, TEN)[0].vantage == "ams"


def live(config: Config, facts: list[Fact], order: list[Fact]) -> tuple[int, int]:
    """Down (ns) as the account has it once it was given those facts one by one, and as the statement has it."""
    terms = contract(AVAILABILITY)
    config = config.but(contracts={"acme": terms})
    ledger, stored, now = Ledger(config), list(facts), TEN + 20 * MINUTE
    ledger.load(Facts(stored), now)
    for fact in order:
        stored.append(fact)
        ledger.take([fact] if isinstance(fact, Sample) else [], [] if isinstance(fact, Sample) else [fact])
        ledger.judge(now, everything=True)
        if ledger.stale:
            ledger.rebuild(Facts(stored), now)
    account = json.loads(dict(ledger.judge(now, everything=True).accounts)["acme"])
    statement = build(config, terms, period_at(terms, now), Facts(stored), now)
    return int(account["services"]["hq"]["down_ns"]), statement.services[0].down


def test_the_account_is_the_statement_when_one_is_named_and_when_one_that_was_speaks_late() -> None:
    late = [one for at in (100, 130) for one in said("gw", "U", TEN + at * SECOND)]  # good around the first failure
    config = BOTH.but(vantage=Vantage(name="fra", witnesses=("isp",)))
    named = WitnessesFact("fra", TEN + 8 * MINUTE, ("isp",))
    assert live(config, [*CUT_OFF, ALONE], [named]) == (0, 0)
    order = [named, *(replace(sample, boot="late", seq=seq) for seq, sample in enumerate(late))]
    assert live(config, [*CUT_OFF, ALONE], order) == (10 * SECOND, 10 * SECOND)


def test_a_first_word_that_makes_another_of_what_was_judged_has_it_judged_again() -> None:
    """The target's failures are folded in while no witness was heard; then its first word says that it failed too."""
    failed = samples("U" * 10 + "ddd", start=START)
    assert live(BOTH_ALONE, [], [*failed, *said("gw", "d", TEN + SECOND)]) == (0, 0)


def test_what_another_vantage_heard_of_a_witness_says_nothing_of_ours() -> None:
    elsewhere = [replace(sample, vantage="ams") for sample in said("gw", "U" * 30, START - 29 * SECOND)]
    assert judge([*CUT_OFF, *elsewhere], config=BOTH_ALONE).services[0].down == 0
    assert live(BOTH_ALONE, [], [*CUT_OFF, *elsewhere]) == (0, 0)
