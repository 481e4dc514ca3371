"""However samples come, one by one or as columns, and wherever a batch is cut: the ledger tells and saves the same."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random

import pytest

from monitor.sla.evidence import Facts
from monitor.sla.facts import Fact
from monitor.sla.ledger import Judged, Ledger
from probes.columns import Columns, concat, from_samples
from probes.sample import Sample
from tests.laws import test_calm
from tests.laws.test_ledger import MINUTE, arrivals
from tests.laws.worlds import World, world
from tests.oracle.speech import trusted
from tests.sla.histories import SECOND, TEN

Form = Callable[[Sequence[Sample], Random], list[Sequence[Sample] | Columns]]


def listed(samples: Sequence[Sample], _: Random) -> list[Sequence[Sample] | Columns]:
    return [samples]


def columned(samples: Sequence[Sample], _: Random) -> list[Sequence[Sample] | Columns]:
    return [from_samples(samples)]


def joined(samples: Sequence[Sample], rng: Random) -> list[Sequence[Sample] | Columns]:
    """As columns whose words are those of several, more than are used."""
    strange = from_samples([replace(sample, target=f"not {sample.target}") for sample in samples])
    both = concat([strange, *(from_samples(piece) for piece in _cut(samples, rng))])
    return [next(both.cut([len(samples), len(both)]))] if len(samples) else [both]


def mixed(samples: Sequence[Sample], rng: Random) -> list[Sequence[Sample] | Columns]:
    """In pieces, each in one form or the other."""
    return [rng.choice((list, from_samples))(piece) for piece in _cut(samples, rng)]


def _cut(samples: Sequence[Sample], rng: Random) -> list[Sequence[Sample]]:
    cuts = sorted(rng.choices(range(len(samples) + 1), k=rng.randrange(4)))
    return [samples[a:b] for a, b in zip([0, *cuts], [*cuts, len(samples)], strict=True)]


FORMS: tuple[Form, ...] = (listed, columned, joined, mixed)


def told(one: World, form: Form, late: bool) -> list[Judged]:
    """What a ledger says of a world at every step, and what it would save at the end."""
    own = one.config.but(contracts={"acme": one.contract})
    ledger, stored, rng, found = Ledger(own), list[Fact](), Random(one.seed), list[Judged]()
    ledger.load(Facts(stored), one.period.start + MINUTE)
    for now, facts in arrivals(one, Random(one.seed), late):
        for samples in form([fact for fact in facts if isinstance(fact, Sample)], rng):
            ledger.take(samples)
        ledger.take([], [fact for fact in facts if not isinstance(fact, Sample)])
        stored += facts
        if ledger.stale:
            ledger.rebuild(Facts(stored), now)
        found.append(ledger.judge(now))
    return [*found, Judged(checkpoints=ledger.save())]


@pytest.mark.parametrize("seed", range(7100, 7110))
@pytest.mark.parametrize("late", [False, True])
def test_one_history_tells_the_same_in_every_form(seed: int, late: bool) -> None:
    one = world(seed)
    known = set(trusted(one.facts))  # two samples of one identity that differ are the store's to find
    one = replace(one, facts=tuple(fact for fact in one.facts if not isinstance(fact, Sample) or fact in known))
    first = told(one, FORMS[0], late)
    assert any(judged.accounts for judged in first)
    for form in FORMS[1:]:
        assert told(one, form, late) == first, form.__name__


@pytest.mark.parametrize("witness", [False, True])
@pytest.mark.parametrize("ranked", [False, True])
@pytest.mark.parametrize("seed", range(20, 24))
def test_books_at_rest_are_the_same_in_every_form(seed: int, ranked: bool, witness: bool) -> None:
    found = []
    for form in FORMS:
        one, rng, said, now = test_calm.ledger(ranked, witness), Random(seed), list[object](), TEN
        for batch in test_calm.history(seed, 75):
            for samples in form(batch, rng):
                one.take(samples)
            now = max([now, *(sample.at + SECOND for sample in batch)])
            judged = one.judge(now, everything=True)
            said.append((judged.events, judged.accounts))
        found.append((said, () if witness else one.save()))  # what waits for the witnesses is saved without
    assert all(each == found[0] for each in found[1:])
