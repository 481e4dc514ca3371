"""What receivers are promised of an event's JSON."""

import json

from hypothesis import given
from hypothesis import strategies as st

from monitor.hooks.message import body, identity, instant
from tests.hooks.kit import START, delivery, event


def test_an_event_has_the_members_of_cloudevents_and_its_own() -> None:
    told = json.loads(body(delivery()))
    assert told == {
        "id": "outage%2Eopened:acme:hq:acme/hq/1:1",
        "source": "upheld",
        "specversion": "1.0",
        "type": "upheld.outage.opened",
        "time": "2026-10-01T00:00:01.5Z",
        "subject": "acme/hq/1",
        "contract": "acme",
        "service": "hq",
        "promise": None,
        "summary": "hq is down (1)",
        "data": {"start_ns": str(START), "reason": "timeout"},
    }


def test_every_try_of_a_delivery_gives_the_same_bytes() -> None:
    assert body(delivery(event(3))) == body(delivery(event(3))) != body(delivery(event(4)))


def test_an_instant_has_as_many_decimals_as_it_needs() -> None:
    assert instant(0) == "1970-01-01T00:00:00Z"
    assert instant(START + 1_000_000) == "2026-10-01T00:00:00.001Z"
    assert instant(START + 1) == "2026-10-01T00:00:00.000000001Z"


@given(st.text(), st.text())
def test_an_id_fits_a_header_holds_no_full_stop_and_stays_its_own(one: str, other: str) -> None:
    assert identity(one).isascii()
    assert identity(one).isprintable()
    assert "." not in identity(one)
    assert " " not in identity(one)
    assert (identity(one) == identity(other)) == (one == other)
