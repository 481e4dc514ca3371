"""How long a hook waits before it tries again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.hooks.backoff import LONGEST, LONGEST_ASKED, SECOND, ceiling, wait


def test_the_ceiling_doubles_up_to_five_minutes() -> None:
    assert [ceiling(n) // SECOND for n in range(1, 12)] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    assert ceiling(10**6) == 300 * SECOND


@given(st.integers(1, 100), st.floats(0, 1, exclude_max=True))
def test_jitter_is_full_from_nothing_to_the_ceiling(failures: int, drawn: float) -> None:
    assert wait(failures, lambda: drawn) == int(drawn * ceiling(failures)) < 300 * SECOND


@given(st.integers(1, 100), st.floats(0, 1, exclude_max=True), st.integers(0, LONGEST_ASKED))
def test_what_the_receiver_asks_for_is_never_undercut(failures: int, drawn: float, asked: int) -> None:
    assert wait(failures, lambda: drawn, asked) >= asked


def test_a_receiver_cannot_silence_a_hook_for_more_than_an_hour() -> None:
    assert wait(1, lambda: 0.5, 10**6 * SECOND) == 3600 * SECOND


@pytest.mark.parametrize("drawn", [0.0, 0.5, 0.999])
def test_a_refusal_for_good_waits_long_at_once_but_not_for_ever(drawn: float) -> None:
    assert LONGEST // 2 <= wait(1, lambda: drawn, permanent=True) <= LONGEST
