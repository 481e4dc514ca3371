"""What a contract's dates do to a statement and to the live account: revisions, novations, warm-up, the last day."""

import json
from dataclasses import replace
from fractions import Fraction

import pytest

from config.contract.model import Contract, PartySpan, Revision, Service
from config.model import Config
from config.periods import Period
from monitor.render import statement_json, statement_text
from monitor.sla.evidence import Facts
from monitor.sla.ledger import Ledger
from monitor.sla.model import Statement, Verdict
from monitor.sla.statement import build
from tests.sla.histories import AVAILABILITY, MINUTE, SECOND, TARGET, TEN, TOTAL, contract, samples

HOUR, DAY = 60 * MINUTE, 24 * 60 * MINUTE
MIDNIGHT = TEN + 14 * HOUR  # 2026-10-02
STRICT = TOTAL.but(target=Fraction(0), text="total outage <= 0s")
HISTORY = samples("U" * 1200 + "ddd" + "U" * 357 + "dd" + "U" * 1318, start=MIDNIGHT - DAY)


def revised(**more: object) -> Contract:
    """From the second day on, no outage is allowed, and a second service is promised about."""
    lab = Service(name="lab", targets=("lab",))
    later = contract(AVAILABILITY, STRICT, digest="sha256:later", **more)
    later = later.but(services=(*later.services, lab))
    revision = Revision(id="r2", start=MIDNIGHT, contract=later)
    return contract(AVAILABILITY, TOTAL, digest="sha256:first", revisions=(revision,), **more)


def whole(agreed: Contract) -> Config:
    lab = replace(TARGET, name="lab")
    return Config(targets={"hq": TARGET, "lab": lab}, contracts={"acme": agreed})


def stated(agreed: Contract, start: int, as_of: int | None = None, kind: str | None = "day") -> Statement:
    period = Period("a day", kind, start, start + DAY)
    return build(whole(agreed), agreed, period, Facts(HISTORY), as_of)


def test_a_statement_is_judged_by_the_text_in_force_and_names_it() -> None:
    first, second = stated(revised(), MIDNIGHT - DAY), stated(revised(), MIDNIGHT)
    assert [(one.contract_digest, one.revision_in_force) for one in (first, second)] == [
        ("sha256:first", None),
        ("sha256:later", ("r2", MIDNIGHT)),
    ]
    verdicts = [{one.id: one.verdict for one in statement.promises} for statement in (first, second)]
    assert (verdicts[0]["total-outage"], verdicts[1]["total-outage"]) == (Verdict.MET, Verdict.BREACHED)
    assert [one.service for one in second.services] == ["hq", "lab"]
    told = json.loads(statement_json.render(second))
    assert told["revision_in_force"] == {"id": "r2", "from": "2026-10-02T00:00:00Z"}
    assert "revision_in_force" not in json.loads(statement_json.render(first))


def test_the_live_account_goes_over_to_the_revision_with_the_period() -> None:
    agreed = revised()
    ledger = Ledger(whole(agreed))
    ledger.load(Facts(HISTORY[:1400]), HISTORY[1399].at)
    for index, sample in enumerate(HISTORY[1400:1700], 1400):
        now = sample.at + SECOND
        for samples_now in ([sample], []):
            ledger.take(samples_now)
            if ledger.stale:
                ledger.rebuild(Facts(HISTORY[: index + 1]), now)
            ledger.judge(now)
        if index % 19 == 0:
            account = json.loads(dict(ledger.judge(now, everything=True).accounts)["acme"])
            day = MIDNIGHT if now >= MIDNIGHT else MIDNIGHT - DAY
            statement = stated(agreed, day, now)
            assert list(account["services"]) == [one.service for one in statement.services]
            shown = {one["id"]: (one["text"], one["verdict"]) for one in account["promises"]}
            assert shown == {one.id: (one.text, one.verdict and one.verdict.value) for one in statement.promises}


def test_what_was_stated_before_a_novation_reads_as_it_did() -> None:
    before = contract(TOTAL, digest="sha256:old", provider="OldNet")
    noon = MIDNIGHT + DAY // 2
    spans = (PartySpan(role="provider", name="OldNet", end=noon), PartySpan(role="provider", name="NewNet", start=noon))
    dated = {"parties": spans, "digests": ((None, "sha256:old"), (noon, "sha256:new"))}
    after = contract(TOTAL, digest="sha256:new", provider="NewNet", **dated)
    day = MIDNIGHT - DAY
    assert statement_json.render(stated(after, day)) == statement_json.render(stated(before, day))
    passed, then = stated(after, MIDNIGHT), stated(after, MIDNIGHT + DAY)
    assert [(one.provider, one.contract_digest) for one in (passed, then)] == [
        ("OldNet", "sha256:old"),
        ("NewNet", "sha256:new"),
    ]
    assert json.loads(statement_json.render(passed))["parties"] == [
        {"role": "provider", "name": "OldNet", "from": "2026-10-02T00:00:00Z", "to": "2026-10-02T12:00:00Z"},
        {"role": "provider", "name": "NewNet", "from": "2026-10-02T12:00:00Z", "to": "2026-10-03T00:00:00Z"},
    ]
    assert then.parties == ()


@pytest.mark.parametrize(
    ("dates", "why"),
    [
        ({"judged_from": MIDNIGHT + 1}, "warm_up"),
        ({"judged_from": MIDNIGHT}, None),
        ({"ends": MIDNIGHT}, "ended"),
        ({"ends": MIDNIGHT + HOUR}, None),
        ({"starts": MIDNIGHT + DAY}, "not_started"),
        ({"starts": MIDNIGHT + HOUR}, None),
    ],
)
def test_a_period_outside_the_contracts_days_has_figures_without_verdicts(
    dates: dict[str, int], why: str | None
) -> None:
    found = stated(contract(STRICT, **dates), MIDNIGHT)
    [result] = found.promises
    assert (found.unjudged, found.credits, result.value) == (why, (), Fraction(2 * MINUTE))
    assert (result.verdict is None) == (why is not None)
    assert json.loads(statement_json.render(found)).get("unjudged") == why


def test_a_contract_that_warms_up_raises_no_risk() -> None:
    agreed = contract(STRICT, judged_from=MIDNIGHT)
    ledger = Ledger(whole(agreed))
    ledger.load(Facts(HISTORY[:1300]), HISTORY[1299].at)
    found = ledger.judge(HISTORY[1299].at, everything=True)
    account = json.loads(dict(found.accounts)["acme"])
    assert [(one["verdict"], one["risks"], one["at_risk"]) for one in account["promises"]] == [(None, [], False)]
    assert not [event for event in found.events if event.name.startswith(("risk", "promise"))]


def test_a_review_stands_on_the_statements_from_thirty_days_before() -> None:
    due = MIDNIGHT + 31 * DAY
    agreed = contract(TOTAL, review_by=due)
    assert [stated(agreed, MIDNIGHT + shift * DAY).review_by for shift in (-1, 0, 1)] == [None, due, due]
    assert stated(agreed, MIDNIGHT, MIDNIGHT + HOUR).review_by is None


def test_a_period_of_another_kind_says_why_it_is_not_judged() -> None:
    assert stated(contract(TOTAL), MIDNIGHT, kind=None).unjudged == "other_period"


def test_the_text_says_what_the_dates_do() -> None:
    span = PartySpan(role="customer", name="ACME SE", start=MIDNIGHT + HOUR)
    first = PartySpan(role="customer", name="ACME", end=MIDNIGHT + HOUR)
    agreed = revised(parties=(first, span), review_by=MIDNIGHT + 9 * DAY, judged_from=MIDNIGHT + DAY)
    lines = statement_text.render(stated(agreed, MIDNIGHT)).splitlines()
    assert lines[1:5] == [
        "ExampleNet for ACME",
        "ACME from 2026-10-02 until 2026-10-02",
        "ACME SE from 2026-10-02 until 2026-10-03",
        "The contract as revised by r2 on 2026-10-02",
    ]
    assert lines[6:8] == [
        "The contract warms up: figures without verdicts and credits",
        "The contract is to be reviewed by 2026-10-11",
    ]
