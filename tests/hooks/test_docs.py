"""What docs/hooks.md shows is what happens."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from config.typed import keys
from monitor.hooks import signing
from monitor.hooks.kinds import KINDS
from monitor.hooks.message import body
from monitor.sla.events import EventName
from monitor.sla.telling import _About
from tests.hooks.kit import delivery, hook

PAGE = (Path(__file__).parents[2] / "docs" / "hooks.md").read_text()


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    return found[1]


def test_the_message_shown_is_one_that_is_sent() -> None:
    shown = json.loads(block("json"))
    data, name = shown["data"], EventName(shown["type"].removeprefix("upheld."))
    start, end = int(data["start_ns"]), int(data["end_ns"])
    about = _About(shown["contract"], shown["service"], f"acme/hq/{start}", str(start))
    closed = about.event(name, end, shown["summary"], **data)
    assert body(replace(delivery(closed), id=shown["id"])) == json.dumps(shown, separators=(",", ":")).encode()
    assert f"charged {int(data['charged_ns']) // 10**9} s" in shown["summary"]


def test_the_recipe_shown_accepts_what_is_genuine_and_nothing_else() -> None:
    recipe: dict[str, object] = {}
    exec(block("python"), recipe)
    genuine = recipe["genuine"]
    assert callable(genuine)
    payload = body(delivery())
    headers = {
        "webhook-id": "evt_1",
        "webhook-timestamp": "1000",
        "webhook-signature": signing.signature([b"new", b"old"], "evt_1", 1000, payload),
    }
    assert genuine(headers, payload, b"new", 1000)
    assert genuine(headers, payload, b"old", 1300)
    assert not genuine(headers, payload, b"old", 1301)
    assert not genuine(headers, payload, b"other", 1000)
    assert not genuine(headers, payload + b" ", b"new", 1000)


@pytest.mark.parametrize("name", EventName)
def test_every_event_is_listed(name: EventName) -> None:
    assert f"| `{name}` |" in PAGE


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_kind_explains_itself_and_has_its_options_listed_and_tested(kind: object) -> None:
    section = PAGE.split(f"## `kind: {kind.NAME}`")[1].split("\n## ")[0]
    assert [name for name in keys(kind.Options) if f"`{name}`" not in section] == []
    assert f"kind: {kind.NAME}" in (kind.__doc__ or "")
    assert kind.Options.__doc__
    assert (Path(__file__).parent / f"test_{kind.NAME}.py").exists()


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_kind_opens_only_hooks_with_its_own_options(kind: object) -> None:
    with pytest.raises(TypeError, match="hook ops is no"):
        kind.open(hook(), None)
