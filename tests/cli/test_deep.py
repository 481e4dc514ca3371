"""Whether anything was altered, as a person asks it; and who is behind a pseudonym."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from monitor.store.digest import digest
from tests.cli.kit import lines, sample, upheld, written

NOTE: dict[str, object] = {
    "kind": "incident",
    "service": "hq",
    "start": "2026-10-02T00:00:00Z",
    "action": "note",
    "at": "2026-10-02T01:00:00Z",
    "author": "Zoë",
    "note": "line cut",
}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A store with a month of which a statement was issued, in ``statement.json``."""
    path, facts = written(tmp_path), tmp_path / "facts.jsonl"
    facts.write_text(lines([*(sample(minute) for minute in range(180, 400)), NOTE]))
    assert upheld("import", facts, "-c", path).exit_code == 0
    given = ("-o", tmp_path / "statement.json", "--evidence", tmp_path / "evidence.jsonl")
    assert upheld("issue", "acme", "2026-10", *given, "-c", path).exit_code == 0
    return path


def deep(config: Path, *more: object) -> tuple[int, list[str]]:
    """The exit code, and what is told of the evidence."""
    done = upheld("doctor", "--deep", *more, "-c", config)
    return done.exit_code, [line for line in done.output.splitlines() if "evidence: " in line]


def by_hand(config: Path, *statements: str) -> None:
    with closing(sqlite3.connect(config.with_name("upheld.db"))) as hand:
        for statement in statements:
            hand.execute(statement)
        hand.commit()


def heads_forged(config: Path) -> None:
    """The file beside the store made to say what the store says now, as whoever can write both can."""
    with closing(sqlite3.connect(config.with_name("upheld.db"))) as hand:
        query = "SELECT body FROM links AS one WHERE number = (SELECT max(number) FROM links WHERE chain = one.chain)"
        bodies = [body for (body,) in hand.execute(f"{query} ORDER BY chain")]
    config.with_name("upheld.db.heads").write_text("".join(f"{body}\n" for body in bodies))


@pytest.mark.parametrize("left", [None, "", "half a li"])
def test_heads_that_are_gone_are_told_and_said_for_ever_by_the_next_link(config: Path, left: str | None) -> None:
    heads = config.with_name("upheld.db.heads")
    kept = heads.read_text()
    heads.unlink()
    if left is not None:
        heads.write_text(left)
    code, told = deep(config)
    assert code == 1
    assert told[0].startswith(f"LOOK evidence: {heads}")
    heads.write_text(kept)
    assert deep(config)[0] != 1
    heads.unlink()
    assert upheld("issue", "acme", "2026-10", "-c", config).exit_code == 0
    assert len(heads.read_text().splitlines()) == 2
    code, told = deep(config)
    assert code == 1
    (one,) = told
    assert one.startswith("LOOK evidence: chain records, link ") and "the heads beside the store were gone" in one


def test_what_was_not_altered_is_said_to_be_sound(config: Path) -> None:
    statement = config.with_name("statement.json")
    code, told = deep(config, "--anchor", statement)
    assert code != 1 and told == ["ok   evidence: all that was bound is as it was recorded"]
    heads = [line for line in upheld("doctor", "-c", config).output.splitlines() if "chain: " in line]
    assert [line.partition(",")[0] for line in heads] == ["ok   chain: records", "ok   chain: samples/here"]
    code, told = deep(config, "--anchor", config)
    assert code == 2 and told == []


def test_an_altered_store_ends_with_1_and_the_first_record(config: Path) -> None:
    by_hand(config, "DROP TRIGGER leaves_no_update", "UPDATE leaves SET count = count - 1 WHERE id = 1")
    code, told = deep(config)
    assert code == 1
    assert told[0] == "LOOK evidence: table leaves: the trigger that refuses UPDATE is gone"
    assert told[1].startswith(
        "LOOK evidence: chain samples/here, link 1: samples of hq-router seen from here on 2026-09-30"
    )


def test_a_statement_in_the_customers_hands_tells_of_history_made_anew(config: Path) -> None:
    """With the right key and without the heads beside the store, all of it fits but the head that the customer has."""
    facts = config.with_name("other.jsonl")
    facts.write_text(lines([sample(minute) for minute in range(180, 399)]))
    for path in (config.with_name("upheld.db"), config.with_name("upheld.db.heads")):
        path.unlink()
    assert upheld("import", facts, "-c", config).exit_code == 0
    assert upheld("issue", "acme", "2026-10", "-c", config).exit_code == 0
    assert deep(config)[0] != 1
    code, told = deep(config, "--anchor", config.with_name("statement.json"))
    assert code == 1
    assert "chain records, link 1: another one than" in told[0]
    assert "chain samples/here, link 2: another one than" in told[1] and "history was made anew" in told[1]


def test_two_statements_of_one_period_are_found_by_the_one_that_was_removed(config: Path) -> None:
    """Removed before anything bound it, and another issued in its place: every link is as the customer knows it."""
    facts, statement = config.with_name("more.jsonl"), config.with_name("statement.json")
    undone = ("DROP TRIGGER issued_no_delete", "DELETE FROM issued", "DROP TRIGGER links_no_delete")
    last = (
        "DELETE FROM links WHERE chain = 'records' AND number = (SELECT max(number) FROM links WHERE chain = 'records')"
    )
    triggers = [
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for table in ("issued", "links")
    ]
    by_hand(config, *undone, last, *triggers)
    heads_forged(config)
    facts.write_text(lines([sample(minute, "down", boot="b2") for minute in range(500, 700)]))
    assert upheld("import", facts, "-c", config).exit_code == 0
    assert upheld("issue", "acme", "2026-10", "-o", config.with_name("other.json"), "-c", config).exit_code == 0
    assert deep(config)[0] != 1 and deep(config, "--anchor", config.with_name("other.json"))[0] != 1
    code, told = deep(config, "--anchor", statement)
    assert code == 1
    assert told[-1].startswith(
        f"LOOK evidence: statement of acme for 2026-10 revision 1 ({statement}): the store does not"
    )


def test_a_statement_filed_as_another_revision_is_named(config: Path) -> None:
    with closing(sqlite3.connect(config.with_name("upheld.db"))) as db:
        columns = 'contract, start, "end", revision, at, statement, keep, body'
        row = list(db.execute(f"SELECT {columns} FROM issued").fetchone())
        row[3] = 2
        db.execute(
            f"INSERT INTO issued ({columns}, digest) VALUES (?,?,?,?,?,?,?,?,?)", (*row, digest(row[7], *row[:7]))
        )
        db.commit()
    code, told = deep(config)
    assert code == 1 and told[0].endswith(" revision 2: is another statement than it is filed as")


def test_nobody_is_accused_by_a_statement_that_was_not_issued_so(config: Path) -> None:
    forged = config.with_name("forged.json")
    document = json.loads(config.with_name("statement.json").read_text())
    document["evidence"]["chain"][0]["head"] = "sha256:" + "0" * 64
    forged.write_text(json.dumps(document))
    assert (
        "it was altered: its members do not come to its digest"
        in upheld("doctor", "--deep", "--anchor", forged, "-c", config).output
    )
    forged.write_text(json.dumps({"evidence": {"chain": []}}))
    assert deep(config, "--anchor", forged) == (2, [])


def test_a_member_that_stands_twice_is_refused(config: Path) -> None:
    """A person, or another program, would read the one that is not verified."""
    statement, evidence = config.with_name("statement.json"), config.with_name("evidence.jsonl")
    doubled = statement.read_text().replace("{", '{"credit_total": "0.00", ', 1)
    config.with_name("doubled.json").write_text(doubled)
    done = upheld("verify", config.with_name("doubled.json"), evidence)
    assert done.exit_code == 65 and "credit_total stands twice in it" in done.output


def test_heads_of_another_key_or_of_nobody_are_told(config: Path) -> None:
    code, told = deep(config, "--key", "bm9ib2R5")
    assert code == 1 and "signed by" in told[0]
    config.with_name("upheld.db.heads").write_text("{}\n")
    code, told = deep(config)
    assert code == 1 and "it is no link" in told[0]


def test_a_name_is_erased_and_everything_is_verified_all_the_same(config: Path) -> None:
    statement, evidence = config.with_name("statement.json"), config.with_name("again.jsonl")
    assert "Zoë" not in statement.read_text()
    pseudonym, name = upheld("people", "-c", config).output.split()
    assert name == "Zoë"
    assert upheld("people", "--erase", "Bo", "-c", config).exit_code == 2
    assert "Zoë is erased" in upheld("people", "--erase", "Zoë", "-c", config).output
    assert upheld("people", "-c", config).output == ""
    assert upheld("export", "acme", "2026-10", "-o", evidence, "-c", config).exit_code == 0
    assert "Zoë" not in evidence.read_text() and pseudonym in evidence.read_text()
    for file in (evidence, config.with_name("evidence.jsonl")):
        assert upheld("verify", statement, file).exit_code == 0
    assert deep(config, "--anchor", statement)[0] != 1


def test_evidence_that_was_altered_is_named_by_its_part(config: Path) -> None:
    statement, evidence = config.with_name("statement.json"), config.with_name("evidence.jsonl")
    text = evidence.read_text()
    evidence.write_text(text.replace('"took_ms":"12.5"', '"took_ms":"12.6"', 1))
    told = upheld("verify", statement, evidence).output
    assert "; first samples of hq-router on 2026-09-30: altered where the statement rests on " in told
    evidence.write_text(text.replace("Zoë", "Bo"))
    assert "author 'Bo' is not the one that p-" in upheld("verify", statement, evidence).output
