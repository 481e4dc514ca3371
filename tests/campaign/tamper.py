"""Is every change of history found, and named? ``make campaign-tamper``: a thousand changes of a store, of exported
evidence and of an issued statement, by somebody who knows this program and lacks the key. The last line is JSON.

Stores are checked as ``upheld doctor --deep`` does, evidence and statements as ``upheld verify`` does. Changes that say
the same (white space, a repeated line, the version of the program, which no digest covers) are none. What was not bound
yet, a minute of samples of past days and an hour of facts, is nobody's history yet and left alone.
"""

import argparse
import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from config.contract.revisions import period_named
from monitor.cli.common import configuration
from monitor.cli.deep import findings
from monitor.issuing.behind import behind_issued
from monitor.issuing.binding import bind
from monitor.issuing.issue import issue
from monitor.issuing.keys import signing_key
from monitor.issuing.verify import Listed, verify
from monitor.render.fact_lines import line
from monitor.render.facts import FactsError, read
from monitor.sla.facts import AssumeFact, ExclusionFact, Fact, HeartbeatFact, IncidentFact
from monitor.store.port import Batch
from monitor.store.which import open_store
from probes.sample import Outcome, Sample
from tests.campaign.hands import Copy, postgres_copies, sqlite_copies
from tests.campaign.tampering import WAYS, Way, drop_trigger
from tests.cli.kit import CONFIG
from tests.postgres import Databases

HOUR = 3600 * 10**9
DAY = 24 * HOUR
START = 1_790_812_800 * 10**9
"""2026-10-01T00:00:00Z."""
NOW = START + 40 * DAY


@dataclass(slots=True)
class Found:
    """How many changes of what were made, and those that were missed or not named."""

    made: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)
    unnamed: list[str] = field(default_factory=list)

    def take(self, what: str, told: str | None, needle: str) -> None:
        """One change, and what was told of it first."""
        self.made[what] += 1
        if told is None:
            self.missed.append(what)
        elif needle not in told:
            self.unnamed.append(f"{what}: {needle!r} is not in {told!r}")


@dataclass(frozen=True, slots=True)
class Whole:
    """A store, and what was issued of it."""

    path: Path
    statement: dict[str, object]
    evidence: tuple[str, ...]


def made(directory: Path, url: str | None = None) -> Whole:
    """A month of one target, six days of two others, facts of all that name people, and the month's statement; in a
    database where one is named."""
    (directory / "upheld.yaml").write_text(CONFIG)
    path = directory / "upheld.db"
    config = configuration(str(directory / "upheld.yaml"), str(path))
    contract, key = config.contracts["acme"], signing_key(str(path))
    with closing(open_store(url or path, clock=lambda: NOW)) as store:
        for batch in _batches():
            store.append(batch)
            store.seal(NOW)
            bind(store, str(path), key, NOW, at_once=True)
        period = period_named(contract, "2026-10")
        done = issue(config, contract, period, store, NOW, key)
        bind(store, str(path), key, NOW, at_once=True)
        facts = [line(fact) for fact in behind_issued(config, contract, period, store, NOW).facts]
    return Whole(path, json.loads(done.statement.body), tuple(facts))


def _batches() -> Iterator[Batch]:
    samples = [_sample("hq-router", "here", hour) for hour in range(-3, 31 * 24 - 2)]
    samples += [_sample("branch", vantage, hour) for vantage in ("here", "there") for hour in range(6 * 24)]
    late = samples[5:200:9]
    beats = [HeartbeatFact("here", "b1", START + hour * HOUR, hour) for hour in range(4 * 24)]
    yield Batch([one for one in samples if one not in late], [*_facts(), *beats])
    yield Batch([*late, replace(samples[40], outcome=Outcome.UNKNOWN)], [_note(50, "Zoë")])


def _sample(target: str, vantage: str, hour: int) -> Sample:
    down = 100 <= hour < 104
    return Sample(
        target=target,
        vantage=vantage,
        boot="b1",
        seq=hour + 3 + 5000 * (target == "branch"),
        at=START + hour * HOUR + 10**6 * (hour % 7),
        outcome=Outcome.DOWN if down else Outcome.UP,
        reason="timeout" if down else None,
        took=20_000_000 + hour * 1000,
        sent=1,
        received=int(not down),
        rtts=(None,) if down else (20_000_000 + hour * 1000,),
        received_at=START + hour * HOUR + 10**9,
    )


def _facts() -> Iterator[Fact]:
    yield AssumeFact("hq", "up")
    for number in range(8):
        begin = START + number * DAY
        author = ("Anna", "Bo")[number % 2]
        yield ExclusionFact(f"M{number}", begin, begin + HOUR, "planned_maintenance", begin - DAY, author=author)
        yield _note(number, author)


def _note(number: int, author: str) -> Fact:
    return IncidentFact("hq", START + number * DAY, "note", START + number * DAY + 1, author, f"note {number}")


def of_store(whole: Whole, rng: random.Random, copies: Copy, way: Way) -> tuple[str | None, str]:
    """Change a copy of the store; the first finding, and what it has to name."""
    with copies(way is drop_trigger) as (hand, let_go):
        needle = way(rng, hand)
        with let_go() as store:
            told = findings(store.chain, str(whole.path), None, ())
            return next(iter(told), None) or next(iter(store.integrity()), None), needle


def of_evidence(whole: Whole, rng: random.Random) -> tuple[str | None, str]:
    """Change, remove or add one line of exported evidence, or exchange what two of them say."""
    lines = list(whole.evidence)
    place = rng.randrange(len(lines))
    told = json.loads(lines[place])
    needle = f"samples of {told['target']} on {told['at'][:10]}" if told["kind"] == "sample" else told["kind"]
    match rng.randrange(3):
        case 0:
            del lines[place]
        case 1:
            name = rng.choice([one for one, value in told.items() if one not in ("kind", "target", "at")])
            lines[place] = json.dumps(told | {name: _other(told[name])})
        case _:
            lines.append(json.dumps(told | ({"seq": 10**6} if "seq" in told else {"service": "elsewhere"})))
    try:
        facts = read((text.encode() for text in lines), "evidence")
    except FactsError as error:
        return str(error), "evidence:"
    said = verify(whole.statement, Listed(facts)).problem
    return said, needle if said is None or "author" not in said else ""


def _other(value: object) -> object:
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case str() if value in ("up", "down", "unknown"):
            return "down" if value == "up" else "up"
        case str() if value[:4] == "2026":
            return value.replace("2026", "2025")
        case str() if value.replace(".", "").isdigit():
            return value + "1"
        case str():
            return value + "x"
        case list():
            return [*value, "1.5"]
    return "other"


def of_statement(whole: Whole, rng: random.Random, facts: list[Fact]) -> tuple[str | None, str]:
    """Change one value somewhere in an issued statement."""
    document = json.loads(json.dumps(whole.statement))
    at: object = document
    while True:
        assert isinstance(at, dict | list)
        names = [one for one in (at if isinstance(at, dict) else range(len(at))) if one != "software"]
        name = rng.choice(names)
        if isinstance(at[name], dict | list) and at[name]:
            at = at[name]
            continue
        at[name] = _other(at[name])
        return verify(document, Listed(facts)).problem, ""


def tamper(changes: int, seed: int) -> Found:
    """Make that many changes: six in ten of the store, two each of evidence and statement."""
    rng, found = random.Random(seed), Found()
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        whole = made(directory)
        copies = sqlite_copies(whole.path)
        facts = read((text.encode() for text in whole.evidence), "evidence")
        assert verify(whole.statement, Listed(facts)).problem is None
        kinds: list[Callable[[], tuple[str | None, str]]] = []
        for number in range(changes):
            way = WAYS[(number // 5 * 3 + number % 5) % len(WAYS)]
            kinds = [lambda way=way: of_store(whole, rng, copies, way)] * 3  # type: ignore[misc]
            kinds += [lambda: of_evidence(whole, rng), lambda: of_statement(whole, rng, facts)]
            kind = number % 5
            name = way.__name__ if kind < 3 else ("evidence", "statement")[kind - 3]
            found.take(name, *kinds[kind]())
    return found


def tamper_postgres(changes: int, seed: int) -> Found:
    """Make that many changes of a store in a PostgreSQL database."""
    rng, found, databases = random.Random(seed), Found(), Databases()
    try:
        with tempfile.TemporaryDirectory() as name:
            url = databases.new()
            whole = made(Path(name), url)
            copies = postgres_copies(url)
            for number in range(changes):
                way = WAYS[number % len(WAYS)]
                found.take(way.__name__, *of_store(whole, rng, copies, way))
    finally:
        databases.drop()
    return found


def main() -> None:
    """A thousand, or as many as asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--changes", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--postgres", action="store_true", help="All of a store in PostgreSQL.")
    options = parser.parse_args()
    found = (tamper_postgres if options.postgres else tamper)(options.changes, options.seed)
    for text in [*found.missed, *found.unnamed]:
        print(text)
    missed, unnamed = len(found.missed), len(found.unnamed)
    print(json.dumps({"changes": found.made.total(), "missed": missed, "unnamed": unnamed, "of": dict(found.made)}))
    sys.exit(1 if missed or unnamed else 0)


if __name__ == "__main__":
    main()
