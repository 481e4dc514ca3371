"""The rules of the port, held by every store: in memory, in SQLite as it comes, sorted, sealed."""

import random
from dataclasses import replace

import pytest

from monitor.sla.facts import (
    AssumeFact,
    HeartbeatFact,
)
from monitor.store.packing.hours import FIELDS
from monitor.store.port import Batch, Issued, Store, StoreError
from probes.columns import to_samples
from probes.sample import Outcome, Sample
from tests.store.made import DAY, HOUR, START, event, sample

EVER = 2**62


def test_samples_come_back_whole_and_in_order(store: Store) -> None:
    samples = [sample(seq) for seq in range(300)]
    assert store.append(Batch(samples=samples[200:])).recorded == 100
    assert store.append(Batch(samples=samples[:200])).recorded == 200
    assert list(store.samples("hq", 0, EVER)) == samples


def test_spans_are_half_open(store: Store) -> None:
    samples = [sample(seq) for seq in range(10)]
    store.append(Batch(samples=samples))
    assert list(store.samples("hq", samples[2].at, samples[5].at)) == samples[2:5]
    assert list(store.samples("hq", samples[5].at, samples[5].at)) == []
    assert list(store.samples("branch", 0, EVER)) == []


def test_samples_of_one_instant_are_ordered_by_identity(store: Store) -> None:
    twins = [
        sample(seq, vantage=vantage, boot=boot, at=START)
        for vantage in ("ber", "fra")
        for boot in ("b1", "b2")
        for seq in (1, 2)
    ]
    shuffled = random.Random(7).sample(twins, len(twins))
    store.append(Batch(samples=shuffled))
    assert list(store.samples("hq", START, START + 1)) == twins


def test_samples_far_apart_are_all_found(store: Store) -> None:
    samples = [sample(seq, at=at) for seq, at in enumerate((-5, 0, 7, START, START + 900 * DAY, 2**61))]
    store.append(Batch(samples=samples))
    assert list(store.samples("hq", -(2**62), EVER)) == samples


def test_several_targets_are_read_together(store: Store) -> None:
    samples = [sample(seq, target=f"t{seq % 7}") for seq in range(700)]
    store.append(Batch(samples=samples))
    assert list(store.read_samples(["t2", "t5"], 0, EVER)) == [s for s in samples if s.target in ("t2", "t5")]


def test_columns_hold_what_samples_hold(store: Store) -> None:
    samples = [sample(seq, vantage="fra" if seq % 3 else "ber") for seq in range(400)]
    for cut in (300, 0, 100):
        store.append(Batch(samples=samples[cut : cut + (200 if cut == 100 else 100)]))
    start, end = samples[20].at, samples[390].at
    columns = store.columns("hq", start, end)
    assert to_samples(columns) == list(store.samples("hq", start, end)) == samples[20:390]
    assert columns["at"].tolist() == [each.at for each in samples[20:390]]
    assert len(store.columns("nowhere", 0, EVER)) == 0


def test_hours_hold_what_their_samples_come_to(store: Store) -> None:
    """A day and a half from two vantages, one hour only in part, one sample from a probe without packets."""
    samples = [sample(seq, vantage="fra" if seq % 3 else "ber") for seq in range(4320)]
    samples[7] = replace(samples[7], rtts=(), sent=None, received=None)
    store.append(Batch(samples=samples))
    start, end = START + 1, START + 30 * HOUR
    hours = store.hours("hq", start, end)
    found = {
        (hour, hours.vantages[vantage]): column
        for hour, vantage, *column in zip(*(hours[name].tolist() for name in FIELDS), strict=True)
    }
    expected = {}
    for hour in range(START // HOUR + 1, START // HOUR + 30):
        for vantage in ("ber", "fra"):
            members = [each for each in samples if each.at // HOUR == hour and each.vantage == vantage]
            expected[hour, vantage] = _summed(members)
    assert found == expected and list(found) == sorted(found)
    assert hours.histogram.sum(axis=1).tolist() == hours["answers"].tolist()


def _summed(samples: list[Sample]) -> list[int]:
    ends = [sum(each.outcome is outcome for each in samples) for outcome in Outcome]
    times = [each.took if not each.rtts else each.rtts[0] for each in samples]
    known = [time for time in times if time is not None]
    counts = [sum(each.sent or 0 for each in samples), sum(each.received or 0 for each in samples), len(known)]
    return [*ends, *counts, sum(known), min(known), max(known)]


def test_what_is_in_quarantine_counts_in_no_hour(store: Store) -> None:
    store.append(Batch(samples=[sample(seq) for seq in range(120)]))
    store.append(Batch(samples=[replace(sample(7), outcome=Outcome.DOWN)]))
    hours = store.hours("hq", START, START + HOUR)
    assert int(hours["up"].sum() + hours["down"].sum()) == 119


def test_a_batch_again_changes_nothing_however_it_is_cut_and_shuffled(store: Store) -> None:
    samples = [sample(seq, target=f"t{seq % 3}") for seq in range(200)]
    store.append(Batch(samples=samples[:120]))
    pieces = samples * 2
    random.Random(3).shuffle(pieces)
    receipts = [store.append(Batch(samples=pieces[cut : cut + 90])) for cut in range(0, 400, 90)]
    assert sum(receipt.recorded for receipt in receipts) == 80
    assert sum(receipt.repeated for receipt in receipts) == 320
    assert list(store.read_samples(["t0", "t1", "t2"], 0, EVER)) == samples
    assert store.security_events() == ()


def test_our_own_stamp_is_no_part_of_what_was_said(store: Store) -> None:
    store.append(Batch(samples=[sample(1)]))
    again = store.append(Batch(samples=[replace(sample(1), received_at=START + DAY)]))
    assert again.repeated == 1
    assert list(store.samples("hq", 0, EVER)) == [sample(1)]


def test_two_contents_of_one_identity_are_both_quarantined(store: Store) -> None:
    good, other = sample(1), replace(sample(1), outcome=Outcome.DOWN)
    store.append(Batch(samples=[sample(0), good, sample(2)]))
    assert store.append(Batch(samples=[other])).quarantined == (good.identity,)
    assert list(store.samples("hq", 0, EVER)) == [sample(0), sample(2)]
    assert store.last_before("hq", good.at + 1) == sample(0)
    assert [found.code for found in store.security_events()] == ["equivocation"]
    for known in (good, other):
        assert store.append(Batch(samples=[known])).repeated == 1
    third = store.append(Batch(samples=[replace(good, reason="reset")]))
    assert third.quarantined == (good.identity,)
    assert list(store.samples("hq", 0, EVER)) == [sample(0), sample(2)]


def test_equivocation_is_found_under_another_target_and_instant(store: Store) -> None:
    store.append(Batch(samples=[sample(seq) for seq in range(50)]))
    forged = replace(sample(7), target="branch", at=START + 20 * DAY)
    assert store.append(Batch(samples=[forged])).quarantined == (forged.identity,)
    assert list(store.samples("branch", 0, EVER)) == []
    assert sample(7) not in list(store.samples("hq", 0, EVER))


def test_equivocation_inside_one_batch_is_found(store: Store) -> None:
    receipt = store.append(Batch(samples=[sample(1), replace(sample(1), took=5), sample(2)]))
    assert receipt.quarantined == (sample(1).identity,)
    assert list(store.samples("hq", 0, EVER)) == [sample(2)]


def test_the_last_sample_before_an_instant_is_found_wherever_it_lies(store: Store) -> None:
    store.append(Batch(samples=[sample(seq) for seq in range(100)]))
    store.append(Batch(samples=[sample(seq, target="branch") for seq in range(1000, 1010)]))
    store.append(Batch(samples=[sample(0, vantage="ber", at=sample(50).at)]))
    assert store.last_before("hq", sample(0).at) is None
    assert store.last_before("hq", sample(0).at + 1) == sample(0)
    assert store.last_before("hq", sample(50).at + 1) == sample(50)
    assert store.last_before("hq", EVER) == sample(99)
    assert store.last_before("nowhere", EVER) is None


def test_accounts_and_checkpoints_are_the_latest(store: Store) -> None:
    store.append(Batch(accounts=[("acme", "{1}"), ("zeta", "{2}")], checkpoints=[("hq", "one")]))
    store.append(Batch(accounts=[("acme", "{3}")], checkpoints=[("hq", "two"), ("branch", "ü")]))
    assert store.accounts() == {"acme": "{3}", "zeta": "{2}"}
    assert store.checkpoints() == {"hq": "two", "branch": "ü"}


def test_an_event_is_queued_once_to_each_hook_and_never_again(store: Store) -> None:
    store.set_hooks(["ops", "mqtt"])
    store.append(Batch(events=[event("k1"), event("k1")]))
    store.append(Batch(events=[event("k1")]))
    (due,) = store.due("ops", START, 10)
    assert due.event == event("k1") and due.attempts == 0
    store.delivered("ops", due.id)
    store.append(Batch(events=[event("k1")]))
    assert store.queued("ops") == 0 and store.due("ops", START, 10) == []
    assert store.queued("mqtt") == 1


def test_events_of_one_subject_go_one_after_the_other(store: Store) -> None:
    store.append(Batch(events=[event("a1", "a"), event("a2", "a"), event("b1", "b"), event("b2", "b")]))
    first = store.due("ops", START, 10)
    assert [each.event.key for each in first] == ["a1", "b1"]
    store.postpone("ops", first[0].id, START + 10, "refused")
    assert [each.event.key for each in store.due("ops", START + 9, 10)] == ["b1"]
    hour = 3_600_000_000_000
    assert [each.event.key for each in store.due("ops", START + 10 - hour, 10)] == ["b1"]
    back = store.due("ops", START - 48 * hour, 10)  # the clock was days ahead when it was put off, and was set right
    assert [each.event.key for each in back] == ["a1", "b1"]
    again = store.due("ops", START + 10, 1)[0]
    assert (again.event.key, again.attempts, again.due_at, again.id) == ("a1", 1, START + 10, first[0].id)
    store.delivered("ops", first[1].id)
    assert [each.event.key for each in store.due("ops", START, 10)] == ["b2"]
    assert store.queued("ops") == 3


def test_old_samples_go_except_where_they_are_needed(store: Store) -> None:
    hq = [sample(seq, at=START + seq * 6 * HOUR) for seq in range(80)]
    web = [sample(seq, target="web", boot="b2", at=START + seq * 6 * HOUR) for seq in range(80)]
    beats = [HeartbeatFact("fra", "b1", START + day * DAY) for day in range(20)]
    store.append(Batch(samples=[*hq, *web], facts=beats))
    before = START + 15 * DAY + 3 * HOUR
    keep = [("web", START + 5 * DAY + 1, START + 7 * DAY)]
    kept_web = [each for each in web if each.at >= before or START + 5 * DAY < each.at < START + 7 * DAY]
    assert store.prune(before, keep) == 61 + 61 - 7
    assert list(store.samples("hq", 0, EVER)) == hq[61:]
    assert list(store.samples("web", 0, EVER)) == kept_web
    assert [list(store.heartbeats(b.at, b.at + 1)) for b in beats] == [
        [b] if b in (beats[6], *beats[16:]) else [] for b in beats
    ]
    assert store.prune(before, keep) == 0
    assert store.append(Batch(samples=hq)).recorded == 0, "what retention removed does not come back"


def test_the_store_is_sound(store: Store) -> None:
    store.append(
        Batch(
            samples=[sample(seq) for seq in range(50)],
            facts=[AssumeFact("hq", "up")],
            accounts=[("acme", "{}")],
            checkpoints=[("hq", "x")],
            events=[event("k")],
        )
    )
    store.append(Batch(samples=[replace(sample(3), took=1)]))
    assert store.quick_check() == ()
    assert store.integrity() == ()
    assert store.size() >= 0


def test_issued_statements_are_kept_each_revision_once(store: Store) -> None:
    first = Issued("acme", START, START + DAY, 1, START + 2 * DAY, "sha256:1", "{}", (("hq", START, START + DAY),))
    second = replace(first, revision=2, digest="sha256:2", keep=(("hq", START - 1, START),))
    store.record_issued(second)
    store.record_issued(first)
    assert store.issued("acme", START, START + DAY) == [first, second]
    assert store.issued("acme", START, START + 2 * DAY) == []
    assert sorted(store.kept()) == [("hq", START - 1, START), ("hq", START, START + DAY)]
    with pytest.raises(StoreError, match="revision 1 was issued by somebody else") as error:
        store.record_issued(first)
    assert error.value.code == "issued_already"
    assert store.integrity() == ()
