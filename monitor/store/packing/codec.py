"""Columns of samples as one body of bytes and back, every field exactly.

Of each field is kept what others do not foretell of it. The first byte tells the version of the format, the second
whether the body was written quickly, as here, or ``tightly``.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import islice
from typing import NamedTuple

import numpy as np

from monitor.store.packing.bits import Damaged, Reader
from monitor.store.packing.coding import Filler
from monitor.store.packing.packed import PLAIN, QUICK, TIGHT, VERSION, Exchange, Packed, exchange, read_packed
from monitor.store.packing.quick import encode_quickly
from monitor.store.packing.steady import Steady, as_steady
from monitor.store.packing.tight import Tight, encode_tightly, head_in
from probes.columns import ROWS, Columns, Words, from_samples, to_samples
from probes.sample import Sample


def encode(columns: Columns, tight: bool = False) -> bytes:
    """The body of these samples in this order. ``tight`` takes several times as long for fewer bytes."""
    return encode_tightly(as_steady(columns)) if tight else encode_quickly(columns)


def decode(body: bytes) -> Columns:
    """The samples of a body, in the order they were given. Raises Damaged where the bytes are no body."""
    return decode_all([body])


def decode_all(bodies: Sequence[bytes]) -> Columns:
    """The samples of several bodies one after the other. Raises Damaged where the bytes are no body."""
    return assembled(opened(bodies))


Body = Packed | Tight


def assembled(bodies: Sequence[Body]) -> Columns:
    """The samples of bodies one after the other, made where they are to lie."""
    words = Words({None: 0})
    table = np.empty((len(ROWS), sum(body.count for body in bodies)), dtype=np.int64)
    rtts = np.empty(sum(body.packets for body in bodies), dtype=np.int64)
    steps = np.empty(sum(body.steps for body in bodies), dtype=np.int64)
    at = packet = step = 0
    for body in bodies:
        part = Columns(
            body.words,
            table[:, at : at + body.count],
            rtts[packet : packet + body.packets],
            steps[step : step + body.steps],
        )
        at, packet, step = at + body.count, packet + body.packets, step + body.steps
        if body.count:
            body.fill(part, words)
    return Columns(list(words), table, rtts, steps)


def steady_in(bodies: Sequence[bytes]) -> list[Steady]:
    """The samples of each body that has any. Raises Damaged where the bytes are no body."""
    return [
        body.steady() if isinstance(body, Tight) else as_steady(assembled([body]))
        for body in opened(bodies)
        if body.count
    ]


def opened(bodies: Sequence[bytes]) -> list[Body]:
    """Bodies with their heads read. Raises Damaged where the bytes are no body."""
    lists: dict[bytes, list[str | None]] = {}
    return [_opened(body, lists) for body in bodies]


def _opened(body: bytes, lists: dict[bytes, list[str | None]]) -> Body:
    """``lists``: texts of words that were read already, which are often the same."""
    form, text, counts, begins, data = _begun(body)
    if text not in lists:
        lists[text] = json.loads(text)
    words = lists[text]
    if form == TIGHT:
        return Tight(words, *counts, Filler(begins, data))
    found = read_packed(words, len(words), *counts, data)
    return _opened(encode_quickly(found.plain()), lists) if form == PLAIN else found


class _Begun(NamedTuple):
    """A body whose head is read: its form, the text of its words, how many samples, round-trip times and phases it has,
    what follows the words in the head, and what follows the head."""

    form: int
    text: bytes
    counts: tuple[int, int, int]
    begins: Reader
    data: Reader


def _begun(body: bytes) -> _Begun:
    if len(body) < 3 or body[0] != VERSION or body[1] > QUICK:
        raise Damaged(f"no body of version {VERSION}: it begins with {body[:2].hex()}")
    data = Reader(body, 2)
    head = data.take(data.number())
    begins = Reader(head_in(head) if body[1] == TIGHT else head)
    count, packets, steps, length = begins.numbers(4)
    return _Begun(body[1], begins.take(length), (count, packets, steps), begins, data)


class Pool:
    """Bodies of the journal read one after the other, with one list of words in common, and nothing kept of their
    heads: thousands of targets are thousands of words in each, which take several times what the samples do."""

    def __init__(self) -> None:
        self._words: list[str | None] = [None]
        self._places = Words({None: 0})
        self._known: dict[bytes, tuple[int, Exchange]] = {}

    def packed(self, body: bytes) -> Packed:
        """The samples of a body. Raises Damaged where the bytes are none of the journal."""
        form, text, counts, _, data = _begun(body)
        if form == TIGHT:
            raise Damaged("what stands in the journal was not written there")
        if form == PLAIN:
            (found,) = opened([body])
            return self.packed(encode_quickly(assembled([found])))
        own, places = self._own(text)
        found = read_packed(self._words, own, *counts, Reader(data.data[data.at :]))
        return replace(found, strips=found.strips_at(places))

    def _own(self, text: bytes) -> tuple[int, Exchange]:
        """How many words a body has itself, and where they stand in the list of all."""
        key = sha256(text).digest()
        if key not in self._known:
            words = json.loads(text)
            self._known[key] = len(words), exchange(words, self._places)
            self._words += islice(self._places, len(self._words), None)
        return self._known[key]


def may_hold(body: bytes, target: str) -> bool:
    """False when no sample of the target can be in the body: a look that decodes nothing."""
    return body[1] == TIGHT or json.dumps(target).encode() in body


def encode_samples(samples: Sequence[Sample]) -> bytes:
    """The body of samples as they are."""
    return encode(from_samples(samples))


def decode_samples(body: bytes) -> list[Sample]:
    """The samples of a body as they were."""
    return to_samples(decode(body))
