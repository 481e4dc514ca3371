"""A store moved to another kind of store and back: everything comes along, or it is said what did not."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from monitor.cli import main
from monitor.issuing.binding import Horizon, bind
from monitor.issuing.document import digest_of
from monitor.issuing.heads import heads_file
from monitor.issuing.keys import key_file, public_text, sign
from monitor.sla.facts import AssumeFact, ExclusionFact, Fact, HeartbeatFact, StateFact
from monitor.store import deep
from monitor.store import move as moving
from monitor.store.linkstore import Chains
from monitor.store.move import Side, content, move
from monitor.store.port import Batch, Issued, Store, StoreError
from monitor.store.which import open_store, whole
from probes.notation import instant_text
from probes.sample import Outcome
from tests.postgres import Databases
from tests.store.made import DAY, HOUR, SECOND, START, event, sample

EVER = 2**62
NOW = START + 30 * DAY


KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def filled(path: Path) -> None:
    """A store that has something of everything: sealed days and fresh batches, a quarantine, what retention removed as
    a link says it may, samples and heartbeats that came late."""
    pem = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    key_file(str(path)).write_bytes(KEY.private_bytes(*pem))
    store = open_store(path, hooks=["ops"])
    for first in range(0, 9000, 900):
        store.append(Batch(samples=[sample(seq, target=f"t{seq % 3}") for seq in range(first, first + 900)]))
    store.seal(START + 3 * DAY)
    bind(store, str(path), KEY, START + 3 * DAY, Horizon(START + DAY))
    store.prune(START + DAY, [])
    store.append(Batch(samples=[replace(sample(5000, target="t2"), outcome=Outcome.UNKNOWN)]))
    store.append(Batch(samples=[sample(seq, boot="b2", target="t1") for seq in range(4000, 4100, 7)]))
    facts: list[Fact] = [
        StateFact("hq", START, START + HOUR, "down", cause="fibre_cut"),
        AssumeFact("hq", "up"),
        ExclusionFact("M1", START, START + HOUR, "planned_maintenance", author="Åsa", recorded_at=1),
        *(HeartbeatFact("fra", "b1", START + n * 5 * SECOND, n, None, 7 * (n == 40)) for n in range(100)),
    ]
    store.append(
        Batch(facts=facts, accounts=[("acme", "{1}")], checkpoints=[("t0", "x")], events=[event("k1"), event("k2")])
    )
    store.delivered("ops", store.due("ops", START, 1)[0].id)
    store.record_issued(issued())
    bind(store, str(path), KEY, START + 3 * DAY + HOUR)
    store.close()


def issued() -> Issued:
    """A statement of two days, as little as one can be."""
    document: dict[str, object] = {"contract": "acme", "revision": 1, "supersedes": None, "evidence": {"chain": []}}
    document["period"] = {"from": instant_text(START), "to": instant_text(START + DAY)}
    document["issued_at"] = instant_text(NOW)
    document["digest"] = digest_of(document)
    document["signature"] = sign(KEY, str(document["digest"]))
    keep = (("t0", START, START + 2 * DAY),)
    return Issued("acme", START, START + DAY, 1, NOW, str(document["digest"]), json.dumps(document), keep)


def unlike(store: Store) -> list[str]:
    """What is not as it was bound."""
    assert isinstance(store.chain, Chains)
    return deep.check(store.chain, public_text(KEY), [])


def upheld(*arguments: object) -> Result:
    """What the command says."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def both(tmp_path: Path, databases: Databases) -> Iterator[tuple[Side, Side]]:
    """A filled SQLite store, and an empty PostgreSQL one."""
    filled(tmp_path / "old.db")
    with ExitStack() as stack:
        sides = []
        for name in (str(tmp_path / "old.db"), databases.new()):
            store = open_store(name, hooks=["ops"])
            stack.callback(store.close)
            sides.append(Side(name, store, whole(store)))
        yield sides[0], sides[1]


def test_a_store_goes_there_and_back(tmp_path: Path, databases: Databases) -> None:
    old, url, new = tmp_path / "old.db", databases.new(), tmp_path / "new.db"
    filled(old)
    there, back = upheld("store", "move", old, url), upheld("store", "move", url, new)
    assert (there.exit_code, back.exit_code) == (0, 0), there.output + back.output
    said = there.stdout.splitlines()
    assert " samples, 1 people, 3 facts, 2 quarantine, " in said[0]
    assert said[1].startswith("both hold the same: blake2b ") and said[1] == back.stdout.splitlines()[1]
    assert f"copy {old}.key to STATE/upheld.key" in there.stderr
    with ExitStack() as stack:
        one, two, three = (open_store(name, read_only=True) for name in (old, url, new))
        for store in (one, two, three):
            stack.callback(store.close)
        for store in (two, three):
            for target in ("t0", "t1", "t2"):
                assert list(store.samples(target, 0, EVER)) == list(one.samples(target, 0, EVER)) != []
            assert list(store.facts(0, EVER)) == list(one.facts(0, EVER))
            assert list(store.heartbeats(0, EVER)) == list(one.heartbeats(0, EVER))
            assert (store.accounts(), store.checkpoints()) == (one.accounts(), one.checkpoints())
            assert store.issued("acme", START, START + DAY) == one.issued("acme", START, START + DAY)
            assert store.due("ops", START, 9) == one.due("ops", START, 9)
            assert store.security_events() == one.security_events()
            assert store.integrity() == ()
            assert store.chain.heads() == one.chain.heads() != [] and store.chain.names() == one.chain.names()
            assert unlike(store) == unlike(one) == []


@pytest.mark.parametrize("back", [False, True])
def test_the_chains_go_on_in_the_other_store(both: tuple[Side, Side], tmp_path: Path, back: bool) -> None:
    """What comes after the move is bound by the next links, late samples and heartbeats of days sealed before too."""
    source, target = both
    source.store.seal(NOW)
    bind(source.store, source.name, KEY, NOW)
    move(source, target, NOW, lambda _: None)
    if back:
        with closing(open_store(tmp_path / "again.db")) as store:
            again = Side(str(tmp_path / "again.db"), store, whole(store))
            move(target, again, NOW, lambda _: None)
    target.store.close()
    target = again if back else target
    heads = {link.chain: link.number for link in source.store.chain.heads()}
    with closing(open_store(target.name)) as store:
        assert unlike(store) == []
        late = [sample(seq, boot="b3", target="t1") for seq in range(4000, 4100, 9)]
        store.append(Batch(samples=late, facts=[HeartbeatFact("fra", "b3", START + HOUR), AssumeFact("web", "up")]))
        store.append(Batch(samples=[sample(1, boot="b3", at=NOW + HOUR)]))
        assert [text.split(" on ")[0] for text in unlike(store)] == ["heartbeats of fra", "samples of t1 seen from fra"]
        store.seal(NOW + 2 * DAY)
        heads_file(str(tmp_path / "new")).write_bytes(heads_file(source.name).read_bytes())
        bind(store, str(tmp_path / "new"), KEY, NOW + 2 * DAY)
        assert unlike(store) == []
        assert all(link.number > heads[link.chain] for link in store.chain.heads())
        assert store.integrity() == ()


def test_what_was_removed_and_what_was_told_is_known_there(both: tuple[Side, Side]) -> None:
    source, target = both
    move(source, target, NOW, lambda _: None)
    target.store.close()
    with closing(open_store(target.name, hooks=["ops"])) as store:
        again = [sample(seq, target=f"t{seq % 3}") for seq in range(9000)]
        assert store.append(Batch(samples=again)).recorded == 0
        store.append(Batch(events=[event("k1")]))
        assert store.queued("ops") == 1


def test_a_move_that_was_cut_short_goes_on(both: tuple[Side, Side], monkeypatch: pytest.MonkeyPatch) -> None:
    source, target = both
    monkeypatch.setattr(moving, "PIECE", 500)
    steps = count()

    def cut(_: int) -> None:
        if next(steps) == 7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        move(source, target, NOW, cut)
    with pytest.raises(StoreError, match="run the same `upheld store move` again") as error:
        open_store(target.name, read_only=True)
    assert error.value.code == "store_moving"
    assert 0 < target.whole.count() < source.whole.count()
    found = move(source, target, NOW, lambda _: None)
    assert found == content(source, lambda _: None)
    open_store(target.name, read_only=True).close()


def test_a_store_is_moved_into_an_empty_one_only(both: tuple[Side, Side]) -> None:
    source, target = both
    target.store.append(Batch(facts=[AssumeFact("web", "up")]))
    with pytest.raises(StoreError, match="it is not empty") as error:
        move(source, target, NOW, lambda _: None)
    assert error.value.code == "move_refused"
    assert list(target.store.facts(0, EVER)) == [AssumeFact("web", "up")]


def test_what_differs_in_the_end_is_told(both: tuple[Side, Side]) -> None:
    source, target = both

    def meddle(_: int) -> None:
        if target.whole.count() == source.whole.count():
            target.store.append(Batch(samples=[sample(1, target="t9", boot="b9")]))

    with pytest.raises(StoreError, match=r"it has \d+ samples where \d+ were to be moved") as error:
        move(source, target, NOW, meddle)
    assert error.value.code == "move_differs"
    with pytest.raises(StoreError, match="was not finished"):
        open_store(target.name, read_only=True)


def test_a_store_in_use_is_not_moved(tmp_path: Path, databases: Databases) -> None:
    filled(tmp_path / "old.db")
    store = open_store(tmp_path / "old.db")
    held = upheld("store", "move", tmp_path / "old.db", databases.new())
    store.close()
    assert held.exit_code == 69 and "held by another instance" in held.output
    assert upheld("store", "move", tmp_path / "none.db", databases.new()).exit_code == 69
    wrong = upheld("store", "move", tmp_path / "old.db", "mysql://upheld:hunter2@db/x")
    assert wrong.exit_code == 2 and "mysql:// is no store" in wrong.output and "hunter2" not in wrong.output
