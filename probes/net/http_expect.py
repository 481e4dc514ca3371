"""Whether an answer is what was expected of it.

Each expectation that does not hold makes the answer Down with a reason of its own (``status header body
json certificate``). What could not be looked at is Unknown, because it proves nothing: ``body_limit``
where the text sought may lie behind our own size cap, ``encoding`` where the server compressed the body
though it was asked for plain (it is never unpacked: that is how small answers become large ones).

Everything but regular expressions is decided by ``checks``; those are in ``searches``, for the matcher.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

from probes.net import json_path
from probes.net.http_response import Response
from probes.net.http_wants import BodyText, Expect, HeaderText
from probes.sample import Outcome

DAY = 86_400_000_000_000
_CHARSET = re.compile(r"utf-(8|16|32)(-sig)?|utf-(16|32)-(l|b)e|ascii|(iso8859|cp|koi8|big5|gb|euc_|shift_jis).*")
_DECLARED = re.compile(r"""charset=["']?([A-Za-z0-9_.:-]{1,40})""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Check:
    """One expectation and what came of it; ``reason`` is the sample's where it did not hold."""

    outcome: Outcome
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class Search:
    """A regular expression that must be found in a text; ``cut``: the text goes on behind our cap."""

    reason: str
    pattern: str
    where: str
    text: str
    cut: bool = False


def checks(expect: Expect, response: Response, valid_for: int | None) -> Iterator[Check]:
    """Every expectation but the regular ones, in the order they are told. ``valid_for``: how long (ns) the
    certificate still is; None where none was asked for."""
    yield _check(
        expect.accepts(response.status), "status", f"status is {response.status}, wanted {' or '.join(expect.status)}"
    )
    for name, want in expect.headers.items():
        yield from _header(name, want, response.header(name.lower()))
    if expect.certificate_days is not None and valid_for is not None:
        days, least = valid_for // DAY, expect.certificate_days
        text = f"the certificate is valid for {days} more days, wanted {least}"
        yield _check(valid_for >= least * DAY, "certificate", text)
    if expect.body is not None:
        yield from _body(expect.body, response)


def searches(expect: Expect, response: Response) -> Iterator[Search]:
    """The regular expressions to be found, headers first."""
    for name, want in expect.headers.items():
        if isinstance(want, HeaderText):
            value = response.header(name.lower()) or ""
            yield from (Search("header", pattern, f"header {name}", value) for pattern in want.matches)
    if expect.body is not None and expect.body.matches:
        text = decoded(response)
        yield from (Search("body", pattern, "the body", text, response.cut) for pattern in expect.body.matches)


def found(search: Search, hit: bool) -> Check:
    """A search's check."""
    text = f"{search.pattern!r} is {'' if hit else 'not '}found in {search.where}"
    return _behind_cap(text) if search.cut and not hit else _check(hit, search.reason, text)


def decoded(response: Response) -> str:
    """The body as text, by the charset it declares, else UTF-8; what cannot be read becomes U+FFFD."""
    declared = _DECLARED.search(response.header("content-type") or "")
    try:
        name = codecs.lookup(declared[1] if declared else "utf-8").name
    except LookupError:
        name = "utf-8"
    # Python knows codecs that are no charsets, some of which take quadratic time on hostile bytes.
    return response.body.decode(name if _CHARSET.fullmatch(name) else "utf-8", errors="replace")


def _header(name: str, want: str | HeaderText, value: str | None) -> Iterator[Check]:
    if value is None:
        yield _check(False, "header", f"header {name} is missing")
    elif isinstance(want, str):
        yield _check(value == want, "header", f"header {name} is {_short(value)}, wanted {want!r}")
    else:
        for text in want.contains:
            yield _check(text in value, "header", f"header {name} is {_short(value)}, wanted {text!r} in it")


def _body(want: BodyText, response: Response) -> Iterator[Check]:
    encoding = response.header("content-encoding")
    if encoding is not None and encoding.lower() != "identity":
        text = f"the body is encoded as {_short(encoding)}, which was not asked for and is not unpacked"
        yield Check(Outcome.UNKNOWN, "encoding", text)
        return
    body = decoded(response)
    for text in want.contains:
        hit = text in body
        told = f"{text!r} is {'' if hit else 'not '}in the body"
        yield _behind_cap(told) if response.cut and not hit else _check(hit, "body", told)
    for text in want.not_contains:
        hit = text in body
        told = f"{text!r} is {'' if hit else 'not '}in the body, where it must not be"
        yield _behind_cap(told) if response.cut and not hit else _check(not hit, "body", told)
    if want.json:
        yield from _values(want, body, response.cut)


def _values(want: BodyText, body: str, cut: bool) -> Iterator[Check]:
    if cut:
        yield _behind_cap("the body is cut")
        return
    try:
        document = json_path.load(body)
    except ValueError as error:
        yield Check(Outcome.DOWN, "json", f"the body is not JSON: {error}")
        return
    for path, wanted in want.json.items():
        value = json_path.find(document, json_path.parse(path))
        shown = "missing" if value is json_path.MISSING else _short(str(value))
        yield _check(json_path.same(wanted, value), "json", f"{path} is {shown}, wanted {wanted!r}")


def _check(holds: bool, reason: str, text: str) -> Check:
    return Check(Outcome.UP if holds else Outcome.DOWN, reason, text)


def _behind_cap(text: str) -> Check:
    return Check(Outcome.UNKNOWN, "body_limit", f"{text}, as far as 'max body' lets us read")


def _short(text: str) -> str:
    return repr(text if len(text) <= 80 else f"{text[:77]}...")
