"""Samples as one body of bytes and back, every field exactly.

A body is columns: all targets, all vantages, … one after the other, so that like stands beside like. A field that
another one foretells is kept as the difference: ``at`` from ``scheduled_at``, ``received_at`` from ``at``,
``sent`` from the number of round-trip times, ``received`` from the number of answers. The first byte tells the
version, so that bodies of every version stay readable for ever; the second whether the rest is deflated.
"""

import json
import zlib
from collections import deque
from collections.abc import Container, Iterable, Sequence
from itertools import chain, compress
from operator import attrgetter

import numpy as np

from monitor.store.bits import (
    Damaged,
    Ints,
    Reader,
    array,
    get_ints,
    get_optional,
    get_texts,
    number,
    put_ints,
    put_optional,
    put_texts,
    word_bytes,
)
from probes.sample import Outcome, Sample

VERSION = 1
_FIELDS = (
    "target", "vantage", "boot", "seq", "at", "outcome", "reason", "scheduled_at", "took", "sent",
    "received", "rtts", "duplicates", "late", "phases", "address", "config", "clock", "received_at",
)  # fmt: skip
_row = attrgetter(*_FIELDS)
_SETTERS = tuple(getattr(Sample, name).__set__ for name in _FIELDS)
_OUTCOMES = {outcome.value: outcome for outcome in Outcome}
_PLAIN, _DEFLATED = 0, 1
_ALONE, _BESIDE = b"\x00", b"\x01"
"""Whether a column stands alone or is the difference from the one that foretells it."""
Packets = Sequence[tuple[int | None, ...]]
Flat = Sequence[int | None]
Phases = Sequence[tuple[tuple[str, int], ...]]


def encode(samples: Sequence[Sample], tight: bool = False) -> bytes:
    """The body of these samples in this order. ``tight`` takes several times as long for fewer bytes."""
    if not samples:
        return bytes([VERSION, _PLAIN]) + number(0)
    columns = dict(zip(_FIELDS, zip(*map(_row, samples), strict=True), strict=True))
    zeros = np.zeros(len(samples), dtype=np.int64)
    at = array(columns["at"])
    out = [number(len(samples))]
    out += [put_texts(columns[name], tight) for name in ("target", "vantage", "boot")]
    out.append(put_ints(array(columns["seq"]), tight))
    out.append(_put_at(columns["scheduled_at"], at, tight))
    out += [put_texts(columns[name], tight) for name in ("outcome", "reason", "address", "config", "clock")]
    rtts: Packets = columns["rtts"]
    lengths, flat = _lengths(rtts), list(chain.from_iterable(rtts))
    out.append(put_ints(lengths, tight) + number(len(flat)))
    out.append(put_optional(flat, np.zeros(len(flat), dtype=np.int64), tight))
    out.append(_shorter(columns["took"], zeros, _longest(rtts, lengths, flat), tight))
    out.append(put_optional(columns["sent"], lengths, tight))
    out.append(put_optional(columns["received"], _answers(rtts, lengths, flat), tight))
    out += [put_ints(array(columns[name]), tight) for name in ("duplicates", "late")]
    out.append(_put_phases(columns["phases"], tight))
    out.append(put_optional(columns["received_at"], at, tight))
    return _wrapped(b"".join(out), tight)


def decode(body: bytes, only: Container[str] | None = None) -> list[Sample]:
    """The samples of a body, in the order they were given; of some targets where ``only`` names them.

    Raises Damaged where the bytes are no body.
    """
    reader = Reader(_unwrapped(body))
    count = reader.number()
    if not count:
        return []
    zeros = np.zeros(count, dtype=np.int64)
    targets, vantages, boots = (_known(get_texts(reader, count)) for _ in range(3))
    seqs = get_ints(reader, count).tolist()
    scheduled, at = _get_at(reader, count)
    outcomes = [_OUTCOMES[word] for word in _known(get_texts(reader, count))]
    reasons, addresses, configs, clocks = (get_texts(reader, count) for _ in range(4))
    lengths = get_ints(reader, count)
    flat = get_optional(reader, np.zeros(reader.number(), dtype=np.int64))
    rtts = _cut(flat, lengths.tolist())
    took = get_optional(reader, _longest(rtts, lengths, flat) if reader.take(1) == _BESIDE else zeros)
    sent = get_optional(reader, lengths)
    received = get_optional(reader, _answers(rtts, lengths, flat))
    duplicates, late = (get_ints(reader, count).tolist() for _ in range(2))
    phases = _get_phases(reader, count)
    received_at = get_optional(reader, at)
    columns = (
        *(targets, vantages, boots, seqs, at.tolist(), outcomes, reasons, scheduled, took, sent),
        *(received, rtts, duplicates, late, phases, addresses, configs, clocks, received_at),
    )
    if only is None:
        return _samples(columns, count)
    wanted = [target in only for target in targets]
    return _samples([list(compress(column, wanted)) for column in columns], sum(wanted))


def _samples(columns: Iterable[Sequence[object]], count: int) -> list[Sample]:
    """Fill ``count`` new samples column by column, in C. Calling the class once per sample takes three times as
    long, because a frozen dataclass sets each field by a call; a month of one target is 86,400 of them."""
    samples = [object.__new__(Sample) for _ in range(count)]
    for setter, column in zip(_SETTERS, columns, strict=True):
        deque(map(setter, samples, column), maxlen=0)
    return samples


def may_hold(body: bytes, target: str) -> bool:
    """False when no sample of the target can be in the body: a look that decodes nothing."""
    return body[1] == _DEFLATED or word_bytes(target) in body


def _wrapped(body: bytes, tight: bool) -> bytes:
    if tight:
        small = zlib.compress(body, 9)
        if len(small) < len(body):
            return bytes([VERSION, _DEFLATED]) + small
    return bytes([VERSION, _PLAIN]) + body


def _unwrapped(body: bytes) -> bytes:
    if len(body) < 3 or body[0] != VERSION or body[1] > _DEFLATED:
        raise Damaged(f"no body of version {VERSION}: it begins with {body[:2].hex()}")
    return zlib.decompress(body[2:]) if body[1] == _DEFLATED else body[2:]


def _known(words: list[str | None]) -> list[str]:
    return [word for word in words if word is not None]


def _put_at(scheduled: Sequence[int | None], at: Ints, tight: bool) -> bytes:
    """Slots lie on a grid and cost nothing; what is left of ``at`` is how late the probe started."""
    zeros = np.zeros(len(at), dtype=np.int64)
    if None in scheduled:
        return _ALONE + put_ints(at, tight) + put_optional(scheduled, at, tight)
    slots = array([slot for slot in scheduled if slot is not None])
    return _BESIDE + put_ints(slots - zeros, tight) + put_ints(at - slots, tight)


def _get_at(reader: Reader, count: int) -> tuple[list[int | None], Ints]:
    if reader.take(1) == _ALONE:
        at = get_ints(reader, count)
        return get_optional(reader, at), at
    slots = get_ints(reader, count)
    at = get_ints(reader, count) + slots
    return list(slots.tolist()), at


def _shorter(values: Sequence[int | None], plain: Ints, reference: Ints, tight: bool) -> bytes:
    body = put_optional(values, plain, tight)
    if not tight:
        return _ALONE + body
    other = put_optional(values, reference, tight)
    return _BESIDE + other if len(other) < len(body) else _ALONE + body


def _lengths(rtts: Packets) -> Ints:
    return np.array(list(map(len, rtts)), dtype=np.int64)


def _answers(rtts: Packets, lengths: Ints, flat: Flat) -> Ints:
    if None not in flat:
        return lengths
    return lengths - np.array([packets.count(None) for packets in rtts], dtype=np.int64)


def _longest(rtts: Packets, lengths: Ints, flat: Flat) -> Ints:
    """The longest round-trip time of each sample, an answer that did not come counting as 0."""
    answers = array([0 if rtt is None else rtt for rtt in flat])
    if len(flat) and (lengths == lengths[0]).all():
        longest: Ints = answers.reshape(len(rtts), -1).max(axis=1)
        return longest
    return array([max((rtt or 0 for rtt in packets), default=0) for packets in rtts])


def _cut(flat: Flat, lengths: Sequence[int]) -> list[tuple[int | None, ...]]:
    if lengths and lengths.count(lengths[0]) == len(lengths):
        width = lengths[0]
        return list(zip(*[iter(flat)] * width, strict=True)) if width else [()] * len(lengths)
    out, place = [], 0
    for length in lengths:
        out.append(tuple(flat[place : place + length]))
        place += length
    return out


def _put_phases(phases: Phases, tight: bool) -> bytes:
    """Names as one text per sample (few differ), times as one column per place in the order of names."""
    if not any(phases):
        return put_texts([None], tight) + number(0)
    names = [json.dumps([name for name, _ in steps]) if steps else None for steps in phases]
    out = [put_texts(names, tight)]
    depth = max(len(steps) for steps in phases)
    out.append(number(depth))
    for level in range(depth):
        times = [steps[level][1] if level < len(steps) else None for steps in phases]
        out.append(put_optional(times, np.zeros(len(times), dtype=np.int64), tight))
    return b"".join(out)


def _get_phases(reader: Reader, count: int) -> list[tuple[tuple[str, int], ...]]:
    names = get_texts(reader, count)
    zeros = np.zeros(count, dtype=np.int64)
    levels = [get_optional(reader, zeros) for _ in range(reader.number())]
    if not levels:
        return [()] * count
    rows = zip(*levels, strict=True)
    known = {text: tuple(json.loads(text)) for text in set(names) if text is not None}
    return [
        () if text is None else tuple(zip(known[text], (time for time in times if time is not None), strict=True))
        for text, times in zip(names, rows, strict=True)
    ]
