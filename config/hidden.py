"""What is not to be shown: values from outside the file, and secrets typed into it.

Hidden values are marked on their nodes; every message about a node, or about anything that holds it, goes
through ``masked`` before it is noted.
"""

import re
from typing import get_args, get_origin

from config.model import Target
from config.places import Node
from config.typed import Secret, keys, types

SECRET = "(secret)"
SHORT = 5  # a hidden value shorter than this is looked for in quotes only: it may be part of any word
RUN = 8  # so many characters in a row of a hidden value count as showing it


def hidden_in(node: Node) -> list[tuple[str, str]]:
    """Names and values from outside in this value and all below it."""
    found = list(node.hidden)
    if isinstance(node.value, dict):
        for child in node.value.values():
            found += hidden_in(child)
    elif isinstance(node.value, list):
        for child in node.value:
            found += hidden_in(child)
    return found


def masked(text: str, hidden: list[tuple[str, str]]) -> str:
    """The text with names in place of what is hidden; where a mere part of a hidden value was quoted, a text
    that says no more than that the value does not fit."""
    text = _shortened(text)
    for name, secret in hidden:
        for form in (repr(secret)[1:-1], secret) if secret else ():
            whole, named = (form, name) if len(form) >= SHORT else (f"'{form}'", f"'{name}'")
            text = text.replace(whole, named)
    for name, secret in hidden:
        rest = text.replace(name, "")
        pieces = re.findall(r"'([^']+)'", rest)
        if any(piece in secret for piece in pieces) or _shares(rest, secret):
            return f"the value made with {name} does not fit here (it is not shown)"
    return text


def shown(text: str, target: Target) -> str:
    """What a probe's run is told in, with names in place of what its options hold from outside."""
    return without(text, [(name, secret.text) for name, secret in target.hidden], SHORT)


def without(text: str, hidden: list[tuple[str, str]], least: int = RUN) -> str:
    """The text with names in place of hidden values, of those of ``least`` characters or more."""
    for name, secret in hidden:
        if len(secret) >= least:
            text = text.replace(secret, name)
    return text


def _shortened(text: str, most: int = 600) -> str:
    return text if len(text) <= most else f"{text[: most // 2]} … {text[-most // 2 :]}"


def _shares(text: str, secret: str) -> bool:
    """Whether some run of the secret's characters stands in the text."""
    return any(secret[i : i + RUN] in text for i in range(min(len(secret), 4096) - RUN + 1))


def hide_secrets(options: type, entries: dict[str, Node]) -> None:
    """Mark the values under secret fields as hidden, so that no message shows them."""
    for typed, name in keys(options).items():
        for key in (typed, name):
            if key in entries:
                _hide(types(options)[name], entries[key])


def _hide(annotation: object, node: Node) -> None:
    if annotation is Secret:
        _hide_all(node)
        return
    if isinstance(annotation, type) and keys(annotation):
        if isinstance(node.value, dict):
            hide_secrets(annotation, node.value)
        return
    parts = get_args(annotation)
    if isinstance(node.value, list) and get_origin(annotation) in (list, tuple, set, frozenset):
        for child in node.value:
            for part in parts:
                _hide(part, child)
    elif isinstance(node.value, dict) and get_origin(annotation) is dict:
        for child in node.value.values():
            _hide(parts[-1], child)
    else:
        for part in parts:
            _hide(part, node)


def _hide_all(node: Node) -> None:
    if isinstance(node.value, dict):
        for child in node.value.values():
            _hide_all(child)
    elif isinstance(node.value, list):
        for child in node.value:
            _hide_all(child)
    elif node.typed and not node.hidden and not node.broken:
        node.hidden = ((SECRET, node.typed),)
