"""Measures over other periods than the contract's: the worst trailing window, and each shorter period."""

from datetime import UTC, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from config.contract.model import Promise
from config.contract.rules import MeasureRule
from config.period_kinds import kind_of
from config.periods import Period, to_ns
from monitor.sla.exclusions import Excluded
from monitor.sla.judge import item_verdict
from monitor.sla.model import Verdict
from monitor.sla.ruled import earliest, measure_rule
from monitor.sla.windows import moved, window
from tests.sla.outages.kit import DAY, HOUR, MINUTE, START, at, contract, measure, minutes, rule, scene

UTC_ZONE = ZoneInfo("UTC")
H = 60  # minutes


def taken(wanted: MeasureRule, down: list[tuple[float, float]], days: int = 1, **more: object) -> Fraction | None:
    return measure_rule([scene(rule(), down=down, days=days, **more)], wanted, None).value  # type: ignore[arg-type]


def test_so_many_outages_within_any_window_are_counted_where_most_are() -> None:
    within = measure("count", over="trailing 2 days", longer=30 * MINUTE)
    down = [(0, 31), (20 * H, 20 * H + 38), (47 * H, 47 * H + 45)]
    assert taken(within, down, days=3) == 3
    assert taken(within, [*down[:2], (48 * H, 48 * H + 45)], days=3) == 2
    assert taken(within, [*down[:2], (47 * H, 47 * H + 30)], days=3) == 2


def test_a_window_reaches_back_before_the_period() -> None:
    within = measure("total", over="trailing 1 day")
    assert taken(within, [(-10 * H, -9 * H), (13 * H, 13 * H + 30)]) == 90 * MINUTE
    assert taken(within, [(-10 * H, -9 * H), (15 * H, 15 * H + 30)]) == 60 * MINUTE


def test_the_ratio_of_a_window_is_that_of_the_worst() -> None:
    within = measure("ratio", over="trailing 1 day")
    assert taken(within, [(-6 * H, -3 * H), (3 * H, 4 * H)]) == Fraction(20, 24)


def test_each_day_is_an_item_and_the_worst_is_the_figure() -> None:
    daily = measure("total", per="day")
    terms = contract(rule(), period="week")
    found = measure_rule([scene(terms=terms, days=2, down=[(10, 20), (1430, 1470)])], daily, None)
    assert [(item.key, minutes(item.value or 0)) for item in found.items] == [("2026-10-05", 20), ("2026-10-06", 30)]
    assert (found.value, found.lower, found.upper) == (30 * MINUTE,) * 3


def test_a_promise_says_the_shorter_period_too() -> None:
    promise = Promise(
        id="p",
        text="p",
        measure="ratio",
        rule="m",
        operator=">=",
        target=Fraction(99, 100),
        unit="ratio",
        services=("web",),
        per="day",
    )
    terms = contract(rule(), period="week")
    found = measure_rule([scene(terms=terms, days=2, down=[(0, 15)])], measure("ratio"), promise)
    assert [item_verdict(promise, item) for item in found.items] == [Verdict.BREACHED, Verdict.MET]
    assert found.value == Fraction(1425, 1440)


def test_days_of_which_nothing_is_left_tell_nothing() -> None:
    daily = measure("ratio", per="day")
    gone = Excluded(((START, START + DAY),), (), ())
    terms = contract(rule(), period="week")
    found = measure_rule([scene(terms=terms, days=2, excluded=gone, down=[(1440, 1584)])], daily, None)
    assert (len(found.items), found.value) == (1, Fraction(9, 10))


def test_a_window_begins_at_the_same_local_time() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    end = to_ns(datetime(2026, 10, 26, 9, tzinfo=berlin))  # the clocks go back on the 25th
    assert end - window(end, "trailing 1 day", berlin).start == DAY
    later = to_ns(datetime(2026, 10, 25, 9, tzinfo=berlin))
    assert later - window(later, "trailing 1 day", berlin).start == 25 * HOUR
    march = to_ns(datetime(2027, 3, 31, tzinfo=UTC))
    assert moved(march, kind_of("trailing 1 month"), UTC_ZONE, True) == to_ns(datetime(2027, 2, 28, tzinfo=UTC))


def test_a_reading_begins_with_the_first_window() -> None:
    period = Period("d", "day", START, START + DAY)
    rules = [measure("count", over="trailing 30 days"), measure("total", per="week")]
    assert earliest(contract(), rules, ["day"], period) == at(-30 * 24 * H)
    assert earliest(contract(), [], ["month"], period) == at(-4 * 24 * H)
    assert earliest(contract(), [], [], period) == START
