"""A month of evidence with something of every kind in it, and the contract that it bears on."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

from tests.cli.kit import lines

CONFIG = """upheld: 1
targets:
  hq-router: {probe: {kind: icmp, host: 192.0.2.7, packets: 3}, every: 3h, timeout: 2s}
  shop: {probe: {kind: http, url: "http://192.0.2.8/"}, every: 3h, timeout: 2s}
contracts:
  acme:
    provider: ExampleNet
    customer: ACME GmbH
    timezone: Europe/Berlin
    currency: EUR
    period: month
    services:
      hq: {targets: [hq-router], charge: 1200.00}
      shop: {targets: [shop], charge: 300.00}
    measures:
      served: {requests: requests, bucket: 5m, aggregate: mean of ratios, empty: good}
      csat: {given: csat, unit: score}
    promises:
      - availability >= 99.9%
      - longest outage <= 4h
      - p95 latency <= 80ms
      - packet loss <= 1% of hq
      - response time <= 30m of hq
      - served >= 99.5% of shop
      - csat >= 4
    exclusions:
      - planned maintenance: {notice: 72h}
    credits:
      availability: {"< 99.9%": 10%, "< 99%": 25%}
"""
OCTOBER = 31 * 24 + 1
SPAN = {"from": "2026-10-12T08:00:00Z", "to": "2026-10-12T11:00:00Z"}
WORKS = {
    "kind": "exclusion",
    "id": "M1",
    "from": "2026-10-06T00:00:00Z",
    "to": "2026-10-06T03:00:00Z",
    "cause": "planned maintenance",
    "announced_at": "2026-10-01T00:00:00.000000001Z",
    "services": ["hq", "shop"],
    "author": "Zoë",
    "reason": "Umbau — „neu“",
    "recorded_at": "2026-10-01T00:00:00Z",
}
TOLD: list[dict[str, object]] = [
    WORKS,
    WORKS | {"to": "2026-10-06T02:00:00Z", "recorded_at": "2026-10-02T00:00:00Z", "author": "Bo"},
    {"kind": "exclusion", "id": "M2", **SPAN, "cause": "customer", "withdrawn": True, "evidence": "https://x.example"},
    {
        "kind": "ticket",
        "id": "T1",
        "service": "hq",
        "severity": 1,
        "opened": "2026-10-12T08:05:00Z",
        "responded": "2026-10-12T08:50:00.5Z",
        "restored": "2026-10-12T11:00:00Z",
        "pauses": [{"from": "2026-10-12T09:00:00Z", "to": "2026-10-12T09:30:00Z", "cause": "customer_pending"}],
        "updates": ["2026-10-12T09:00:00Z", "2026-10-12T10:00:00Z"],
        "weight": "1/3",
    },
    {"kind": "ticket", "id": "T2", "service": "shop", "opened": "2026-10-20T08:00:00Z", "pauses": []},
    {"kind": "value", "measure": "csat", "period": "2026-10", "value": "22/7", "n": 212},
    {
        "kind": "charge",
        "service": "shop",
        "name": "charge",
        "period": "2026-10",
        "amount": "310.505",
        "currency": "EUR",
    },
    {"kind": "claim", "contract": "acme", "at": "2026-11-02T09:00:00Z", "credit": "availability"},
    {"kind": "assume", "service": "elsewhere", "state": "up"},
    {"kind": "schedule", "target": "shop", "from": "2026-09-01T00:00:00Z", "every": "3h", "timeout": "1500ms"},
    {"kind": "damage", "from": "2026-10-18T00:00:00Z", "to": "2026-10-18T06:00:00Z", "target": "hq-router"},
    {"kind": "damage", "from": "2026-10-18T00:00:00Z", "to": "2026-10-18T06:00:00Z", "service": "shop"},
    {"kind": "heartbeat", "vantage": "fra", "boot": "b1", "at": "2026-10-22T00:10:00Z", "loop_lag_ms": "0.4"},
    {"kind": "heartbeat", "vantage": "fra", "boot": "b1", "at": "2026-10-22T05:10:00Z", "suspended_ms": "14400000"},
    {"kind": "epoch", "vantage": "osl", "boot": "b2", "at": "2026-10-23T00:30:00Z", "step_ms": "-300.000001"},
    {
        "kind": "state",
        "service": "shop",
        "from": "2026-10-25T00:00:00Z",
        "to": "2026-10-25T01:30:00Z",
        "state": "down",
        "cause": "fibre_cut",
        "weight": "0.25",
        "severity": "2",
        "affected": 7,
    },
    {
        "kind": "incident",
        "service": "hq",
        "start": "2026-10-12T08:00:00Z",
        "action": "note",
        "at": "2026-10-12T08:30:00Z",
        "author": "Zoë",
        "note": "Leitung gekappt\nBagger",
    },
]


def evidence() -> list[dict[str, object]]:
    """October as it was told, in no order."""
    found = [*TOLD, *_counts(), *_samples("fra", "b1"), *_samples("osl", "b2"), *_samples("ber", "b3")]
    Random(11).shuffle(found)
    return found


def _counts() -> Iterator[dict[str, object]]:
    for hour in range(24):
        span = {"from": f"2026-10-03T{hour:02d}:00:00Z", "to": f"2026-10-03T{hour:02d}:05:00Z"}
        yield {"kind": "counts", "signal": "requests", "service": "shop", **span, "total": 1000 + hour, "failed": hour}


def _samples(vantage: str, boot: str) -> Iterator[dict[str, object]]:
    """One in three hours of each target from two hours before the month. The line is down on the 12th for all, on the
    14th for one of them; on the 22nd Frankfurt sleeps."""
    for hour in range(-2, OCTOBER, 3):
        day, of_day = divmod(hour + 22, 24)
        at = f"2026-{'09-30' if day == 0 else f'10-{day:02d}'}T{of_day:02d}:00:00"
        down = (day == 12 and 8 <= of_day < 11) or (day == 14 and vantage == "ber")
        if day == 22 and of_day < 5 and vantage == "fra":
            continue
        more = {"reason": "timeout"} if down else {}
        common = {"kind": "sample", "vantage": vantage, "boot": boot, "outcome": "down" if down else "up", **more}
        came = {"scheduled_at": f"{at}Z", "received_at": f"{at}.25Z"}
        rtts = [None] * 3 if down else ["8.1", None if hour % 40 == 0 else f"9.{hour % 1000:03d}", "8"]
        seen = {
            "sent": 3,
            "received": sum(rtt is not None for rtt in rtts),
            "rtt_ms": rtts,
            "duplicates": hour % 7 // 6,
        }
        yield common | came | seen | {"target": "hq-router", "seq": 2 * (hour + 2), "at": f"{at}.004Z"}
        phases = {"phases_ms": {"resolve": "1.5", "connect": "2"}, "address": "192.0.2.8", "clock": "synchronised"}
        yield (
            common | came | phases | {"target": "shop", "seq": 2 * (hour + 2) + 1, "at": f"{at}.1Z", "took_ms": "33.3"}
        )


def put(directory: Path, seed: int = 1) -> tuple[Path, Path]:
    """The configuration and a file of its evidence, in an order that the seed says."""
    config, facts = directory / "upheld.yaml", directory / f"facts-{seed}.jsonl"
    config.write_text(CONFIG)
    found = evidence()
    facts.write_text(lines(Random(seed).sample(found, len(found))))
    return config, facts
