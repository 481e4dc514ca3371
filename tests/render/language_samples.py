"""A contract with every noun of the language in it, and for every field of every noun a change that shows it.

``SAMPLES`` has, by class and field, what is written where: a path into the contract's data and the value there (None
takes it out). Two values are two texts to be held against each other; a field that is said by one has the other alone.
"""

import copy
from pathlib import Path
from typing import Any

from config.contract.model import Contract
from config.dump import dump
from config.model import Config
from tests.config.kit import read
from tests.render.language_changes import MEASURES, MONEY, Changes, Edits

TARGETS = {
    "hq": {"probe": {"kind": "icmp", "host": "192.0.2.7"}},
    "branch": {"probe": {"kind": "icmp", "host": "192.0.2.8"}},
    "origin": {"probe": {"kind": "icmp", "host": "192.0.2.9"}},
}
BASE: dict[str, Any] = {
    "provider": "ExampleNet",
    "customer": "ACME GmbH",
    "timezone": "Europe/Berlin",
    "currency": "EUR",
    "starts": "2025-02-15",
    "calendars": {
        "office": {"hours": {"mon-fri": "09:00-17:00"}},
        "shop": {"hours": {"daily": "08:00-20:00"}},
    },
    "services": {
        "line": {"targets": ["hq", "branch"], "charge": 1200, "class": "gold", "region": "north"},
        "backup": {"targets": ["origin"], "charge": 300},
        "desk": {"charges": {"mrc": 100, "usage": 50}},
    },
    "outages": {
        "down": {"any of": ["probes", "tickets"]},
        "slow": {"from": "probes", "bad when": "all fail", "bucket": "5m"},
    },
    "exclusions": [{"planned maintenance": {"notice": "72h"}}, {"force majeure": {}}],
    "measures": {
        "uptime": {"ratio": "down"},
        "lost": {"total": "down"},
        "worst": {"longest": "down"},
        "times": {"count": "down"},
        "good requests": {"requests": "web", "bucket": "5m"},
        "runs": {"counts": "jobs"},
        "repair": {"each": "down"},
        "both legs": {"share of tickets": {"response": "4h"}},
        "speed": {"samples": "latency"},
        "csat": {"given": "csat", "unit": "score"},
    },
    "promises": [
        {"id": "up", "promise": "availability >= 99.9% of line, backup"},
        {"id": "uptime", "promise": "uptime >= 99% of line, backup"},
        {"id": "lost", "promise": "lost <= 2h of line, backup"},
        {"id": "repair", "promise": "repair <= 4h of line"},
        {"id": "runs", "promise": "runs >= 99% of desk"},
        {"id": "csat", "promise": "csat >= 4 of desk"},
    ],
    "credits": [
        {"id": "table", "for": "up", "table": {"< 99.9%": "10%", "< 99%": "25%"}},
        {"id": "units", "for": "lost", "per unit": {"unit": "1h", "count": "full", "give": "5%"}},
        {"id": "part", "for": "up", "by": "lost", "pro rata": {}},
        {"id": "flat", "for": "repair", "flat": "5%", "per": "outage"},
        {
            "id": "steps",
            "for": "lost",
            "brackets": [
                {"up to": "2h", "unit": "1h", "count": "full", "give": "1 service day"},
                {"unit": "1h", "count": "full", "give": "2 service days"},
            ],
        },
        {"id": "score", "for": "up", "flat": "3 points"},
    ],
    "combine": [{"credits": ["table", "part"], "take": "greatest"}],
    "caps": ["100% of charge per month"],
    "floor": {"only above": "1.00 EUR"},
    "claim": {"within": "30d"},
    "rights": [
        {
            "id": "chronic",
            "gives": "termination",
            "if": {
                "any": ["lost > 24h", {"all": ["worst > 8h", {"promise": "up", "breached": "3 consecutive periods"}]}]
            },
        }
    ],
    "earn back": {"share": "50%", "after": "6 consecutive periods"},
}

_DOWN, _SLOW, _MAINTENANCE = "outages/down", "outages/slow", "exclusions/0/planned maintenance"
_TABLE, _IF = "credits/0", "rights/0/if/any"
_UP = {"unknown": "up"}


def _lossy(share: str) -> dict[str, str]:
    return {"bad when": f"packet loss > {share}", "bucket": "1h"}


GROUND: dict[str, Changes] = {
    "Service": {
        "name": {"services/other": {"targets": ["origin"]}},
        "targets": {"services/line/targets": ["branch", "origin"]},
        "of": {"services/both": {"of": ["line", "backup"]}},
        "charge": {"services/line/charge": 1300},
        "charges": {"services/desk/charges": {"mrc": 200, "usage": 50}},
        "down_when": {"services/line/down when": "all"},
        "in_service_from": {"services/line/in service from": "2026-01-01"},
        "in_service_until": {"services/line/until": "2027-01-01"},
        "category": {"services/line/class": "silver"},
        "region": {"services/line/region": "south"},
        "weight": {"services/line/weight": 3},
    },
    "Promise": {
        "id": {"promises/1/id": "other"},
        "text": {"promises/1/promise": "uptime >= 98% of line, backup"},
        "measure": {"promises/1/promise": "longest outage <= 4h of line, backup"},
        "statistic": ({"promises/1/promise": "p95 latency <= 80ms"}, {"promises/1/promise": "p99 latency <= 80ms"}),
        "threshold": ({"promises/1/promise": "outages over 5m <= 2"}, {"promises/1/promise": "outages over 9m <= 2"}),
        "operator": {"promises/1/promise": "uptime > 99% of line, backup"},
        "target": {"promises/1/promise": "uptime >= 98% of line, backup"},
        "unit": {"promises/1/promise": "lost <= 3h of line, backup"},
        "services": {"promises/1/promise": "uptime >= 99% of line"},
        "rule": {"promises/1/promise": "availability >= 99% of line, backup"},
        "where": {"promises/3/if": {"severity": "high"}},
        "clock": {"promises/3/clock": "office"},
        "per": {"promises/1/per": "week"},
        "replaces": {"promises/3/replaces": "lost", "promises/3/if": {"severity": "high"}},
        "by": {"promises/3/by": "customer"},
    },
    "ExclusionTerm": {
        "cause": {"exclusions/1": {"customer": {}}},
        "notice": {f"{_MAINTENANCE}/notice": "48h"},
        "notice_days": {f"{_MAINTENANCE}/notice": "5 business days", f"{_MAINTENANCE}/calendar": "office"},
        "calendar": (
            {f"{_MAINTENANCE}/notice": "5 business days", f"{_MAINTENANCE}/calendar": "office"},
            {f"{_MAINTENANCE}/notice": "5 business days", f"{_MAINTENANCE}/calendar": "shop"},
        ),
        "cap": {f"{_MAINTENANCE}/cap": "4h per month"},
        "cap_times": {f"{_MAINTENANCE}/cap": "3 times per month"},
        "cap_period": ({f"{_MAINTENANCE}/cap": "4h per month"}, {f"{_MAINTENANCE}/cap": "4h per quarter"}),
        "window": {f"{_MAINTENANCE}/window": "sat-sun 22:00-06:00 UTC"},
        "extends": {f"{_MAINTENANCE}/extends by": "30m"},
        "services": {f"{_MAINTENANCE}/of": ["line"]},
        "where": {f"{_MAINTENANCE}/if": {"region": "north"}},
        "effect": {f"{_MAINTENANCE}/effect": "pause"},
    },
    "Contract": {
        "provider": {"provider": "OtherNet"},
        "customer": {"customer": "Other GmbH"},
        "timezone": {"timezone": "Europe/London"},
        "currency": {"currency": "GBP", "floor": {"only above": "1.00 GBP"}},
        "period": {"period": "month from day 15"},
        "services": {"services/other": {"targets": ["origin"]}},
        "promises": {"promises/6": "outages <= 3"},
        "exclusions": {"exclusions/2": "customer"},
        "credits": {"credits/6": {"id": "more", "for": "runs", "flat": "1%"}},
        "calendars": {"calendars/night": {"hours": {"daily": "22:00-06:00"}, "holidays": ["12-25", "2026-05-01"]}},
        "outages": {"outages/other": {"from": "tickets"}},
        "measures": {"measures/speed/stat": "max", "promises/6": "speed <= 50ms of line"},
        "base": ({"promises/6": "availability >= 98%"}, {"promises/6": "availability >= 98%", "base": "flat 30 days"}),
        "combine": {"combine/1": {"credits": ["units", "steps"], "take": "one"}},
        "caps": {"caps/1": "5000.00 EUR per contract"},
        "floor": {"floor": None},
        "claim": {"claim": None},
        "rights": {"rights": None},
        "conditions": {f"{_IF}/0": "lost > 25h"},
        "earn_back": {"earn back": None},
        "starts": {"starts": "2025-03-15"},
        "ends": {"ends": "2030-01-01"},
        "judged_from": {"warm up": "first full month"},
        "review_by": {"review by": "2029-01-01"},
        "language": {"language": "de"},
        "remarks": {f"{_TABLE}/interpret": "Counted for each service."},
        "revisions": {"revisions": [{"id": "2026", "from": "2026-03-01", "changes": {"floor": {"remove": True}}}]},
        "parties": {"provider": [{"name": "OldNet", "until": "2026-07-01"}, {"name": "ExampleNet"}]},
        "minimum_coverage": {"minimum coverage": "80%"},
        "unknown": {"unknown": "down"},
    },
    "PartySpan": {
        "role": {"customer": [{"name": "Old GmbH", "until": "2026-07-01"}, {"name": "ACME GmbH"}]},
        "name": {"provider": [{"name": "OldNet", "until": "2026-07-01"}, {"name": "NewNet"}]},
        "start": {
            "provider": [{"name": "OldNet", "from": "2025-02-15", "until": "2026-07-01"}, {"name": "ExampleNet"}]
        },
        "end": {"provider": [{"name": "OldNet", "until": "2026-08-01"}, {"name": "ExampleNet"}]},
    },
    "Revision": {
        "id": {"revisions": [{"id": "other", "from": "2026-03-01", "changes": {"floor": {"remove": True}}}]},
        "start": {"revisions": [{"id": "2026", "from": "2026-04-01", "changes": {"floor": {"remove": True}}}]},
        "applies_by": (
            {"revisions": [{"id": "1", "from": "2026-03-01", "changes": _UP}]},
            {"revisions": [{"id": "1", "from": "2026-03-01", "applies by": "event start", "changes": _UP}]},
        ),
        "contract": (
            {"revisions": [{"id": "1", "from": "2026-03-01", "changes": _UP}]},
            {"revisions": [{"id": "1", "from": "2026-03-01", "changes": {"unknown": "down"}}]},
        ),
    },
    "OutageRule": {
        "name": {"outages/other": {"from": "tickets"}},
        "sources": {f"{_DOWN}/any of": ["tickets", "counts web"]},
        "every_source": {f"{_DOWN}/any of": None, f"{_DOWN}/all of": ["probes", "tickets"]},
        "services": {f"{_DOWN}/of": ["line", "backup"]},
        "bucket": {f"{_DOWN}/bucket": "5m", f"{_DOWN}/bad when": "any fail"},
        "consecutive": {f"{_DOWN}/consecutive": 2},
        "control": {f"{_DOWN}/only while up": "backup", f"{_DOWN}/of": ["line"]},
        "starts": {f"{_DOWN}/starts": "report"},
        "ends": {f"{_DOWN}/ends": "closed"},
        "confirm_after": {f"{_DOWN}/confirm after": "5m"},
        "least": {f"{_DOWN}/at least": "10m"},
        "strict": ({f"{_DOWN}/at least": "10m"}, {f"{_DOWN}/longer than": "10m"}),
        "excess": ({f"{_DOWN}/at least": "10m"}, {f"{_DOWN}/at least": "10m", f"{_DOWN}/counts": "excess"}),
        "accumulate": {f"{_DOWN}/accumulate": "60s within 15m"},
        "merge_within": {f"{_DOWN}/merge within": "3h"},
        "merge_least": (
            {f"{_DOWN}/merge within": "3h"},
            {f"{_DOWN}/merge within": "3h", f"{_DOWN}/merge at least": "5m"},
        ),
        "merge_span": (
            {f"{_DOWN}/merge within": "3h"},
            {f"{_DOWN}/merge within": "3h", f"{_DOWN}/merge counts": "span"},
        ),
        "overlap": {f"{_DOWN}/overlap": "sum"},
        "clock": {f"{_DOWN}/clock": "office"},
        "pauses": {f"{_DOWN}/pauses": ["customer pending"]},
        "grace": {f"{_DOWN}/grace": "15m"},
        "grace_beyond": ({f"{_DOWN}/grace": "15m"}, {f"{_DOWN}/grace": "15m", f"{_DOWN}/grace counts": "beyond"}),
        "grace_from": ({f"{_DOWN}/grace": "15m"}, {f"{_DOWN}/grace": "15m", f"{_DOWN}/grace from": "report"}),
        "reopen": {f"{_DOWN}/reopen": "new"},
        "reported_within": {f"{_DOWN}/reported within": "72h"},
        "where": {f"{_DOWN}/if": {"severity": [1, 2]}},
        "affected": {f"{_DOWN}/affected at least": 100},
        "round": {f"{_DOWN}/round": "1m down"},
        "split": {f"{_DOWN}/split": "day"},
        "weighted": {f"{_DOWN}/weight": "share"},
    },
    "Edge": {
        "pick": (
            {f"{_DOWN}/starts": "earliest of report, detection"},
            {f"{_DOWN}/starts": "latest of report, detection"},
        ),
        "of": {f"{_DOWN}/starts": "detection"},
    },
    "Source": {
        "kind": {f"{_DOWN}/any of": ["probes", "counts web"]},
        "name": ({f"{_DOWN}/any of": ["probes", "counts web"]}, {f"{_DOWN}/any of": ["probes", "counts mail"]}),
    },
    "Bucket": {
        "length": {f"{_SLOW}/bucket": "1m"},
        "when": {f"{_SLOW}/bad when": "any fail"},
        "ratio": ({f"{_SLOW}/bad when": "error ratio > 5%"}, {f"{_SLOW}/bad when": "error ratio > 6%"}),
        "strict": ({f"{_SLOW}/bad when": "error ratio > 5%"}, {f"{_SLOW}/bad when": "error ratio >= 5%"}),
        "text": ({"outages/lossy": _lossy("0.1%")}, {"outages/lossy": _lossy("0.2%")}),
        "daily": ({"outages/lossy": _lossy("0.1%")}, {"outages/lossy": _lossy("0.1%") | {"bucket": "day"}}),
        "minimum": {f"{_SLOW}/minimum samples": 10},
        "empty": {f"{_SLOW}/empty": "carry"},
    },
}
SAMPLES: dict[str, Changes] = GROUND | MEASURES | MONEY


def two(of: str, field: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The contract's data without and with what a field says."""
    change = SAMPLES[of][field]
    before, after = change if isinstance(change, tuple) else ({}, change)
    return edited(before), edited(after)


def edited(edits: Edits) -> dict[str, Any]:
    """The contract's data with values put where paths say."""
    data = copy.deepcopy(BASE)
    for path, value in edits.items():
        *way, last = path.split("/")
        here: Any = data
        for step in way:
            here = here[int(step)] if isinstance(here, list) else here[step]
        _put(here, last, value)
    return data


def _put(here: Any, last: str, value: Any) -> None:
    if isinstance(here, list):
        here[int(last) :] = [value, *here[int(last) + 1 :]]
    elif value is None:
        del here[last]
    else:
        here[last] = value


def loaded(data: dict[str, Any], folder: Path) -> tuple[Config, Contract]:
    """The configuration with this contract alone, read from a file in the folder."""
    file = folder / "sample.yaml"
    file.write_text(dump({"upheld": 1, "targets": TARGETS, "contracts": {"acme": data}}), encoding="utf-8")
    config = read(file)
    return config, config.contracts["acme"]
