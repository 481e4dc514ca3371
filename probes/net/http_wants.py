"""What an HTTP answer must be like: the ``expect`` part of the probe's options."""

import re
from dataclasses import dataclass, field
from typing import Annotated

from config.typed import SPACED, After, Before
from config.units import Line, count
from probes.net import json_path
from probes.net.json_path import Scalar

_STATUS = re.compile(r"[1-5](?:xx|[0-9]{2})")
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def header_name(text: str) -> str:
    """A header's name (a token of RFC 9110 section 5.6.2)."""
    if not _HEADER.fullmatch(text):
        raise ValueError(f"{text!r} is no header name; use letters, digits and '-'")
    return text


def _statuses(value: object) -> tuple[str, ...]:
    """``200``, ``2xx`` or a list of such."""
    items = value if isinstance(value, list | tuple) else [value]
    texts = tuple(str(item).lower() for item in items)
    for text in texts:
        if not _STATUS.fullmatch(text):
            raise ValueError(f"{text!r} is no HTTP status; write 200, 2xx or a list of such")
    if not texts:
        raise ValueError("an empty list of statuses can never hold; write 200 or 2xx")
    return texts


def _many(value: object) -> object:
    """One text, or a list of them."""
    return [value] if isinstance(value, str) else value


def _some(text: str) -> str:
    if not text:
        raise ValueError("an empty text is in everything; write what to look for")
    return text


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"{text!r} is no regular expression: {error}") from error
    return text


def _path(text: str) -> str:
    json_path.parse(text)
    return text


Texts = Annotated[tuple[Annotated[str, After(_some)], ...], Before(_many)]
Patterns = Annotated[tuple[Annotated[str, After(_pattern)], ...], Before(_many)]
HeaderName = Annotated[str, After(header_name)]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderText:
    """A header whose value holds a text, or in which a regular expression is found."""

    __pydantic_config__ = SPACED
    contains: Texts = ()
    matches: Patterns = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyText:
    """The body: texts in it, texts not in it, regular expressions found in it, values at JSON paths."""

    __pydantic_config__ = SPACED
    contains: Texts = ()
    not_contains: Texts = ()
    matches: Patterns = ()
    json: dict[Annotated[str, After(_path)], Scalar] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expect:
    """What must hold for Up. ``certificate_days``: how long the server's certificate must still be valid."""

    __pydantic_config__ = SPACED
    status: Annotated[tuple[str, ...], Before(_statuses)] = ("2xx",)
    headers: dict[HeaderName, Line | HeaderText] = field(default_factory=dict)
    body: BodyText | None = None
    certificate_days: Annotated[int, Before(count)] | None = None

    def accepts(self, status: int) -> bool:
        """Whether a status code is one of those wanted."""
        return str(status) in self.status or f"{status // 100}xx" in self.status
