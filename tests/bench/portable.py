"""``make bench-portable``: memory and time of carrying a month's evidence out of a store and into another, and of
judging and verifying it from the file alone, in both formats. Each verb runs in a process of its own, of which the most
memory it held is told. Sizes: 200,000 and 1,000,000 samples, or those that are named after
``python -m tests.bench.portable``.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from monitor.store.port import Batch
from monitor.store.sqlite import open_store
from probes.sample import Outcome, Sample

ROOT = Path(__file__).parents[2]
S = 1_000_000_000
START = 1_790_805_600 * S
MONTH = 745 * 3600 * S
TARGETS = 20
PIECE = 10_000
FORMS = ("jsonl", "parquet")
VERB = """
import sys
from monitor.cli import main
try:
    main(sys.argv[1:])
finally:
    print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1], file=sys.stderr)
"""


def configuration(every: int) -> str:
    """A contract of twenty services, each of one target."""
    names = [f"t{number}" for number in range(TARGETS)]
    probe = f"{{probe: {{kind: icmp, host: 192.0.2.7}}, every: {every // 10**6}ms, timeout: 500ms}}"
    return "\n".join(
        [
            "upheld: 1\ntargets:",
            *(f"  {name}: {probe}" for name in names),
            "contracts:\n  acme:\n    provider: P\n    customer: C\n    timezone: Europe/Berlin\n    currency: EUR",
            "    services:",
            *(f"      s-{name}: {{targets: [{name}], charge: 12.00}}" for name in names),
            "    promises: [availability >= 99.9%, longest outage <= 4h, p95 latency <= 80ms]",
            "    credits: {availability: {'< 99.9%': 10%}}\n",
        ]
    )


def fill(path: Path, each: int, every: int) -> None:
    """A sealed store of October: three in a thousand are down."""
    with closing(open_store(path)) as store:
        for target in range(TARGETS):
            for first in range(0, each, PIECE):
                numbers = range(first, min(first + PIECE, each))
                store.append(
                    Batch([_sample(target, target * each + n, START + n * every, n % 1733 < 3) for n in numbers])
                )
            store.seal(START + 4000 * 86_400 * S)


def _sample(target: int, seq: int, at: int, down: bool) -> Sample:
    rtt = (20_000 + hash((target, at)) % 9_000) * 1000
    return Sample(
        target=f"t{target}",
        vantage="fra",
        boot="b1",
        seq=seq,
        at=at,
        outcome=Outcome.DOWN if down else Outcome.UP,
        reason="timeout" if down else None,
        scheduled_at=at,
        took=2 * S if down else rtt,
        sent=1,
        received=0 if down else 1,
        rtts=(None,) if down else (rtt,),
        address="192.0.2.7",
        config="c0ffee",
        clock="synchronised",
        received_at=at + 20 * 10**6,
    )


def run(*arguments: object) -> dict[str, float]:
    """Most memory in MB and CPU in s of one run of a verb."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, "-c", VERB, *map(str, arguments)], cwd=ROOT, capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"mb": round(int(done.stderr.split()[-1]) / 1024), "cpu_s": round(cpu, 1)}


def measured(samples: int, forms: Sequence[str]) -> Iterator[tuple[str, dict[str, float]]]:
    """A store of so many samples, out and in again: each verb with what it took, as it ends."""
    every = MONTH // (samples // TARGETS) // 10**6 * 10**6
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        config = directory / "upheld.yaml"
        config.write_text(configuration(every))
        fill(directory / "upheld.db", samples // TARGETS, every)
        issued = directory / "statement.json"
        yield "issue", run("issue", "acme", "2026-10", "-o", issued, "-c", config)
        for form in forms:
            file, empty = directory / f"facts.{form}", directory / f"{form}.db"
            yield f"export_{form}", run("export", "acme", "2026-10", "-o", file, "-c", config)
            yield f"{form}_bytes_per_sample", {"bytes": round(file.stat().st_size / samples, 2)}
            judged = ("statement", "acme", "2026-10", "--facts", file, "-o", directory / "statement.txt", "-c", config)
            yield f"statement_{form}", run(*judged)
            yield f"verify_{form}", run("verify", issued, file)
            yield f"import_{form}", run("import", file, "-c", config, "--store", empty)


def main() -> None:
    """Each number of samples that is named, or a small one and five times as many; every verb told as it ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("samples", type=int, nargs="*", default=[200_000, 1_000_000])
    parser.add_argument("--format", choices=FORMS, action="append", help="both, unless one is named")
    args = parser.parse_args()
    found: dict[str, dict[str, dict[str, float]]] = {}
    for size in args.samples:
        for verb, took in measured(size, args.format or FORMS):
            found.setdefault(str(size), {})[verb] = took
            print(f"{size} {verb}: {took}", file=sys.stderr, flush=True)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
