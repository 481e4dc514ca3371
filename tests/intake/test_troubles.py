"""Our own trouble is told to whoever can do something about it, and what is the targets' is not."""

import logging
from dataclasses import replace

import pytest

from config.model import Config, Vantage
from monitor.troubles import ADVICE, Troubles
from probes.columns import from_samples
from probes.sample import Outcome, Sample
from tests.intake.kit import one

UP, DOWN, UNKNOWN = Outcome.UP, Outcome.DOWN, Outcome.UNKNOWN


@pytest.fixture
def troubles(caplog: pytest.LogCaptureFixture) -> Troubles:
    """Those of a vantage with two witnesses."""
    caplog.set_level(logging.WARNING, "upheld")
    made = Troubles()
    made.configure(Config(vantage=Vantage(name="hq", witnesses=("w1", "w2"))))
    return made


def seen(target: str, outcome: Outcome, reason: str | None = None) -> Sample:
    return replace(one(1, target, outcome), reason=reason)


@pytest.mark.parametrize("reason", sorted(ADVICE))
def test_what_this_machine_does_to_itself_is_told_with_what_helps(
    troubles: Troubles, caplog: pytest.LogCaptureFixture, reason: str
) -> None:
    troubles.heard(seen("site", UNKNOWN, reason))
    (record,) = caplog.records
    assert (record.code, record.about) == (reason, "vantage hq")  # type: ignore[attr-defined]
    assert record.getMessage() == f"{ADVICE[reason]}; site is Unknown meanwhile"


@pytest.mark.parametrize(
    ("outcome", "reason"), [(UP, None), (DOWN, "refused"), (UNKNOWN, "shutdown"), (UNKNOWN, "body_limit")]
)
def test_what_is_no_trouble_of_this_machine_is_not_told(
    troubles: Troubles, caplog: pytest.LogCaptureFixture, outcome: Outcome, reason: str | None
) -> None:
    for target in ("site", "w1"):
        troubles.heard(seen(target, outcome, reason))
    assert caplog.messages == []


def test_a_vantage_is_cut_off_while_none_of_its_witnesses_answers(
    troubles: Troubles, caplog: pytest.LogCaptureFixture
) -> None:
    """Whether they answer one by one or among many."""
    troubles.heard(seen("w1", DOWN, "timeout"))
    troubles.went_well(from_samples([seen("w1", UP), seen("site", UP)]))
    troubles.heard(seen("w2", DOWN, "timeout"))
    troubles.heard(seen("site", DOWN, "timeout"))
    assert caplog.messages == []
    troubles.heard(seen("w1", DOWN, "timeout"))
    (told,) = caplog.messages
    assert told.startswith("none of its witnesses (w1, w2) answers")
    troubles.heard(seen("w2", UP))
    troubles.heard(seen("w1", DOWN, "timeout"))
    assert len(caplog.messages) == 1


def test_a_witness_that_is_none_any_more_is_not_waited_for(
    troubles: Troubles, caplog: pytest.LogCaptureFixture
) -> None:
    troubles.heard(seen("w1", DOWN, "timeout"))
    troubles.configure(Config(vantage=Vantage(name="hq", witnesses=("w2", "w3"))))
    troubles.heard(seen("w2", DOWN, "timeout"))
    assert caplog.messages == []
