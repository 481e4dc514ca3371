"""What a configuration's or a contract's text says, as one number: sha256 of its canonical form.

Canonical is the text as typed without layout: keys sorted, lists in order, scalars as written, no comments. A
contract's digest stands on statements, so the variables it names are told apart by what they stood for; the
whole configuration's holds references by their names alone, since it has secrets in it.
"""

import hashlib
import json
from collections.abc import Iterable
from json.encoder import encode_basestring

from config.places import Node

Canonical = str | list["Canonical"] | dict[str, "Canonical"]


class Known:
    """Parts of text that many nodes share (by ``id``, so they have to outlive this), and what was made of them."""

    def __init__(self) -> None:
        self.ids: set[int] = set()
        self.texts: dict[int, str] = {}

    def add(self, node: Node) -> None:
        """A part, and all below it."""
        self.ids.add(id(node))
        value = node.value
        for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            self.add(child)


def digest(node: Node, expanded: bool = False, known: Known | None = None) -> str:
    """``sha256:…`` of the node; ``expanded``: with references replaced by what they stand for. ``known`` parts are
    written once."""
    text = _text(node, expanded) if known is None else _known_text(node, expanded, known)
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _text(node: Node, expanded: bool) -> str:
    return json.dumps(_canonical(node, expanded), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _known_text(node: Node, expanded: bool, known: Known) -> str:
    """The same text, part by part."""
    if id(node) in known.ids:
        text = known.texts.get(id(node))
        if text is None:
            text = known.texts[id(node)] = _text(node, expanded)
        return text
    if isinstance(node.value, dict):
        parts = (
            f"{encode_basestring(key)}:{_known_text(node.value[key], expanded, known)}" for key in sorted(node.value)
        )
        return "{" + ",".join(parts) + "}"
    if isinstance(node.value, list):
        return "[" + ",".join(_known_text(child, expanded, known) for child in node.value) + "]"
    shown = _canonical(node, expanded)
    return encode_basestring(shown) if isinstance(shown, str) else _text(node, expanded)


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
