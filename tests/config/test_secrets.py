"""References bring values from outside; what they bring never shows in anything this project prints."""

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from config.errors import ConfigError
from config.hidden import masked, shown
from monitor.cli.check import command as check
from monitor.render.explain import explain
from tests.config.kit import CONTRACT, config, problems

CANARY = "cAnArY-7f3a91"
HOOK = 'hooks:\n  ops: {{kind: webhook, url: "{url}", secret: "{secret}"}}\n'


def test_a_variable_is_put_in_and_a_default_stands_where_it_is_unset_or_empty(tmp_path: Path) -> None:
    text = 'upheld: 1\ntargets:\n  a: {probe: {kind: icmp, host: "${HOST}"}, every: "${E:-30s}", timeout: "${T:-2s}"}\n'
    target = config(tmp_path, text, {"HOST": "192.0.2.9", "T": ""}).targets["a"]
    assert target.options.host == "192.0.2.9"
    assert (target.every, target.timeout) == (30 * 10**9, 2 * 10**9)


def test_a_variable_may_be_a_number_a_boolean_or_a_piece_of_text(tmp_path: Path) -> None:
    text = (
        "upheld: 1\ntargets:\n  a:\n    confirm: ${N}\n    probe:\n      kind: http\n      keep alive: ${KEEP}\n"
        "      url: https://${HOST}/x\n      redirects: {follow: '${N}'}\n"
    )
    target = config(tmp_path, text, {"N": "3", "KEEP": "true", "HOST": "h.example"}).targets["a"]
    read = target.options
    assert (read.url, read.keep_alive, read.redirects.follow) == ("https://h.example/x", True, 3)


def test_a_file_is_read_without_its_last_line_break(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("two words\n")
    text = "upheld: 1\nhooks: {m: {kind: mqtt, host: h, username: u, password: '${file:secret}'}}\n"
    assert config(tmp_path, text).hooks["m"].options.password.text == "two words"


def test_two_dollars_stand_for_the_characters_themselves(tmp_path: Path) -> None:
    text = "upheld: 1\ntargets:\n  a: {probe: {kind: http, url: 'https://a.example/', body: '$${X} $5 $'}}\n"
    body = config(tmp_path, text).targets["a"].options.body
    assert body.text == "${X} $5 $"


def test_nothing_is_expanded_in_keys(tmp_path: Path) -> None:
    told = problems(tmp_path, "upheld: 1\ntargets:\n  '${X}': {probe: {kind: icmp, host: h}}\n", {"X": CANARY})
    assert told == [
        "3:3: targets.${X}: '${X}' is no name; use letters, digits, '_', '.', '-' (at most 63, a letter or digit first)"
    ]


@pytest.mark.parametrize("kind", ["directory", "pipe", "large", "binary", "control"])
def test_a_secret_file_that_is_none_is_told_without_what_it_holds(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "s"
    match kind:
        case "directory":
            file.mkdir()
        case "pipe":
            os.mkfifo(file)
        case "large":
            file.write_text(CANARY * 10_000)
        case "binary":
            file.write_bytes(CANARY.encode() + b"\xff")
        case _:
            file.write_text(f"{CANARY}\r\nX-Evil: 1")
    (told,) = problems(tmp_path, "upheld: 1\n" + HOOK.format(url="https://ops.example/", secret="${file:s}"))
    assert told.startswith("3:61: hooks.ops.secret: ")
    assert "${file:s}" in told
    assert CANARY not in told


SLOTS = {
    "url": "hooks:\n  o: {kind: webhook, url: 'XX'}\n",
    "secret": "hooks:\n  o: {kind: webhook, url: 'https://a.example/', secret: 'XX', evnts: []}\n",
    "header": "targets:\n  t: {probe: {kind: http, url: 'https://a.example/', headers: {Host: 'XX'}}}\n",
    "bearer": "targets:\n  t: {probe: {kind: http, url: 'https://a.example/', auth: {user: u, bearer: 'XX'}}}\n",
    "host": "targets:\n  t: {probe: {kind: icmp, host: ['XX']}}\n",
    "method": "targets:\n  t: {probe: {kind: http, url: 'https://a.example/', method: 'XX'}}\n",
    "packets": "targets:\n  t: {probe: {kind: icmp, host: h, packets: 'XX'}}\n",
    "every": "targets:\n  t: {probe: {kind: icmp, host: h}, every: 'XX'}\n",
    "kind": "targets:\n  t: {probe: {kind: 'XX', host: h}}\n",
    "name": "vantage: {name: 'X XX'}\n",
    "level": "daemon: {log: {level: 'XX'}, listen: 'XX'}\n",
    "promise": "contracts:\n  c: {provider: P, customer: C, services: {s: {targets: XX}}, promises: ['XX > 9%']}\n",
    "zone": "contracts:\n  c: {provider: P, customer: C, timezone: 'XX', currency: 'XX', services: {}, promises: []}\n",
    "events": "hooks:\n  o: {kind: webhook, url: 'https://a.example/', events: ['XX'], contracts: ['XX']}\n",
    "format": "risk: {budget: ['XX'], burn 1h: 'XX'}\n",
}


@pytest.mark.parametrize("slot", SLOTS)
def test_a_value_from_outside_shows_in_no_message(tmp_path: Path, slot: str) -> None:
    told = problems(tmp_path, "upheld: 1\n" + SLOTS[slot].replace("XX", "${CANARY}"), {"CANARY": CANARY})
    assert told
    assert not any(CANARY[i : i + 6] in line for line in told for i in range(len(CANARY) - 5))


@pytest.mark.parametrize("slot", ["url", "secret", "header", "bearer"])
def test_a_secret_typed_into_the_file_shows_in_no_message(tmp_path: Path, slot: str) -> None:
    told = problems(tmp_path, "upheld: 1\n" + SLOTS[slot].replace("XX", CANARY))
    assert told
    assert not any(CANARY in line for line in told)


def test_a_secret_shows_neither_in_the_configuration_nor_in_what_is_printed_of_it(tmp_path: Path) -> None:
    text = CONTRACT.replace(
        'url: "https://www.example.com/"',
        'url: "https://www.example.com/", headers: {X-Key: "${CANARY}"}, auth: {bearer: "${CANARY}"}',
    ) + HOOK.format(url="https://ops.example/${CANARY}", secret="${CANARY}")
    whole = config(tmp_path, text, {"CANARY": CANARY})
    printed = [repr(whole), str(whole), explain(whole, whole.contracts["acme"]), json.dumps(whole.digest)]
    printed.append(CliRunner(env={"CANARY": CANARY}).invoke(check, ["-c", str(tmp_path)]).output)
    assert not any(CANARY in one for one in printed)
    assert printed[-1].startswith("ok: 2 targets, 1 contract, 2 promises, 1 hook")


def test_a_problem_elsewhere_does_not_show_it_either(tmp_path: Path) -> None:
    text = CONTRACT.replace("availability >= 99.9%", "${P}") + "    credits: {outages: 5% per started hour beyond 4h}\n"
    (told,) = problems(tmp_path, text, {"P": "outages <= 31"})
    assert "'outages'" not in told
    assert told.endswith("needs a promise measured in time; '${P}' takes a table of rows")


def test_an_id_is_written_out(tmp_path: Path) -> None:
    text = CONTRACT.replace("- availability >= 99.9%", "- {id: '${ID}', promise: outages <= 3}")
    told = problems(tmp_path, text, {"ID": "gold"})
    assert told == ["14:14: contracts.acme.promises[0].id: an id is printed wherever its promise is; write it out"]


def test_the_exception_itself_shows_no_secret(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as error:
        config(
            tmp_path, "upheld: 1\ntargets:\n  t: {probe: {kind: icmp, host: '${C}', packets: '${C}'}}\n", {"C": CANARY}
        )
    assert CANARY not in repr(error.value)
    assert error.value.__cause__ is None


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("'abcdefghij' is no name", "'${X}' is no name"),
        ("no target 'abc' here", "the value made with ${X} does not fit here (it is not shown)"),
        ("starts with bcdefghi", "the value made with ${X} does not fit here (it is not shown)"),
        ("must be 'GET'", "must be 'GET'"),
    ],
)
def test_a_message_is_masked_whole_or_withheld(text: str, shown: str) -> None:
    assert masked(text, [("${X}", "abcdefghij")]) == shown


def test_a_short_value_is_masked_in_quotes_only() -> None:
    assert masked("'5' has no unit; write 5s", [("${X}", "5")]) == "'${X}' has no unit; write 5s"


def test_what_a_run_tells_names_the_reference_and_not_what_it_stood_for(tmp_path: Path) -> None:
    text = "upheld: 1\ntargets:\n  t: {probe: {kind: http, url: 'https://a.example/?key=${CANARY}'}}\n"
    target = config(tmp_path, text, {"CANARY": CANARY}).targets["t"]
    assert shown(f"GET /?key={CANARY}", target) == "GET /?key=${CANARY}"
    assert CANARY not in repr(target.hidden)
