"""``${NAME}``, ``${NAME:-default}`` and ``${file:/path}`` in values: what comes from outside the file.

Expanded in values only, never in keys, and before anything is read. What came from outside is remembered on its
node with the name it has in the file, so that messages show the name. ``$${`` stands for ``${`` itself.
A contract takes variables but no files: its terms are printed on statements, so a secret has no place in it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from config.errors import Problem, nearest
from config.places import Node, Place
from config.reader import below

_REFERENCE = re.compile(r"\$\$\{|\$\{([^{}]*)\}|\$\{")
_VARIABLE = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?", re.DOTALL)
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class Outside:
    """Where values come from: the environment's variables, and a reader of files that raises ``ValueError``.

    ``read`` is given the path as written and the place it is written at.
    """

    variables: Mapping[str, str]
    read: Callable[[str, Place], str]


def expand(node: Node, path: str, outside: Outside, problems: list[Problem]) -> None:
    """Put what the references in ``node`` and below stand for in their place."""
    if isinstance(node.value, dict):
        for key, child in node.value.items():
            expand(child, below(path, key), outside, problems)
    elif isinstance(node.value, list):
        for index, child in enumerate(node.value):
            expand(child, f"{path}[{index}]", outside, problems)
    elif "${" in node.typed:
        _expand_scalar(node, path, outside, problems)


def _expand_scalar(node: Node, path: str, outside: Outside, problems: list[Problem]) -> None:
    hidden: list[tuple[str, str]] = []

    def replace(found: re.Match[str]) -> str:
        if found[0] == "$${":
            return "${"
        value, secret = _outside(found[1], path, node.place, outside)
        if secret:
            hidden.append((found[0], value))
        return value

    try:
        node.value = _REFERENCE.sub(replace, node.typed)
    except ValueError as error:
        problems.append(Problem(node.place.file, node.place.line, node.place.column, path, str(error)))
        node.value, node.broken = None, True
    node.hidden = tuple(hidden)


def _outside(inner: str | None, path: str, place: Place, outside: Outside) -> tuple[str, bool]:
    """What a reference stands for, and whether it came from outside the file."""
    if inner is None:
        raise ValueError("'${' without its '}'; write ${NAME}, or $${ for the characters themselves")
    if inner.startswith("file:"):
        if path.startswith("contracts."):
            raise ValueError(f"${{{inner}}}: a contract's terms are printed on statements; it takes no secret files")
        return _clean(outside.read(inner[5:], place), inner), True
    found = _VARIABLE.fullmatch(inner)
    if not found:
        raise ValueError(f"${{{inner}}} is no reference; write ${{NAME}}, ${{NAME:-default}} or ${{file:/path}}")
    name, default = found.groups()
    value = outside.variables.get(name)
    if value is not None and (value or default is None):
        return _clean(value, inner), True
    if default is not None:
        return default, False
    close = nearest(name, outside.variables)
    hint = f"; did you mean {close!r}?" if close else f"; set it, or write ${{{name}:-default}}"
    raise ValueError(f"the environment has no variable {name!r}{hint}")


def _clean(value: str, inner: str) -> str:
    if _UNPRINTABLE.search(value):
        raise ValueError(f"what ${{{inner}}} stands for has a control character in it (it is not shown)")
    return value
