"""More unseen agreements: figures that are missed, causes that reach beyond themselves, one of two credits."""

from fractions import Fraction
from pathlib import Path

from tests.acceptance.test_unseen import HOUR, Fact, down, judged, paid, ticket, up, value

MINUTE = HOUR // 60

ROLLING = """\
    currency: USD
    services: {line: {charge: 1000.00}}
    measures:
      ok: {requests: hits}
      weekly: {requests: hits, over: trailing 7 days}
      rolled: {total: rolling}
    outages:
      slow: {bad when: ok < 98%, bucket: 10m, empty: good}
      rolling: {bad when: weekly < 99.5%, bucket: day, starts: report}
      outage: {from: [probes, slow]}
    promises: [availability >= 99.9%]
    credits:
      - {id: weeks, by: rolled, per unit: {unit: 12h, count: full, give: 1%}}
      - {id: lost, for: availability, pro rata: {of: total outage}}
"""


def hits(month: int, day: int, failed: int) -> Fact:
    """A thousand of them in the first ten minutes of a day."""
    start = f"2026-{month:02}-{day:02}T00"
    span = {"from": f"{start}:00:00Z", "to": f"{start}:10:00Z"}
    return {"kind": "counts", "signal": "hits", "service": "line", **span, "total": 1000, "failed": failed}


def test_any_deliverable_missed_is_an_outage_and_a_rolling_mean_pays_until_it_falls_back(tmp_path: Path) -> None:
    """On 10 April a tenth of the hits fails: ten minutes down, with fifty of a plain outage an hour of 43,200 minutes
    (1.39). Of the seven days up to then 100 of 7,000 failed, until the 10th is no longer among them: the 10th to the
    16th are bad. The notice came on the 12th at six: 114 hours, nine times twelve."""
    days = [hits(3, day, 0) for day in range(20, 32)] + [hits(4, day, 100 * (day == 10)) for day in range(1, 31)]
    facts = [
        *up("line"),
        *days,
        ticket("n", "line", "2026-04-12T06:00:00Z", restored="2026-04-30T00:00:00Z"),
        down("line", "2026-04-20T00:00:00Z", "2026-04-20T00:50:00Z"),
    ]
    found = judged(tmp_path, ROLLING, facts, "2026-04")
    lengths = {(one["rule"], one["start"]): int(one["charged"]["exact"]) for one in found["counted"]}
    assert lengths["slow", "2026-04-10T00:00:00Z"] == 10 * MINUTE
    assert lengths["rolling", "2026-04-12T06:00:00Z"] == 114 * HOUR
    assert value(found, "availability") == 1 - Fraction(60, 43200)
    assert paid(found) == [("weeks", "line", "90.00"), ("lost", "line", "1.39")]


RURAL = """\
    timezone: Pacific/Auckland
    currency: NZD
    services: {phone: {charge: 60.00}}
    exclusions: [power: {extends by: 24h, effect: not down}]
    outages:
      outage: {grace: 8h, grace from: report, grace counts: beyond}
    promises: [total outage <= 0s]
    credits:
      - id: days
        for: total outage
        per unit: {unit: 24h, count: started, give: 1 service day}
        pay days as money: true
"""


def test_the_credit_begins_a_day_after_power_is_back_and_eight_hours_after_notice(tmp_path: Path) -> None:
    """Down from the 3rd at 06:00 to the 6th at 18:00; power out from 06:00 to 10:00 of the 3rd, notice at noon. What
    lies before the 4th at 10:00 is excused and stops the grace too, which is over at 18:00: 48 hours are two days of
    2.00. The one on the 20th was mended seven hours after its notice, that on the 25th nobody told of."""
    day = "2026-08-{}+12:00".format
    facts = [
        *up("phone"),
        down("phone", day("03T06:00:00"), day("06T18:00:00")),
        down("phone", day("20T00:00:00"), day("20T19:00:00")),
        down("phone", day("25T00:00:00"), day("26T00:00:00")),
        {"kind": "exclusion", "id": "x", "from": day("03T06:00:00"), "to": day("03T10:00:00"), "cause": "power"},
        ticket("1", "phone", day("03T12:00:00"), restored=day("06T18:00:00")),
        ticket("2", "phone", day("20T12:00:00"), restored=day("20T19:00:00")),
    ]
    found = judged(tmp_path, RURAL, facts, "2026-08")
    assert value(found, "total-outage") == 48 * HOUR
    assert paid(found) == [("days", "phone", "4.00")]


BETTER = """\
    currency: USD
    services: {line: {charge: 1000.00}}
    outages: {outage: {from: tickets, starts: report, ends: "earliest of restored, closed"}}
    measures: {length: {each: outage}}
    promises: [longest outage <= 1h]
    credits:
      - {id: tiers, by: length, per: outage, table: {"> 1h": 4%, "> 5h": 9%}}
      - id: days
        by: length
        per: outage
        per unit: {unit: 2h, count: started, give: 1 service day}
        pay days as money: true
        value of day: base / days in period
    combine: [{credits: [tiers, days], take: greatest, per: outage}]
"""


def test_of_each_outage_the_better_of_two_credits(tmp_path: Path) -> None:
    """In February a day is 1/28. 90 minutes: 40.00, not 35.71. 6h30m until it was closed: four days, not 90.00."""
    facts = [
        *up("line"),
        ticket("a", "line", "2026-02-02T00:00:00Z", restored="2026-02-02T01:30:00Z"),
        ticket("b", "line", "2026-02-03T00:00:00Z", restored="2026-02-03T09:00:00Z", closed="2026-02-03T06:30:00Z"),
    ]
    found = judged(tmp_path, BETTER, facts, "2026-02")
    assert value(found, "longest-outage") == Fraction(13, 2) * HOUR
    assert found["credit_total"] == {"amount": "182.86", "currency": "USD"}
