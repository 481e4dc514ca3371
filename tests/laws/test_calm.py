"""Books at rest: what is taken together is what taking each sample alone gives, to the last digit."""

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest

from config.contract.model import Service
from config.model import Config, Vantage
from monitor.sla.calm import COUNT
from monitor.sla.evidence import Facts
from monitor.sla.ledger import Ledger
from probes.sample import Outcome, Sample
from tests.sla.histories import MINUTE, SECOND, TARGET, TEN, contract, promise

NAMES = ("hq", "east", "west")
MILLISECOND = 1_000_000
MEASURES = (
    promise("packet-delivery", ">=", 1, "ratio"),
    promise("latency", "<=", 40 * MILLISECOND, "ns", statistic="mean", id="mean-latency"),
    promise("jitter", "<=", 5 * MILLISECOND, "ns", statistic="mean", id="mean-jitter"),
)
RANKED = promise("latency", "<=", 40 * MILLISECOND, "ns", statistic="p95", id="p95-latency")


def ledger(ranked: bool, witness: bool, *, tables: bool = True) -> Ledger:
    """Two contracts on the same three targets, one of which may ask for a percentile."""
    services = (Service(name="hq", targets=NAMES),)
    first = contract(*MEASURES, *([RANKED] if ranked else []), name="acme")
    contracts = {one.name: one.but(services=services) for one in (first, contract(*MEASURES, name="other"))}
    targets = {name: replace(TARGET, name=name) for name in NAMES}
    vantage = Vantage(name="fra", witnesses=("east",) if witness else ())
    found = Ledger(Config(targets=targets, contracts=contracts, vantage=vantage))
    found.load(Facts([]), TEN)
    if not tables:
        found._calm.clear()
        for one in found.contracts.values():
            for book in one.books.values():
                book.table = None
    return found


def run(dice: random.Random, name: str, at: int, seq: int) -> Sample:
    """Mostly five packets that are all answered; sometimes fewer, none, or a run without packets."""
    trips = tuple(dice.randrange(SECOND) for _ in range(5))
    good = Sample(name, "fra", "b1", seq, at, Outcome.UP, sent=5, received=5, rtts=trips, took=SECOND)
    match dice.randrange(30):
        case 0:
            return replace(good, outcome=Outcome.DOWN, reason="timeout", received=0, rtts=(None,) * 5)
        case 1:
            return replace(good, outcome=Outcome.UNKNOWN, reason="stall")
        case 2:
            return replace(good, received=4, rtts=(*trips[:2], None, *trips[3:]))
        case 3:
            return replace(good, sent=None, received=None, rtts=(), phases=(("resolve", MILLISECOND),))
        case 4:
            return replace(good, sent=1, received=1, rtts=trips[:1])
        case 5:
            return replace(good, boot="b2")
    return good


def history(seed: int, minutes: int = 180) -> list[list[Sample]]:
    """Some hours of three targets, batch by batch; now and then a run is missing, or a recheck stands in between."""
    dice = random.Random(seed)
    batches: list[list[Sample]] = [[]]
    for minute in range(minutes):
        for place, name in enumerate(NAMES):
            at = TEN + minute * MINUTE + place * SECOND
            if dice.random() < 0.95:
                batches[-1].append(run(dice, name, at, minute * 100 + place))
            if dice.random() < 0.05:
                batches[-1].append(run(dice, name, at + 20 * SECOND, minute * 100 + 50 + place))
        if dice.random() < 0.6:
            batches.append([])
    return batches


def books(one: Ledger) -> list[tuple[str, str]]:
    """All of them, as they would be saved."""
    return [saved for terms in one.contracts.values() for saved in terms.save()]


@pytest.mark.parametrize("witness", [False, True])
@pytest.mark.parametrize("ranked", [False, True])
@pytest.mark.parametrize("seed", range(8))
def test_books_are_what_taking_each_sample_alone_makes_of_them(
    seed: int, ranked: bool, witness: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.sla.ledger.PIECE", 1 + seed % 3)
    together, alone = ledger(ranked, witness), ledger(ranked, witness, tables=False)
    rested, now = 0, TEN
    for batch in history(seed, 90):
        together.take(batch)
        one_by_one(alone, batch)
        now = max([now, *(sample.at + SECOND for sample in batch)])
        rested += sum(int(table._table[:, COUNT].sum()) for table in together._calm)
        assert together.judge(now).accounts == alone.judge(now).accounts
    for one in (together, alone):
        one.judge(now + MINUTE, everything=True)
    if not witness:  # what waits for the witnesses is saved without; at rest nothing has to wait
        assert rested > 30
        assert books(together) == books(alone)


def one_by_one(one: Ledger, batch: Sequence[Sample]) -> None:
    """As a ledger without tables takes them."""
    for sample in batch:
        one.take([sample])
        for terms in one.contracts.values():
            assert terms.take(sample)


def test_round_trips_too_long_to_be_summed_in_64_bits_are_counted_exactly() -> None:
    one = ledger(False, False)
    trips = (2**62, 2**62, 2**70)
    for minute in range(4):
        for name in NAMES:
            sample = Sample(
                name, "fra", "b1", minute, TEN + minute * MINUTE, Outcome.UP, sent=3, received=3, rtts=trips
            )
            one.take([sample])
        one.judge(TEN + minute * MINUTE)
    book = one.contracts["acme"].books["hq"]
    book.look()
    tally = book.tallies["mean-latency"]
    assert (tally.count, tally.total) == (12, 4 * sum(trips))


def test_first_samples_are_folded_in_before_anybody_judges() -> None:
    one = ledger(False, False)
    one.take([Sample(name, "fra", "b1", 1, TEN, Outcome.UP, sent=1, received=1, rtts=(SECOND,)) for name in NAMES])
    of_all = [book for terms in one.contracts.values() for book in terms.books.values()]
    assert len(of_all) == 6 and all(book.dozes and not book.waiting for book in of_all)
