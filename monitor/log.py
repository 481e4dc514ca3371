"""What the daemon says of itself while it runs: one event per cause per minute, with a code, an object, a remedy.

A line is for a person at three in the morning: what happened, to what, and what to do about it. The same cause
again within a minute is counted, not repeated. What the outside world did never shows as a traceback.
"""

import json
import logging
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

NAME = "upheld"
_MINUTE = 60.0
_CAUSES_KEPT = 10_000
_ANSWERS = frozenset({"reloaded", "reload_refused"})
"""What somebody asked for a moment ago: each asking is answered."""


def say(level: int, code: str, about: str, text: str) -> None:
    """One event. ``code`` is stable, ``about`` names the object, ``text`` says what happened and what helps."""
    logging.getLogger(NAME).log(level, "%s", text, extra={"code": code, "about": about})


class OncePerMinute(logging.Filter):
    """Lets one event of a cause through per minute and counts the others into the next one."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._seconds = seconds
        self._causes: dict[tuple[str, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        code = getattr(record, "code", None)
        if code is None or code in _ANSWERS:
            return True
        cause = (code, getattr(record, "about", ""))
        now = self._seconds()
        last, held = self._causes.get(cause, (None, 0))
        if last is not None and now - last < _MINUTE:
            self._causes[cause] = (last, held + 1)
            return False
        if len(self._causes) >= _CAUSES_KEPT:
            self._causes.clear()
        self._causes[cause] = (now, 0)
        record.more = held
        return True


def _fields(record: logging.LogRecord) -> dict[str, str | int]:
    moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    fields: dict[str, str | int] = {
        "time": moment.replace("+00:00", "Z"),
        "level": record.levelname.lower(),
        "code": getattr(record, "code", record.name),
        "about": getattr(record, "about", ""),
        "text": _text(record),
    }
    more = getattr(record, "more", 0)
    return {**fields, "more": more} if more else fields


def _text(record: logging.LogRecord) -> str:
    """One line, whatever was logged; an exception is its type and its words."""
    text = record.getMessage()
    if record.exc_info and record.exc_info[1] is not None:
        error = record.exc_info[1]
        text += f": {type(error).__name__}: {error}"
    return " ".join(text.split())


class TextLines(logging.Formatter):
    """For a terminal and for journald."""

    def format(self, record: logging.LogRecord) -> str:
        fields = _fields(record)
        about = f" {fields['about']}:" if fields["about"] else ""
        more = f" ({fields['more']} more like this)" if "more" in fields else ""
        return f"{fields['time']} {fields['level']} [{fields['code']}]{about} {fields['text']}{more}"


class JsonLines(logging.Formatter):
    """One JSON object a line, for machines."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(_fields(record), ensure_ascii=False)


def begin(form: str, level: str) -> None:
    """Log to standard error from now on, as ``text`` or ``json``, from ``level`` up."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else TextLines())
    handler.addFilter(OncePerMinute())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(NAME).setLevel(level.upper())
