"""What a configuration's or a contract's text says, as one number: sha256 of its canonical form.

Canonical is the text as typed without layout: keys sorted, lists in order, scalars as written, no comments. A
contract's digest stands on statements, so the variables it names are told apart by what they stood for; the
whole configuration's holds references by their names alone, since it has secrets in it.
"""

import hashlib
import json
from collections.abc import Iterable

from config.places import Node

Canonical = str | list["Canonical"] | dict[str, "Canonical"]


def digest(node: Node, expanded: bool = False) -> str:
    """``sha256:…`` of the node; ``expanded``: with references replaced by what they stand for."""
    text = json.dumps(_canonical(node, expanded), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def digest_with(node: Node, files: Iterable[bytes]) -> str:
    """``sha256:…`` of the node and of the data files that it names."""
    parts = [digest(node), *(hashlib.sha256(raw).hexdigest() for raw in files)]
    return "sha256:" + hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _canonical(node: Node, expanded: bool) -> Canonical:
    if isinstance(node.value, dict):
        return {key: _canonical(child, expanded) for key, child in node.value.items()}
    if isinstance(node.value, list):
        return [_canonical(child, expanded) for child in node.value]
    return node.value if expanded and isinstance(node.value, str) else node.typed
