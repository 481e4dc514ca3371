"""What comes in is cut to what is stored, and waits in its order until it is taken."""

from dataclasses import replace

from monitor.door import Door, quantised
from probes.columns import Columns, as_samples, from_samples
from probes.numbered import Numbers
from probes.sample import Outcome, Sample
from probes.vocabulary import Vocabulary
from tests.intake.kit import one
from tests.probes.clockwork import MIDNIGHT, Clockwork

MS = 1_000_000


def columns(*samples: Sample) -> Columns:
    """As a vantage brings them."""
    return from_samples([quantised(sample, MIDNIGHT) for sample in samples])


def test_a_sample_is_cut_to_what_is_stored_before_it_is_judged() -> None:
    raw = Sample(
        "a", "fra", "b1", 1, at=1_999_999, outcome=Outcome.UP, scheduled_at=5_000_001, took=1_499,
        rtts=(1_500, None, 499), phases=(("connect", 999),),
    )  # fmt: skip
    cut = quantised(raw, 7_999_999)
    assert (cut.at, cut.scheduled_at, cut.received_at) == (1 * MS, 5 * MS, 7 * MS)
    assert (cut.took, cut.rtts, cut.phases) == (1_000, (2_000, None, 0), (("connect", 1_000),))
    assert quantised(cut, 0) == cut


def test_samples_are_taken_in_the_order_in_which_they_came_whatever_their_form() -> None:
    door = Door(Clockwork())
    door.sample(one(1))
    door.samples(columns(one(2), one(3)))
    door.sample(one(4))
    door.sample(one(5))
    door.samples(columns(one(6)))
    assert (door.waiting, door.held) == (6, 6)
    first = door.take(4)
    assert [sample.seq for sample in as_samples(first)] == [1, 2, 3, 4]
    assert (door.waiting, door.taken, door.held) == (2, 4, 6)
    assert [sample.seq for sample in as_samples(door.take(4))] == [5, 6]
    assert door.oldest is None
    door.sample(one(7))
    assert door.oldest == (one(7).at, MIDNIGHT)
    assert isinstance(door.take(4), list)


def test_many_samples_for_which_there_is_no_room_leave_an_unknown_each() -> None:
    door = Door(Clockwork(), bound=3)
    door.samples(columns(*(one(seq, target=f"t{seq}") for seq in range(5))))
    kept = as_samples(door.take(10))
    assert [(sample.seq, sample.reason) for sample in kept[:3]] == [(0, None), (1, None), (2, None)]
    assert [(sample.seq, sample.reason) for sample in kept[3:]] == [(3, "store_full"), (4, "store_full")]
    assert door.dropped == 2


def test_single_samples_among_those_that_share_words_are_told_with_the_same_words() -> None:
    door, shared = Door(Clockwork()), Vocabulary()
    many = [one(seq, target=f"t{seq}") for seq in range(4)]
    alone = replace(one(9, target="t1"), reason="timeout", outcome=Outcome.DOWN, address="192.0.2.1")
    door.samples(shared.put(columns(*many[:2])))
    door.sample(alone)
    door.samples(shared.put(columns(*many[2:])))
    taken = door.take(10)
    assert isinstance(taken, Columns) and taken.words is shared
    assert [sample.seq for sample in as_samples(taken)] == [0, 1, 9, 2, 3]
    assert as_samples(taken)[2] == quantised(alone, MIDNIGHT)
    assert len(shared) == len(set(shared))
    numbers = Numbers({"t3": 7, "t1": 5})
    assert numbers.of(taken, "target").tolist() == [-1, 5, 5, -1, 7]
    shared.place("new")
    later = shared.put(from_samples([one(1, target="t3"), one(2, target="other")]))
    assert numbers.of(later, "target").tolist() == [7, -1]
    assert numbers.of(from_samples([one(1, target="t3")]), "target").tolist() == [7]
    another = Vocabulary().put(from_samples([one(1, target="t1"), one(2, target="t3")]))
    assert numbers.of(another, "target").tolist() == [5, 7]
