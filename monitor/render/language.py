"""The customer's language: one module a language in ``monitor/render/languages``, each a ``Language``.

A language has a text for every key below, with the same named places, and says how it writes numbers and dates.
Figures come in exact and are shown as ``numbers`` rounds them; a language changes their signs, never their digits.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from zoneinfo import ZoneInfo

from config.periods import from_ns
from config.spans import Span
from monitor.render.numbers import lasting

_NUMBER = re.compile(r"(?<![\w.:/-])([0-9]+)\.([0-9]+)(?![\w.:-]|\.[0-9])")


@dataclass(frozen=True)
class Language:
    """``texts``: by key, with ``{named}`` places. ``words``: what our own words are called (causes, verdicts,
    measures); a word that is not there is the contract's, and stands as it was typed. ``steps``: how the steps of a
    computation read, as patterns of the English text and what stands instead."""

    code: str
    texts: Mapping[str, str]
    words: Mapping[str, str] = field(default_factory=dict)
    steps: Sequence[tuple[re.Pattern[str], str]] = ()
    point: str = "."
    group: str = ""
    date: str = "%Y-%m-%d"

    def say(self, key: str, /, **named: object) -> str:
        """A text with its places filled."""
        return self.texts[key].format(**named)

    def word(self, word: str | None) -> str:
        """One of our own words; underscores are spaces. Nothing of nothing."""
        plain = (word or "").replace("_", " ")
        return self.words.get(plain, plain)

    def number(self, text: str) -> str:
        """Digits with this language's decimal sign; what is no decimal number stays (versions, times)."""
        return _NUMBER.sub(rf"\1{self.point}\2", text) if self.point != "." else text

    def money(self, amount: Decimal, currency: str | None) -> str:
        """An amount with its currency behind it."""
        whole, _, cents = f"{abs(amount):f}".partition(".")
        groups = self.group.join(_in_threes(whole)) if self.group else whole
        sign = "-" if amount < 0 else ""
        return f"{sign}{groups}{self.point + cents if cents else ''} {currency or ''}".rstrip()

    def moment(self, ns: int, zone: ZoneInfo) -> str:
        """An instant in a zone, to the millisecond where it has them, with its offset."""
        local = from_ns(ns, zone)
        fraction = f"{self.point}{local.microsecond // 1000:03d}" if local.microsecond // 1000 else ""
        offset = local.strftime("%z")
        return f"{local.strftime(self.date)} {local:%H:%M:%S}{fraction} {offset[:3]}:{offset[3:5]}"

    def day(self, ns: int, zone: ZoneInfo) -> str:
        """The local date of an instant."""
        return from_ns(ns, zone).strftime(self.date)

    def between(self, span: Span, zone: ZoneInfo) -> str:
        """A span in a zone and how long it is; the date stands once where it does not change."""
        start, end = self.moment(span[0], zone), self.moment(span[1], zone)
        if start[:10] == end[:10] and start[-6:] == end[-6:]:
            start, end = start[:-7], end[11:]
        return f"{start} – {end} ({self.number(lasting(span[1] - span[0]))})"

    def step(self, text: str) -> str:
        """One step of a computation, which is made in English."""
        for pattern, instead in self.steps:
            found = pattern.fullmatch(text)
            if found:
                return self.number(found.expand(instead))
        return self.number(text)


def _in_threes(digits: str) -> list[str]:
    first = len(digits) % 3
    return [digits[:first]] * bool(first) + [digits[i : i + 3] for i in range(first, len(digits), 3)]
