"""A contract in plain words: no noun and no field of the language is left out, and sentences read as sentences."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from config.contract import model, money, noun, rules
from config.contract.model import Contract
from config.contract.noun import Noun
from monitor.render.explain import explain
from tests.config.kit import CONTRACT, config, read
from tests.render.language_samples import BASE, SAMPLES, loaded, two
from tests.render.long_kit import FILES

NOUNS = {
    one.__name__: one
    for module in (model, money, rules, noun)
    for one in vars(module).values()
    if isinstance(one, type) and issubclass(one, Noun) and one is not Noun and one.__module__ == module.__name__
}
UNSAID = {
    "Contract": {"name", "digest", "digests", "terms"},  # the title, and what is made of the text
    "Bucket": {"operator", "target"},  # said by the line as it was typed
}
FIELDS = [(of, field) for of, fields in SAMPLES.items() for field in fields]


def said(data: object, folder: Path) -> str:
    """What explain says, without the digest of the text."""
    assert isinstance(data, dict)
    whole, contract = loaded(data, folder)
    return explain(whole, contract).partition("Digest of the contract's text")[0]


def test_every_field_of_every_noun_has_a_sample() -> None:
    for name, one in NOUNS.items():
        told_apart = set() if one.__module__ == rules.__name__ else {"kind"}  # a word that only tells shapes apart
        lacking = (
            {field.name for field in fields(one)} - set(SAMPLES.get(name, {})) - UNSAID.get(name, set()) - told_apart
        )
        assert not lacking, (name, lacking)


@pytest.mark.parametrize(("of", "field"), FIELDS, ids=[f"{of}.{field}" for of, field in FIELDS])
def test_what_a_field_says_is_explained(of: str, field: str, tmp_path: Path) -> None:
    before, after = two(of, field)
    assert said(before, tmp_path) != said(after, tmp_path)


def test_every_noun_of_the_language_is_in_plain_words(tmp_path: Path) -> None:
    text = " ".join(said(BASE, tmp_path).split())
    for sentence in (
        "ExampleNet promises, ACME GmbH is promised.",
        "The contract began on 2025-02-15.",
        "- line, 1200 EUR a month: down while any of its targets (hq, branch) is. Of class gold and region north.",
        "- desk: judged by what is reported of it. Its charges: mrc 100 EUR and usage 50 EUR.",
        "- The hours of office: Monday to Friday 09:00-17:00, in Europe/Berlin.",
        "- The hours of shop: every day 08:00-20:00, in Europe/Berlin.",
        "Measured as the share of the period's time that no outage of the kind down took away.",
        "Measured as the length of each outage of the kind down, each judged by itself.",
        "Measured as the figure csat as it is reported, as a number; of several, their mean.",
        "- down: told by any of our probes or tickets; it begins with the first failure and ends with the first",
        "- planned maintenance: announced at least 3d ahead; without a cap;",
        "- table, on a breach of up, as a part of the service's charge: less than 99.9%: 10% less than 99%: 25%",
        "- units, on a breach of lost, as a part of the service's charge: 5% for each 1h; only whole ones count.",
        "It goes by lost. As much of it as the time lost is of the period.",
        "- flat, on a breach of repair, for each outage, as a part of the service's charge: A flat 5%.",
        "Up to 2h: 1 service day for each 1h; only whole ones count. Beyond: 2 service days for each 1h;",
        "- score, on a breach of up: A flat 3 points.",
        "- Of table and part only the greatest is given.",
        "Nothing is issued unless it comes to more than 1.00 EUR.",
        "ACME GmbH claims with that statement within 30d of the end of the month;",
        "termination, if lost is more than 1d or (worst is more than 8h (the length of the longest outage of the kind "
        "down) and up was breached in 3 periods one after the other). [chronic]",
        "- 50% of a credit goes back to ExampleNet once its promises were kept in 6 months one after the other.",
    ):
        assert sentence in text


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_text_of_an_example_reads_as_sentences(file: Path) -> None:
    """No word of the program's own, no doubled word, no number without its right word, nothing empty."""
    whole = read(file)
    for contract in whole.contracts.values():
        text = explain(whole, contract)
        flat = " ".join(text.split())
        for wrong in (
            r"\b(\w+) \1\b",
            r"\b1 [a-z ]*(?:days|hours|points|months)\b",
            r" [,.;:]",
            r"None|_to_|\(\)",
            ",,",
        ):
            found = re.search(wrong, flat.replace("Read by", ""))
            assert not found, (contract.name, flat[max(0, found.start() - 60) : found.end() + 40])
        assert all(len(line) <= 100 for line in text.splitlines() if not line.startswith("Digest"))


def test_a_measure_that_only_a_credit_reads_is_explained(tmp_path: Path) -> None:
    more = (
        "    measures: {lost: {total: outage, beyond: 10m}}\n"
        "    credits: [{id: hours, for: availability, by: lost, per unit: {unit: 1h, count: full, give: 5%}}]\n"
    )
    whole = config(tmp_path, CONTRACT + more)
    text = " ".join(explain(whole, whole.contracts["acme"]).split())
    assert "It goes by lost: the time of all outages added up, beyond 10m. 5% for each 1h;" in text


def test_a_revision_says_what_is_otherwise(tmp_path: Path) -> None:
    more = "    revisions: [{id: r2, from: 2026-03-01, changes: {credits: {availability: {'< 99.9%': 12%}}}}]\n"
    base = CONTRACT + "    credits: {availability: {'< 99.9%': 10%}}\n"
    whole = config(tmp_path, base + more)
    text = " ".join(explain(whole, whole.contracts["acme"]).split())
    head = "availability, on a breach of availability, as a part of the service's charge: less than 99.9%:"
    assert f"- No longer: {head} 10% - Now: {head} 12%" in text
    assert "Revision r2 ----------- It holds from 2026-03-01 on, by the period start." in text
    assert isinstance(whole.contracts["acme"], Contract)
