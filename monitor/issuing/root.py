"""What a set of facts comes to, as a whole and by part, so that of evidence that was altered the first part that
differs can be named."""

import hashlib
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field

from monitor.render.fact_lines import line
from monitor.sla.facts import Fact
from monitor.store.port import StoreError
from probes.notation import instant_text
from probes.sample import Sample

_MARK = 12
"""How many digits of a part's digest are kept: the whole proves, the parts name."""
_TABLE = """
PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -8192; PRAGMA temp_store = FILE;
CREATE TABLE lines (text BLOB, part INTEGER);
BEGIN;
"""


@dataclass(frozen=True, slots=True)
class Root:
    """``digest`` is SHA-256 over the facts' lines in order of the lines, each ended by a line feed. ``parts``: the same
    for the samples of each target and UTC day and for each other kind of fact, as ``"how many:first digits"``."""

    facts: int
    digest: str
    parts: Mapping[str, str] = field(default_factory=dict)


def root_of(facts: Iterable[Fact]) -> Root:
    """The root of facts; their order and repetitions do not matter. Their lines wait in a temporary database (where
    ``TMPDIR`` says), so that memory does not grow with them. Raises StoreError where that cannot be written."""
    names: dict[str, int] = {}
    rows = ((_bytes(line(fact)), names.setdefault(_part(fact), len(names))) for fact in facts)
    try:
        with closing(sqlite3.connect("", isolation_level=None)) as database:
            database.executescript(_TABLE)
            database.executemany("INSERT INTO lines VALUES (?, ?)", rows)
            return _root(names, database.execute("SELECT text, part FROM lines ORDER BY text"))
    except sqlite3.Error as error:
        raise StoreError(
            "store_io", f"the temporary file for sorting facts cannot be written (TMPDIR): {error}"
        ) from error


def _root(names: Mapping[str, int], rows: Iterable[tuple[bytes, int]]) -> Root:
    """Of lines in their order, and the part of each."""
    whole, parts, before = _Sum(), [_Sum() for _ in names], None
    for text, part in rows:
        if text != before:
            whole.add(text)
            parts[part].add(text)
        before = text
    marks = {name: f"{parts[part].count}:{parts[part].hexdigest()[:_MARK]}" for name, part in sorted(names.items())}
    return Root(whole.count, f"sha256:{whole.hexdigest()}", marks)


class _Sum:
    """Lines as they come, each ended by a line feed."""

    def __init__(self) -> None:
        self.count, self._hash = 0, hashlib.sha256()

    def add(self, text: bytes) -> None:
        """One more."""
        self.count += 1
        self._hash.update(text + b"\n")

    def hexdigest(self) -> str:
        """SHA-256 of all of them."""
        return self._hash.hexdigest()


def first_other(told: Mapping[str, object], found: Mapping[str, str]) -> str | None:
    """The first part that differs, in words; None where none does."""
    for name in sorted({*told, *found}):
        if told.get(name) != found.get(name):
            before, after = (str(part.get(name, "0:")).partition(":")[0] for part in (told, found))
            what = "altered" if before == after else f"{after} of them"
            return f"{name}: {what} where the statement rests on {before}"
    return None


def _part(fact: Fact) -> str:
    if isinstance(fact, Sample):
        return f"samples of {fact.target} on {instant_text(fact.at)[:10]}"
    return f"facts of kind {type(fact).__name__.removesuffix('Fact').lower()}"


def _bytes(text: str) -> bytes:
    """Bytes are in the order of the texts."""
    return text.encode("utf-8", "surrogatepass")
