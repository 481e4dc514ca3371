"""The customer's language: one module a language in ``monitor/render/languages``, each a ``Language``.

A language has a text for every key below, with the same named places, and says how it writes numbers and dates.
Figures come in exact and are shown as ``numbers`` rounds them; a language changes their signs, never their digits.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from config.contract.gives import counted
from config.periods import from_ns
from config.spans import Span
from monitor.render.numbers import decimal, lasting

_NUMBER = re.compile(r"(?<![\w.:/])(?<!\w-)([0-9]+)\.([0-9]+)(?![\w.:-]|\.[0-9])")
_PLACE = re.compile(r"\\\{(\w+)\\\}")
_ANY_NUMBER = r"-?[0-9][0-9./]*"

AS_TYPED = {"id", "ids", "label", "line", "moment", "name", "names", "points", "promise", "scope", "service", "time"}
"""Places of a step that hold what the contract calls something, or an instant."""
Steps = Sequence[tuple[re.Pattern[str], str]]


@dataclass(frozen=True)
class Language:
    """``texts``: by key, with ``{named}`` places. ``words``: what our own words are called (causes, verdicts,
    measures); a word that is not there is the contract's, and stands as it was typed. ``steps``: how the steps of a
    computation read, as English texts with places and what stands instead; ``parts``: the same of what stands in the
    places; ``measures``: the same of measures whose names have something of their own in them."""

    code: str
    texts: Mapping[str, str]
    words: Mapping[str, str] = field(default_factory=dict)
    steps: Steps = ()
    parts: Steps = ()
    measures: Steps = ()
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

    def measure(self, words: str) -> str:
        """A measure as a promise's line names it; one that the contract defines stands as it was typed."""
        plain = words.replace("_", " ")
        found = None if plain in self.words else self._filled(plain, self.measures)
        return self.word(words) if found is None else found

    def number(self, text: str) -> str:
        """Digits with this language's decimal sign; what is no decimal number stays (versions, times)."""
        return _NUMBER.sub(rf"\1{self.point}\2", text) if self.point != "." else text

    def money(self, amount: Decimal, currency: str | None) -> str:
        """An amount with its currency behind it."""
        whole, _, cents = f"{abs(amount):f}".partition(".")
        groups = self.group.join(_in_threes(whole)) if self.group else whole
        sign = "-" if amount < 0 else ""
        return f"{sign}{groups}{self.point + cents if cents else ''} {currency or ''}".rstrip()

    def in_kind(self, amount: Fraction, unit: str) -> str:
        """So many of what is given in kind: ``3 service days``."""
        return f"{self.number(decimal(amount))} {self.word(counted(amount, unit))}"

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
        """One step of a computation, which is made in English; one that no pattern fits stands as it is."""
        found = self._filled(text, self.steps)
        return self.number(text if found is None else found)

    def _filled(self, text: str, steps: Steps) -> str | None:
        for pattern, instead in steps:
            found = pattern.fullmatch(text)
            if found:
                return instead.format(**{name: self._part(name, part) for name, part in found.groupdict().items()})
        return None

    def _part(self, place: str, text: str) -> str:
        """What stands in a place: a name of ours or the contract's, or text with places of its own."""
        found = None if place in AS_TYPED else self._filled(text, self.parts)
        return self.words.get(text, text) if found is None else found


def patterns(texts: Mapping[str, str]) -> Steps:
    """English texts with ``{named}`` places and what stands instead, as patterns. A place that is called ``n`` or
    ``n_…`` takes a number, any other takes any text."""
    return tuple((re.compile(_PLACE.sub(_place, re.escape(text))), instead) for text, instead in texts.items())


def _place(found: re.Match[str]) -> str:
    name = found[1]
    return f"(?P<{name}>{_ANY_NUMBER if name == 'n' or name.startswith('n_') else '.+?'})"


def _in_threes(digits: str) -> list[str]:
    first = len(digits) % 3
    return [digits[:first]] * bool(first) + [digits[i : i + 3] for i in range(first, len(digits), 3)]
