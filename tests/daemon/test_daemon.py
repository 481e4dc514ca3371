"""The daemon as a process: what it answers, how it reloads, how it ends, what it refuses."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from monitor.cli import main
from probes.sample import Sample
from tests.daemon.process import ROOT, Running, Site, settings

Start = Callable[..., Running]
RELOADED = "upheld_config_last_reload_successful"
MISSED = "upheld_slots_missed_total"
RELOADED_AT = "upheld_config_last_reload_success_timestamp_seconds"


def test_it_probes_judges_and_tells_where_to_look(daemon: Running, site: Site) -> None:
    daemon.until(lambda: daemon.samples("up") >= 7)
    assert daemon.ask(daemon.url("/-/healthy")) == (200, "alive\n")
    series = daemon.metrics()
    assert series['upheld_target_up{target="site",vantage="here"}'] == 1
    assert series['upheld_promise_target{contract="acme",promise="availability",service="web"}'] == 0.999
    assert series['upheld_incident_open{contract="acme",service="web"}'] == 0
    daemon.until(lambda: "<td>web</td><td>up</td>" in daemon.ask(daemon.url("/"))[1])
    assert str(daemon.config.parent / "upheld.db") in daemon.out
    site.status = 503
    daemon.until(lambda: daemon.metrics()['upheld_incident_open{contract="acme",service="web"}'] == 1)
    assert daemon.metrics()['upheld_target_up{target="site",vantage="here"}'] == 0
    site.status = 200
    daemon.until(lambda: daemon.metrics()['upheld_incident_open{contract="acme",service="web"}'] == 0)


def test_sigterm_and_sigint_end_it_in_good_order_and_nothing_recorded_is_lost(start: Start, site: Site) -> None:
    recorded = 0
    for number in (signal.SIGTERM, signal.SIGINT):
        daemon = start(settings(site.url))
        daemon.until_ready()
        daemon.until(lambda: daemon.samples("up") >= 7)  # noqa: B023
        recorded += 1
        code, took = daemon.end(number)
        assert (code, daemon.err) == (0, "")
        assert took < 5
    assert stored(daemon).count("up") >= recorded
    others = {(sample.outcome.value, sample.reason) for sample in samples(daemon, "site")} - {("up", None)}
    assert others <= {("unknown", "shutdown")}  # one that was under way


def stored(daemon: Running, target: str = "site") -> list[str]:
    """The outcomes in the daemon's store, in order of time."""
    return [sample.outcome.value for sample in samples(daemon, target)]


def samples(daemon: Running, target: str) -> list[Sample]:
    """The same as samples."""
    from monitor.store.sqlite import open_store

    store = open_store(daemon.config.parent / "upheld.db", read_only=True)
    try:
        return list(store.samples(target, 0, 1 << 62))
    finally:
        store.close()


def test_samples_that_no_store_takes_at_the_end_are_told_with_their_number_and_why(start: Start, site: Site) -> None:
    daemon = start(settings(site.url))
    daemon.until_ready()
    daemon.until(lambda: "up" in stored(daemon))  # the gap is one between what is recorded
    store = daemon.config.parent / "upheld.db"
    store.rename(store.with_name("away.db"))
    away = time.monotonic()  # longer than a sample speaks (3.4 s), however soon the next one starts
    daemon.until(lambda: "[store_replaced]" in daemon.err and time.monotonic() - away > 4)
    assert daemon.end()[0] == 69
    assert re.search(r"\[unrecorded_at_stop\] store: the last [1-9]\d* samples are lost.*the file is gone", daemon.err)
    assert "Traceback" not in daemon.err and not store.exists()
    store.with_name("away.db").rename(store)
    again = start(settings(site.url))
    again.until_ready()
    again.until(lambda: again.samples("up") >= 7)
    assert again.end()[0] == 0
    assert down_and_unknown(again) == ("0", ["monitor_down"])


def down_and_unknown(daemon: Running) -> tuple[str, list[str]]:
    """What the statement of this month says was down (ns), and why what was unknown since the first sample was."""
    month = datetime.fromtimestamp(samples(daemon, "site")[0].at / 1e9, UTC).strftime("%Y-%m")
    asked = ["statement", "acme", month, "--format", "json", "-c", str(daemon.config)]
    told = json.loads(CliRunner().invoke(main, asked).stdout)
    causes = {span["cause"] for span in told["unknown"]} - {"not_measured", "to_come"}
    return told["services"]["web"]["down_ns"], sorted(causes)


def test_its_own_trouble_is_one_line_a_minute_with_what_helps(start: Start, site: Site) -> None:
    probe = f'{{probe: {{kind: http, url: "{site.url}", source: 192.0.2.9}}, every: 1s, timeout: 900ms}}'
    daemon = start(settings(site.url, more=f"  elsewhere: {probe}"))
    daemon.until_ready()
    daemon.until(lambda: daemon.samples("unknown") >= 3)
    (line,) = daemon.err.splitlines()
    assert "warning [EADDRNOTAVAIL] vantage here: no source address or port is left" in line
    assert line.endswith("elsewhere is Unknown meanwhile")
    daemon.end()


def test_runs_in_flight_end_unknown_at_shutdown(start: Start) -> None:
    """100 targets every 4 s that accept and never answer for 3.9 s: SIGTERM while about 40 wait."""
    with socket.create_server(("127.0.0.1", 0), backlog=256) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        probe = f'{{probe: {{kind: http, url: "{url}"}}, every: 4s, timeout: 3900ms}}'
        many = "\n".join(f"  t{i}: {probe}" for i in range(95))
        daemon = start(settings(url, every="4s", more=many))
        daemon.until_ready()
        time.sleep(1)
        code, took = daemon.end()
    assert (code, daemon.err) == (0, "")
    assert took < 5
    cut_short = [sample for i in range(95) for sample in samples(daemon, f"t{i}") if (sample.took or 0) < 3_900_000_000]
    assert len(cut_short) >= 20
    assert {(sample.outcome.value, sample.reason) for sample in cut_short} == {("unknown", "shutdown")}


def test_a_reload_puts_a_good_configuration_in_force_and_stale_targets_vanish(daemon: Running, site: Site) -> None:
    extra = f'  other: {{probe: {{kind: http, url: "{site.url}"}}, every: 1s, timeout: 900ms}}'
    daemon.config.write_text(settings(site.url, more=extra))
    assert daemon.ask(daemon.url("/-/reload"), "POST") == (200, "reloaded\n")
    other = 'upheld_target_up{target="other",vantage="here"}'
    daemon.until(lambda: daemon.metrics().get(other) == 1)
    before = daemon.metrics()[RELOADED_AT]
    daemon.config.write_text(settings(site.url, promise="availability >= 99%"))
    assert daemon.ask(daemon.url("/-/reload"), "POST") == (200, "reloaded\n")
    target = 'upheld_promise_target{contract="acme",promise="availability",service="web"}'
    daemon.until(lambda: daemon.metrics().get(target) == 0.99)
    after = daemon.metrics()
    assert other not in after
    assert after[RELOADED] == 1
    assert after[RELOADED_AT] > before


def test_a_wrong_configuration_changes_nothing_and_is_told(daemon: Running, site: Site) -> None:
    before, missed = daemon.metrics()[RELOADED_AT], daemon.metrics()[MISSED]
    daemon.config.write_text(settings(site.url).replace("99.9%", "999%"))
    status, text = daemon.ask(daemon.url("/-/reload"), "POST")
    assert status == 422
    assert f"{daemon.config}:" in text and "'999%'" in text
    assert daemon.metrics()[RELOADED] == 0
    assert daemon.metrics()[RELOADED_AT] == before
    assert "[reload_refused]" in daemon.err
    seen = daemon.samples("up")
    daemon.until(lambda: daemon.samples("up") > seen + 2)
    daemon.config.write_text(settings(site.url))
    daemon.process.send_signal(signal.SIGHUP)
    daemon.until(lambda: daemon.metrics()[RELOADED] == 1)
    daemon.config.unlink()
    daemon.process.send_signal(signal.SIGHUP)
    daemon.until(lambda: daemon.metrics()[RELOADED] == 0)
    seen = daemon.samples("up")
    daemon.until(lambda: daemon.samples("up") > seen + 2)
    assert daemon.metrics()[MISSED] <= missed + 2


def test_a_stopped_process_blames_no_target(daemon: Running, site: Site) -> None:
    """SIGSTOP for 3 s with five runs a second: no Down, no burst afterwards."""
    down, up, missed = daemon.samples("down"), daemon.samples("up"), daemon.metrics()[MISSED]
    daemon.process.send_signal(signal.SIGSTOP)
    time.sleep(3)
    hits, resumed = site.hits, time.monotonic()
    daemon.process.send_signal(signal.SIGCONT)
    time.sleep(1)
    assert site.hits - hits <= (time.monotonic() - resumed) * 5 + 5
    daemon.until(lambda: daemon.samples("up") >= up + 5)
    assert daemon.samples("down") == down
    assert daemon.metrics()[MISSED] >= missed + 10


def test_a_second_daemon_is_refused_and_the_first_goes_on(daemon: Running, site: Site) -> None:
    second = Running(daemon.config.parent, settings(site.url), name="second")
    assert second.process.wait(20) == 75
    assert f"held by another instance (pid {daemon.process.pid}" in second.err
    assert "Traceback" not in second.err
    seen = daemon.samples("up")
    daemon.until(lambda: daemon.samples("up") > seen)


def beside_it(daemon: Running, site: Site) -> str:
    """A configuration by which verbs find the running daemon."""
    path = daemon.config.with_name("beside.yaml")
    address = daemon.url("").removeprefix("http://")
    path.write_text(settings(site.url).replace('listen: "127.0.0.1:0"', f'listen: "{address}"'))
    return str(path)


def test_what_people_add_while_it_runs_counts_at_once(daemon: Running, site: Site) -> None:
    """An hour of the month's first day is excluded through the running daemon, which alone may write its store."""
    beside = beside_it(daemon, site)
    first = datetime.now(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    span = ("--from", first.isoformat(), "--to", (first + timedelta(hours=1)).isoformat())
    why = ("--cause", "planned maintenance", "--reason", "new switch", "--author", "noc")
    added = CliRunner().invoke(main, ["exclude", "add", "-c", beside, *span, *why])
    assert added.exit_code == 0, added.output

    def excluded() -> int:
        shown = CliRunner().invoke(main, ["status", "-c", beside, "acme", "--json"])
        return int(json.loads(shown.output)["acme"]["services"]["web"]["excluded_ns"])

    daemon.until(lambda: excluded() > 0)


def test_a_statement_is_issued_by_the_daemon_that_holds_the_store(daemon: Running, site: Site, tmp_path: Path) -> None:
    """A month of which nothing is known: that is what the statement says, and it is verified all the same."""
    beside = beside_it(daemon, site)
    refused = CliRunner().invoke(main, ["issue", "acme", "2026-10-01", "-c", beside])
    assert refused.exit_code == 2
    assert "2026-10-01 is no period of acme, which is accounted by month" in refused.stderr
    statement, evidence = tmp_path / "statement.json", tmp_path / "evidence.jsonl"
    asked = ["issue", "acme", "2026-10", "-o", str(statement), "--evidence", str(evidence), "-c", beside]
    done = CliRunner().invoke(main, asked)
    assert done.exit_code == 0, done.output
    assert "acme 2026-10: revision 1 issued, sha256:" in done.stderr
    again = CliRunner().invoke(main, asked)
    assert "acme 2026-10: nothing changed since revision 1, sha256:" in again.stderr
    assert CliRunner().invoke(main, ["verify", str(statement), str(evidence)]).exit_code == 0


def test_a_killed_daemon_is_followed_by_one_that_goes_on_with_its_store(start: Start, site: Site) -> None:
    first = start(settings(site.url))
    first.until_ready()
    first.until(lambda: first.samples("up") >= 6)
    recorded = first.samples("up")
    first.end(signal.SIGKILL)
    second = start(settings(site.url))
    second.until_ready()
    second.until(lambda: second.samples("up") >= 1)
    assert second.end()[0] == 0
    ups = [outcome for target in ("site", "a", "b", "c", "d") for outcome in stored(second, target)]
    assert ups.count("up") >= recorded + 1


def test_an_address_in_use_is_one_line_and_exit_69(start: Start, site: Site) -> None:
    port = site.url.rsplit(":", 1)[1].rstrip("/")
    daemon = start(settings(site.url).replace('listen: "127.0.0.1:0"', f'listen: "127.0.0.1:{port}"'))
    assert daemon.process.wait(20) == 69
    (line,) = daemon.err.splitlines()
    assert line.startswith(f"daemon.listen: cannot listen on 127.0.0.1:{port}: ")


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "monitor.cli", "run", *arguments],
        cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip


def test_a_wrong_configuration_at_the_start_is_all_its_problems_and_exit_2(tmp_path: Path) -> None:
    path = tmp_path / "upheld.yaml"
    path.write_text(settings("http://127.0.0.1:1/").replace("99.9%", "999%").replace("every: 1s", "every: 5", 1))
    done = run("-c", str(path))
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 2
    assert all(line.startswith(f"{path}:") for line in done.stderr.splitlines())
    assert run("-c", str(tmp_path / "no.yaml")).returncode == 2


def test_a_store_that_cannot_be_written_is_one_line_and_exit_69(tmp_path: Path) -> None:
    path = tmp_path / "upheld.yaml"
    path.write_text(settings("http://127.0.0.1:1/"))
    (tmp_path / "foreign").write_text("not a database, and nobody's business")
    for store in ("/proc/upheld/store.db", str(tmp_path / "foreign")):
        done = run("-c", str(path), "--store", store)
        assert done.returncode == 69, done.stderr
        (line,) = done.stderr.splitlines()
        assert line.startswith(store)


@pytest.mark.needs("promtool")
def test_promtool_finds_nothing_to_say_of_the_live_page(daemon: Running, site: Site) -> None:
    text = daemon.ask(daemon.metrics_url)[1]
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
