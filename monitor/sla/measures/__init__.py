"""The measure kinds. To add one: one module here, listed below, and one test."""

from types import ModuleType

from monitor.sla.measures import (
    availability,
    each,
    jitter,
    latency,
    longest_outage,
    outages,
    packet_delivery,
    packet_loss,
    tickets,
    total_outage,
)

TIMELINE: dict[str, ModuleType] = {m.NAME: m for m in (availability, longest_outage, outages, total_outage)}
SAMPLE: dict[str, ModuleType] = {m.NAME: m for m in (jitter, latency, packet_delivery, packet_loss)}
METHODS: dict[str, str] = {name: module.METHOD for name, module in {**TIMELINE, **SAMPLE}.items()}
RULES: dict[str, ModuleType] = {m.NAME: m for m in (each, tickets)}  # by MeasureRule.kind
