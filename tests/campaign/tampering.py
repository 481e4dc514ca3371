"""What somebody does to a store who knows this program and may write every file but lacks the signing key.

Each way takes a random choice and a connection, changes something, makes every digest fit again, and gives what the
first finding has to name.
"""

import json
import random
from collections.abc import Callable
from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from monitor.issuing.links import link_from
from monitor.store.digest import digest
from monitor.store.factcodec import fact_from, span_of
from monitor.store.leaves import LEAF, content, leaf_of
from monitor.store.names import every as names_of
from monitor.store.packing.chunk import DAY
from probes.columns import from_samples
from probes.notation import instant_text
from probes.sample import Outcome, Sample
from tests.campaign.hands import Hand

Way = Callable[[random.Random, Hand], str]
FOREIGN = Ed25519PrivateKey.from_private_bytes(bytes(32))


def _with_day(rng: random.Random, db: Hand, change: Callable[[list[Sample]], list[Sample]]) -> str:
    """Rewrite one day of samples, and every digest."""
    target, vantage, day = place = rng.choice(db.days())
    db.put(place, change(db.samples(place)))
    return _of(target, vantage, day)


def _of(target: str, vantage: str, day: int) -> str:
    return f"samples of {target} seen from {vantage} on {instant_text(day * DAY)[:10]}"


def _altered(rng: random.Random, sample: Sample) -> Sample:
    """The sample with one field that says something else."""
    down = sample.outcome is not Outcome.DOWN
    return rng.choice(
        [
            replace(sample, outcome=Outcome.DOWN if down else Outcome.UP),
            replace(sample, took=(sample.took or 0) + rng.randrange(1, 10**9)),
            replace(sample, reason=f"{sample.reason}!"),
            replace(sample, received_at=(sample.received_at or 0) + 1),
            replace(sample, rtts=(*sample.rtts, rng.randrange(10**9))),
            replace(sample, config="other"),
            replace(sample, seq=sample.seq + 10**6),
        ]
    )


def edit_sample(rng: random.Random, db: Hand) -> str:
    def change(samples: list[Sample]) -> list[Sample]:
        place = rng.randrange(len(samples))
        return [*samples[:place], _altered(rng, samples[place]), *samples[place + 1 :]]

    return _with_day(rng, db, change)


def remove_sample(rng: random.Random, db: Hand) -> str:
    def change(samples: list[Sample]) -> list[Sample]:
        place = rng.randrange(len(samples))
        return [*samples[:place], *samples[place + 1 :]]

    return _with_day(rng, db, change)


def add_sample(rng: random.Random, db: Hand) -> str:
    def change(samples: list[Sample]) -> list[Sample]:
        one = rng.choice(samples)
        return [*samples, replace(one, seq=one.seq + 10**6)]

    return _with_day(rng, db, change)


def exchange_samples(rng: random.Random, db: Hand) -> str:
    """Two samples of one day exchange what they saw."""

    def change(samples: list[Sample]) -> list[Sample]:
        first, second = rng.sample(samples, 2)
        told = {first.identity: replace(first, seq=second.seq), second.identity: replace(second, seq=first.seq)}
        return [told.get(sample.identity, sample) for sample in samples]

    return _with_day(rng, db, change)


def remove_day(rng: random.Random, db: Hand) -> str:
    return _with_day(rng, db, lambda samples: [])


def edit_sample_and_leaf(rng: random.Random, db: Hand) -> str:
    """The leaf is made anew as well; only the link is not."""
    row = rng.choice(db.execute(f"SELECT {LEAF} FROM leaves WHERE target != 0 AND length(late) = 0").fetchall())
    names = names_of(db.sql)
    target, vantage = names[row[3]], names[row[2]]
    samples = db.samples((target, vantage, row[4]))
    changed = [_altered(rng, samples[0]), *samples[1:]]
    made = leaf_of(vantage, target, row[4], from_samples(changed), False)
    db.put((target, vantage, row[4]), changed)
    db.execute("UPDATE leaves SET digest = ?, marks = ? WHERE id = ?", (made.digest, made.marks, row[0]))
    return f"chain samples/{vantage}"


def forge_late_sample(rng: random.Random, db: Hand) -> str:
    """A sample as if it had come late; nothing has bound it."""
    target, vantage, day = rng.choice(db.days())
    at = day * DAY + rng.randrange(DAY)
    db.forge(rng, Sample(target=target, vantage=vantage, boot="b1", seq=10**7, at=at, outcome=Outcome.UP))
    return _of(target, vantage, day)


def edit_leaf(rng: random.Random, db: Hand) -> str:
    row = rng.choice(db.execute(f"SELECT {LEAF} FROM leaves").fetchall())
    column, value = rng.choice([("count", row[5] + 1), ("day", row[4] + 1), ("digest", bytes(32)), ("marks", b"")])
    db.execute(f"UPDATE leaves SET {column} = ? WHERE id = ?", (value, row[0]))
    assert content(row, names_of(db.sql))
    return f"samples/{names_of(db.sql)[row[2]]}"


def remove_leaf(rng: random.Random, db: Hand) -> str:
    key, vantage = rng.choice(db.execute("SELECT id, vantage FROM leaves").fetchall())
    db.execute("DELETE FROM leaves WHERE id = ?", (key,))
    return f"samples/{names_of(db.sql)[vantage]}"


def change_heartbeats(rng: random.Random, db: Hand) -> str:
    vantage, at = rng.choice(db.execute("SELECT vantage, at FROM heartbeats").fetchall())
    changes = (
        "DELETE FROM heartbeats",
        "UPDATE heartbeats SET suspended = suspended + 1",
        "UPDATE heartbeats SET loop_lag = 12345",
        "INSERT INTO heartbeats SELECT vantage, at + 1, boot, 0, 0, 0 FROM heartbeats",
    )
    db.execute(f"{rng.choice(changes)} WHERE vantage = ? AND at = ?", (vantage, at))
    return f"heartbeats of {names_of(db.sql)[vantage]} on {instant_text(at)[:10]}"


def edit_fact(rng: random.Random, db: Hand) -> str:
    rows = db.execute("SELECT id, kind, body, recorded FROM facts ORDER BY id").fetchall()
    place = rng.randrange(len(rows))
    key, kind, body, recorded = rows[place]
    told = json.loads(body)
    name = rng.choice([one for one, value in told.items() if isinstance(value, str) and one not in ("state", "action")])
    told[name] += "x"
    text = json.dumps(told, sort_keys=True, separators=(",", ":"))
    where = (kind, *span_of(fact_from(kind, text)))
    db.execute(
        'UPDATE facts SET kind = ?, about = ?, start = ?, "end" = ?, digest = ?, body = ?, recorded = ? WHERE id = ?',
        (*where, digest(text, *where), text, recorded, key),
    )
    return f"facts, record {place + 1} "


def back_date_fact(rng: random.Random, db: Hand) -> str:
    count = db.execute("SELECT count(*) FROM facts").fetchone()[0]
    place = rng.randrange(count)
    db.execute(
        "UPDATE facts SET recorded = recorded - 1 WHERE id = (SELECT id FROM facts ORDER BY id LIMIT 1 OFFSET ?)",
        (place,),
    )
    return f"facts, record {place + 1} "


def remove_record(rng: random.Random, db: Hand) -> str:
    table = rng.choice(["facts", "issued", "quarantine", "security_events"])
    keys = [key for (key,) in db.execute(f"SELECT id FROM {table} ORDER BY id").fetchall()]
    place = rng.randrange(len(keys))
    db.execute(f"DELETE FROM {table} WHERE id = ?", (keys[place],))
    return f"{table}, record {place + 1}"


def exchange_facts(rng: random.Random, db: Hand) -> str:
    keys = [key for (key,) in db.execute("SELECT id FROM facts ORDER BY id").fetchall()]
    place = rng.randrange(len(keys) - 1)
    for before, after in ((keys[place], -1), (keys[place + 1], keys[place]), (-1, keys[place + 1])):
        db.execute("UPDATE facts SET id = ? WHERE id = ?", (after, before))
    return f"facts, record {place + 1}"


def insert_fact_before(rng: random.Random, db: Hand) -> str:
    db.execute(
        'INSERT INTO facts (id, kind, about, start, "end", digest, body, recorded) '
        'SELECT ?, kind, about, start, "end", ?, body, recorded FROM facts ORDER BY id LIMIT 1',
        (-rng.randrange(1, 99), b"\0"),
    )
    return "facts, record "


def edit_security_event(rng: random.Random, db: Hand) -> str:
    db.execute("UPDATE security_events SET text = 'nothing'")
    return "security_events, record 1"


def remove_link(rng: random.Random, db: Hand) -> str:
    """Any link, the newest too."""
    chain, number = rng.choice(db.execute("SELECT chain, number FROM links").fetchall())
    db.execute("DELETE FROM links WHERE chain = ? AND number = ?", (chain, number))
    return f"link {number}"


def cut_off(rng: random.Random, db: Hand) -> str:
    """The newest links, the leaves they bind and all that was sealed since: the store of an earlier day."""
    chain = rng.choice(db.execute("SELECT DISTINCT chain FROM links WHERE chain != 'records'").fetchall())[0]
    texts = db.execute("SELECT body FROM links WHERE chain = ? ORDER BY number", (chain,)).fetchall()
    link = link_from(rng.choice(texts)[0])
    db.execute("DELETE FROM links WHERE chain = ? AND number >= ?", (chain, link.number))
    db.execute("DELETE FROM leaves WHERE id >= ?", (link.first,))
    return "chain samples/"


def exchange_links(rng: random.Random, db: Hand) -> str:
    chain, number = rng.choice(db.execute("SELECT chain, number FROM links WHERE number > 1").fetchall())
    for before, after in ((number, -1), (number - 1, number), (-1, number - 1)):
        db.execute("UPDATE links SET number = ? WHERE chain = ? AND number = ?", (after, chain, before))
    return f"chain {chain}, link {number - 1}"


def forge_link(rng: random.Random, db: Hand) -> str:
    """Another root, signed with another key or with none that fits."""
    chain, number, text = rng.choice(db.execute("SELECT chain, number, body FROM links").fetchall())
    link = replace(link_from(text), root="0" * 64, count=7)
    link = link.signed(FOREIGN) if rng.random() < 0.5 else link
    db.execute("UPDATE links SET body = ? WHERE chain = ? AND number = ?", (link.text(), chain, number))
    return f"chain {chain}, link {number}"


def widen_horizon(rng: random.Random, db: Hand) -> str:
    """As if retention had been allowed to remove more."""
    query = "SELECT number, body FROM links WHERE chain = 'records'"
    number, text = rng.choice(db.execute(query).fetchall())
    link = replace(link_from(text), horizon=2**62, spared=())
    db.execute("UPDATE links SET body = ? WHERE chain = 'records' AND number = ?", (link.text(), number))
    return f"chain records, link {number}"


def rename(rng: random.Random, db: Hand) -> str:
    """Another name for a target or a vantage."""
    name = rng.choice(["hq-router", "branch", "here", "there"])
    db.execute("UPDATE names SET text = 'somebody' WHERE text = ?", (name,))
    return "" if name in ("hq-router", "branch") else name


def rename_person(rng: random.Random, db: Hand) -> str:
    told, name = rng.choice(db.execute("SELECT id, name FROM people").fetchall())
    db.execute("UPDATE people SET name = ? WHERE id = ?", (name + "x", told))
    return f"person {told}"


def edit_issued(rng: random.Random, db: Hand) -> str:
    """Another figure in an issued statement, or less that it keeps, with the row's digest made anew."""
    columns = 'contract, start, "end", revision, at, statement, keep'
    key, body, *row = db.execute(f"SELECT id, body, {columns} FROM issued").fetchone()
    if rng.random() < 0.5:
        row[6] = "[]"
    else:
        body = body.replace("ACME GmbH", "ACME AG", 1)
    text = "UPDATE issued SET body = ?, keep = ?, digest = ? WHERE id = ?"
    db.execute(text, (body, row[6], digest(body, *row), key))
    return "issued, record 1"


def drop_trigger(rng: random.Random, db: Hand) -> str:
    return f"table {db.unguard(rng)}"


WAYS: tuple[Way, ...] = (
    edit_sample, remove_sample, add_sample, exchange_samples, remove_day, edit_sample_and_leaf, forge_late_sample,
    edit_leaf, remove_leaf, change_heartbeats, edit_fact, back_date_fact, remove_record, exchange_facts,
    insert_fact_before, edit_security_event, remove_link, cut_off, exchange_links, forge_link, widen_horizon, rename,
    rename_person, edit_issued, drop_trigger,
)  # fmt: skip
