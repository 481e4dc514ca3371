"""The schema takes what the reader takes of periods, services, calendars, signals, outages and exclusions."""

import pytest

from tests.config.kit import CONTRACT
from tests.config.test_calendar_text import WRITTEN
from tests.config.test_examples import complaints
from tests.config.test_exclusion_terms import CASES as EXCLUSIONS
from tests.config.test_exclusion_terms import OFFICE, SERVICES
from tests.config.test_outage_rules import BESIDE
from tests.config.test_outage_rules import CASES as OUTAGES

PERIODS = (
    "month from day 15",
    "contract month",
    "trailing 30 days",
    "week from sun",
    "quarter from day 15 of february",
    "year from april",
)
TEXTS = [
    CONTRACT + WRITTEN,
    *(CONTRACT + f"    period: {kind}\n" for kind in PERIODS),
    *(CONTRACT + f"    base: {base}\n" for base in ("actual", "flat 30 days", "existing", "scheduled 24x7")),
    *(CONTRACT + BESIDE + f"    outages:\n      broken: {{{text}}}\n" for text, _ in OUTAGES),
    *(CONTRACT + OFFICE + f"    exclusions:\n      - works: {{{text}}}\n" for text, _ in EXCLUSIONS),
    *(CONTRACT.replace("    promises:", f"      desk: {{{text}}}\n    promises:") for text, _ in SERVICES),
]


@pytest.mark.parametrize("text", TEXTS)
def test_the_schema_takes_what_the_reader_takes(text: str) -> None:
    assert complaints(text) == []


@pytest.mark.parametrize(
    "wrong",
    [
        "    period: monthly\n",
        "    outages: {broken: {bucket: 5}}\n",
        "    outages: {broken: {starts: begin}}\n",
        "    calendars: {office: {hours: {mon-fri: 9}}}\n",
        "    exclusions: [works: {effect: ignored}]\n",
    ],
)
def test_the_schema_refuses_what_is_plainly_wrong(wrong: str) -> None:
    assert complaints(CONTRACT + wrong)
