"""What an HTTP answer must be like: the ``expect`` part of the probe's options."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from config.units import Line, count
from probes.net import json_path
from probes.net.json_path import Scalar

_STATUS = re.compile(r"[1-5](?:xx|[0-9]{2})")
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def spaced(field: str) -> str:
    """A field's name as people write it, with blanks."""
    return field.replace("_", " ")


STRICT = ConfigDict(
    frozen=True, extra="forbid", populate_by_name=True, alias_generator=spaced, arbitrary_types_allowed=True
)
"""Every part of the options: never changed, no unknown keys, ``two words`` and ``two_words`` alike."""


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


Texts = Annotated[tuple[Annotated[str, AfterValidator(_some)], ...], BeforeValidator(_many)]
Patterns = Annotated[tuple[Annotated[str, AfterValidator(_pattern)], ...], BeforeValidator(_many)]
HeaderName = Annotated[str, AfterValidator(header_name)]


class HeaderText(BaseModel):
    """A header whose value holds a text, or in which a regular expression is found."""

    model_config = STRICT
    contains: Texts = ()
    matches: Patterns = ()


class BodyText(BaseModel):
    """The body: texts in it, texts not in it, regular expressions found in it, values at JSON paths."""

    model_config = STRICT
    contains: Texts = ()
    not_contains: Texts = ()
    matches: Patterns = ()
    values: dict[Annotated[str, AfterValidator(_path)], Scalar] = Field(default={}, alias="json")


class Expect(BaseModel):
    """What must hold for Up. ``certificate_days``: how long the server's certificate must still be valid."""

    model_config = STRICT
    status: Annotated[tuple[str, ...], BeforeValidator(_statuses)] = ("2xx",)
    headers: dict[HeaderName, Line | HeaderText] = {}
    body: BodyText | None = None
    certificate_days: Annotated[int, BeforeValidator(count)] | None = None

    def accepts(self, status: int) -> bool:
        """Whether a status code is one of those wanted."""
        return str(status) in self.status or f"{status // 100}xx" in self.status
