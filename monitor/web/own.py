"""The daemon's own metrics: few, so prometheus_client writes them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

NS = 1e-9


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
    """Writes the daemon's own families. Used by one thread at a time."""

    def __init__(self) -> None:
        self._vitals = Vitals("")
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)
        ProcessCollector(registry=self._registry)

    def write(self, vitals: Vitals) -> str:
        """All families, as text."""
        self._vitals = vitals
        return generate_latest(self._registry).decode()

    def describe(self) -> list[Metric]:
        """Nothing ahead of time: the families are those of ``collect``."""
        return []

    def collect(self) -> Iterator[Metric]:
        """What prometheus_client asks for."""
        v = self._vitals
        yield _gauge("upheld_event_loop_lag_seconds", "Worst lag of the event loop in the last 10 s.", v.loop_lag * NS)
        yield _gauge("upheld_intake_lag_seconds", "Age of the oldest sample not yet recorded.", v.intake_lag * NS)
        yield _gauge("upheld_start_delay_p99_seconds", "How late runs begin after their slot.", v.late * NS)
        yield _counter("upheld_slots_missed_total", "Slots at which no run could begin.", v.missed)
        yield _counter("upheld_samples_dropped_total", "Samples lost because the store did not take them.", v.dropped)
        good = "1 if the configuration last offered is in force."
        yield _gauge("upheld_config_last_reload_successful", good, float(v.reload_good))
        when = "When the configuration in force was loaded, Unix time."
        yield _gauge("upheld_config_last_reload_success_timestamp_seconds", when, v.reload_success_at * NS)
        yield from _hooks(v)
        if v.heads:
            yield from _chains(v)
        build = GaugeMetricFamily("upheld_build_info", "1, labelled with what is running.", labels=["version"])
        build.add_metric([v.version], 1)
        yield build


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=value)


def _counter(name: str, text: str, value: int) -> Metric:
    return CounterMetricFamily(name, text, value=value)


def _chains(vitals: Vitals) -> Iterator[Metric]:
    """Whoever scrapes them holds the heads, and can tell later that nothing before them was altered."""
    links = CounterMetricFamily("upheld_chain_links_total", "Links that bind the evidence, by chain.", labels=["chain"])
    heads = GaugeMetricFamily("upheld_chain_head_info", "1, labelled with the head.", labels=["chain", "head"])
    for chain, count, head in vitals.heads:
        links.add_metric([chain], count)
        heads.add_metric([chain, head], 1)
    yield links
    yield heads


def _hooks(vitals: Vitals) -> Iterator[Metric]:
    """Families without a hook are left out: promtool finds nothing wrong with that, and neither do dashboards."""
    if vitals.deliveries:
        tried = CounterMetricFamily(
            "upheld_hook_deliveries_total", "Deliveries tried, by how they ended.", labels=["hook", "result"]
        )
        for (hook, result), count in sorted(vitals.deliveries.items()):
            tried.add_metric([hook, result], count)
        yield tried
    if vitals.queued:
        queue = GaugeMetricFamily("upheld_hook_queue", "Deliveries that wait for the hook.", labels=["hook"])
        for hook, count in sorted(vitals.queued.items()):
            queue.add_metric([hook], count)
        yield queue
