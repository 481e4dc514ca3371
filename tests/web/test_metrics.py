"""/metrics over a real socket: what is there, what is not, and what promtool says of it."""

import asyncio
import subprocess
import zlib

import pytest
from prometheus_client.parser import text_string_to_metric_families

from monitor.store.port import Batch
from monitor.web.board import Board
from monitor.web.metrics import Metrics
from monitor.web.own import Vitals
from probes.sample import Outcome, Sample
from tests.probes.clockwork import MIDNIGHT, SECOND
from tests.web.boards import MS, account, board, config, promise, up
from tests.web.pages import served

Series = dict[tuple[str, frozenset[tuple[str, str]]], float]


def parsed(text: str) -> Series:
    found: Series = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found[sample.name, frozenset(sample.labels.items())] = sample.value
    return found


def key(name: str, **labels: str) -> tuple[str, frozenset[tuple[str, str]]]:
    return name, frozenset(labels.items())


def promtool(text: str) -> tuple[int, str]:
    """Its exit code and all that it says."""
    run = subprocess.run(["promtool", "check", "metrics"], input=text, text=True, capture_output=True, check=False)
    return run.returncode, run.stdout + run.stderr


async def scraped(board: Board, now: int = MIDNIGHT, vitals: Vitals | None = None) -> str:
    metrics = Metrics(lambda: board.snapshot(now), lambda: vitals or Vitals("0.1.0"))
    async with served(metrics.app()) as session, session.get("/metrics") as response:
        assert response.status == 200
        assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        text = (await response.read()).decode() if "Content-Encoding" not in response.headers else ""
        text = text or zlib.decompress(await response.read(), 31).decode()
    metrics.close()
    return text


def full() -> Board:
    icmp = up(rtts=(8 * MS, None, 10 * MS), sent=3, received=2, took=11 * MS)
    http = up("web", 2, took=90 * MS, phases=(("resolve", 40 * MS), ("connect", 10 * MS)))
    text = account(
        promise("net"),
        promise("net", "longest-outage", unit="ns", target="14400000000000", value={"exact": "300000000000"},
                incident_remaining_ns="14100000000000", verdict="met", at_risk=False),
        promise("net", "outages", unit="count", target="3", value=None,
                budget={"total": "3", "consumed": "1", "remaining": "2", "ratio": "0.333333"}),
    )  # fmt: skip
    return board(config("hq", "web"), icmp, http, accounts=(("acme", text),))


def expect(series: Series, expected: Series) -> None:
    for what, value in expected.items():
        assert series[what] == pytest.approx(value, rel=1e-12), what


@pytest.mark.parametrize("at_once", [1, 1000])
async def test_targets_are_there_in_base_units(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.web.targets.SLICE", at_once)
    hq = {"target": "hq", "vantage": "fra"}
    expected = {
        key("upheld_target_up", **hq): 1,
        key("upheld_target_latency_seconds", **hq): 0.009,
        key("upheld_packet_delivery_ratio", **hq): 2 / 3,
        key("upheld_target_last_sample_timestamp_seconds", **hq): MIDNIGHT / 1e9,
        key("upheld_target_latency_seconds", target="web", vantage="fra"): 0.05,
        key("upheld_samples_total", vantage="fra", outcome="up"): 2,
        key("upheld_samples_total", vantage="fra", outcome="down"): 0,
        key("upheld_sample_duration_seconds_count", vantage="fra"): 2,
        key("upheld_sample_duration_seconds_bucket", vantage="fra", le="0.025"): 1,
        key("upheld_sample_duration_seconds_bucket", vantage="fra", le="+Inf"): 2,
    }
    expect(parsed(await scraped(full())), expected)


async def test_promises_are_there_in_base_units() -> None:
    net = {"contract": "acme", "service": "net"}
    availability = {**net, "promise": "availability"}
    longest = {**net, "promise": "longest-outage"}
    expected = {
        key("upheld_promise_value", **availability): 743 / 745,
        key("upheld_promise_target", **availability): 0.999,
        key("upheld_promise_verdict", **availability, verdict="indeterminate"): 1,
        key("upheld_promise_verdict", **availability, verdict="met"): 0,
        key("upheld_promise_verdict", **longest, verdict="met"): 1,
        key("upheld_promise_value", **longest): 300,
        key("upheld_promise_target", **longest): 14_400,
        key("upheld_promise_at_risk", **longest): 0,
        key("upheld_budget_remaining_seconds", **availability): 1339.2,
        key("upheld_budget_consumed_ratio", **availability): 0.5,
        key("upheld_breach_forecast_timestamp_seconds", **availability): MIDNIGHT / 1e9 + 0.5,
        key("upheld_incident_limit_remaining_seconds", **longest): 14_100,
        key("upheld_burn_ratio", **availability, window="1h"): 14.4,
        key("upheld_incident_open", **net): 0,
        key("upheld_coverage_ratio", **net): 0.998,
        key("upheld_exposure_amount", contract="acme", currency="EUR"): 120,
    }
    series = parsed(await scraped(full()))
    expect(series, expected)
    outages = {**net, "promise": "outages"}
    assert key("upheld_budget_remaining_seconds", **outages) not in series
    assert key("upheld_promise_value", **outages) not in series


async def test_the_daemon_itself_is_there_in_base_units() -> None:
    vitals = Vitals(
        "0.1.0", loop_lag=2 * MS, intake_lag=SECOND, late=3 * MS, missed=4, dropped=5, reload_good=False,
        reload_success_at=MIDNIGHT, deliveries={("ops", "delivered"): 7}, queued={"ops": 2},
    )  # fmt: skip
    expected = {
        key("upheld_event_loop_lag_seconds"): 0.002,
        key("upheld_intake_lag_seconds"): 1,
        key("upheld_slots_missed_total"): 4,
        key("upheld_samples_dropped_total"): 5,
        key("upheld_hook_deliveries_total", hook="ops", result="delivered"): 7,
        key("upheld_hook_queue", hook="ops"): 2,
        key("upheld_config_last_reload_successful"): 0,
        key("upheld_config_last_reload_success_timestamp_seconds"): MIDNIGHT / 1e9,
        key("upheld_build_info", version="0.1.0"): 1,
    }
    expect(parsed(await scraped(full(), vitals=vitals)), expected)


@pytest.mark.needs("promtool")
async def test_promtool_finds_nothing_to_say() -> None:
    heads = (("records", 3, "sha256:ab"), ("samples/fra", 31, "sha256:cd"))
    hooked = Vitals("0.1.0", deliveries={("ops", "failed"): 1}, queued={"ops": 1}, heads=heads)
    assert promtool(await scraped(full(), vitals=hooked)) == (0, "")
    assert promtool(await scraped(Board(config()))) == (0, "")


async def test_the_heads_of_the_chains_are_told() -> None:
    series = parsed(await scraped(full(), vitals=Vitals("0.1.0", heads=(("samples/fra", 31, "sha256:cd"),))))
    assert series[key("upheld_chain_links_total", chain="samples/fra")] == 31
    assert series[key("upheld_chain_head_info", chain="samples/fra", head="sha256:cd")] == 1


async def test_a_name_with_quotes_and_newlines_comes_back_as_it_was() -> None:
    nasty = 'a"b\\c\nd'
    text = await scraped(board(config(nasty), up(nasty)))
    assert key("upheld_target_up", target=nasty, vantage="fra") in parsed(text)


async def test_unknown_is_neither_up_nor_down() -> None:
    unknown = Sample("hq", "fra", "b", 1, MIDNIGHT, Outcome.UNKNOWN, "EPERM")
    series = parsed(await scraped(board(config("hq"), unknown)))
    assert key("upheld_target_up", target="hq", vantage="fra") not in series
    assert key("upheld_target_last_sample_timestamp_seconds", target="hq", vantage="fra") in series


async def test_a_target_that_fell_silent_shows_no_frozen_value() -> None:
    """every 30 s, timeout 2 s: a sample speaks for 77 s."""
    made = board(config("hq"), up())
    at = key("upheld_target_up", target="hq", vantage="fra")
    assert at in parsed(await scraped(made, MIDNIGHT + 77 * SECOND))
    assert at not in parsed(await scraped(made, MIDNIGHT + 78 * SECOND))


async def test_what_leaves_the_configuration_leaves_the_page() -> None:
    made = board(config("hq", "web", contracts=("acme", "beta")), up(), up("web", 2))
    made.commit(Batch(accounts=[("acme", account(promise("net"))), ("beta", account(promise("net")))]))
    before = await scraped(made)
    made.configure(config("web", contracts=("beta",)))
    after = await scraped(made)
    assert 'target="hq"' in before and 'contract="acme"' in before
    assert 'target="hq"' not in after and 'contract="acme"' not in after
    assert 'target="web"' in after and 'contract="beta"' in after
    made.commit(Batch(samples=[up("hq", 3)], accounts=[("acme", account())]))
    late = await scraped(made)
    assert 'target="hq"' not in late and 'contract="acme"' not in late


async def test_an_account_that_changed_is_shown_as_it_is_now() -> None:
    made = board(config(), accounts=(("acme", account(promise("net"))),))
    metrics = Metrics(lambda: made.snapshot(MIDNIGHT), lambda: Vitals(""))
    first = zlib.decompress((await metrics.page()).compressed, 31).decode()
    made.commit(Batch(accounts=[("acme", account(promise("net", value={"exact": "1/2"}), as_of=1))]))
    metrics.renew()
    second = zlib.decompress((await metrics.page()).compressed, 31).decode()
    at = key("upheld_promise_value", contract="acme", service="net", promise="availability")
    assert (parsed(first)[at], parsed(second)[at]) == (743 / 745, 0.5)
    metrics.close()


async def test_gzip_is_given_to_those_who_ask_and_is_the_same_text() -> None:
    metrics = Metrics(lambda: full().snapshot(MIDNIGHT), lambda: Vitals(""))
    async with served(metrics.app()) as session:
        async with session.get("/metrics", headers={"Accept-Encoding": "gzip"}) as zipped:
            assert zipped.headers["Content-Encoding"] == "gzip"
            text = zlib.decompress(await zipped.read(), 31)
        async with session.get("/metrics", headers={"Accept-Encoding": "identity"}) as plain:
            assert "Content-Encoding" not in plain.headers
            assert await plain.read() == text
    metrics.close()


async def test_a_hundred_scrapes_at_once_are_one_rendering() -> None:
    made, asked = full(), []

    def snapshot():  # type: ignore[no-untyped-def]
        asked.append(1)
        return made.snapshot(MIDNIGHT)

    metrics = Metrics(snapshot, lambda: Vitals(""))
    pages = await asyncio.gather(*(metrics.page() for _ in range(100)))
    assert len({page.compressed for page in pages}) == 1
    assert len(asked) == 1
    metrics.close()


async def test_a_rendering_that_failed_is_not_served_again() -> None:
    answers = [ZeroDivisionError("first"), None]

    def vitals() -> Vitals:
        error = answers.pop(0)
        if error is not None:
            raise error
        return Vitals("")

    metrics = Metrics(lambda: full().snapshot(MIDNIGHT), vitals)
    with pytest.raises(ZeroDivisionError):
        await metrics.page()
    assert (await metrics.page()).compressed
    metrics.close()


async def test_texts_made_after_a_commit_are_those_a_scrape_would_make() -> None:
    made, vitals = full(), Vitals("")
    metrics = Metrics(lambda: made.snapshot(MIDNIGHT), lambda: vitals)
    await metrics.page()
    changed = [("acme", account(promise("net", value={"exact": "1/4"}), as_of=1))]
    made.commit(Batch(accounts=changed))
    metrics.committed(changed)
    metrics.renew()
    ahead = zlib.decompress((await metrics.page()).compressed, 31).decode()
    metrics.close()
    at = key("upheld_promise_value", contract="acme", service="net", promise="availability")
    assert parsed(ahead)[at] == 0.25
    assert shown(ahead) == shown(await scraped(made, vitals=vitals))


def shown(text: str) -> str:
    """The page without what the process itself uses meanwhile."""
    return "\n".join(line for line in text.splitlines() if not line.startswith("process_"))
