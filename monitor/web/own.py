"""The daemon's own metrics."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from monitor.web import process
from monitor.web.exposition import Family, labels, written

NS = 1_000_000_000

LOOP_LAG = Family("upheld_event_loop_lag_seconds", "gauge", "Worst lag of the event loop in the last 10 s.")
INTAKE_LAG = Family("upheld_intake_lag_seconds", "gauge", "Age of the oldest sample not yet recorded.")
LATE = Family("upheld_start_delay_p99_seconds", "gauge", "How late runs begin after their slot.")
MISSED = Family("upheld_slots_missed_total", "counter", "Slots at which no run could begin.")
DROPPED = Family("upheld_samples_dropped_total", "counter", "Samples lost because the store did not take them.")
RELOADED = Family("upheld_config_last_reload_successful", "gauge", "1 if the configuration last offered is in force.")
RELOADED_AT = Family(
    "upheld_config_last_reload_success_timestamp_seconds",
    "gauge",
    "When the configuration in force was loaded, Unix time.",
)
DELIVERIES = Family("upheld_hook_deliveries_total", "counter", "Deliveries tried, by how they ended.")
QUEUE = Family("upheld_hook_queue", "gauge", "Deliveries that wait for the hook.")
LINKS = Family("upheld_chain_links_total", "counter", "Links that bind the evidence, by chain.")
HEADS = Family("upheld_chain_head_info", "gauge", "1, labelled with the head.")
BUILD = Family("upheld_build_info", "gauge", "1, labelled with what is running.")


@dataclass(frozen=True, slots=True)
class Vitals:
    """How the process is, read on the event loop. Times in ns, ``reload_success_at`` wall ns.

    ``deliveries`` counts by (hook, result), ``queued`` by hook. ``late`` is the 99th percentile of how long after
    their slot the recent runs began. ``heads``: (chain, links, head) of what binds the evidence.
    """

    version: str
    loop_lag: int = 0
    intake_lag: int = 0
    late: int = 0
    missed: int = 0
    dropped: int = 0
    reload_good: bool = True
    reload_success_at: int = 0
    deliveries: Mapping[tuple[str, str], int] = field(default_factory=dict)
    queued: Mapping[str, int] = field(default_factory=dict)
    heads: tuple[tuple[str, int, str], ...] = ()


class OwnLines:
    """Writes the daemon's own families."""

    def write(self, vitals: Vitals) -> str:
        """All families, as text. Those without a line are left out: promtool finds nothing wrong with that, and
        neither do dashboards."""
        pieces = [piece for family, lines in _families(vitals) for piece in written(family, lines)]
        return "".join(pieces)


def _families(v: Vitals) -> Iterator[tuple[Family, list[str]]]:
    plain: list[tuple[Family, float]] = [
        (LOOP_LAG, v.loop_lag / NS),
        (INTAKE_LAG, v.intake_lag / NS),
        (LATE, v.late / NS),
        (MISSED, v.missed),
        (DROPPED, v.dropped),
        (RELOADED, int(v.reload_good)),
        (RELOADED_AT, v.reload_success_at / NS),
        *process.figures(),
    ]
    yield from ((family, [f"{family.name} {value!r}"]) for family, value in plain)
    tried = sorted(v.deliveries.items())
    yield DELIVERIES, [_line(DELIVERIES, count, hook=hook, result=result) for (hook, result), count in tried]
    yield QUEUE, [_line(QUEUE, count, hook=hook) for hook, count in sorted(v.queued.items())]
    # Whoever scrapes these holds the heads, and can tell later that nothing before them was altered.
    yield LINKS, [_line(LINKS, count, chain=chain) for chain, count, _ in v.heads]
    yield HEADS, [_line(HEADS, 1, chain=chain, head=head) for chain, _, head in v.heads]
    yield BUILD, [_line(BUILD, 1, version=v.version)]


def _line(family: Family, value: int, **told: str) -> str:
    return f"{family.name}{labels(told)} {value}"
