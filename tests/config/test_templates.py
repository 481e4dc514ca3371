"""One contract for each row: what is filled in, and whose place a problem is told at."""

import random
import time
from pathlib import Path

import pytest

from config.errors import ConfigError
from config.model import Config
from tests.config.kit import read
from tests.config.test_fuzz import mutated

TEMPLATE = """\
upheld: 1
targets:
  hq: {probe: {kind: icmp, host: 192.0.2.7}}
contracts:
  base: {template: true, provider: ExampleNet, currency: EUR, promises: [availability >= 99.9%, outages <= 3]}
  gold: {template: true, inherits: base, promises: [availability >= 99.99%]}
  "isp-{id}":
    for each: FILE
    inherits: "{plan}"
    customer: "{name}"
    starts: "{since}"
    text: Agreed with {name}, {{in person}}.
    services: {line: {targets: [hq], charge: "{charge}"}}
    revisions:
      - {id: v2, from: 2026-03-01, applies by: subscription start, changes: {promises: [outages <= 1]}}
"""
CSV = """\
id,name,since,charge,plan
7,ACME GmbH,2026-02-01,89.00,base
8,"Café ""Zentral"", Wien",2026-04-01,119.50,gold
"""
JSON = """[
 {"id": 7, "name": "ACME GmbH", "since": "2026-02-01", "charge": 89.00, "plan": "base", "note": null},
 {"id": 8, "name": "Caf\\u00e9 \\"Zentral\\", Wien", "since": "2026-04-01", "charge": 119.50, "plan": "gold"}
]
"""


def loaded(tmp_path: Path, data: str | bytes, template: str = TEMPLATE, file: str = "customers.csv") -> Config:
    raw = data.encode() if isinstance(data, str) else data
    (tmp_path / file).write_bytes(raw)
    (tmp_path / "upheld.yaml").write_text(template.replace("FILE", file), encoding="utf-8")
    return read(tmp_path / "upheld.yaml")


def told(tmp_path: Path, data: str | bytes, template: str = TEMPLATE, file: str = "customers.csv") -> list[str]:
    try:
        loaded(tmp_path, data, template, file)
    except ConfigError as error:
        return [str(one).removeprefix(f"{tmp_path}/") for one in error.problems]
    return []


@pytest.mark.parametrize(("data", "file"), [(CSV, "customers.csv"), (JSON, "customers.json")])
def test_a_contract_is_made_of_each_row(tmp_path: Path, data: str, file: str) -> None:
    found = loaded(tmp_path, data, file=file).contracts
    assert list(found) == ["isp-7", "isp-8"]
    acme, cafe = found.values()
    assert (acme.customer, str(acme.services[0].charge)) == ("ACME GmbH", "89.00")
    assert (cafe.customer, str(cafe.services[0].charge)) == ('Café "Zentral", Wien', "119.50")
    assert [one.text for one in cafe.remarks] == ['Agreed with Café "Zentral", Wien, {in person}.']
    assert [one.promises[0].text for one in (acme, cafe)] == ["availability >= 99.9%", "availability >= 99.99%"]
    assert [len(one.revisions) for one in (acme, cafe)] == [1, 1]
    assert acme.digest != cafe.digest


def test_a_row_reads_as_if_it_had_been_written_out(tmp_path: Path) -> None:
    """With everything else that rows share: a second row is read from what the first one left."""
    plan = TEMPLATE.replace('"{plan}"', "base")
    rows = loaded(tmp_path, CSV, plan).contracts["isp-8"]
    alone = plan[: plan.index('  "isp')] + (
        "  isp-8: {inherits: base, customer: 'Café \"Zentral\", Wien', starts: 2026-04-01,\n"
        "    text: 'Agreed with Café \"Zentral\", Wien, {in person}.',\n"
        "    services: {line: {targets: [hq], charge: 119.50}}, revisions: [{id: v2, from: 2026-03-01,\n"
        "    applies by: subscription start, changes: {promises: [outages <= 1]}}]}\n"
    )
    (tmp_path / "alone.yaml").write_text(alone, encoding="utf-8")
    found = read(tmp_path / "alone.yaml").contracts["isp-8"]
    assert found.but(terms="", revisions=()) == rows.but(terms="", revisions=())


def test_the_digest_of_the_configuration_is_over_the_rows_too(tmp_path: Path) -> None:
    assert loaded(tmp_path, CSV).digest != loaded(tmp_path, CSV.replace("89.00", "88.00")).digest


def test_semicolons_and_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    data = b"\xef\xbb\xbf" + CSV.replace(",", ";").replace("; Wien", ", Wien").replace("\n", "\r\n").encode()
    assert loaded(tmp_path, data).contracts["isp-8"].customer == 'Café "Zentral", Wien'


def test_a_wrong_value_is_told_by_row_and_column(tmp_path: Path) -> None:
    data = CSV.replace("89.00", "89 EUR?").replace("2026-04-01", "1 April").replace("gold", "golden")
    first, second = told(tmp_path, data)
    assert first == (
        "customers.csv:2:24: contracts.isp-7.services.line.charge: '89 EUR?' is no money; write it as 10.00 EUR"
    )
    assert second.startswith("customers.csv:3:43: contracts.isp-8.inherits: no contract 'golden'; there are base, gold")


def test_what_is_wrong_with_the_template_is_told_once_at_its_place(tmp_path: Path) -> None:
    template = TEMPLATE.replace("charge: ", "chrage: ")
    found = told(tmp_path, CSV, template)
    assert [one.partition(": ")[0] for one in found] == ["upheld.yaml:13:38"]
    assert "did you mean 'charge'?" in found[0]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('{name}"', '{nmae}"', "upheld.yaml:10:15: contracts.isp-{id}: no column 'nmae'"),
        ("{{in person}}", "{in person}", "no column 'in person'"),
        ("{{in person}}", "{{in person}", "has a single '}'; write }} for the character itself"),
        ("isp-{id}", "isp", "upheld.yaml:7:3: contracts.isp: is the name of every row's contract"),
        ("isp-{id}", "isp-{}", "no column ''"),
        ('"{name}"', "{name}", "a mapping is not text; put it in quotes"),
        ("FILE", "https://example.com/customers.csv", "upheld.yaml:8:15: contracts.isp-{id}.for each: is not fetched"),
        ("FILE", "customer.csv", "customer.csv cannot be read: No such file or directory;"),
        ("FILE", "[customers.csv]", "a list is not text"),
        (
            '  "isp',
            '  isp-7: {inherits: base}\n  "isp',
            "customers.csv:2:1: contracts.isp-7: there is a contract 'isp-7' already",
        ),
    ],
)
def test_a_template_that_cannot_be_filled_is_told(tmp_path: Path, old: str, new: str, message: str) -> None:
    found = told(tmp_path, CSV, TEMPLATE.replace(old, new))
    assert any(message in one for one in found), found


def test_a_key_that_a_row_makes_twice_is_told(tmp_path: Path) -> None:
    """Or one service would stand for two."""
    template = TEMPLATE.replace("{line: {", '{line: {targets: [hq]}, "{name}": {')
    rows = CSV.replace('"Café ""Zentral"", Wien"', "desk").replace("ACME GmbH", "line")
    (problem,) = told(tmp_path, rows, template)
    assert problem.startswith("customers.csv:2:3: contracts.isp-7: 'line' stands as a key twice once the row is filled")


def test_a_column_of_several_words_may_be_spaced_anyhow(tmp_path: Path) -> None:
    found = loaded(tmp_path, CSV.replace(",name,", ",full  name,"), TEMPLATE.replace("{name}", "{full   name}"))
    assert found.contracts["isp-7"].customer == "ACME GmbH"
    assert "Agreed with ACME GmbH, {in person}." in [one.text for one in found.contracts["isp-7"].remarks]


def test_two_rows_of_one_name_are_told(tmp_path: Path) -> None:
    [found] = told(tmp_path, CSV + "7,Other,2026-01-01,5.00,base\n")
    assert found.startswith(
        "customers.csv:4:1: contracts.isp-7: there is a contract 'isp-7' already, on line 2; give each row"
    )


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("", "customers.csv:1:1: is empty; its first line names the columns"),
        ("id,name\n", "customers.csv:1:1: has no rows; write one for each contract"),
        (
            CSV + "9,too,short\n",
            "customers.csv:4:7: has 3 values, the header 5 columns (id, name, since, charge, plan)",
        ),
        (CSV.replace("plan", "id"), "customers.csv:1:22: there is a column 'id' already; name each once"),
        (CSV.replace("since", ""), "customers.csv:1:9: '' is no name of a column"),
        (CSV + '9,"open,2026-01-01,5.00,base\n', "customers.csv:4:3: a quote that is not closed, or text behind one"),
        (
            CSV.encode() + b"9,Caf\xe9,2026-01-01,5.00,base\n",
            "customers.csv:4:6: is not UTF-8 from here on; save it as UTF-8",
        ),
        (
            CSV.replace("ACME", "AC\x07ME"),
            "customers.csv:2:5: a control character (U+0007) cannot stand here; remove it",
        ),
    ],
)
def test_a_csv_file_that_cannot_be_read_is_told_by_line(tmp_path: Path, data: str | bytes, message: str) -> None:
    found = told(tmp_path, data)
    assert any(one.startswith(message) for one in found), found


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("[{,]", "c.json:1:3: not JSON: Expecting property name enclosed in double quotes"),
        ("{}", "c.json:1:1: is no list of objects"),
        ("[]", "c.json:1:1: has no rows"),
        ("[1]", "c.json:1:2: is no object"),
        ('[{"id": {"a": 1}}]', "c.json:1:9: 'id' is not a plain value"),
        ('[{"id": 1, "id": 2}]', "c.json:1:12: 'id' stands in this object twice"),
        ('[{"id": "\\u0007"}]', "c.json:1:9: 'id' has a control character in it"),
        ('[{"id": "\\ud800"}]', "c.json:1:9: 'id' has a control character in it"),
        ("[" * 100_000, "c.json:1:"),
    ],
)
def test_a_json_file_that_cannot_be_read_is_told_by_line(tmp_path: Path, data: str, message: str) -> None:
    found = told(tmp_path, data, file="c.json")
    assert any(one.startswith(message) for one in found), found


def test_thousands_of_rows_are_read_in_seconds(tmp_path: Path) -> None:
    data = CSV + "".join(
        f"{i},Customer {i},2026-0{1 + i % 9}-01,{i}.00,{'base' if i % 2 else 'gold'}\n" for i in range(9, 1009)
    )
    loaded(tmp_path, CSV)
    began = time.thread_time()
    assert len(loaded(tmp_path, data).contracts) == 1002
    assert time.thread_time() - began < 10


@pytest.mark.parametrize(("seed", "file"), [(CSV, "c.csv"), (JSON, "c.json")])
def test_wrecked_rows_end_in_contracts_or_in_problems(tmp_path: Path, seed: str, file: str) -> None:
    chance = random.Random(20261122)
    refused = 0
    for _ in range(300):
        try:
            loaded(tmp_path, mutated(seed.encode(), chance), file=file)
        except ConfigError as error:
            refused += 1
            assert all(str(one).startswith(str(tmp_path)) for one in error.problems)
    assert refused > 100
