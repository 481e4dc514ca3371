"""Links: what was recorded, bound into chains that nobody can change in the middle, each signed with the store's key.

There is a chain for the samples of each vantage, a link a day, and one for the records: facts, statements, quarantine,
security events. A link names the one before it, so its head, SHA-256 of its text, stands for all that came before. Who
knows a head knows whether anything up to it was altered since; so statements carry the heads of their day of issue to
those who are owed them.
"""

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace

from monitor.issuing.keys import Key, sign, signed_by

RECORDS = "records"
_SAMPLES = "samples/"
_OPTIONAL = ("day", "horizon")
_NUMBERS = ("number", "at", "count", "first", "last", *_OPTIONAL)
_LISTS: dict[str, tuple[type, ...]] = {"rows": (str, int), "spared": (str, int, int), "lost": (str, int, str)}
DAY = 86_400_000_000_000


@dataclass(frozen=True, slots=True)
class Link:
    """One link. ``number`` counts from 1 in each ``chain``, ``before`` is the head of the one before ("" at the first),
    ``root`` stands for what this link adds, ``count`` is how many samples and heartbeats, or records, that are.

    Of samples: ``day`` is the UTC day since 1970, ``first`` and ``last`` the leaves it covers. Of records: ``rows`` is
    how many of each table stand under the chain so far, ``marks`` tells them apart (base64), samples before ``horizon``
    (ns UTC) may be removed from now on except ``spared`` ones (target, start, end), and ``lost`` are heads
    (chain, number, head) that this store once had and has no more, because an older copy was put in its place.
    """

    chain: str
    number: int
    at: int
    before: str
    root: str
    count: int
    day: int | None = None
    first: int = 0
    last: int = 0
    rows: tuple[tuple[str, int], ...] = ()
    marks: str = ""
    horizon: int | None = None
    spared: tuple[tuple[str, int, int], ...] = ()
    lost: tuple[tuple[str, int, str], ...] = ()
    key: str = ""
    signature: str = ""

    @property
    def head(self) -> str:
        """What stands for this link and all before it."""
        told = {name: value for name, value in asdict(self).items() if name not in ("key", "signature")}
        return f"sha256:{hashlib.sha256(_canonical(told).encode()).hexdigest()}"

    def text(self) -> str:
        """The link as it is kept: canonical JSON."""
        return _canonical(asdict(self))

    def signed(self, key: Key) -> "Link":
        """The same with the key's signature of its head."""
        made = sign(key, self.head)
        return replace(self, key=str(made["key"]), signature=str(made["value"]))

    def signer(self) -> str:
        """The public key that signed it. Raises ValueError where the signature does not hold."""
        return signed_by({"algorithm": "ed25519", "key": self.key, "value": self.signature}, self.head)


def link_from(text: str) -> Link:
    """The link a text was made of. Raises ValueError where it is none."""
    try:
        told = json.loads(text)
        told |= {name: tuple(map(tuple, told[name])) for name in _LISTS}
        link = Link(**told)
        base64.b64decode(link.marks, validate=True)
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"it is no link: {error!r}") from error
    wrong = next((name for name, value in told.items() if not _is_typed(name, value)), None)
    if wrong is not None:
        raise ValueError(f"it is no link: its {wrong} is none")
    if link.text() != text:
        raise ValueError("it is no link: its text is not canonical")
    return link


def _is_typed(name: str, value: object) -> bool:
    """Whether a member is what the others are computed with: whoever can write the file can write anything."""
    if isinstance(value, tuple):
        kinds = _LISTS[name]
        return all(len(one) == len(kinds) and all(map(_is_a, one, kinds)) for one in value)
    return (value is None and name in _OPTIONAL) or _is_a(value, int if name in _NUMBERS else str)


def _is_a(value: object, kind: type) -> bool:
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 63
    return isinstance(value, kind)


def samples_of(vantage: str) -> str:
    """The chain of a vantage's samples."""
    return _SAMPLES + vantage


def whole_days(spans: Iterable[tuple[str, int, int]]) -> Iterator[tuple[str, int, int]]:
    """The spans of targets made whole UTC days: nothing less is ever removed, because a day is checked as a whole."""
    return ((target, start // DAY * DAY, -(-end // DAY) * DAY) for target, start, end in spans)


def anchor(link: Link) -> dict[str, object]:
    """How a statement names the head of a chain."""
    return {"chain": link.chain, "links": link.number, "head": link.head, "key": link.key}


def _canonical(value: Mapping[str, object]) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
