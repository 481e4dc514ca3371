"""A digest names what was agreed: it changes with every term, and with nothing else."""

from pathlib import Path

import pytest

from tests.config.kit import CONTRACT, config


def digests(tmp_path: Path, text: str, env: dict[str, str] | None = None) -> tuple[str, str]:
    whole = config(tmp_path, text, env)
    return whole.digest, whole.contracts["acme"].digest


def test_layout_order_of_keys_quotes_and_remarks_change_nothing(tmp_path: Path) -> None:
    other = (
        CONTRACT.replace("    provider: ExampleNet\n", "")
        .replace("    customer: ACME GmbH\n", "    customer: ACME GmbH\n\n    provider: 'ExampleNet'\n")
        .replace("{targets: [web], charge: 300.00}", "{charge: 300.00, targets: [ web ]}")
        .replace("upheld: 1", "# a remark\nupheld: 1")
    )
    assert digests(tmp_path, CONTRACT) == digests(tmp_path, other)
    assert digests(tmp_path, CONTRACT)[0].startswith("sha256:")


@pytest.mark.parametrize(("old", "new"), [("99.9%", "99.90%"), ("1200.00", "1200.01"), ("ACME GmbH", "ACME AG")])
def test_every_term_changes_it(tmp_path: Path, old: str, new: str) -> None:
    before, after = digests(tmp_path, CONTRACT), digests(tmp_path, CONTRACT.replace(old, new))
    assert before[0] != after[0]
    assert before[1] != after[1]


def test_what_is_not_of_the_contract_changes_the_configurations_only(tmp_path: Path) -> None:
    before, after = digests(tmp_path, CONTRACT), digests(tmp_path, CONTRACT + "daemon: {retention: 30d}\n")
    assert before[0] != after[0]
    assert before[1] == after[1]


def test_a_contract_is_what_its_variables_stood_for(tmp_path: Path) -> None:
    text = CONTRACT.replace("1200.00", '"${CHARGE}"')
    low, high = digests(tmp_path, text, {"CHARGE": "1200.00"}), digests(tmp_path, text, {"CHARGE": "1500.00"})
    assert low[1] != high[1]
    assert low[1] == digests(tmp_path, CONTRACT)[1]


def test_a_secret_has_no_part_in_any_digest(tmp_path: Path) -> None:
    text = CONTRACT + 'hooks:\n  o: {kind: webhook, url: "https://a.example/${T}"}\n'
    assert digests(tmp_path, text, {"T": "one"}) == digests(tmp_path, text, {"T": "two"})
