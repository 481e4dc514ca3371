"""Binding: what was recorded since the last time gets its links, signed; what a copy put back would hide is found."""

import hashlib
import logging
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Protocol

from monitor.issuing.heads import PARTED, heads_file, parted, read_heads, write_heads
from monitor.issuing.keys import Key
from monitor.issuing.links import RECORDS, Link
from monitor.log import say
from monitor.store.port import Chain

HOUR = 3_600_000_000_000


class Bound(Protocol):
    """The store, as binding needs it."""

    @property
    def chain(self) -> Chain:
        """What binds the evidence."""


@dataclass(frozen=True, slots=True)
class Horizon:
    """Samples before ``at`` (ns UTC) may be removed, except ``spared`` ones (target, start, end)."""

    at: int
    spared: tuple[tuple[str, int, int], ...] = ()


def bind(
    store: Bound, path: str, key: Key, now: int, horizon: Horizon | None = None, at_once: bool = False
) -> list[Link]:
    """Bind what no link covers yet; gives the links that were made.

    Samples by the day; records when some are new, once an hour, with samples, or ``at_once``; and whenever ``horizon``
    goes further. ``path``: where the store is. Raises StoreError, OSError.
    """
    heads, file = {link.chain: link for link in store.chain.heads()}, heads_file(path)
    first = not heads and not file.exists()
    lost = _lost(store.chain, heads, path)
    drafts = store.chain.unbound()
    made = [_next(heads, draft, now, key) for draft in drafts if draft.chain != RECORDS]
    records = next((draft for draft in drafts if draft.chain == RECORDS), None)
    last = heads.get(RECORDS)
    further = horizon is not None and (last is None or horizon.at > (last.horizon or 0))
    within = last is not None and 0 <= now - last.at < HOUR  # not where the clock was set back since
    due = records is not None and (at_once or bool(made) or not within)
    if due or further or lost:
        draft = records or _nothing(last)
        until = horizon if further else None
        draft = replace(
            draft,
            horizon=until.at if until else last.horizon if last else None,
            spared=until.spared if until else last.spared if last else (),
            lost=tuple(lost),
        )
        made.append(_next(heads, draft, now, key))
    if first:
        write_heads(file, [])
    if made:
        store.chain.bind(made)
    write_heads(file, list(heads.values()))
    return made


def _next(heads: dict[str, Link], draft: Link, now: int, key: Key) -> Link:
    last = heads.get(draft.chain)
    number, before = (1, "") if last is None else (last.number + 1, last.head)
    made = heads[draft.chain] = replace(draft, number=number, at=now, before=before).signed(key)
    if last is not None and last.key != made.key:
        text = (
            f"signed by {made.key} from link {number} on, by {last.key} before; if nobody meant that, put the key back"
        )
        say(logging.ERROR, "key_changed", draft.chain, text)
    return made


def _nothing(last: Link | None) -> Link:
    """A link of the records that adds none."""
    return Link(RECORDS, 0, 0, "", hashlib.sha256().hexdigest(), 0, rows=last.rows if last else ())


def _lost(chain: Chain, heads: dict[str, Link], path: str) -> list[tuple[str, int, str]]:
    """Heads written beside the store that the store does not have, or that it was parted from them. Those of its last
    links are looked at, because only a copy that is older or another can lack them."""
    told = set(heads[RECORDS].lost) if RECORDS in heads else set()
    file, found = heads_file(path), list[tuple[str, int, str]]()
    if (wrong := parted(file, list(heads.values()))) is not None and PARTED not in told:
        text = f"{wrong}: links that were cut off would not show; the link made now says so for ever"
        say(logging.ERROR, "heads_missing", "store", text)
        found.append(PARTED)
    with suppress(ValueError):
        beside = [(link.chain, link.number, link.head) for link in read_heads(file) or ()]
        gone = [one for one in beside if one not in told and not chain.has(*one)]
        if gone:
            text = f"{', '.join(f'link {number} of {name}' for name, number, _ in gone)} is gone: an older copy was put"
            say(logging.ERROR, "store_rolled_back", "store", f"{text} in the store's place; the link made now says so")
        found += gone
    return found
