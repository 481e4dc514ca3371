"""Binding: what was recorded since the last time gets its links, signed; and what a copy put back would hide is found.

Beside the store lies a file of the heads (``STORE.heads``), for one reason: an older copy of the store that was put in
its place is whole in itself, and only what lies outside of it can tell.
"""

import hashlib
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from monitor.issuing.keys import Key
from monitor.issuing.links import RECORDS, Link, link_from
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


def heads_file(store: str) -> Path:
    """Where the heads of a store's chains lie."""
    return Path(store + ".heads")


def bind(
    store: Bound, path: str, key: Key, now: int, horizon: Horizon | None = None, at_once: bool = False
) -> list[Link]:
    """Bind what no link covers yet; gives the links that were made.

    Samples by the day; records when some are new, once an hour, with samples, or ``at_once``; and whenever ``horizon``
    goes further. ``path``: where the store is. Raises StoreError, OSError.
    """
    heads = {link.chain: link for link in store.chain.heads()}
    lost = _lost(store.chain, heads, path)
    drafts = store.chain.unbound()
    made = [_next(heads, draft, now, key) for draft in drafts if draft.chain != RECORDS]
    records = next((draft for draft in drafts if draft.chain == RECORDS), None)
    last = heads.get(RECORDS)
    further = horizon is not None and (last is None or horizon.at > (last.horizon or 0))
    due = records is not None and (at_once or bool(made) or last is None or now - last.at >= HOUR)
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
    if made:
        store.chain.bind(made)
    if made or not heads_file(path).exists():
        _write(heads_file(path), list(heads.values()))
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
    """Heads written beside the store that the store does not have. Those of its last links are looked at, because only
    a copy that is older or another can lack them."""
    told = set(heads[RECORDS].lost) if RECORDS in heads else set()
    found = [(link.chain, link.number, link.head) for link in read_heads(heads_file(path))]
    return [one for one in found if one not in told and not chain.has(*one)]


def read_heads(path: Path) -> list[Link]:
    """The heads that lie beside a store; none where there is no such file, or one that was not written whole."""
    try:
        return [link_from(line) for line in path.read_text("utf-8").splitlines()]
    except (FileNotFoundError, ValueError):
        return []


def _write(path: Path, heads: Sequence[Link]) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}")
    with part.open("w", encoding="utf-8") as file:
        file.write("".join(link.text() + "\n" for link in sorted(heads, key=lambda link: link.chain)))
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
