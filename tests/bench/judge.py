"""What judging costs: one month of one contract, and the month's end of a thousand of them.

Ten lines over October, probed every 30 s, each with a bad quarter of an hour now and then, stored and sealed; a
thousand contracts over them with three promises and credits. ``judge_us_per_sample`` is the CPU time of a statement
from samples held in memory, one by one; ``statement_month_s`` the wall time of one from the store, and
``statement_buckets_s`` of one whose outages are five-minute buckets that lost packets; ``statements_1000_s`` the CPU
time of the thousand, one after the other on one core, nothing kept between them. Every fiftieth is judged again from
samples, which must give the same. ``UPHELD_BENCH_CONTRACTS`` asks for fewer. Prints one line of JSON.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

from config import periods
from config.model import Config
from monitor.sla.evidence import Facts
from monitor.sla.model import Statement
from monitor.sla.statement import build
from monitor.store.sqlite import SqliteStore, open_store
from probes.sample import Outcome, Sample
from tests.bench.store import DAY, SECOND, fill, samples
from tests.config.kit import read

LINES, CHECKED = 10, 50
BUCKETS = {
    "provider": "a peer",
    "customer": "a bench",
    "services": {"line": {"targets": ["customer-00"]}},
    "outages": {"lossy": {"bad when": "packet loss > 1%", "bucket": "5m"}},
    "measures": {"sound": {"ratio": "lossy"}},
    "promises": [{"id": "sound", "promise": "sound >= 99.9%"}],
}
BAD = 200_000 * SECOND, 900 * SECOND  # every so often, for so long


def observed() -> Iterator[Sample]:
    """The month: what the store's bench writes, but that failures come together."""
    for sample in samples(LINES, 31, 1):
        if (sample.at + int(sample.target[-2:]) * 7_000 * SECOND) % BAD[0] < BAD[1]:
            yield replace(sample, outcome=Outcome.DOWN, reason="timeout", received=0, rtts=(None,))
        elif sample.outcome is not Outcome.UP:
            yield replace(sample, outcome=Outcome.UP, reason=None, received=1, rtts=(20_000_000,))
        else:
            yield sample


def settings(contracts: int) -> dict[str, object]:
    """The thousand contracts."""
    probe = {"kind": "icmp", "host": "192.0.2.7"}
    return {
        "upheld": 1,
        "targets": {f"customer-{n:02}": {"probe": probe, "every": "30s", "timeout": "2s"} for n in range(LINES)},
        "contracts": {
            f"c{n}": {
                "provider": "a peer",
                "customer": "a bench",
                "currency": "EUR",
                "services": {"line": {"targets": [f"customer-{n % LINES:02}"], "charge": f"{1000 + n}.00"}},
                "promises": ["availability >= 99.9%", "longest outage <= 4h", "mean latency <= 40ms"],
                "credits": {"availability": {"< 99.9%": "10%", "< 99%": "25%"}},
            }
            for n in range(contracts)
        }
        | {"buckets": BUCKETS},
    }


def statement(config: Config, store: SqliteStore | Facts, name: str) -> Statement:
    """October of one contract."""
    contract = config.contracts[name]
    period = periods.parse("2026-10", ZoneInfo(contract.timezone), contract.period)
    return build(config, contract, period, store, None)


def held(store: SqliteStore, number: int) -> Facts:
    """The samples of one contract in memory."""
    target, start = f"customer-{number % LINES:02}", 1_790_812_800 * SECOND
    return Facts(store.samples(target, start - DAY, start + 33 * DAY))


def main() -> None:
    """Fill a store, judge, check, and print."""
    contracts = int(os.environ.get("UPHELD_BENCH_CONTRACTS", "1000"))
    with tempfile.TemporaryDirectory() as name:
        path, file = Path(name) / "bench.db", Path(name) / "upheld.yaml"
        fill(path, observed())
        file.write_text(json.dumps(settings(contracts)))
        config = read(file)
        with closing(open_store(path, read_only=True)) as store:
            facts = held(store, 0)
            begun = time.process_time()
            first = statement(config, facts, "c0")
            each = (time.process_time() - begun) / sum(1 for _ in facts.samples("customer-00", 0, 1 << 62))
            walls = []
            for _ in range(5):
                begun = time.perf_counter()
                assert statement(config, store, "c0") == first
                walls.append(time.perf_counter() - begun)
            begun = time.perf_counter()
            assert statement(config, store, "buckets").promises[0].value
            buckets = time.perf_counter() - begun
            begun = time.process_time()
            found = [statement(config, store, f"c{number}") for number in range(contracts)]
            spent = time.process_time() - begun
            again = range(0, contracts, CHECKED)
            equal = all(statement(config, held(store, number), f"c{number}") == found[number] for number in again)
    result = {
        "judge_us_per_sample": round(each * 1e6, 2),
        "statement_month_s": round(min(walls), 3),
        "statement_buckets_s": round(buckets, 2),
        "statements_1000_s": round(spent * 1000 / contracts, 1),
        "contracts": contracts,
        "checked_from_samples": len(again),
        "equal": equal,
    }
    json.dump(result, sys.stdout)
    print()
    raise SystemExit(0 if equal else 1)


if __name__ == "__main__":
    main()
