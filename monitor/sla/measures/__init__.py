"""The measure kinds. To add one: one module here, listed below, and one test."""

from types import ModuleType

from monitor.sla.measures import (
    availability,
    count,
    counts,
    each,
    given,
    jitter,
    latency,
    longest,
    longest_outage,
    outages,
    packet_delivery,
    packet_loss,
    ratio,
    requests,
    samples,
    tickets,
    total,
    total_outage,
)

TIMELINE: dict[str, ModuleType] = {m.NAME: m for m in (availability, longest_outage, outages, total_outage)}
SAMPLE: dict[str, ModuleType] = {m.NAME: m for m in (jitter, latency, packet_delivery, packet_loss)}
METHODS: dict[str, str] = {name: module.METHOD for name, module in {**TIMELINE, **SAMPLE}.items()}
RULES: dict[str, ModuleType] = {
    m.NAME: m for m in (count, counts, each, given, longest, ratio, requests, samples, tickets, total)
}  # by MeasureRule.kind
