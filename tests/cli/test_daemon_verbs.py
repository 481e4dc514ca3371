"""``upheld``'s own verbs: probe, backup, doctor; and how any verb fails."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from config.errors import ConfigError, Problem
from monitor.cli import VERBS, main, told
from monitor.store.port import Batch, StoreError, StoreHeld
from monitor.store.sqlite import open_store
from probes.sample import Outcome, Sample

CONFIG = """
upheld: 1
targets:
  gone: {probe: {kind: http, url: "http://127.0.0.1:9/", auth: {user: u, password: "${file:secret}"}}, every: 30s}
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "secret").write_text("hunter2")
    (tmp_path / "upheld.yaml").write_text(CONFIG)
    return tmp_path


def ask(home: Path, verb: str, *more: str) -> Result:
    return CliRunner().invoke(main, [verb, "-c", str(home / "upheld.yaml"), *more])


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(verb: str) -> None:
    result = CliRunner().invoke(main, [verb, "--help"])
    assert result.exit_code == 0, result.output
    assert f"Usage: upheld {verb}" in result.output


def test_an_unknown_verb_is_a_usage_error() -> None:
    assert CliRunner().invoke(main, ["probed"]).exit_code == 2


def test_what_happened_has_an_exit_code_of_its_own() -> None:
    wrong = ConfigError([Problem("a.yaml", 1, 2, "targets", "no"), Problem("a.yaml", 3, 4, "", "nor this")])
    assert told(wrong) == (2, "a.yaml:1:2: targets: no\na.yaml:3:4: nor this")
    assert told(StoreHeld("store_held", "held")) == (75, "held")
    assert told(StoreError("store_full", "full")) == (69, "full")
    assert told(ExceptionGroup("", [ExceptionGroup("", [StoreError("store_full", "full")])])) == (69, "full")


def test_a_bug_of_ours_is_told_with_its_traceback_and_70() -> None:
    try:
        {}["missing"]
    except KeyError as error:
        code, text = told(error)
    assert code == 70
    assert "Traceback" in text and text.endswith("please report the lines above")


def test_probe_runs_once_now_and_says_what_it_saw_and_why(home: Path) -> None:
    result = ask(home, "probe", "gone")
    assert result.exit_code == 0, result.output
    assert result.output.startswith("gone: down (refused)\n")
    assert "address  127.0.0.1" in result.output
    assert "\n    method: GET  (default)\n" in result.output
    assert f"\n    url: http://127.0.0.1:9/  ({home / 'upheld.yaml'}:4:30)\n" in result.output
    assert "Connection refused" in result.output
    assert "hunter2" not in result.output


def test_probe_as_json_is_one_object_without_floats_or_secrets(home: Path) -> None:
    result = ask(home, "probe", "gone", "--json")
    seen = json.loads(result.output, parse_float=lambda text: pytest.fail(f"a float: {text}"))
    assert (seen["target"], seen["kind"], seen["outcome"], seen["reason"]) == ("gone", "http", "down", "refused")
    assert re.fullmatch(r"\d+(\.\d+)?", seen["took_ms"])
    assert seen["at"].endswith("Z")
    assert seen["options"]["url"] == "http://127.0.0.1:9/"
    assert seen["places"]["url"] == f"{home / 'upheld.yaml'}:4:30"
    assert seen["places"]["method"] is None
    assert seen["steps"]
    assert "hunter2" not in result.output


def test_probe_of_an_unknown_target_suggests_the_one_that_was_meant(home: Path) -> None:
    result = ask(home, "probe", "gonne")
    assert result.exit_code == 2
    assert "no target 'gonne'" in result.output and "did you mean 'gone'?" in result.output


def test_backup_copies_a_store_that_is_in_use_and_overwrites_nothing(home: Path) -> None:
    store = open_store(home / "upheld.db")
    try:
        store.append(Batch([Sample("gone", "here", "b", 1, 1_000_000, Outcome.UP)]))
        copy = home / "copy.db"
        assert ask(home, "backup", str(copy)).exit_code == 0
        again = ask(home, "backup", str(copy))
        assert again.exit_code == 69
        elsewhere = ask(home, "backup", "--store", str(copy), str(home / "second.db"))
        assert elsewhere.exit_code == 0 and f"{copy} copied to" in elsewhere.output
    finally:
        store.close()
    copied = open_store(copy, read_only=True)
    try:
        assert [sample.seq for sample in copied.samples("gone", 0, 1 << 60)] == [1]
    finally:
        copied.close()


def test_backup_without_a_store_says_so(home: Path) -> None:
    result = ask(home, "backup", str(home / "copy.db"))
    assert result.exit_code == 69
    assert "there is no store yet" in result.output


def test_doctor_looks_at_permissions_clock_versions_and_store(home: Path) -> None:
    result = ask(home, "doctor")
    lines = result.output.splitlines()
    assert all(line[:5] in ("ok   ", "LOOK ") for line in lines)
    assert result.exit_code == (69 if "LOOK" in result.output else 0)
    for what in ("upheld ", "SQLite ", "ICMP over IPv4", "timestamps", "clock", "store: none yet"):
        assert what in result.output
    open_store(home / "upheld.db").close()
    sound = ask(home, "doctor", "--thorough").output
    assert f"store: {home / 'upheld.db'}" in sound and "sound" in sound
    assert f"store: none yet at {home / 'other.db'}" in ask(home, "doctor", "--store", str(home / "other.db")).output
    (home / "upheld.db").write_text("something else entirely, but long enough to be looked at" * 4)
    foreign = ask(home, "doctor")
    assert foreign.exit_code == 69
    assert "LOOK store: " in foreign.output and "not a store of upheld" in foreign.output
