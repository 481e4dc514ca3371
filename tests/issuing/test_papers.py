"""Two statements in one customer's hands: can both stand? Told from the papers alone."""

import json
import shutil
from pathlib import Path

import pytest

from monitor.issuing.difference import differences
from monitor.issuing.document import figures
from monitor.issuing.keys import key_file, sign, signing_key
from monitor.render.statement_json import canonical, sealed
from tests.cli.kit import lines, sample, upheld, written
from tests.issuing.test_issue import FACTS, LATE, REST


def given(config: Path, *facts: dict[str, object]) -> None:
    assert upheld("import", "-", "-c", config, given=lines(list(facts))).exit_code == 0


def issued(config: Path, name: str, period: str = "2026-10") -> Path:
    """The statement of a period, in a file of that name beside the configuration."""
    statement, evidence = config.with_name(name), config.with_name(f"{name}.facts")
    result = upheld("issue", "acme", period, "-o", statement, "--evidence", evidence, "-c", config)
    assert result.exit_code == 0, result.output
    return statement


def held(statement: Path, *others: Path, more: tuple[object, ...] = ()) -> tuple[int, str]:
    """Exit code and words of holding them to one another, without the directories."""
    asked = [option for other in others for option in ("--beside", other)]
    result = upheld("verify", statement, *more, *asked)
    return result.exit_code, result.output.replace(f"{statement.parents[1]}/", "")


@pytest.fixture
def one(tmp_path: Path) -> Path:
    """A store with its key, of which nothing was issued."""
    (tmp_path / "one").mkdir()
    config = written(tmp_path / "one")
    given(config, *FACTS, REST)
    signing_key(str(config.with_name("upheld.db")))
    return config


@pytest.fixture
def other(one: Path) -> Path:
    """A copy of it, in which history may go another way."""
    shutil.copytree(one.parent, one.parents[1] / "other")
    return one.parents[1] / "other" / "upheld.yaml"


def test_revisions_of_one_store_agree_and_the_later_counts(one: Path) -> None:
    first = issued(one, "first.json")
    given(one, LATE)
    second = issued(one, "second.json")
    for papers in ((first, second), (second, first), (first, first, second)):
        code, told = held(*papers)
        assert code == 0, told
        assert f"agrees with {papers[1].parent.name}/{papers[1].name}" in told
        assert "note: one/second.json is revision 2 and counts in the place of one/first.json\n" in told
    code, told = held(first, second, more=(f"{first}.facts",))
    assert code == 0 and "every figure follows from one/first.json.facts, and it agrees with one/second.json" in told
    told = json.loads(held(second, first, more=("--json",))[1])
    assert told["verified"] and len(told["notes"]) == 1
    september = issued(one, "september.json", "2026-09")
    assert held(september, first, second)[0] == 0


def test_two_first_revisions_of_one_period_cannot_both_stand(one: Path, other: Path) -> None:
    given(other, LATE)
    code, told = held(issued(one, "a.json"), issued(other, "b.json"))
    assert (code, told.split(";")[0]) == (
        1,
        "one/a.json and other/b.json are two statements of one period, both revision 1",
    )
    assert "; first credit_total" in told or "; first exclusions" in told


def test_a_later_revision_of_another_first_one_is_told(one: Path, other: Path) -> None:
    first = issued(one, "first.json")
    given(other, sample(600, "down"))
    issued(other, "never given.json")
    given(other, LATE)
    code, told = held(issued(other, "second.json"), first)
    assert code == 1
    assert told == ("other/second.json supersedes another revision 1 than one/first.json: two of them were issued\n")


def test_links_that_were_cut_off_show_between_two_periods(one: Path, other: Path) -> None:
    """The later statement rests on less than the earlier one did."""
    issued(one, "first.json")
    given(one, LATE)
    october, september = issued(one, "october.json"), issued(other, "september.json", "2026-09")
    code, told = held(october, september)
    assert code == 1 and told.startswith(
        "one/october.json names 3 links of chain records, other/september.json, issued"
    )
    assert held(september, october) == (code, told)


def test_history_made_anew_up_to_the_same_length_shows(one: Path, other: Path) -> None:
    given(other, LATE)
    code, told = held(issued(one, "october.json"), issued(other, "september.json", "2026-09"))
    assert (code, told) == (
        1,
        "one/october.json and other/september.json name two links 1 of chain records: history was made anew\n",
    )


def test_another_key_is_told_and_another_contract_is_none_of_its_business(one: Path, other: Path) -> None:
    key_file(str(other.with_name("upheld.db"))).unlink()
    mine, theirs = issued(one, "a.json"), issued(other, "b.json", "2026-09")
    keys = [json.loads(path.read_text())["signature"]["key"] for path in (mine, theirs)]
    code, told = held(mine, theirs)
    assert code == 1 and f"other/b.json is signed by {keys[1]}, one/a.json by {keys[0]}" in told
    assert held(mine, mine, more=("--key", keys[1])) == (1, f"one/a.json was signed by {keys[0]}, not by {keys[1]}\n")
    other.write_text(other.read_text().replace("  acme:", "  borealis:"))
    issued_ = upheld("issue", "borealis", "2026-10", "-o", other.with_name("c.json"), "-c", other)
    assert issued_.exit_code == 0, issued_.output
    code, told = held(mine, other.with_name("c.json"))
    assert code == 0 and "other/c.json is of another contract, borealis: there is nothing to compare" in told


def test_nobody_is_accused_by_a_paper_that_was_altered_or_never_issued(one: Path) -> None:
    first, forged = issued(one, "first.json"), one.with_name("forged.json")
    document = json.loads(first.read_text())
    forged.write_text(json.dumps(document | {"revision": 2}))
    assert held(first, forged) == (
        1,
        "one/forged.json: the statement was altered: its members do not come to its digest\n",
    )
    forged.write_text(upheld("statement", "acme", "2026-10", "--format", "json", "-c", one).stdout)
    assert held(first, forged) == (1, "one/forged.json: the statement is not signed with ed25519\n")
    assert upheld("verify", first).exit_code == 2


def test_a_revision_that_hides_what_it_changed_is_told(one: Path) -> None:
    """Signed all the same: the provider's key is no proof of what it says."""
    first = issued(one, "first.json")
    given(one, LATE)
    second = json.loads(issued(one, "second.json").read_text())
    before = json.loads(first.read_text())
    assert second["difference"] and len(list(differences(figures(before), figures(second)))) > 1
    software = {name: second.pop(name) for name in ("signature", "software")} | {"digest": second.pop("digest")}
    hidden = sealed(second | {"difference": second["difference"][:1]})
    hidden |= {
        "software": software["software"],
        "signature": sign(signing_key(f"{one.parent}/upheld.db"), str(hidden["digest"])),
    }
    one.with_name("hidden.json").write_text(canonical(hidden))
    assert held(first, one.with_name("hidden.json")) == (
        1,
        "one/hidden.json does not say in what it differs from one/first.json\n",
    )
