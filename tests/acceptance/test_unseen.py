"""Agreements that nobody had in mind when the language was made, and the figures that their words come to on paper."""

import json
from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from config import periods
from monitor.render.facts import read_file
from monitor.render.statement_json import members
from monitor.sla.evidence import Facts
from monitor.sla.statement import build
from tests.config.kit import config

HOUR = 3600 * 10**9
HEAD = "upheld: 1\ncontracts:\n  k:\n    provider: P\n    customer: C\n"
Fact = Mapping[str, object]


def judged(tmp_path: Path, text: str, facts: Iterable[Fact], period: str, name: str = "k") -> dict[str, Any]:
    """The statement of a contract's period, as its JSON."""
    file = tmp_path / "facts.jsonl"
    file.write_text("".join(json.dumps(fact) + "\n" for fact in facts))
    whole = config(tmp_path, text if text.startswith("upheld") else HEAD + text)
    contract = whole.contracts[name]
    span = periods.parse(period, ZoneInfo(contract.timezone), contract.period)
    return members(build(whole, contract, span, Facts(read_file(str(file))), None))


def up(*services: str) -> list[Fact]:
    return [{"kind": "assume", "service": one, "state": "up"} for one in services]


def down(service: str, since: str, to: str, **more: object) -> Fact:
    return {"kind": "state", "service": service, "from": since, "to": to, "state": "down", **more}


def ticket(id: str, service: str, opened: str, **more: object) -> Fact:
    return {"kind": "ticket", "id": id, "service": service, "opened": opened, **more}


def value(statement: dict[str, Any], promise: str, service: str | None = None) -> Fraction:
    [one] = [p for p in statement["promises"] if p["id"] == promise and service in (None, p["service"])]
    return Fraction(one["value"]["exact"])


def verdicts(statement: dict[str, Any]) -> dict[str, str]:
    return {one["id"]: one["verdict"] for one in statement["promises"]}


def paid(statement: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(one["id"], one["service"], one["amount"]) for one in statement["credits"]]


HOSTING = """\
    timezone: Europe/Helsinki
    currency: EUR
    period: quarter
    services:
      web: {charge: 90.00, weight: 5}
      mail: {charge: 60.00, weight: 3}
      dns: {charge: 30.00, weight: 2}
    measures:
      platform: {ratio: outage, pool: true}
    promises: [platform >= 99.95%]
    credits:
      - {id: level, for: platform, base: contract, table: {"< 99.95%": 7%, "< 99.5%": 18%}}
    floor: {only above: 2.00 EUR}
"""


def test_a_platform_is_the_weighted_mean_of_its_services(tmp_path: Path) -> None:
    """The first quarter has 90 days less the hour of spring: 129,540 minutes. Web was down 95, mail 300 of them:
    (5 x 95 + 3 x 300) of 10 x 129,540; 7% of all 180 euros."""
    facts = [
        *up("web", "mail", "dns"),
        down("web", "2027-02-01T10:00:00+02:00", "2027-02-01T11:35:00+02:00"),
        down("mail", "2027-03-30T10:00:00+03:00", "2027-03-30T15:00:00+03:00"),
    ]
    found = judged(tmp_path, HOSTING, facts, "2027-Q1")
    assert value(found, "platform") == 1 - Fraction(1375, 1295400)
    assert [one["amount"] for one in found["credits"]] == ["12.60"]
    less = judged(tmp_path, HOSTING.replace("7%", "1%"), facts, "2027-Q1")  # 1.80 is not above the floor
    assert less["credit_total"] is None and less["credits"][0]["withheld"] is not None


CARRIER = """\
    timezone: America/Toronto
    currency: CAD
    services: {c1: {charge: 800.00}, c2: {charge: 500.00}}
    outages:
      outage: {from: tickets, starts: report, ends: restored, pauses: [no access, customer power]}
    measures: {repair: {each: outage}}
    promises:
      - {id: sev1, promise: repair <= 4h, if: {severity: 1}}
      - {id: sev2, promise: repair <= 8h, if: {severity: 2}}
    credits:
      - {id: sev1, for: sev1, per: outage, table: {"> 4h": 5%, "> 6h": 10%, "> 12h": 25%}}
      - {id: sev2, for: sev2, per: outage, table: {"> 8h": 3%, "> 24h": 12%}}
    caps: [20% of charge per month]
    rights:
      - {id: chronic, gives: termination, if: "outages over 1h >= 3 per trailing 60 days", exercise within: 45d}
"""


def test_a_repair_is_late_by_its_severity_on_a_clock_that_some_causes_stop(tmp_path: Path) -> None:
    """A took 7 hours less 90 minutes without access; bad weather stops nothing: 5%. B took 18: 25%, of which the cap
    leaves 20% - 5%. D was a second late, C was not; with it three of c1 fall into 60 days."""
    paused = [
        {"from": "2026-04-03T09:00:00-04:00", "to": "2026-04-03T10:30:00-04:00", "cause": "no access"},
        {"from": "2026-04-03T12:00:00-04:00", "to": "2026-04-03T13:00:00-04:00", "cause": "weather"},
    ]
    facts = [
        *up("c1", "c2"),
        ticket("A", "c1", "2026-04-03T08:00:00-04:00", restored="2026-04-03T15:00:00-04:00", severity=1, pauses=paused),
        ticket("B", "c1", "2026-04-10T08:00:00-04:00", restored="2026-04-11T02:00:00-04:00", severity=1),
        ticket("C", "c1", "2026-05-20T08:00:00-04:00", restored="2026-05-20T16:00:00-04:00", severity=2),
        ticket("D", "c2", "2026-05-21T08:00:00-04:00", restored="2026-05-21T16:00:01-04:00", severity=2),
    ]
    april, may = (judged(tmp_path, CARRIER, facts, month) for month in ("2026-04", "2026-05"))
    assert paid(april) == [("sev1", "c1", "40.00"), ("sev1", "c1", "120.00")]
    assert paid(may) == [("sev2", "c2", "15.00")]
    assert [month["rights"][0]["arisen"] for month in (april, may)] == [False, True]
    assert may["rights"][0]["exercise_by"] == "2026-07-16T04:00:00Z"


DATABASE = """\
    currency: USD
    services: {orders: {class: multi zone, charge: 640.00}, logs: {class: single zone, charge: 210.00}}
    outages:
      outage: {from: counts calls, bucket: 1m, bad when: error ratio > 10%, minimum samples: 20, empty: good}
    promises:
      - {id: multi, promise: availability >= 99.95%, if: {class: multi zone}}
      - {id: single, promise: availability >= 99.5%, if: {class: single zone}}
    credits:
      - {id: multi, for: multi, table: {"< 99.95%": 10%, "< 99%": 25%}}
      - {id: single, for: single, table: {"< 99.5%": 10%, "< 95%": 50%}}
"""


def calls(service: str, day: int, minutes: int, total: int, failed: int) -> list[Fact]:
    """So many minutes from one o'clock on."""
    at = [f"2026-02-{day:02}T{1 + m // 60:02}:{m % 60:02}:00Z" for m in range(minutes + 1)]
    return [
        {"kind": "counts", "signal": "calls", "service": service, "from": a, "to": b, "total": total, "failed": failed}
        for a, b in pairwise(at)
    ]


def test_error_minutes_need_enough_calls_and_zones_have_their_own_target(tmp_path: Path) -> None:
    """February has 40,320 minutes. Orders: 21 bad ones; one of exactly 10%, and forty of 19 calls, are none. Logs may
    be bad for 201.6."""
    facts = [*calls("orders", 3, 21, 100, 11), *calls("orders", 4, 30, 100, 10), *calls("orders", 5, 40, 19, 19)]
    found = judged(tmp_path, DATABASE, [*facts, *calls("logs", 3, 201, 20, 3)], "2026-02")
    assert value(found, "multi") == 1 - Fraction(21, 40320) and value(found, "single") == 1 - Fraction(201, 40320)
    assert paid(found) == [("multi", "orders", "64.00")]
    more = judged(tmp_path, DATABASE, [*facts, *calls("logs", 3, 202, 20, 3)], "2026-02")
    assert paid(more)[1:] == [("single", "logs", "21.00")]


DESK = """\
    timezone: Europe/Dublin
    currency: EUR
    calendars: {office: {hours: {mon-fri: "08:30-17:00"}, holidays: [2026-03-17]}}
    services: {support: {charge: 6000.00}}
    measures:
      both:
        share of tickets: {response: 1 business hour, resolution: 9 business hours}
        if: {severity: [3, 4]}
        clock: office
    promises:
      - {id: p2-fix, promise: resolution time <= 1d, if: {severity: 2}, clock: office}
      - {id: news, promise: update gap <= 45m, if: {severity: 1}}
      - {id: legs, promise: both >= 75%}
    credits:
      - {id: fix, for: p2-fix, per: ticket, flat: 5 points}
      - {id: news, for: news, flat: 1 point}
      - {id: legs, for: legs, flat: 4 points, escalate: {if: failed previous period, times: 2}}
"""


def test_a_desk_is_judged_on_two_clocks_and_pays_in_points(tmp_path: Path) -> None:
    """b: 15 minutes on Friday and all of Monday are more than the 8h30m of a day. a: 50 minutes without an update. c
    keeps both legs over a holiday, f does, d answers a minute late, e is solved a minute late: half. The month before
    failed too."""

    def one(id: str, severity: int, opened: str, responded: str, restored: str, *updates: str) -> Fact:
        told = {"severity": severity, "responded": f"2026-{responded}Z", "restored": f"2026-{restored}Z"}
        return ticket(id, "support", f"2026-{opened}Z", **told, updates=[f"2026-{at}Z" for at in updates])

    quick = ("03-02T22:40:00", "03-02T23:20:00", "03-03T00:10:00")
    facts = [
        one("a", 1, "03-02T22:00:00", "03-02T22:09:00", "03-03T00:40:00", *quick),
        one("b", 2, "03-06T16:45:00", "03-09T08:44:00", "03-10T08:31:00"),
        one("c", 3, "03-16T16:30:00", "03-18T08:59:00", "03-18T16:00:00"),
        one("d", 3, "03-11T09:00:00", "03-11T10:01:00", "03-11T12:00:00"),
        one("e", 4, "03-12T09:00:00", "03-12T09:30:00", "03-13T09:31:00"),
        one("f", 4, "03-13T09:00:00", "03-13T09:30:00", "03-13T09:31:00"),
        one("z", 3, "02-11T09:00:00", "02-11T11:01:00", "02-11T12:00:00"),
    ]
    found = judged(tmp_path, DESK, facts, "2026-03")
    assert verdicts(found) == {"p2-fix": "breached", "news": "breached", "legs": "breached"}
    assert value(found, "legs") == Fraction(1, 2)
    assert [(one["exact"], one["unit"]) for one in found["in_kind"]] == [("14", "points")]


LINE = """\
    timezone: Europe/Berlin
    currency: EUR
    calendars: {work: {hours: {mon-fri: "08:00-16:00"}, holidays: [2026-05-14, 2026-05-25]}}
    services: {access: {charge: 250.00}}
    measures: {install: {each: from requested to delivered, if: {type: installation}}}
    promises: [{id: install, promise: install <= 12 business days, clock: work}]
    credits:
      - id: late
        for: install
        per: ticket
        by: excess
        per unit: {unit: 1, count: started, give: 35.00 EUR}
        at most per ticket: 105.00 EUR
"""


def test_each_business_day_too_late_is_paid_up_to_a_limit(tmp_path: Path) -> None:
    """Ordered on 4 May, with Ascension on the 14th: the twelfth day is the 21st. The 26th is two days later, for the
    25th is Whit Monday; the 29th five, of which three are paid."""

    def order(id: str, delivered: str) -> Fact:
        at = "2026-05-04T10:00:00+02:00"
        return ticket(id, "access", at, type="installation", requested=at, delivered=f"2026-05-{delivered}+02:00")

    facts = [order("1", "21T23:59:00"), order("2", "26T09:00:00"), order("3", "29T09:00:00")]
    found = judged(tmp_path, LINE, [*up("access"), *facts], "2026-05")
    assert [item["verdict"] for item in found["promises"][0]["items"]] == ["met", "breached", "breached"]
    assert [amount for *_, amount in paid(found)] == ["70.00", "105.00"]


GROUP = """\
upheld: 1
contracts:
  house:
    level: corporate
    template: true
    provider: House
    timezone: Europe/Zurich
    currency: CHF
    promises:
      - {id: up, promise: availability >= 99.5%}
      - {id: core, promise: longest outage <= 1h, if: {class: core}}
    credits: [{id: c, for: up, table: {"< 99.5%": 5%, "< 98%": 15%}}]
  hill:
    level: customer
    inherits: [house]
    customer: Hill Railway
    services: {lift: {charge: 1500.00, class: edge}}
    revisions:
      - id: second
        from: 2026-06-01
        changes:
          promises: [{id: up, promise: availability >= 99.8%}]
          credits: [{id: c, table: {"< 99.8%": 8%, "< 99%": 20%}}]
"""


def test_a_revision_brings_its_own_table_and_a_common_text_speaks_of_others_too(tmp_path: Path) -> None:
    """Five hours of 744 are 0.67%: 5%. Five of 720 are 0.69%: by the new table 8%. No lift is of class core."""
    five = [down("lift", f"2026-{m}-10T00:00:00+02:00", f"2026-{m}-10T05:00:00+02:00") for m in ("05", "06")]
    may, june = (judged(tmp_path, GROUP, [*up("lift"), *five], month, "hill") for month in ("2026-05", "2026-06"))
    assert (paid(may), paid(june)) == ([("c", "lift", "75.00")], [("c", "lift", "120.00")])
    assert verdicts(may) == {"up": "breached"}
