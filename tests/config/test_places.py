"""YAML with places: what is read is plain data, exactly as typed; what is dangerous or ambiguous is refused."""

import time
from decimal import Decimal

import pytest

from config.errors import Problem
from config.places import LARGEST, Node, parse, scalar


def read(text: str | bytes) -> tuple[Node | None, list[str]]:
    problems: list[Problem] = []
    node = parse(text.encode() if isinstance(text, str) else text, "f.yaml", problems)
    return node, [str(one) for one in problems]


def mapping(text: str) -> dict[str, Node]:
    node, problems = read(text)
    assert node is not None
    assert not problems
    assert isinstance(node.value, dict)
    return node.value


def test_every_key_and_value_knows_its_line_and_column() -> None:
    node, problems = read("a: 1\nb:\n  - x\n  - {c: y}\n")
    assert node is not None
    assert not problems
    assert isinstance(node.value, dict)
    items = node.value["b"].value
    assert isinstance(items, list)
    inner = items[1]
    assert isinstance(inner.value, dict)
    assert [(one.line, one.column) for one in (node.keys["b"], items[0].place, inner.keys["c"])] == [
        (2, 1),
        (3, 5),
        (4, 6),
    ]
    assert (inner.value["c"].place.line, inner.value["c"].place.column) == (4, 9)


@pytest.mark.parametrize(
    "text",
    ["22:30", "on", "off", "yes", "NO", "y", "2026-10-01", "1_000", "0x1F", "0o17", "1e3", ".inf", ".nan", "nUll"],
)
def test_what_other_readers_take_for_something_else_stays_text(text: str) -> None:
    assert mapping(f"a: {text}\n")["a"].value == text


@pytest.mark.parametrize(
    ("text", "value"),
    [("7", 7), ("-7", -7), ("017", 17), ("99.90", Decimal("99.90")), ("-.5", Decimal("-0.5")), ("true", True),
     ("False", False), ("null", None), ("~", None), ("", None)],
)  # fmt: skip
def test_numbers_are_exact_and_only_true_and_false_are_booleans(text: str, value: object) -> None:
    read_as = mapping(f"a: {text}\n")["a"]
    assert read_as.value == value
    assert type(read_as.value) is type(value)
    assert str(scalar(text)) == str(value)
    assert read_as.typed == text


def test_a_number_in_quotes_is_text() -> None:
    assert mapping("a: '99.90'\n")["a"].value == "99.90"


def test_decimals_keep_the_digits_typed() -> None:
    assert str(mapping("a: 1200.00\n")["a"].value) == "1200.00"


def test_bytes_that_are_not_utf8_are_placed() -> None:
    assert read(b"a: 1\nb: \xff\n") == (None, ["f.yaml:2:4: is not UTF-8 from here on; save it as UTF-8"])


def test_a_nul_is_refused_and_placed() -> None:
    assert read("a: 1\nb: x\0y\n")[1] == ["f.yaml:2:5: a control character (U+0000) cannot stand here; remove it"]


def test_an_escaped_control_character_is_refused() -> None:
    assert read('a: "x\\0y"\n')[1] == ["f.yaml:1:4: a: 'x\\x00y' has a control character in it; remove it"]
    assert read('"a\\nb": 1\n')[1] == ["f.yaml:1:1: 'a\\nb': the key has a control character in it; remove it"]


def test_a_block_of_text_may_have_line_breaks_and_tabs() -> None:
    assert mapping("a: |\n  x\n  \ty\n")["a"].value == "x\n\ty\n"


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert "a" in mapping("\ufeffa: 1\n")


def test_windows_line_ends_are_line_ends() -> None:
    assert mapping("a: x\r\nb: y\r\n")["b"].place.line == 2


def test_every_duplicate_key_is_told_and_reading_goes_on() -> None:
    node, problems = read("a: 1\na: 2\nb: {c: 1, c: 2}\n")
    assert node is not None
    assert problems == [
        "f.yaml:2:1: a: stands here twice; the first is on line 1",
        "f.yaml:3:11: b.c: stands here twice; the first is on line 3",
    ]


@pytest.mark.parametrize("key", ["on", "off", "yes", "no", "Yes", "NO", "true", "False", "null", "~", "ON"])
def test_a_key_that_is_a_boolean_to_others_is_refused(key: str) -> None:
    assert f"f.yaml:1:1: '{key}': as a key is true, false or nothing" in read(f"{key}: 1\n")[1][0]
    assert mapping(f"'{key}': 1\n")[key].value == 1


def test_a_missing_key_is_told() -> None:
    assert read("?\n: 1\n")[1] == ["f.yaml:1:2: '': a key is missing before ':'"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: &x 1\n", "anchors"),
        ("a: *x\n", "aliases"),
        ("a: !!str 1\n", "tags"),
        ("a: !secret 1\n", "tags"),
        ("!!python/object:os.system {}\n", "tags"),
        ("? {a: 1}\n: 2\n", "a key must be plain text"),
        ("a: 1\n--- \nb: 1\n", "a second document"),
        ("", "is empty"),
        ("# only a remark\n", "is empty"),
        ("a: [1\n", "not YAML"),
        ("%YAML 9.9\n---\na: 1\n", "not YAML"),
        ("a: 'x\n", "not YAML"),
    ],
)
def test_what_is_not_used_here_is_refused_by_name(text: str, said: str) -> None:
    node, problems = read(text)
    assert node is None
    assert len(problems) == 1
    assert said in problems[0]


def test_a_bomb_is_refused_before_it_grows() -> None:
    """Ten levels of ten aliases would be ten thousand million values."""
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 11)]
    began = time.perf_counter()
    assert read("\n".join(lines))[0] is None
    assert time.perf_counter() - began < 0.1


@pytest.mark.parametrize("one", ["[", "{a: ", "- ", "? "])
def test_endless_nesting_is_refused_without_recursion(one: str) -> None:
    began = time.perf_counter()
    node, problems = read(one * 100_000)
    assert node is None
    assert "f.yaml:1:" in problems[0]
    assert time.perf_counter() - began < 1


def test_a_file_beyond_the_size_is_refused_unread() -> None:
    assert read(b"a: " + b"x" * LARGEST)[1] == ["f.yaml:1:1: is larger than 8 MiB; split it into several files"]
