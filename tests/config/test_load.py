"""Files to a configuration: directories merge, only regular files are read, and all problems come at once."""

import os
import time
from pathlib import Path

import pytest

from config.errors import ConfigError
from config.load import default_path
from tests.config.kit import CONTRACT, config, problems, read

TARGET = "{probe: {kind: icmp, host: 192.0.2.7}}"


def lines(path: Path) -> list[str]:
    with pytest.raises(ConfigError) as error:
        read(path)
    assert str(error.value) == "\n".join(map(str, error.value.problems))
    return str(error.value).replace(f"{path}/", "").splitlines()


def test_files_of_a_directory_merge_by_section(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(f"upheld: 1\ntargets:\n  a: {TARGET}\nrisk: {{burn 1h: 10}}\n")
    (tmp_path / "b.yml").write_text(f"upheld: 1\ntargets:\n  b: {TARGET}\nrisk: {{burn 6h: 5}}\n")
    (tmp_path / ".hidden.yaml").write_text("nonsense: [")
    (tmp_path / "notes.txt").write_text("nonsense: [")
    whole = read(tmp_path)
    assert list(whole.targets) == ["a", "b"]
    assert (whole.risk.burn_1h, whole.risk.burn_6h) == (10, 5)


def test_one_thing_defined_twice_names_both_places(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(f"upheld: 1\ntargets:\n  a: {TARGET}\n")
    (tmp_path / "b.yaml").write_text(f"targets:\n  a: {TARGET}\n")
    assert lines(tmp_path) == ["b.yaml:2:3: targets.a: is defined twice; the first is at a.yaml:3:3"]


def test_an_option_of_the_daemon_set_in_two_files_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("upheld: 1\ndaemon: {store: a.db}\n")
    (tmp_path / "b.yaml").write_text("upheld: 2\ndaemon: {store: a.db, retention: 30d}\n")
    told = lines(tmp_path)
    assert "b.yaml:1:1: upheld: is defined twice" in told[0]
    assert "b.yaml:2:10: daemon.store: is defined twice" in told[1]


def test_problems_of_all_files_come_in_file_order(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text("targets:\n  b: {}\n  c: {}\n")
    (tmp_path / "a.yaml").write_text("upheld: 1\ntargets: [\n")
    (tmp_path / "c.yaml").write_text("upheld: 1\nhooks: {x: {kind: none}}\n")
    assert [line.split(": ")[0] for line in lines(tmp_path)] == [
        "a.yaml:3:1",
        "b.yaml:2:3",
        "b.yaml:3:3",
        "c.yaml:2:19",
    ]


def test_every_problem_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    text = CONTRACT.replace("[web]", "[wbe]").replace("availability >= 99.9%", "availability >= 999%")
    told = problems(tmp_path, text.replace("customer: ACME GmbH", "custmer: ACME GmbH") + "    period: monthly\n")
    assert [line.split(" ")[1] for line in told] == [
        "contracts.acme.customer:",
        "contracts.acme.custmer:",
        "contracts.acme.services.site.targets[0]:",
        "contracts.acme.promises[0]:",
        "contracts.acme.period:",
    ]


def test_a_broken_target_is_not_told_again_where_it_is_used(tmp_path: Path) -> None:
    told = problems(tmp_path, CONTRACT.replace("host: 192.0.2.7", "hots: 192.0.2.7").replace(
        "availability >= 99.9%", "packet delivery >= 99% of line"))  # fmt: skip
    assert [line.split(" ")[1] for line in told] == ["targets.hq.probe.host:", "targets.hq.probe.hots:"]


def test_credits_of_a_promise_with_a_problem_are_not_told_again(tmp_path: Path) -> None:
    text = CONTRACT.replace("99.9%", "999%") + '    credits: {availability: {"< 99%": 5%}}\n'
    assert len(problems(tmp_path, text)) == 1


def test_what_is_not_there_or_no_file_is_one_clear_line(tmp_path: Path) -> None:
    missing = tmp_path / "none.yaml"
    assert lines(missing) == [f"{missing}: cannot be read: No such file or directory"]
    assert lines(tmp_path) == [f"{tmp_path}: no *.yaml file in this directory"]
    (tmp_path / "d.yaml").mkdir()
    assert lines(tmp_path) == ["d.yaml: is not a regular file"]


def test_a_path_that_cannot_even_be_looked_at_is_one_clear_line(tmp_path: Path) -> None:
    """As of one below a directory that may not be searched."""
    path = tmp_path / ("a" * 300)
    assert lines(path) == [f"{path}: cannot be read: File name too long"]


def test_a_pipe_does_not_hang_and_a_device_does_not_fill_memory(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "zero.yaml").symlink_to("/dev/zero")
    began = time.perf_counter()
    assert lines(tmp_path) == ["pipe.yaml: is not a regular file", "zero.yaml: is not a regular file"]
    assert time.perf_counter() - began < 1


def test_a_path_that_is_no_path_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="null byte"):
        read("a\0b")


def test_the_store_lies_beside_the_file_that_names_it(tmp_path: Path) -> None:
    assert config(tmp_path, "upheld: 1\n").daemon.store == str(tmp_path / "upheld.db")
    assert config(tmp_path, "upheld: 1\ndaemon: {store: var/x.db}\n").daemon.store == str(tmp_path / "var" / "x.db")
    assert config(tmp_path, "upheld: 1\ndaemon: {store: /srv/x.db}\n").daemon.store == "/srv/x.db"
    assert read(tmp_path).daemon.store == "/srv/x.db"


def test_the_default_path_is_named_found_or_of_the_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert default_path({}) == "/etc/upheld"
    (tmp_path / "upheld.yaml").write_text("upheld: 1\n")
    assert default_path({}) == "upheld.yaml"
    assert default_path({"UPHELD_CONFIG": "/srv/c"}) == "/srv/c"


def test_two_thousand_services_load_in_less_than_two_seconds(tmp_path: Path) -> None:
    targets = "\n".join(f"  t{n}: {{probe: {{kind: icmp, host: 192.0.2.7}}, every: 30s}}" for n in range(2000))
    services = [
        "".join(f"      s{n}: {{targets: [t{n}], charge: 10.00}}\n" for n in range(k, 2000, 20)) for k in range(20)
    ]
    contracts = "\n".join(
        f"  c{k}:\n    provider: P\n    customer: C\n    timezone: Europe/Berlin\n    currency: EUR\n"
        f"    services:\n{services[k]}    promises: [availability >= 99.9%, longest outage <= 4h]\n"
        for k in range(20)
    )
    took = []
    for _ in range(3):  # the least of three: other work on the machine is not this code's
        began = time.process_time()
        whole = config(tmp_path, f"upheld: 1\ntargets:\n{targets}\ncontracts:\n{contracts}")
        took.append(time.process_time() - began)
    assert sum(len(contract.services) for contract in whole.contracts.values()) == 2000
    assert min(took) < 2
