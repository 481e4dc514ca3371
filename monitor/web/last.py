"""What is shown of the last sample of a target: a fifth of what the sample itself takes."""

from typing import NamedTuple

from probes.sample import Outcome, Sample

NS = 1e-9


class Last(NamedTuple):
    """``at`` is when it began (wall ns), ``latency`` seconds of an Up sample, ``delivery`` packets answered over those
    sent."""

    at: int
    boot: str
    outcome: Outcome
    latency: float | None
    delivery: float | None


def last_of(sample: Sample) -> Last:
    """What is shown of it."""
    delivery = (sample.received or 0) / sample.sent if sample.sent else None
    return Last(sample.at, sample.boot, sample.outcome, latency(sample), delivery)


def latency(sample: Sample) -> float | None:
    """Seconds: the mean round trip of a burst; of a request, the time it took without resolving the name."""
    if sample.outcome is not Outcome.UP:
        return None
    rtts = sample.rtts
    answered = [rtt for rtt in rtts if rtt is not None] if None in rtts else rtts
    if answered:
        return sum(answered) / len(answered) * NS  # type: ignore[arg-type]
    if sample.took is None:
        return None
    return (sample.took - sum(took for name, took in sample.phases if name == "resolve")) * NS
