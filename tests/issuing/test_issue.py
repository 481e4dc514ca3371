"""An issued statement stands: signed, kept, revised in the open, and recomputed from its evidence alone."""

import base64
import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.kit import lines, sample, upheld, written

DOWN = [sample(minute, "down", reason="timeout") for minute in range(180, 240)]
FACTS = [*(sample(minute) for minute in range(120, 180)), *DOWN, *(sample(minute) for minute in range(240, 500))]
REST = {"kind": "assume", "service": "hq", "state": "up"}
LATE = {
    "kind": "exclusion",
    "id": "M1",
    "from": "2026-09-30T23:00:00Z",
    "to": "2026-10-01T00:00:00Z",
    "cause": "planned maintenance",
    "announced_at": "2026-09-20T00:00:00Z",
    "recorded_at": "2026-11-02T08:00:00Z",
    "author": "noc",
    "reason": "work on the line",
}


@pytest.fixture
def config(tmp_path: Path) -> Iterator[Path]:
    path = written(tmp_path)
    given(path, [*FACTS, REST])
    yield path


def given(config: Path, facts: list[dict[str, object]]) -> None:
    """Facts into the configuration's store."""
    file = config.with_name("facts.jsonl")
    file.write_text(lines(facts))
    assert upheld("import", file, "-c", config).exit_code == 0


def issued(config: Path, name: str = "statement.json") -> tuple[Path, Path, dict[str, object]]:
    """Issue October; the files, and the statement read."""
    statement, evidence = config.with_name(name), config.with_name(f"{name}.facts.jsonl")
    result = upheld("issue", "acme", "2026-10", "-o", statement, "--evidence", evidence, "-c", config)
    assert result.exit_code == 0, result.output
    return statement, evidence, json.loads(statement.read_text())


def test_a_statement_is_issued_and_verified_from_the_two_files_alone(config: Path, tmp_path: Path) -> None:
    statement, evidence, told = issued(config)
    assert (told["revision"], told["issued"], told["supersedes"]) == (1, True, None)
    assert told["credit_total"] == {"amount": "120.00", "currency": "EUR"}
    for path in (config, config.with_name("upheld.db"), config.with_name("upheld.db.key")):
        path.unlink()
    result = upheld("verify", statement, evidence)
    assert result.exit_code == 0, result.output
    signature = told["signature"]
    assert isinstance(signature, dict)
    assert f"signed by {signature['key']}" in result.output
    assert upheld("verify", statement, evidence, "--key", signature["key"]).exit_code == 0


def test_another_key_than_the_one_expected_is_told(config: Path) -> None:
    statement, evidence, _ = issued(config)
    other = base64.b64encode(bytes(32)).decode()
    result = upheld("verify", statement, evidence, "--key", other)
    assert result.exit_code == 1
    assert "was signed by" in result.output and other in result.output


def test_issuing_again_gives_the_same_statement_while_nothing_changed(config: Path) -> None:
    first, _, _ = issued(config)
    again, _, _ = issued(config, "again.json")
    assert again.read_text() == first.read_text()


def test_later_facts_make_a_revision_that_says_what_differs(config: Path) -> None:
    first, _, before = issued(config)
    given(config, [LATE])
    statement, evidence, told = issued(config, "second.json")
    assert (told["revision"], told["supersedes"]) == (2, before["digest"])
    assert told["credit_total"] is None
    difference = told["difference"]
    assert isinstance(difference, list)
    changes = {change["path"]: (change["before"], change["after"]) for change in difference}
    assert changes["promises/hq,availability/verdict"] == ("breached", "met")
    assert changes["services/hq/excluded_ns"] == ("0", str(3600 * 10**9))
    assert upheld("verify", statement, evidence).exit_code == 0
    assert json.loads(first.read_text()) == before


def test_a_later_fact_that_changes_no_figure_makes_no_revision(config: Path) -> None:
    issued(config)
    given(config, [{"kind": "assume", "service": "elsewhere", "state": "up"}])
    again, evidence, told = issued(config, "again.json")
    assert told["revision"] == 1
    assert upheld("verify", again, evidence).exit_code == 0


def test_the_first_difference_is_named(config: Path) -> None:
    """Evidence of which one sample says otherwise: the root tells, and without it the figures would."""
    statement, evidence, _ = issued(config)
    text = evidence.read_text().replace('"outcome":"down"', '"outcome":"up"', 1).replace('"reason":"timeout",', "", 1)
    evidence.write_text(text)
    result = upheld("verify", statement, evidence)
    assert result.exit_code == 1
    assert "the evidence is not what the statement rests on" in result.output


def test_a_statement_that_its_evidence_does_not_give_is_told_by_its_first_difference(config: Path) -> None:
    """Signed anew by its issuer with a figure that the evidence does not give: the signature holds, the figure not."""
    from monitor.issuing.document import OUTSIDE
    from monitor.issuing.keys import sign, signing_key
    from monitor.render.statement_json import sealed

    statement, evidence, told = issued(config)
    told["credit_total"] = {"amount": "12.00", "currency": "EUR"}
    false = sealed({name: value for name, value in told.items() if name not in OUTSIDE})
    false["signature"] = sign(signing_key(str(config.with_name("upheld.db"))), str(false["digest"]))
    statement.write_text(json.dumps(false))
    result = upheld("verify", statement, evidence)
    assert result.exit_code == 1
    assert "credit_total/amount is '120.00', the statement says '12.00'" in result.output


def test_every_change_of_a_statement_is_detected(config: Path) -> None:
    """200 bytes changed, one at a time, wherever they lie: never verified."""
    statement, evidence, _ = issued(config)
    whole, rng = statement.read_bytes(), random.Random(7)
    for _ in range(40):
        at = rng.randrange(len(whole))
        changed = bytes([(whole[at] + rng.randrange(1, 90) - 32) % 95 + 32])
        if changed == whole[at : at + 1] or harmless(whole, at, changed):
            continue
        statement.write_bytes(whole[:at] + changed + whole[at + 1 :])
        assert upheld("verify", statement, evidence).exit_code != 0, (at, changed)


def harmless(whole: bytes, at: int, changed: bytes) -> bool:
    """White space between members, or the program's own version, which the digest leaves out."""
    try:
        before, after = json.loads(whole), json.loads(whole[:at] + changed + whole[at + 1 :])
    except ValueError:
        return False
    for told in (before, after):
        told.pop("software", None)
    return bool(before == after)


def test_a_period_that_is_not_over_is_not_issued(config: Path) -> None:
    result = upheld("issue", "acme", "2199-01", "-c", config)
    assert result.exit_code == 2
    assert "the period 2199-01 is not over" in result.output


def test_a_period_that_is_not_the_contracts_is_not_issued(config: Path) -> None:
    result = upheld("issue", "acme", "2026-10-01", "-c", config)
    assert result.exit_code == 2
    assert "2026-10-01 is no period of acme, which is accounted by month" in result.output


def test_a_statement_that_was_not_issued_is_not_verified(config: Path, tmp_path: Path) -> None:
    plain, evidence = tmp_path / "plain.json", tmp_path / "evidence.jsonl"
    upheld("statement", "acme", "2026-10", "--format", "json", "-o", plain, "-c", config)
    upheld("export", "acme", "2026-10", "-o", evidence, "-c", config)
    result = upheld("verify", plain, evidence)
    assert result.exit_code == 1
    assert "is not signed with ed25519" in result.output


def test_the_key_is_for_its_owner_alone(config: Path) -> None:
    issued(config)
    assert config.with_name("upheld.db.key").stat().st_mode & 0o777 == 0o600


def test_a_broken_key_is_never_replaced(config: Path) -> None:
    key = config.with_name("upheld.db.key")
    key.write_text("not a key")
    result = upheld("issue", "acme", "2026-10", "-c", config)
    assert result.exit_code == 69
    assert "no signing key; put back the one that was there" in result.output
    assert key.read_text() == "not a key"


def test_what_is_exported_later_is_what_the_statement_rests_on(config: Path) -> None:
    """A sample and a state of the next month come after it was issued, what is assumed of another service, and an
    exclusion of October that changes its figures: the export of October is the same evidence."""
    statement, evidence, _ = issued(config)
    later = {"kind": "state", "service": "hq", "from": "2199-01-01T00:00:00Z", "to": "2199-01-02T00:00:00Z"}
    elsewhere = {"kind": "assume", "service": "elsewhere", "state": "up"}
    given(config, [later | {"state": "down"}, sample(600) | {"at": "2199-01-01T00:00:00Z"}, elsewhere, LATE])
    exported = config.with_name("exported.jsonl")
    assert upheld("export", "acme", "2026-10", "-o", exported, "-c", config).exit_code == 0
    assert sorted(exported.read_text().splitlines()) == sorted(evidence.read_text().splitlines())
    assert upheld("verify", statement, exported).exit_code == 0
