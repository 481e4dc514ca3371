"""Who the witnesses are is recorded: when the daemon starts, and when a reload or another start names others."""

from collections.abc import Callable
from pathlib import Path

from monitor.sla.facts import WitnessesFact
from monitor.store.sqlite import open_store
from tests.daemon.process import Running, Site, settings


def told(home: Path) -> list[tuple[str, ...]]:
    """The witnesses as they were recorded, one after the other."""
    store = open_store(home / "upheld.db", read_only=True)
    try:
        facts = [fact for fact in store.facts(0, 1 << 62) if isinstance(fact, WitnessesFact)]
    finally:
        store.close()
    assert {fact.vantage for fact in facts} == {"here"}
    return [fact.witnesses for fact in sorted(facts, key=lambda fact: fact.start)]


def test_who_the_witnesses_are_is_recorded_once_and_again_when_others_are_named(
    start: Callable[..., Running], site: Site, tmp_path: Path
) -> None:
    alone = settings(site.url)
    daemon = start(alone)
    daemon.until_ready()
    assert told(tmp_path) == [()]
    named = alone + "vantage: {name: here, witnesses: [a]}\n"
    daemon.config.write_text(named)
    for _ in range(2):
        assert daemon.ask(daemon.url("/-/reload"), "POST") == (200, "reloaded\n")
        assert told(tmp_path) == [(), ("a",)]
    assert daemon.end()[0] == 0
    start(named).until_ready()
    assert told(tmp_path) == [(), ("a",)]
