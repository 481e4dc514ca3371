"""A digest for each sample alone, of all its fields: for stores of one row a sample, and to compare two stores."""

import json
from hashlib import blake2b

import numpy as np

from probes.columns import ROW, Columns

_TEXTS = ROW["phases"] + 1


def digests(columns: Columns) -> list[bytes]:
    """Eight bytes for each sample, in their order. Equal samples have equal digests, whatever holds them."""
    if not len(columns):
        return []
    combinations, which = np.unique(columns.table[:_TEXTS].T, axis=0, return_inverse=True)
    texts = [
        json.dumps([columns.words[place] for place in places]).encode() + b"\n" for places in combinations.tolist()
    ]
    numbers = np.ascontiguousarray(columns.table[_TEXTS:].T).astype("<i8").tobytes()
    width = len(numbers) // len(columns)
    rtts, steps = (flat.astype("<i8").tobytes() for flat in (columns.rtts, columns.steps))
    packets, phases = (np.concatenate(([0], np.cumsum(columns[name]) * 8)).tolist() for name in ("packets", "steps"))
    made = []
    for place, text in enumerate(which.reshape(-1).tolist()):
        one = blake2b(texts[text], digest_size=8)
        one.update(numbers[place * width : (place + 1) * width])
        one.update(rtts[packets[place] : packets[place + 1]])
        one.update(steps[phases[place] : phases[place + 1]])
        made.append(one.digest())
    return made
