"""Targets, vantage, daemon, hooks and risk: what is typed, and what holds where nothing is."""

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from config.errors import ConfigError
from config.hooks import EVENTS
from config.model import Daemon, Listen, RiskTerms, Vantage
from monitor.sla.events import EventName
from tests.config.kit import CONTRACT, config, problems

S = 10**9
D = 86400 * S


def target(tmp_path: Path, more: str = "", probe: str = "{kind: icmp, host: h}") -> tuple[int, int, int | None]:
    made = config(tmp_path, f"upheld: 1\ntargets: {{t: {{probe: {probe}{more}}}}}\n").targets["t"]
    return made.every, made.timeout, made.recheck


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("", (60 * S, 5 * S, 5 * S)),
        (", every: 30s, timeout: 2s", (30 * S, 2 * S, 5 * S)),
        (", every: 4s", (4 * S, 2 * S, 2 * S)),
        (", every: 2s", (2 * S, S, S)),
        (", recheck: off", (60 * S, 5 * S, None)),
        (", recheck: 500ms", (60 * S, 5 * S, S // 2)),
    ],
)
def test_timeout_and_recheck_follow_a_short_interval(
    tmp_path: Path, more: str, expected: tuple[int, int, int | None]
) -> None:
    probe = "{kind: icmp, host: h, packets: 2}"
    assert target(tmp_path, more, probe) == expected


def test_a_target_takes_one_packet_per_second_in_the_long_run(tmp_path: Path) -> None:
    """Exactly one a second is fine; what is more is refused (``tests/bad/packets-too-many.yaml``)."""
    assert target(tmp_path, ", every: 1s", "{kind: icmp, host: h, packets: 1}") == (S, S // 2, S // 2)
    assert target(tmp_path, ", every: 3s, timeout: 1s", "{kind: icmp, host: h, packets: 3}")[0] == 3 * S
    with pytest.raises(ConfigError, match="3 packets every 2s are more than 1 per second; probe every 3s"):
        target(tmp_path, ", every: 2s, timeout: 1s", "{kind: icmp, host: h, packets: 3}")


@pytest.mark.parametrize(("typed", "expected"), [("2 of 3", (2, 3)), ("3", (3, 3)), ("1 of 1", (1, 1))])
def test_confirmation_is_so_many_of_the_last(tmp_path: Path, typed: str, expected: tuple[int, int]) -> None:
    text = f"upheld: 1\ntargets: {{t: {{probe: {{kind: icmp, host: h}}, confirm: {typed}}}}}\n"
    made = config(tmp_path, text).targets["t"]
    assert (made.confirm, made.confirm_of) == expected


def test_vantages_and_their_quorum(tmp_path: Path) -> None:
    text = "upheld: 1\ntargets: {t: {probe: {kind: icmp, host: h}, vantages: [fra, ams, lon], quorum: 2}}\n"
    made = config(tmp_path, text).targets["t"]
    assert (made.vantages, made.quorum) == (("fra", "ams", "lon"), 2)


def test_options_are_the_kinds_own_model(tmp_path: Path) -> None:
    text = (
        "upheld: 1\ntargets:\n  t:\n    probe: {kind: http, url: 'https://a.example/', method: PUT, max body: 64KiB,\n"
        "      expect: {status: [200, 3xx], body: {contains: ok, json: {$.load: 0.5, $.up: true}}}}\n"
    )
    options = config(tmp_path, text).targets["t"].options
    assert (options.method, options.max_body, options.expect.status) == ("PUT", 65536, ("200", "3xx"))


@pytest.mark.parametrize(
    ("probe", "said"),
    [
        ("{kind: icmp, host: 10}", "probe.host: '10' is not text; put it in quotes"),
        ("{kind: icmp, host: [h]}", "probe.host: a list is not text; put it in quotes"),
        ("{kind: icmp, host: h, family: 5}", "probe.family: must be 4 or 6, not '5'"),
        ("{kind: icmp, host: h, spacing: 5}", "probe.spacing: '5' has no unit"),
        ("{kind: icmp, host: h, spacing: 1ms}", "probe.spacing: must be from 20ms to 10s, not 1ms"),
        ("{kind: icmp, host: h, packets: 2.5}", "probe.packets: '2.5' is not a whole number"),
        ("{kind: icmp, host: '::1', family: 4}", "probe: host '::1' is an IPv6 address but family is 4"),
        ("{kind: http, url: 'https://a/', method: GTE}", "did you mean 'GET'?"),
        ("{kind: http, url: 'https://a/', expect: [200]}", "probe.expect: a list is not a mapping"),
        ("{kind: http, url: 'https://a/', tls: {insecure_skip_verify: no}}", "write true or false"),
        ("{kind: http, url: 'https://a/', redirects: {folow: 3}}", "probe.redirects.folow: unknown key; did you mean"),
        ("{kind: http, url: 'https://a/', headers: [a]}", "probe.headers: a list is not a mapping"),
        ("icmp", "probe: 'icmp' is not a mapping; write keys below it (names)"),
        ("{kind: [icmp]}", "probe.kind: no probe kind"),
    ],
)
def test_what_a_kind_refuses_is_told_at_its_place_in_our_words(tmp_path: Path, probe: str, said: str) -> None:
    told = problems(tmp_path, f"upheld: 1\ntargets:\n  t: {{probe: {probe}}}\n")
    assert any(said in line for line in told), told
    assert all(line.startswith("3:") for line in told)


def test_without_a_section_its_defaults_hold(tmp_path: Path) -> None:
    whole = config(tmp_path, "upheld: 1\n")
    assert whole.daemon == Daemon(store=str(tmp_path / "upheld.db"))
    assert (whole.vantage, whole.risk, whole.hooks) == (Vantage(), RiskTerms(), {})


def test_the_daemon_as_typed(tmp_path: Path) -> None:
    text = (
        "upheld: 1\ndaemon: {listen: '[::1]:0', metrics: 'localhost:9', retention: 30d, issue after: 12h, log: json}\n"
    )
    daemon = config(tmp_path, text).daemon
    assert (daemon.web, daemon.metrics) == (Listen(host="::1", port=0), Listen(host="localhost", port=9))
    assert (daemon.retention, daemon.issue_after, daemon.log_format) == (30 * D, D // 2, "json")


@pytest.mark.parametrize("address", ["8420", ":8420", "[::g]:1", "host:99999", "host", "a b:1", "host:1 ", "[1]"])
def test_what_is_no_address_to_listen_on_is_refused(tmp_path: Path, address: str) -> None:
    (told,) = problems(tmp_path, f"upheld: 1\ndaemon:\n  listen: '{address}'\n")
    assert told.startswith("3:11: daemon.listen: ")
    assert told.endswith("'[::1]:8420'")


def test_an_onsite_vantage_has_a_witness_inside(tmp_path: Path) -> None:
    text = CONTRACT + "vantage: {name: office, kind: onsite, witnesses: [hq]}\n"
    assert config(tmp_path, text).vantage == Vantage(name="office", kind="onsite", witnesses=("hq",))
    empty = problems(tmp_path, text.replace("witnesses: [hq]", "witnesses: []"))
    assert empty == ["15:50: vantage.witnesses: is empty; name a target inside the site, such as the LAN gateway"]


def test_hooks_hear_of_the_events_there_are() -> None:
    assert set(EVENTS) == {str(name) for name in EventName}


def test_a_hook_names_its_events_and_contracts(tmp_path: Path) -> None:
    text = CONTRACT + (
        "hooks: {ops: {kind: webhook, url: 'https://a.example/', events: [risk.raised], contracts: [acme]}}\n"
    )
    hook = config(tmp_path, text).hooks["ops"]
    assert (hook.kind, hook.events, hook.contracts) == ("webhook", ("risk.raised",), ("acme",))


def test_risk_as_typed(tmp_path: Path) -> None:
    risk = config(tmp_path, "upheld: 1\nrisk: {budget: [25%, 80%], incident: [], forecast: [2h], burn 1h: 3}\n").risk
    assert (risk.budget, risk.incident) == ((Fraction(1, 4), Fraction(4, 5)), ())
    assert (risk.forecast, risk.burn_1h, risk.burn_6h) == ((7200 * S,), Decimal(3), Decimal(6))


@pytest.mark.parametrize(
    ("risk", "said"),
    [
        ("{budget: 50%}", "is not a list"),
        ("{budget: [0%]}", "is reached at once"),
        ("{forecast: [15m, 1h]}", "is not below the one before"),
        ("{burn 1h: 0}", "is reached at once"),
        ("{burn 6h: fast}", "is no amount"),
    ],
)
def test_what_would_always_or_never_be_a_risk_is_refused(tmp_path: Path, risk: str, said: str) -> None:
    (told,) = problems(tmp_path, f"upheld: 1\nrisk: {risk}\n")
    assert said in told


@pytest.mark.parametrize("section", ["daemon", "vantage", "targets", "contracts", "hooks", "risk"])
@pytest.mark.parametrize("value", ["", "5", "[a]", "text"])
def test_a_section_that_is_no_mapping_is_told_once(tmp_path: Path, section: str, value: str) -> None:
    told = problems(tmp_path, f"upheld: 1\n{section}: {value}\n")
    assert len(told) == 1
    assert f"{section}: " in told[0]
    assert "is not a mapping" in told[0]
