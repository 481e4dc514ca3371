"""Every example loads, and an editor that reads the schema finds nothing wrong with it."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from config import places
from config.contract.levels import KEYS as STRUCTURE
from config.contract.read import KEYS
from config.contract.remarks import BESIDES as REMARKS
from config.schema import schema
from monitor.cli.check import command as check
from monitor.cli.explain import command as explain
from monitor.cli.schema import command as print_schema
from monitor.render.explain import explain as explained
from tests.config.kit import CONTRACT, HOOK_KINDS, PROBE_KINDS, config, read

EXAMPLES = sorted((Path(__file__).parents[2] / "config" / "examples").glob("*.yaml"))
SCHEMA = schema(PROBE_KINDS, HOOK_KINDS)


def plain(node: places.Node) -> Any:
    """What an editor's YAML server makes of a file: decimals as numbers."""
    if isinstance(node.value, dict):
        return {key: plain(child) for key, child in node.value.items()}
    if isinstance(node.value, list):
        return [plain(child) for child in node.value]
    return float(node.value) if type(node.value).__name__ == "Decimal" else node.value  # type: ignore[arg-type]


def complaints(text: str) -> list[str]:
    jsonschema = pytest.importorskip("jsonschema")
    node = places.parse(text.encode(), "f.yaml", [])
    assert node is not None
    return [error.message for error in jsonschema.Draft202012Validator(SCHEMA).iter_errors(plain(node))]


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_an_example_loads_and_explains_itself(file: Path) -> None:
    whole = read(file)
    assert whole.contracts
    for contract in whole.contracts.values():
        assert contract.digest in explained(whole, contract)


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_an_example_pleases_the_schema(file: Path) -> None:
    assert complaints(file.read_text(encoding="utf-8")) == []


def test_the_schema_is_one() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("host: 192.0.2.7", "hots: 192.0.2.7"),
        ("kind: icmp", "kind: icpm"),
        ("99.9%", "999"),
        ("availability >=", "uptime >="),
        ("currency: EUR", "currency: eur"),
        ("provider:", "provder:"),
        ("[hq]", "[h q]"),
        ("1200.00", "-5"),
    ],
)
def test_the_schema_sees_what_is_wrong_in_form(old: str, new: str) -> None:
    assert complaints(CONTRACT) == []
    assert complaints(CONTRACT.replace(old, new)) != []


def test_the_schema_takes_a_reference_wherever_a_value_has_a_form() -> None:
    text = CONTRACT.replace("1200.00", '"${CHARGE}"').replace("192.0.2.7", '"${HOST}"').replace("EUR", '"${CUR}"')
    assert complaints(text + 'risk: {burn 1h: "${BURN:-3}"}\n') == []


def test_the_schema_is_printed_with_defaults_as_typed() -> None:
    printed = json.loads(CliRunner().invoke(print_schema, []).output)
    assert printed["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert {"probe-icmp", "probe-http", "hook-webhook", "hook-mqtt"} <= printed["$defs"].keys()
    assert printed["$defs"]["probe-icmp"]["properties"]["spacing"]["default"] == "100ms"


def test_every_key_that_is_read_has_its_place_in_the_schema() -> None:
    sections = SCHEMA["properties"]
    assert isinstance(sections, dict)
    contract = sections["contracts"]["additionalProperties"]["properties"]
    assert set(contract) == {*KEYS, *STRUCTURE, *REMARKS} - {"remove"}


def test_check_prints_one_line_or_every_problem(tmp_path: Path) -> None:
    good = CliRunner().invoke(check, ["-c", str(EXAMPLES[0])])
    assert (good.exit_code, good.output.count("\n")) == (0, 1)
    file = tmp_path / "bad.yaml"
    file.write_text("upheld: 1\ndaemon: 5\nrisk: 6\n")
    bad = CliRunner().invoke(check, ["-c", str(file)])
    assert (bad.exit_code, bad.stdout) == (2, "")
    assert [line.split(": ")[0] for line in bad.stderr.splitlines()] == [f"{file}:2:9", f"{file}:3:7"]


def test_explain_prints_the_contract_or_names_those_there_are() -> None:
    file = next(str(one) for one in EXAMPLES if one.stem == "isp")
    good = CliRunner().invoke(explain, ["borealis", "-c", file])
    assert good.exit_code == 0
    assert good.output.startswith("Contract borealis\n")
    bad = CliRunner().invoke(explain, ["borelis", "-c", file])
    assert bad.exit_code == 2
    assert "did you mean 'borealis'?" in bad.stderr


def test_explain_spells_out_every_default(tmp_path: Path) -> None:
    whole = config(tmp_path, CONTRACT)
    text = " ".join(explained(whole, whole.contracts["acme"]).split())
    for said in (
        "Accounted by calendar month in the time zone UTC",
        "- line, 1200.00 EUR a month: down while its target hq is.",
        "- availability: at least 99.9%, for line, site. [availability]",
        "hq is probed by icmp with 5 packets each time every 1m, waiting at most 5s",
        "A sample speaks until the next one if that comes within 2m35s, else for 1m; the rest is unknown.",
        "After a failure it is probed again 5s later.",
        "confirmed once 2 of the last 2 samples failed",
        "Probed from the vantage here, which is outside the customer's site. It has no witnesses",
        "Nothing: everything that was measured counts.",
        "otherwise it is indeterminate, and people settle it",
        "at least 90% of the time was observed",
        "The contract names no credits",
        "is issued 3d after its end",
        "The contract sets no time within which to claim.",
        "99.9499 % is never shown as 99.95 %",
    ):
        assert said in text


def test_explain_says_what_was_chosen_instead(tmp_path: Path) -> None:
    text = CONTRACT.replace("{targets: [web],", "{targets: [web, hq], down when: all,").replace(
        "- availability >= 99.9%",
        "- longest outage <= 4h\n      - outages over 30m <= 1\n      - share of samples under 2s >= 99% of site\n"
        "      - p95 latency < 80ms of line",
    )
    more = (
        "    exclusions: [planned maintenance: {notice: 72h, cap: 4h per month, effect: not_down}]\n"
        "    credits: {longest outage: 5% per full 30m beyond 4h}\n    cap: 30% of contract charge\n"
        "    unknown: down\n    claim within: 30d\nvantage: {name: fra, witnesses: [hq]}\n"
    )
    whole = config(tmp_path, text + more)
    out = " ".join(explained(whole, whole.contracts["acme"]).split())
    for said in (
        "down while all of its targets (web, hq) are.",
        "- outages over 30m: at most 1, for line, site. [outages-over-30m] Measured as the number of incidents",
        "- share of samples under 2s: at least 99%, for site.",
        "- p95 latency: less than 80ms, for line. [p95-latency] Measured as the p95, by nearest rank",
        "announced at least 3d ahead; at most 4h per month, used up in the order of time; counts as up",
        "5% for each 30m beyond 4h; only whole ones count.",
        "add up to at most 30% of the charge of all services together.",
        "It counts as down.",
        "ACME GmbH claims with that statement within 30d",
        "While its witnesses (hq) are all silent it is cut off",
    ):
        assert said in out
