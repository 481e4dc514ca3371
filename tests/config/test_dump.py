"""What is written as YAML reads back to the same tree."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.dump import dump
from config.places import Node, parse

EXAMPLES = sorted((Path(__file__).parents[2] / "config" / "examples").rglob("*.yaml"))
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn")), max_size=20)
KEYS = WORDS.filter(lambda word: "\ufeff" not in word and word != "")
LEAVES = WORDS.filter(lambda word: "\ufeff" not in word) | st.integers(-(10**29), 10**29) | st.booleans() | st.none()
TREES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)


def read(text: str) -> Node:
    """The tree of a text that is well formed."""
    problems: list[object] = []
    node = parse(text.encode(), "dumped.yaml", problems)
    assert node is not None and not problems, problems
    return node


def held(node: Node) -> object:
    """The values of a tree, with the digits numbers were typed with."""
    if isinstance(node.value, dict):
        return {key: held(child) for key, child in node.value.items()}
    if isinstance(node.value, list):
        return [held(child) for child in node.value]
    return node.value if isinstance(node.value, str) else (node.typed, node.value)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_an_example_reads_back_the_same(path: Path) -> None:
    node = read(path.read_text())
    assert held(read(dump(node))) == held(node)


@given(TREES)
def test_any_data_reads_back_the_same(tree: object) -> None:
    """Words that look like numbers, dates or truth stay words."""
    again = read(dump({"root": tree}))
    assert values(again) == {"root": tree}


def values(node: Node) -> object:
    """The values of a tree."""
    if isinstance(node.value, dict):
        return {key: values(child) for key, child in node.value.items()}
    if isinstance(node.value, list):
        return [values(child) for child in node.value]
    return node.value
