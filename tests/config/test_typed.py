"""Options are plain values: what a field takes is marked beside its type, and a secret never shows."""

import copy
import json
import pickle
from dataclasses import FrozenInstanceError, asdict, dataclass
from typing import Annotated

import pytest

from config.options import checked
from config.typed import SPACED, STRICT, After, Before, Secret, Within, keys
from config.units import Duration, between
from probes.kinds import icmp


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    __pydantic_config__ = SPACED
    two_words: Annotated[int, Within(1, 9)] = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    __pydantic_config__ = STRICT
    word: Annotated[str, Before(lambda value: str(value).lower()), After(lambda value: value + "!")]
    wait: Annotated[Duration, between(0, 10**9)] = 0
    part: Part = Part()
    secret: Secret | None = None


def test_marks_read_and_check_what_is_typed() -> None:
    made = checked(Options, {"word": "Ho", "wait": "5ms", "part": {"two words": 3}, "secret": "canary"})
    assert made == Options(word="ho!", wait=5 * 10**6, part=Part(two_words=3), secret=Secret("canary"))
    assert checked(Options, {"word": "Ho", "part": {"two_words": 3}}).part == Part(two_words=3)


@pytest.mark.parametrize(
    "typed",
    [{}, {"word": "a", "wrod": 1}, {"word": "a", "part": {"two words": 10}}, {"word": "a", "wait": "2s"}],
)
def test_what_does_not_fit_is_refused(typed: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        checked(Options, typed)


def test_keys_are_as_they_are_typed() -> None:
    assert (keys(Part), keys(str)) == ({"two words": "two_words"}, {})


def test_what_must_fit_together_is_checked_however_options_are_made() -> None:
    with pytest.raises(ValueError, match="is an IPv4 address but family is 6"):
        icmp.Options(host="192.0.2.7", family=6)


def test_options_are_never_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Part().two_words = 3


def test_a_secret_shows_nowhere_and_is_equal_to_itself_alone() -> None:
    options = Options(word="a", secret=Secret("canary"))
    for text in (repr(options), f"{options.secret}", json.dumps(asdict(options), default=str)):
        assert "canary" not in text and "**********" in text
    assert pickle.loads(pickle.dumps(options)) == options == copy.deepcopy(options)
    assert Secret("canary") != Secret("other") and Secret("canary") != "canary"
    assert len({Secret("canary"), Secret("canary")}) == 1 and str(Secret("")) == ""
