"""Proof of life, on clocks that the test turns by hand."""

import ctypes

from probes.clock import SystemClock, asleep
from probes.life import Epoch, Heartbeat, Pulse
from probes.sync import Sync, _Timex, read
from tests.probes.clockwork import SECOND, Clockwork

MS = 1_000_000


class Body:
    """A pulse on a clockwork, and what it told."""

    def __init__(self, sync: Sync | None = None, watched: bool = True) -> None:
        self.time = Clockwork()
        self.slept = 0
        self.watched = watched
        self.beats: list[int] = []
        self.heartbeats: list[Heartbeat] = []
        self.epochs: list[Epoch] = []
        sync = sync or Sync(True, 3 * MS)
        self.pulse = Pulse(
            self.time,
            self.time,
            self.heartbeats.append,
            self.epochs.append,
            lambda: self.slept,
            lambda: sync,
            self._asked,
        )
        self.pulse.start()

    def _asked(self) -> bool:
        """Each beat asks once whether somebody watches."""
        self.beats.append(self.time.wall())
        return self.watched

    def suspend(self, ns: int) -> None:
        """The machine sleeps: MONOTONIC stands still, BOOTTIME and REALTIME run on."""
        self.slept += ns
        self.time.machine += ns

    def lag(self, since: int) -> int:
        now = self.time.monotonic()
        return self.pulse.worst_lag(now - since, now)


def test_a_loop_that_keeps_time_has_no_lag() -> None:
    body = Body()
    body.time.run(10 * SECOND)
    assert body.lag(5 * SECOND) == 0


def test_a_stall_is_lag_for_every_span_that_touches_it_and_for_no_other() -> None:
    """10 s calm, 3 s stopped, 10 s calm."""
    body = Body()
    body.time.run(10 * SECOND)
    stopped = body.time.monotonic()
    body.time.hold(3 * SECOND)
    body.time.run(10 * SECOND)
    worst = body.pulse.worst_lag
    assert worst(stopped + SECOND, stopped + 2 * SECOND) >= 3 * SECOND - 20 * MS
    assert worst(stopped - SECOND, stopped + MS) >= 3 * SECOND - 20 * MS
    assert worst(stopped + 3 * SECOND, stopped + 3 * SECOND) >= 3 * SECOND - 20 * MS
    assert worst(stopped + 4 * SECOND, stopped + 9 * SECOND) == 0
    assert worst(stopped - 9 * SECOND, stopped - SECOND) == 0


def test_a_stall_shows_before_the_loop_has_beaten_again() -> None:
    """A timeout that fires first after the stall must not find the lag of before."""
    body = Body()
    body.time.run(10 * SECOND)
    body.time.hold(3 * SECOND)
    assert body.lag(2 * SECOND) >= 3 * SECOND - 20 * MS


def test_what_is_older_than_the_memory_or_than_the_process_is_not_proven() -> None:
    body = Body()
    born = body.time.monotonic()
    assert body.pulse.worst_lag(born - SECOND, born) == SECOND
    body.time.run(1000 * SECOND)
    assert body.lag(950 * SECOND) == 950 * SECOND
    assert body.lag(800 * SECOND) == 0


def test_a_stall_longer_than_the_memory_fills_it() -> None:
    body = Body()
    body.time.hold(5_000 * SECOND)
    body.time.run(SECOND)
    assert body.lag(800 * SECOND) > 4_900 * SECOND


def test_a_suspension_is_lag_and_told_in_the_heartbeat_and_no_step_of_the_clock() -> None:
    body = Body()
    body.time.run(10 * SECOND)
    wall = body.time.wall()
    body.suspend(600 * SECOND)
    assert body.lag(SECOND) >= 600 * SECOND
    body.time.run(SECOND)
    assert body.lag(2 * SECOND) >= 600 * SECOND
    assert body.heartbeats[-1].suspended == 600 * SECOND
    assert body.heartbeats[-1].at >= wall + 600 * SECOND
    assert [epoch.step for epoch in body.epochs] == [0]


def test_a_step_of_the_wall_clock_begins_an_epoch_and_moves_no_duration() -> None:
    for step in (-86_400 * SECOND, -SECOND, 251 * MS, 3600 * SECOND):
        body = Body(Sync(False, 16 * SECOND))
        body.time.run(10 * SECOND)
        body.time.machine += step
        body.time.run(SECOND)
        assert [(epoch.step, epoch.synchronised) for epoch in body.epochs] == [(step, False)]
        assert abs(body.time.drift()) == 0
        assert body.lag(SECOND) == 0


def test_a_small_drift_is_followed_only_when_it_has_grown_beyond_250_ms() -> None:
    body = Body()
    for _ in range(10):
        body.time.machine += 50 * MS
        body.time.run(SECOND)
    assert [epoch.step for epoch in body.epochs] == [300 * MS]


def test_heartbeats_come_every_five_seconds_with_the_worst_lag_between() -> None:
    body = Body()
    body.time.run(12 * SECOND)
    body.time.hold(300 * MS)
    body.time.run(10 * SECOND)
    ats = [beat.at for beat in body.heartbeats]
    assert len(ats) in (5, 6)
    assert max(beat.loop_lag for beat in body.heartbeats) in range(280 * MS, 301 * MS)
    assert body.heartbeats[-1].loop_lag == 0
    assert body.heartbeats[0].clock_error == 3 * MS


def test_it_beats_with_the_schedule_while_nobody_watches_and_at_once_when_somebody_does() -> None:
    body = Body(watched=False)
    body.time.run(SECOND + 37 * MS)
    count = len(body.beats)
    body.time.run(SECOND)
    assert (len(body.beats) - count, {at % (200 * MS) for at in body.beats[-5:]}) == (5, {0})
    body.watched = True
    body.pulse.watch()
    now = body.time.wall()
    body.time.run(SECOND)
    assert [at - now for at in body.beats[-51:]] == [20 * MS * beat for beat in range(51)]
    body.time.hold(300 * MS)
    assert body.lag(SECOND) >= 280 * MS


def test_a_stall_is_lag_while_nobody_watches_too() -> None:
    body = Body(watched=False)
    body.time.run(10 * SECOND)
    body.time.hold(3 * SECOND)
    body.time.run(SECOND)
    assert 2800 * MS <= body.lag(2 * SECOND) <= 3 * SECOND
    assert max(beat.loop_lag for beat in body.heartbeats) == 0
    body.time.run(5 * SECOND)
    assert 2800 * MS <= max(beat.loop_lag for beat in body.heartbeats) <= 3 * SECOND


def test_stop_is_told_by_a_last_heartbeat() -> None:
    body = Body()
    body.time.run(SECOND)
    body.pulse.stop()
    assert body.heartbeats[-1].at == body.time.wall()
    body.time.run(60 * SECOND)
    assert len(body.heartbeats) == 2


def test_the_kernel_tells_whether_the_clock_is_kept() -> None:
    """The structure is 208 bytes on every 64-bit Linux; read() alters nothing and gives a bound."""
    assert ctypes.sizeof(_Timex) == 208
    sync = read()
    assert sync.quality in ("synchronised", "unsynchronised")
    assert sync.error is not None and sync.error > 0


def test_an_unknown_quality_is_left_out() -> None:
    assert Sync().quality is None


def test_the_system_clock_follows_the_machine_and_never_jumps_by_itself() -> None:
    clock = SystemClock()
    assert abs(clock.drift()) < 50 * MS
    before = clock.wall()
    assert clock.wall() >= before
    assert abs(clock.reanchor()) < 50 * MS
    assert asleep() > -MS  # two clocks cannot be read at once
