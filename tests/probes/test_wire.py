"""A sample is the same wherever it has been: its line keeps every nanosecond and lets nothing malformed in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes import notation, wire
from probes.sample import Outcome, Sample

LINE = (
    '{"kind":"sample","target":"hq","vantage":"fra","boot":"b1","seq":7,"at":"2026-10-01T00:00:30Z",'
    '"took_ms":"41.2","outcome":"up","sent":5,"received":4,"rtt_ms":["8.1","8.3",null,8.0,8],"phases_ms":{}}'
)
FIRST, LAST = notation.instant("1678-01-01T00:00:00Z"), notation.instant("2261-12-31T23:59:59.999999999Z")

instants = st.integers(FIRST, LAST)
durations = st.integers(0, 10**17)
texts = st.text(st.characters(min_codepoint=32, exclude_characters="\x7f", exclude_categories=["Cs"]), min_size=1)
counts = st.integers(0, 2**63 - 1)
samples = st.builds(
    Sample,
    target=texts,
    vantage=texts,
    boot=texts,
    seq=counts,
    at=instants,
    outcome=st.sampled_from(Outcome),
    reason=st.none() | texts,
    scheduled_at=st.none() | instants,
    took=st.none() | durations,
    sent=st.just(2**63 - 1),
    received=st.none() | counts,
    rtts=st.lists(st.none() | durations).map(tuple),
    duplicates=counts,
    late=counts,
    phases=st.dictionaries(texts, durations).map(lambda named: tuple(named.items())),
    address=st.none() | texts,
    config=st.none() | texts,
    clock=st.none() | texts,
    received_at=st.none() | instants,
)


@given(samples)
def test_a_sample_survives_its_line(sample: Sample) -> None:
    assert wire.decode(wire.encode(sample)) == sample
    assert wire.decode(wire.encode(sample).encode()) == sample


@given(instants)
def test_an_instant_survives_its_text(ns: int) -> None:
    assert notation.instant(notation.instant_text(ns)) == ns


@given(st.integers(-(10**18), 10**18))
def test_milliseconds_survive_their_text(ns: int) -> None:
    assert notation.ms(notation.ms_text(ns)) == ns


def test_the_line_of_the_format_reads_as_it_says() -> None:
    sample = wire.decode(LINE)
    assert sample.at == 1_790_812_830 * 10**9
    assert sample.took == 41_200_000
    assert sample.rtts == (8_100_000, 8_300_000, None, 8_000_000, 8_000_000)
    assert sample.received == 4
    assert sample.scheduled_at is None


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:00.000000001Z", 1),
        ("1970-01-01T01:30:00+01:30", 0),
        ("1969-12-31t22:00:00.5-02:00", 500_000_000),
        ("2024-02-29T12:00:00z", 1_709_208_000 * 10**9),
    ],
)
def test_a_time_is_read_to_the_nanosecond(text: str, ns: int) -> None:
    assert notation.instant(text) == ns


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "2026-10-01T00:00:00",
            "'2026-10-01T00:00:00' has no offset; write 2026-10-01T00:00:00Z or with +hh:mm",
        ),
        ("2026-10-01 00:00:00Z", "is no time; write 2026-10-01T00:00:30Z or"),
        (
            "2016-12-31T23:59:60Z",
            "is a leap second, which UTC in ns does not tell apart; write the second after it",
        ),
        ("2026-02-29T00:00:00Z", "'2026-02-29T00:00:00Z' is no day of the calendar"),
        ("2026-10-01T24:00:00Z", "is no time of day; the last of a day is 23:59:59.999999999"),
        ("2026-10-01T00:00:00.1234567890Z", "is finer than a nanosecond; at most 9 digits after the point"),
        ("1677-12-31T23:59:59Z", "is outside the years 1678 to 2261"),
        ("2262-01-01T00:00:00Z", "is outside the years 1678 to 2261"),
        ("2026-10-01T00:00:00+24:00", "has no offset of a clock; offsets end at ±23:59"),
        ("٢٠٢٦-10-01T00:00:00Z", "is no time; write"),
    ],
)
def test_a_time_that_is_none_says_what_would_be_right(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        notation.instant(text)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"seq":7', '"seq":true', "seq: true is no whole number from 0 up"),
        ('"seq":7', '"seq":-1', "seq: -1 is no whole number from 0 up"),
        ('"seq":7', '"seq":9223372036854775808', "seq: 9223372036854775808 is no whole number from 0 up"),
        ('"outcome":"up"', '"outcome":"dwon"', "outcome: 'dwon' is none of them; did you mean 'down'?"),
        ('"took_ms"', '"tok_ms"', "unknown key 'tok_ms'; did you mean 'took_ms'?"),
        ('"seq":7', '"seq":7,"seq":8', "key 'seq' stands twice"),
        ('"41.2"', "0.0000001", 'took_ms: 1E-7 is no number of milliseconds; write "41.2"'),
        ('"41.2"', "1e400", 'took_ms: 1E+400 is no number of milliseconds; write "41.2"'),
        ('"41.2"', "NaN", "NaN is no number of JSON"),
        ('"41.2"', "-1", "took_ms: -1 is below zero"),
        ('"received":4', '"received":6', "received: 6 packets cannot be received of 5 sent"),
        ('"hq"', '"\\ud800"', "target: '\\ud800' is too long or holds control characters"),
        ('"hq"', f'"{"x" * 301}"', "is too long or holds control characters"),
        ('"hq"', '""', "target: must not be empty"),
        ('"hq"', "null", "target must not be null"),
        ('"target":"hq",', "", "target is missing"),
        ('"kind"', '"version":2,"kind"', "version: 2 is not read here; this is version 1"),
        ("5", "1" * 41, "11111111111111111111... has more digits than any number here"),
        ("{", "[" * 100_000, "nested too deeply"),
    ],
)
def test_a_line_that_is_no_sample_says_why(old: str, new: str, message: str) -> None:
    with pytest.raises(wire.WireError) as caught:
        wire.decode(LINE.replace(old, new, 1))
    assert message in str(caught.value)


def test_everything_wrong_with_a_line_is_told_at_once() -> None:
    with pytest.raises(wire.WireError) as caught:
        wire.decode('{"kind":"sample","target":"hq","vantage":3,"boot":"b","seq":"7","at":"today","outcome":"up"}')
    assert len(str(caught.value).split("; ")) >= 3


def test_a_line_in_another_encoding_is_refused() -> None:
    with pytest.raises(wire.WireError, match="not UTF-8 at byte 10"):
        wire.decode(b'{"target":\xff}')
