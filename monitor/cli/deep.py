"""``upheld doctor --deep``: is the evidence what was recorded, as far as the key and other people's heads can tell?"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from monitor.cli.common import USAGE, fail
from monitor.issuing.heads import heads_file, parted, read_heads
from monitor.issuing.keys import KeyTrouble, key_file, public_text, signing_key
from monitor.store.deep import Anchor, anchors_of, check, held
from monitor.store.linkstore import Chains
from monitor.store.port import StoreError

MOST = 20
"""How many findings are told; the first of them is the first record that differs."""


def findings(chain: Chains, beside: str, key: str | None, statements: Sequence[str]) -> Iterator[str]:
    """What is not as it was recorded. ``key``: the public key that has to have signed, else that of the key file.
    ``statements``: files of issued statements, as customers hold them."""
    try:
        own = public_text(signing_key(beside)) if key_file(beside).exists() else None
    except KeyTrouble as error:
        yield str(error)
        own = None
    documents = [(path, _read(path)) for path in statements]
    told = [anchor for path, document in documents for anchor in anchors_of(document, path)]
    try:
        told += _beside(beside)
        if (wrong := _parted(chain, beside)) is not None:
            yield f"{wrong}: put it back; without it links that were cut off do not show"
    except ValueError as error:
        yield f"{heads_file(beside)}: {error}"
    except OSError as error:
        yield f"{heads_file(beside)}: cannot be read: {error.strerror}"
    found = check(chain, key or own, told, [held(document, path) for path, document in documents])
    yield from found[:MOST]
    if len(found) > MOST:
        yield f"and {len(found) - MOST} more"


def _beside(beside: str) -> list[Anchor]:
    """The heads that lie beside the store. Raises ValueError where the file is not what was written, OSError."""
    path = heads_file(beside)
    links = read_heads(path) or ()
    for link in links:
        link.signer()
    return [Anchor(path.name, link.chain, link.number, link.head, link.key) for link in links]


def _parted(chain: Chains, beside: str) -> str | None:
    """Whether the store was parted from its heads, as ``parted`` says it. Raises OSError."""
    try:
        return parted(heads_file(beside), chain.heads())
    except StoreError:  # a link that cannot be read is found with the others
        return None


def _read(path: str) -> dict[str, object]:
    """A statement as it was issued. Ends with USAGE where it is none, so that nobody is accused by a forged one."""
    try:
        document: dict[str, object] = json.loads(Path(path).read_text("utf-8"))
        held(document, path)
        anchors_of(document, path)
    except OSError as error:
        fail(USAGE, f"{path}: cannot be read: {error.strerror}")
    except (ValueError, AttributeError, TypeError) as error:
        fail(USAGE, f"{path}: no issued statement: {error}")
    return document
