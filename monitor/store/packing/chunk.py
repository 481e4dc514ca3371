"""What a chunk holds: one target's samples of one vantage, of days in a row, and what they come to by the hour.

Its body is a list of pieces, each a body of its own with a digest of its own: a damaged one costs only itself. A day
that is added becomes a piece, every second one together with the day before it, every fourth with the three before it,
because fewer and longer pieces take fewer bytes and are read sooner, up to some length; so a day is written three times
at most.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from monitor.store.digest import SIZE, digest
from monitor.store.packing.codec import decode_all, steady_in
from monitor.store.packing.hours import Hours, hours_of, joined
from monitor.store.packing.moving import begins, high_of, low_of
from monitor.store.packing.steady import Steady, as_steady, concat, ordered
from monitor.store.packing.tight import encode_tightly
from probes.columns import Columns, in_order

DAY = 86_400_000_000_000
DAYS = 16
"""How many days a chunk spans at most; it never crosses a multiple of them."""
SPAN = 4
"""How many days a piece spans at most, likewise."""
_ENOUGH = 16_384
"""So many samples are a piece of their own: more of them together take no fewer bytes each."""
_HEAD = struct.Struct(f"<BBII{SIZE}s")


@dataclass(frozen=True, slots=True)
class Piece:
    """The samples of days in a row, in order. ``first`` and ``last`` are days since 1970, ``own`` is the digest of the
    body."""

    first: int
    last: int
    count: int
    body: bytes
    own: bytes


@dataclass(frozen=True, slots=True)
class Chunk:
    """``first_at`` to ``last_at`` are the instants, ``low`` to ``high`` the sequence numbers of its samples."""

    first_at: int
    last_at: int
    count: int
    low: int
    high: int
    hours: Hours
    pieces: tuple[Piece, ...]

    def body(self) -> bytes:
        """The pieces as they are stored."""
        start = first_day(self.first_at)
        return b"".join(
            _HEAD.pack(piece.first - start, piece.last - start, len(piece.body), piece.count, piece.own) + piece.body
            for piece in self.pieces
        )


def first_day(at: int) -> int:
    """The first day of the chunk that an instant belongs to."""
    return at // DAY // DAYS * DAYS


def make_chunk(columns: Columns) -> Chunk:
    """Samples of one target, vantage and chunk, in any order."""
    columns = in_order(columns)
    bounds = [*begins(columns["at"] // (SPAN * DAY)).tolist(), len(columns)]
    pieces = tuple(_piece(as_steady(part)) for part in columns.cut(bounds))
    return _chunk(as_steady(columns), pieces, hours_of(columns))


def extended(chunk: Chunk | None, new: Steady, hours: Hours) -> Chunk:
    """With the samples of one day more, in order, and what they come to. Raises Damaged where a piece cannot be read
    that they become a part of."""
    day = low_of(new["at"]) // DAY
    block = min(SPAN, (day + 1) & -(day + 1) or SPAN)
    pieces = chunk.pieces if chunk else ()
    near = [piece for piece in pieces if day - block < piece.first <= day or piece.first <= day <= piece.last]
    if len(new) + sum(piece.count for piece in near) > _ENOUGH:
        near = [piece for piece in near if piece.first <= day <= piece.last]
    piece = _piece(ordered(concat([*steady_in([one.body for one in near]), new])) if near else new)
    rest = [one for one in pieces if one not in near]
    made = _chunk(new, tuple(sorted((*rest, piece), key=lambda one: one.first)), hours)
    return made if chunk is None else together([chunk, made], made.pieces)


def together(chunks: Sequence[Chunk], pieces: tuple[Piece, ...]) -> Chunk:
    """Chunks of the same days as one; ``pieces`` hold the samples of all."""
    return Chunk(
        min(chunk.first_at for chunk in chunks),
        max(chunk.last_at for chunk in chunks),
        sum(chunk.count for chunk in chunks),
        min(chunk.low for chunk in chunks),
        max(chunk.high for chunk in chunks),
        joined([chunk.hours for chunk in chunks]),
        pieces,
    )


def _chunk(samples: Steady, pieces: tuple[Piece, ...], hours: Hours) -> Chunk:
    at, seq = samples["at"], samples["seq"]
    return Chunk(low_of(at), high_of(at), samples.count, low_of(seq), high_of(seq), hours, pieces)


def _piece(samples: Steady) -> Piece:
    at, body = samples["at"], encode_tightly(samples)
    return Piece(low_of(at) // DAY, high_of(at) // DAY, samples.count, body, digest(body))


def pieces_in(body: bytes, first_at: int) -> Iterator[Piece]:
    """The pieces of the body of a chunk whose first sample is of that instant."""
    start, at = first_day(first_at), 0
    while at < len(body):
        first, last, length, count, own = _HEAD.unpack_from(body, at)
        at += _HEAD.size
        yield Piece(start + first, start + last, count, body[at : at + length], own)
        at += length


def proven(piece: Piece, target: str) -> Columns | None:
    """The samples of a piece of a damaged chunk, if its own digest fits and it holds nothing but the target's."""
    if piece.own != digest(piece.body):
        return None
    columns = decode_all([piece.body])
    days = columns["at"] // DAY
    names = {columns.words[place] for place in np.flatnonzero(np.bincount(columns["target"])).tolist()}
    inside = len(days) > 0 and piece.first <= int(days.min()) and int(days.max()) <= piece.last
    return columns if inside and names == {target} else None


def by_day(columns: Columns) -> Iterator[Columns]:
    """Samples in order of time, those of each UTC day by themselves."""
    days = columns["at"] // DAY
    if len(days) and days[0] == days[-1]:
        yield columns
        return
    yield from columns.cut([0, *(np.flatnonzero(days[1:] != days[:-1]) + 1).tolist(), len(days)])
