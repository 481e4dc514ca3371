"""Samples, facts and events made for the store's tests."""

from monitor.sla.events import Event, EventName
from probes.sample import Outcome, Sample

SECOND = 1_000_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR
START = 1_790_812_800 * SECOND
"""2026-10-01T00:00:00Z."""


def sample(seq: int, *, target: str = "hq", vantage: str = "fra", boot: str = "b1", at: int | None = None) -> Sample:
    """Sample ``seq``: the slots are 30 s apart, every 17th is lost, every field is used."""
    slot = START + seq * 30 * SECOND
    lost = seq % 17 == 0
    rtt = (20_000 + seq * 7919 % 900) * 1000
    return Sample(
        target=target,
        vantage=vantage,
        boot=boot,
        seq=seq,
        at=slot + seq % 20 * 1_000_000 if at is None else at,
        outcome=Outcome.DOWN if lost else Outcome.UP,
        reason="timeout" if lost else None,
        scheduled_at=slot,
        took=2 * SECOND if lost else rtt,
        sent=1,
        received=0 if lost else 1,
        rtts=(None,) if lost else (rtt,),
        phases=(("resolve", 1000),) if seq % 5 == 0 else (),
        address="192.0.2.7",
        config="c0ffee",
        clock="synchronised",
        received_at=slot + 2 * SECOND,
    )


def event(key: str, subject: str = "hq/1", at: int = START) -> Event:
    """An event with that key."""
    return Event(
        EventName.OUTAGE_OPENED, key, at, "acme", "hq", subject, f"hq is down ({key})", data=(("since_ns", str(at)),)
    )
