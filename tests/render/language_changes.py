"""The changes of :mod:`tests.render.language_samples` to measures, and to what follows from a breach."""

from collections.abc import Mapping
from typing import Any

Edits = Mapping[str, Any]
Changes = dict[str, Edits | tuple[Edits, Edits]]

_TABLE, _UNITS, _PART = "credits/0", "credits/1/per unit", "credits/2/pro rata"
_LOST_RUNS = {"id": "runs", "for": "runs", "flat": "5%"}
_FLAT, _STEP, _IF = "credits/3", "credits/4/brackets/0", "rights/0/if/any"


def _measure(before: dict[str, Any], after: dict[str, Any], promise: str) -> tuple[Edits, Edits]:
    """Two definitions of one measure that is promised."""
    line = {"promises/6": {"id": "own", "promise": promise}}
    return {"measures/own": before, **line}, {"measures/own": after, **line}


_RATIO, _TOTAL, _COUNT = {"ratio": "down"}, {"total": "down"}, {"count": "down"}
_REQUESTS = {"requests": "web", "bucket": "5m"}
_MEAN = {"each": "down", "stat": "mean"}
_EACH, _SPEED = {"each": "repair"}, {"samples": "latency"}

MEASURES: dict[str, Changes] = {
    "MeasureRule": {
        "name": ({"measures/own": _RATIO}, {"measures/mine": _RATIO, "promises/6": "mine >= 98% of line"}),
        "kind": _measure(_RATIO, _REQUESTS, "own >= 98% of line"),
        "of": _measure(_RATIO, {"ratio": "slow"}, "own >= 98% of line"),
        "unit": _measure(_EACH, {"each": "repair", "stat": "mean"}, "own <= 5h of line"),
        "services": _measure(_RATIO, {"ratio": "down", "of": ["line"]}, "own >= 98%"),
        "pool": _measure({**_RATIO, "of": ["line"]}, {**_RATIO, "of": ["line"], "pool": True}, "own >= 98%"),
        "statistic": _measure(_EACH, {**_EACH, "stat": "p95"}, "own <= 5h of line"),
        "threshold": _measure({**_EACH, "stat": "share within 4h"}, {**_EACH, "stat": "share within 5h"},
                              "own >= 98% of line"),
        "base": _measure(_RATIO, {**_RATIO, "base": "flat 30 days"}, "own >= 98% of line"),
        "absent": _measure(_RATIO, {**_RATIO, "absent": "up"}, "own >= 98% of line"),
        "aggregate": _measure(_REQUESTS, {**_REQUESTS, "aggregate": "mean of ratios"}, "own >= 98% of line"),
        "bucket": _measure(_REQUESTS, {**_REQUESTS, "bucket": "1m"}, "own >= 98% of line"),
        "empty": _measure(_REQUESTS, {**_REQUESTS, "empty": "bad"}, "own >= 98% of line"),
        "number": _measure({"counts": "jobs", "number": "failed"}, {"counts": "jobs", "number": "total"},
                           "own == 3 of line"),
        "beyond": _measure(_TOTAL, {**_TOTAL, "weighted": True, "beyond": "10m"}, "own <= 5h of line"),
        "allowance": _measure({**_TOTAL, "beyond": "10m"}, {**_TOTAL, "beyond": "allowance"}, "own <= 5h of line"),
        "weighted": _measure(_RATIO, {**_RATIO, "weighted": True}, "own >= 98% of line"),
        "longer": _measure(_COUNT, {**_COUNT, "longer than": "5m"}, "own <= 3 of line"),
        "strict_longer": _measure({**_COUNT, "at least": "5m"}, {**_COUNT, "longer than": "5m"}, "own <= 3 of line"),
        "over": _measure(_RATIO, {**_RATIO, "over": "trailing 30 days"}, "own >= 98% of line"),
        "per": _measure(_RATIO, {**_RATIO, "per": "day"}, "own >= 98% of line"),
        "clock": _measure(_EACH, {**_EACH, "clock": "office"}, "own <= 5h of line"),
        "where": _measure(_EACH, {**_EACH, "if": {"cause": "fibre cut"}}, "own <= 5h of line"),
        "legs": _measure({"share of tickets": {"response": "4h"}}, {"share of tickets": {"response": "5h"}},
                         "own >= 98% of line"),
        "in_days": _measure(
            {"share of tickets": {"response": "4h"}, "clock": "office"},
            {"share of tickets": {"response": "2 business days"}, "clock": "office"},
            "own >= 98% of line",
        ),
        "skip": _measure(_SPEED, {**_SPEED, "skip": ["down"]}, "own <= 50ms of line"),
        "bins": _measure({**_SPEED, "bucket": "5m"}, {**_SPEED, "bucket": "1m"}, "own <= 50ms of line"),
        "of_bins": _measure({**_SPEED, "bucket": "5m"}, {**_SPEED, "bucket": "5m", "of bins": "max"},
                            "own <= 50ms of line"),
        "less_excluded": _measure(_MEAN, {**_MEAN, "less": "excluded"}, "own <= 5h of line"),
        "scale": _measure({"given": "t", "unit": "ms"}, {"given": "t", "unit": "s"}, "own <= 5h of line"),
        "round": _measure(_RATIO, {**_RATIO, "round": "0.01% half up for compare"}, "own >= 98% of line"),
        "unknown": _measure(_RATIO, {**_RATIO, "unknown": "up"}, "own >= 98% of line"),
    },
    "Base": {
        "kind": _measure(_RATIO, {**_RATIO, "base": "existing"}, "own >= 98% of line"),
        "flat": _measure({**_RATIO, "base": "flat 30 days"}, {**_RATIO, "base": "flat 730h30m"}, "own >= 98% of line"),
        "calendar": _measure({**_RATIO, "base": "scheduled office"}, {**_RATIO, "base": "scheduled shop"},
                             "own >= 98% of line"),
    },
    "Rounding": {
        "to": _measure({**_RATIO, "round": "0.01%"}, {**_RATIO, "round": "0.1%"}, "own >= 98% of line"),
        "mode": _measure({**_RATIO, "round": "0.01%"}, {**_RATIO, "round": "0.01% down"}, "own >= 98% of line"),
        "compare": _measure({**_RATIO, "round": "0.01%"}, {**_RATIO, "round": "0.01% for compare"},
                            "own >= 98% of line"),
    },
    "Condition": {
        "severity": {"promises/3/if": {"severity": "high"}},
        "category": {"promises/3/if": {"class": "gold"}},
        "cause": {"promises/3/if": {"cause": "fibre cut"}},
        "region": {"promises/3/if": {"region": "north"}},
        "type": {"promises/3/if": {"type": "change"}},
    },
}  # fmt: skip

MONEY: dict[str, Changes] = {
    "Credit": {
        "id": {"credits/1/id": "hours"},
        "promises": {f"{_TABLE}/for": ["up", "lost"], f"{_TABLE}/by": "up"},
        "services": {f"{_TABLE}/of": ["line"]},
        "by": {"credits/2/by": "worst"},
        "relation": {f"{_TABLE}/by": "shortfall", f"{_TABLE}/table": {"> 0.1%": "10%"}},
        "points_of": {f"{_TABLE}/for": None, f"{_TABLE}/id": "table", f"{_TABLE}/by": "points of score",
                      f"{_TABLE}/table": {"> 2": "10%"}},
        "base": {f"{_TABLE}/base": "contract"},
        "shape": {f"{_TABLE}/table": {"< 99.9%": "11%", "< 99%": "25%"}},
        "per": {f"{_FLAT}/per": None},
        "escalations": {f"{_TABLE}/escalate": {"after": "3 consecutive periods", "times": 2}},
        "factors": {f"{_TABLE}/times": {"class gold": 2}},
        "where": {f"{_TABLE}/if": {"class": "gold"}},
        "round": {f"{_TABLE}/round": {"to": "0.5", "mode": "down"}},
        "at_most": {f"{_TABLE}/at most": "20%"},
        "at_most_each": {f"{_FLAT}/at most per outage": "20%"},
        "at_least": {f"{_TABLE}/at least": "1.00 EUR"},
        "in_money": {"credits/4/pay days as money": True},
        "day_of": ({"credits/4/pay days as money": True},
                   {"credits/4/pay days as money": True, "credits/4/value of day": "base / days in period"}),
    },
    "ChargeBase": {
        "of": ({"credits/6": _LOST_RUNS | {"base": "mrc"}}, {"credits/6": _LOST_RUNS | {"base": "usage"}}),
        "pick": ({"credits/6": _LOST_RUNS | {"base": "greatest of mrc, usage"}},
                 {"credits/6": _LOST_RUNS | {"base": "sum of mrc, usage"}}),
        "amount": {f"{_TABLE}/base": "500.00"},
        "back": {f"{_TABLE}/base": "mean of 3 periods"},
        "preceding": {f"{_TABLE}/base": "preceding 30 days"},
        "contract": {f"{_TABLE}/base": "contract"},
    },
    "Give": {
        "amount": {f"{_FLAT}/flat": "6%"},
        "unit": {f"{_FLAT}/flat": "6.00 EUR"},
    },
    "Tier": {
        "operator": {f"{_TABLE}/table": {"<= 99.8%": "10%", "< 99%": "25%"}},
        "edge": {f"{_TABLE}/table": {"< 99.9%": "10%", "< 98%": "25%"}},
        "give": {f"{_TABLE}/table": {"< 99.9%": "10%", "< 99%": "26%"}},
        "other": ({f"{_TABLE}/table": {"[99%, 99.8%)": "10%", "< 99%": "25%"}, f"{_TABLE}/gaps": "accept"},
                  {f"{_TABLE}/table": {"[99%, 99.8%]": "10%", "< 99%": "25%"}, f"{_TABLE}/gaps": "accept"}),
        "other_edge": ({f"{_TABLE}/table": {"[99%, 99.8%)": "10%", "< 99%": "25%"}, f"{_TABLE}/gaps": "accept"},
                       {f"{_TABLE}/table": {"[99%, 99.7%)": "10%", "< 99%": "25%"}, f"{_TABLE}/gaps": "accept"}),
    },
    "Table": {
        "rows": {f"{_TABLE}/table": {"< 99.9%": "10%"}},
        "tail": {f"{_TABLE}/then": {"beyond": "98%", "unit": "1%", "count": "full", "give": "1%"}},
        "gaps": {f"{_TABLE}/gaps": "accept"},
        "overlaps": {f"{_TABLE}/overlaps": "accept"},
    },
    "PerUnit": {
        "give": {f"{_UNITS}/give": "6%"},
        "unit": {f"{_UNITS}/unit": "30m"},
        "count": {f"{_UNITS}/count": "started"},
        "beyond": {f"{_UNITS}/beyond": "10m"},
        "promised": {f"{_UNITS}/beyond": "promise"},
    },
    "ProRata": {
        "times": {f"{_PART}/times": 10},
        "flat": {f"{_PART}/over": "flat 730h30m"},
        "back": {f"{_PART}/over": "mean of 3 periods"},
        "judged": {f"{_PART}/over": "base"},
        "round": {f"{_PART}/round fraction": "4 places"},
        "unit": {f"{_PART}/give": "transactions", "combine": None},
    },
    "Flat": {"give": {f"{_FLAT}/flat": "6%"}},
    "Brackets": {
        "rows": {f"{_STEP}/up to": "3h"},
        "marginal": {"credits/4/mode": "marginal"},
    },
    "Bracket": {
        "up_to": {f"{_STEP}/up to": "3h"},
        "unit": {f"{_STEP}/unit": "30m"},
        "count": {f"{_STEP}/count": "pro rata"},
        "give": {f"{_STEP}/give": "3 service days"},
    },
    "Escalation": {
        "periods": ({f"{_TABLE}/escalate": {"if": "failed previous period", "times": 2}},
                    {f"{_TABLE}/escalate": {"after": "2 consecutive periods", "times": 2}}),
        "times": ({f"{_TABLE}/escalate": {"if": "failed previous period", "times": 2}},
                  {f"{_TABLE}/escalate": {"if": "failed previous period", "times": 3}}),
    },
    "Factor": {
        "where": ({f"{_TABLE}/times": {"class gold": 2}}, {f"{_TABLE}/times": {"region north": 2}}),
        "times": ({f"{_TABLE}/times": {"class gold": 2}}, {f"{_TABLE}/times": {"class gold": "60%"}}),
    },
    "Combine": {
        "credits": {"combine/0/credits": ["table", "units"]},
        "take": {"combine/0/take": "sum"},
        "per": {"combine/0/per": "outage"},
        "chooser": ({"combine/0/take": "one"}, {"combine/0/take": "one", "combine/0/chooser": "customer"}),
    },
    "Limit": {
        "give": {"caps/0": "90% of charge per month"},
        "of": {"caps/0": "100% of contract charge per month"},
        "per": {"caps/0": "100% of charge per quarter"},
        "each": {"caps/0": "100% of charge per outage"},
        "credits": {"caps/0": {"max": "100%", "credits": ["table"]}},
        "base": {"caps/0": {"max": "100%", "base": "previous period"}},
    },
    "Floor": {
        "amount": {"floor": {"only above": "2.00 EUR"}},
        "suppress": {"floor": {"raise to": "1.00 EUR"}},
    },
    "Deadline": {
        "of": {"claim/of": "outage end"},
        "within": {"claim/within": "31d"},
        "business_days": {"claim/within": "5 business days", "claim/calendar": "office"},
        "calendar": ({"claim/within": "5 business days", "claim/calendar": "office"},
                     {"claim/within": "5 business days", "claim/calendar": "shop"}),
        "months": {"claim/within": "3 months"},
        "day_of_next_month": {"claim/within": None, "claim/until": "day 15 of the next month"},
        "end_of_period": {"claim/within": None, "claim/until": "end of the second period after"},
    },
    "ClaimTerms": {
        "automatic": {"claim": {"how": "automatic"}},
        "deadline": {"claim": {"how": "on request"}},
        "ticket_within": {"claim/ticket within": "72h of outage start"},
        "standing": {"claim/standing": "paid up"},
        "settle": {"claim/settle": "next invoice"},
        "expires": {"claim/expires": "termination"},
        "consumes": {"claim/consumes": "outages"},
    },
    "Holds": {"promise": {f"{_IF}/0": "lost > 25h"}},
    "Missed": {
        "promise": {f"{_IF}/1/all/1/promise": "lost"},
        "count": {f"{_IF}/1/all/1/breached": "4 consecutive periods"},
        "among": {f"{_IF}/1/all/1/breached": "3 of 12 periods"},
    },
    "AllOf": {"parts": {f"{_IF}/1/all": ["worst > 8h"]}},
    "AnyOf": {"parts": {_IF: ["lost > 24h"]}},
    "Right": {
        "id": {"rights/0/id": "other"},
        "gives": {"rights/0/gives": "fee waiver"},
        "condition": {_IF: ["lost > 24h"]},
        "exercise_within": {"rights/0/exercise within": "30d"},
    },
    "EarnBack": {
        "share": {"earn back/share": "40%"},
        "periods": {"earn back/after": "7 consecutive periods"},
        "credits": {"earn back/credits": ["table"]},
    },
    "Remark": {
        "path": ({f"{_TABLE}/text": "As agreed."}, {f"{_FLAT}/text": "As agreed."}),
        "text": {f"{_TABLE}/text": "As agreed."},
        "interpret": {f"{_TABLE}/interpret": "Each service by itself."},
    },
}  # fmt: skip
