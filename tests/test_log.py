"""The log: one event per cause per minute, in one line, without a traceback."""

import json
import logging

from monitor.log import JsonLines, OncePerMinute, TextLines


def record(code: str | None = "store_full", about: str = "store", text: str = "no space") -> logging.LogRecord:
    made = logging.LogRecord("upheld", logging.ERROR, __file__, 1, "%s", (text,), None)
    if code is not None:
        made.code, made.about = code, about
    return made


def test_a_cause_is_told_once_a_minute_and_the_others_are_counted() -> None:
    now = 0.0
    once = OncePerMinute(lambda: now)
    told = []
    for second in range(130):
        now = float(second)
        one = record()
        if once.filter(one):
            told.append((second, one.more))
    assert told == [(0, 0), (60, 59), (120, 59)]


def test_other_objects_and_other_codes_are_other_causes() -> None:
    once = OncePerMinute(lambda: 0.0)
    assert [bool(once.filter(record(about=about))) for about in ("a", "b", "a")] == [True, True, False]
    assert once.filter(record(code="else", about="a"))
    assert once.filter(record(code=None)) and once.filter(record(code=None))


def test_every_reload_is_answered_with_each_of_its_problems() -> None:
    once = OncePerMinute(lambda: 0.0)
    asked = ("reload_refused", "reload_refused", "reloaded", "reloaded")
    assert all(once.filter(record(code=code, about="configuration")) for code in asked)


def test_a_line_has_time_level_code_object_and_text() -> None:
    line = TextLines().format(record())
    assert line.endswith(" error [store_full] store: no space")
    fields = json.loads(JsonLines().format(record()))
    assert (fields["level"], fields["code"], fields["about"], fields["text"]) == (
        "error", "store_full", "store", "no space",
    )  # fmt: skip


def test_an_exception_is_one_line_and_no_traceback() -> None:
    try:
        raise OSError("gone\naway")
    except OSError as error:
        made = logging.LogRecord(
            "x", logging.ERROR, __file__, 1, "it failed", None, (OSError, error, error.__traceback__)
        )
    assert TextLines().format(made).endswith("error [x] it failed: OSError: gone away")
    assert "\n" not in JsonLines().format(made)
