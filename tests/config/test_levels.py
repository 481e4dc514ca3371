"""Texts that build on each other: what is merged, what is replaced, what stays locked, and where a problem is told."""

from pathlib import Path

import pytest

from config.contract.levels import DEEPEST
from config.contract.model import Contract
from config.contract.money import Table
from config.errors import ConfigError
from config.units import format_share
from tests.config.kit import config, problems, read

BASE = """\
upheld: 1
targets:
  hq: {probe: {kind: icmp, host: 192.0.2.7}}
  lab: {probe: {kind: icmp, host: 192.0.2.8}}
contracts:
  base:
    level: corporate
    template: true
    provider: ExampleNet
    currency: EUR
    services: {line: {targets: [hq, lab], charge: 100.00}}
    promises:
      - availability >= 99.5%
      - mean latency <= 40ms
      - {id: longest, promise: longest outage <= 8h}
    exclusions: [planned maintenance: {notice: 72h, cap: 4h per month}, customer]
    credits: {availability: {"< 99.5%": 5%, "< 99%": 10%}}
"""
HEIR = "  acme:\n    level: customer\n    inherits: base\n    customer: ACME\n"


def heir(tmp_path: Path, more: str = "", base: str = BASE) -> Contract:
    """The contract ``acme``, whose text says ``more`` over its base."""
    return config(tmp_path, base + HEIR + more).contracts["acme"]


def told(tmp_path: Path, more: str, base: str = BASE) -> list[str]:
    return problems(tmp_path, base + HEIR + more)


def promised(contract: Contract) -> list[str]:
    return [promise.text for promise in contract.promises]


def test_a_template_is_no_contract_and_its_heir_is_one(tmp_path: Path) -> None:
    whole = config(tmp_path, BASE + HEIR)
    assert list(whole.contracts) == ["acme"]
    assert whole.contracts["acme"].provider == "ExampleNet"
    assert whole.contracts["acme"].services[0].targets == ("hq", "lab")


def test_mappings_merge_by_key_and_other_lists_are_replaced(tmp_path: Path) -> None:
    found = heir(tmp_path, "    services: {line: {targets: [lab]}, desk: {targets: [hq]}}\n")
    assert [(one.name, one.targets, str(one.charge)) for one in found.services] == [
        ("line", ("lab",), "100.00"),
        ("desk", ("hq",), "None"),
    ]


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        ('"< 99.5%": 4%, "< 98%": 8%', ["< 99.5%", "< 98%"]),
        ('"< 99.5%": 4%, interpret: of the month', ["< 99.5%"]),
        ('"< 99.5%": 4%, "< 99%": {remove: true}', ["< 99.5%"]),
        ('"< 98%": 12%, "< 99%": {remove: true}', ["< 99.5%", "< 98%"]),
    ],
)
def test_a_table_is_replaced_unless_rows_of_it_are_taken_away(tmp_path: Path, table: str, rows: list[str]) -> None:
    [credit] = heir(tmp_path, f"    credits: {{availability: {{{table}}}}}\n").credits
    assert isinstance(credit.shape, Table)
    assert {f"{one.operator} {format_share(one.edge)}" for one in credit.shape.rows} == {*rows}


def test_a_promise_to_a_class_that_a_contract_has_not_binds_nobody(tmp_path: Path) -> None:
    """A text for many contracts; but a class of none at all, or nearly the same as one, is a slip."""
    one = '    services: {line: {class: gold}}\n    promises: [{id: fast, promise: outages <= 1, if: {class: "%s"}}]\n'
    found = heir(tmp_path, one % "silver")
    assert [promise.services for promise in found.promises if promise.id == "fast"] == [()]
    assert "did you mean 'gold'?" in str(told(tmp_path, one % "golld"))


def test_a_promise_is_known_by_what_it_is_made_on_or_by_its_id(tmp_path: Path) -> None:
    text = "    promises: [availability >= 99.9%, {id: longest, promise: longest outage <= 4h}, outages <= 3]\n"
    assert promised(heir(tmp_path, text)) == [
        "availability >= 99.9%",
        "mean latency <= 40ms",
        "longest outage <= 4h",
        "outages <= 3",
    ]


TWINS = "    services: {line: {class: gold}, desk: {targets: [lab], class: silver}}\n    promises: [%s]\n"
GOLD = "{promise: availability >= 99.9%, if: {class: gold}}"
SILVER = "{promise: availability >= 99%, if: {class: silver}}"


def test_two_promises_made_on_the_same_for_different_services_are_both_kept(tmp_path: Path) -> None:
    """One by its id alone would hide the other: neither those of one text, nor those of a base."""
    own = TWINS % f"{GOLD}, {SILVER}"
    kept = ["mean latency <= 40ms", "longest outage <= 8h"]
    assert promised(heir(tmp_path, own)) == ["availability >= 99.9%", *kept, "availability >= 99%"]
    below = BASE + "  twins:\n    template: true\n    inherits: base\n    customer: ACME\n" + own
    over = "  acme: {inherits: twins, promises: [outages <= 3]}\n"
    found = config(tmp_path, below + over).contracts["acme"]
    assert promised(found) == ["availability >= 99.9%", *kept, "availability >= 99%", "outages <= 3"]
    (unclear,) = problems(tmp_path, below + over.replace("outages <= 3", "availability >= 98%"))
    assert "there are several 'availability' below; give each an id there" in unclear


def test_what_one_text_says_twice_is_told_not_put_over_each_other(tmp_path: Path) -> None:
    (twice,) = told(tmp_path, "    promises: [availability >= 99.9%, availability >= 99%]\n")
    assert "'line' has a promise 'availability' already" in twice
    (cause,) = told(tmp_path, "    exclusions: [force majeure, force majeure]\n")
    assert "'force majeure' stands here twice" in cause


def test_an_exclusion_is_known_by_its_cause_and_keeps_its_precedence(tmp_path: Path) -> None:
    found = heir(tmp_path, "    exclusions: [force majeure, planned_maintenance: {cap: 2h per month}]\n")
    assert [one.cause for one in found.exclusions] == ["planned_maintenance", "customer", "force_majeure"]
    assert (found.exclusions[0].notice, found.exclusions[0].cap) == (72 * 3600 * 10**9, 2 * 3600 * 10**9)


def test_anything_can_be_removed(tmp_path: Path) -> None:
    text = (
        "    promises: [{id: longest, remove: true}, {id: mean-latency, remove: true}]\n"
        "    exclusions: [customer: {remove: true}]\n    credits: {remove: true}\n"
    )
    found = heir(tmp_path, text)
    assert promised(found) == ["availability >= 99.5%"]
    assert ([one.cause for one in found.exclusions], found.credits) == (["planned_maintenance"], ())


def test_three_levels_stand_over_each_other(tmp_path: Path) -> None:
    text = "    promises: [availability >= 99.9%]\n  site:\n    level: service\n    inherits: [acme]\n"
    whole = config(tmp_path, BASE + HEIR + text + "    promises: [outages <= 1]\n    language: de\n")
    assert promised(whole.contracts["site"])[0] == "availability >= 99.9%"
    assert promised(whole.contracts["site"])[-1] == "outages <= 1"
    assert (whole.contracts["site"].language, whole.contracts["acme"].language) == ("de", "en")
    assert whole.contracts["site"].digest != whole.contracts["acme"].digest


def test_of_several_bases_the_last_stands_highest_and_a_shared_one_lowest(tmp_path: Path) -> None:
    text = (
        BASE + "  gold: {template: true, inherits: base, promises: [availability >= 99.9%]}\n"
        "  fast: {template: true, inherits: base, promises: [mean latency <= 10ms]}\n"
        "  acme: {inherits: [gold, fast], customer: ACME}\n"
    )
    assert promised(config(tmp_path, text).contracts["acme"])[:2] == ["availability >= 99.9%", "mean latency <= 10ms"]


def test_the_digest_is_that_of_the_whole_text_written_out(tmp_path: Path) -> None:
    alone = BASE.replace("    level: corporate\n    template: true\n", "").replace("  base:", "  acme:")
    assert heir(tmp_path).digest == config(tmp_path, alone + "    customer: ACME\n").contracts["acme"].digest


def test_a_problem_is_told_where_it_was_typed_and_once(tmp_path: Path) -> None:
    base = BASE.replace("notice: 72h", "notice: 72")
    more = "    promises: [availability >= 99.9]\n  other: {inherits: acme, customer: Other}\n"
    first, second = told(tmp_path, more, base)
    assert first.startswith("16:48: contracts.acme.exclusions[0].planned maintenance.notice: '72' has no unit")
    assert second.startswith("22:16: contracts.acme.promises[0]: '99.9' has no unit")


@pytest.mark.parametrize(
    ("more", "place", "what"),
    [
        ("    currency: USD\n", "23:5: contracts.acme.currency", "currency is locked on line 7"),
        ("    exclusions: [outage of power]\n", "23:5: contracts.acme.exclusions", "exclusions is locked on line 7"),
        ("    exclusions: {remove: true}\n", "23:5: contracts.acme.exclusions", "exclusions is locked on line 7"),
        ("    unknown: up\n", "23:5: contracts.acme.unknown", "unknown is locked on line 7"),
        ("    credits: {remove: true}\n", "23:5: contracts.acme.credits", "credits.availability is locked on line 18"),
        (
            "    credits: {availability: {remove: true}}\n",
            "23:15: contracts.acme.credits.availability",
            "credits.availability is locked on line 18",
        ),
        (
            '    credits: {availability: {"< 99.9%": 5%}}\n',
            "23:15: contracts.acme.credits.availability",
            "credits.availability is locked on line 18",
        ),
        (
            "    promises: [longest outage <= 2h, {id: longest, promise: longest outage <= 9h}]\n",
            "23:38: contracts.acme.promises[1]",
            "promises.longest is locked on line 16",
        ),
    ],
)
def test_what_is_locked_stays(tmp_path: Path, more: str, place: str, what: str) -> None:
    base = BASE.replace("    level: corporate\n", "    locked: [currency, exclusions, unknown]\n    level: corporate\n")
    base = base.replace("availability: {", "availability: {locked: true, ").replace(
        "{id: longest, ", "{locked: true, id: longest, "
    )
    assert f"{place}: {what} and stays as it is there; leave this out" in told(tmp_path, more, base)


def test_saying_again_what_is_locked_changes_nothing(tmp_path: Path) -> None:
    base = BASE.replace("    currency", "    locked: [currency]\n    currency")
    assert heir(tmp_path, "    currency: EUR\n", base).currency == "EUR"


def test_its_own_text_may_lock_what_it_says(tmp_path: Path) -> None:
    text = BASE + HEIR + "    locked: promises\n  site: {inherits: acme, promises: [outages <= 1]}\n"
    [found] = problems(tmp_path, text)
    assert found.startswith("23:26: contracts.site.promises: promises is locked on line 22 and stays")


def test_a_circle_is_told_once_and_by_name(tmp_path: Path) -> None:
    text = BASE + "  a: {inherits: b}\n  b: {inherits: c}\n  c: {inherits: [base, a]}\n  d: {inherits: a}\n"
    assert problems(tmp_path, text) == [
        "20:24: contracts.c.inherits[1]: goes round in a circle: a → b → c → a; leave one of them out"
    ]


def test_a_long_row_of_texts_is_refused_not_followed(tmp_path: Path) -> None:
    rows = "".join(f"  a{i}: {{inherits: a{i + 1}}}\n" for i in range(5000))
    found = problems(tmp_path, BASE + rows + "  a5000: {inherits: base}\n")
    assert f"is the {DEEPEST}th in a row that inherits; write fewer levels" in found[0]
    assert len(found) < 5000


def test_what_removes_nothing_is_told(tmp_path: Path) -> None:
    text = BASE.replace("    template: true\n", "    customer: Base\n").replace("charge: 100.00}", "remove: true}")
    what = "removes nothing: there is no text below that has it; leave it out"
    assert f"11:43: contracts.base.services.line.remove: {what}" in problems(tmp_path, text)


def test_a_removal_beside_a_nameless_entry_is_told(tmp_path: Path) -> None:
    """Found by the campaign of wrecked files: an entry whose id is empty stood among those to choose from."""
    text = """upheld: 1
contracts:
  base:
    template: true
    level: corporate
    promises: [{id: "", promise: availability >= 99%}]
  acme:
    inherits: [base]
    level: customer
    promises: [{id: gone, remove: true}]
"""
    path = tmp_path / "upheld.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match="removes 'gone', which is not there"):
        read(path)
