"""The configuration is read by a process of its own and comes out the same."""

import os
import pickle
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from config.errors import ConfigError
from monitor.configuration import read, read_apart

ROOT = Path(__file__).parents[2]
TYPO = "upheld: 1\ntargets:\n  a: {probe: {kind: icmp, host: 192.0.2.7}, evry: 10s}\n"


@pytest.mark.parametrize("name", ["isp", "contract", "claims"])
def test_what_is_read_apart_is_what_would_be_read_here(name: str) -> None:
    path = str(ROOT / f"config/examples/{name}.yaml")
    assert read_apart(path) == read(path)


def test_targets_that_differ_in_their_host_alone_come_across_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "upheld.yaml"
    probe = "{kind: icmp, host: 192.0.2.%d, packets: %d}"
    lines = [f"  t{n}: {{probe: {probe % (n, 1 + n % 2)}, every: {10 + n % 3}s}}" for n in range(1, 30)]
    web = [
        '  w: {probe: {kind: http, url: "http://a.example/"}}',
        '  v: {probe: {kind: http, url: "http://b.example/"}}',
    ]
    path.write_text("\n".join(["upheld: 1", "targets:", *lines, *web, ""]))
    here, apart = read(str(path)), read_apart(str(path))
    assert list(apart.targets) == list(here.targets)
    for name, target in here.targets.items():
        assert apart.targets[name] == target and target == apart.targets[name]
        assert apart.targets[name].options == target.options
        assert pickle.loads(pickle.dumps(apart.targets[name])) == target
    assert apart.targets["t1"] != here.targets["t7"]
    assert len({id(target.every) for target in apart.targets.values()}) <= 7


def test_what_reads_it_imports_nothing_from_where_it_was_called(tmp_path: Path) -> None:
    (tmp_path / "config.py").write_text("raise SystemExit('somebody else')\n")
    (tmp_path / "upheld.yaml").write_text(TYPO)
    asked = "from monitor.configuration import read_apart; read_apart('upheld.yaml')"
    done = subprocess.run(
        [sys.executable, "-P", "-c", asked], cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert done.stderr.endswith("upheld.yaml:3:45: targets.a.evry: unknown key; did you mean 'every'?\n")


def test_ctrl_c_while_it_is_read_is_130_and_no_word(tmp_path: Path) -> None:
    """A terminal interrupts every process of the group in the foreground."""
    (tmp_path / "upheld.yaml").write_text(TYPO)
    daemon = subprocess.Popen(
        [sys.executable, "-m", "monitor.cli", "run", "-c", str(tmp_path)],
        cwd=ROOT, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    children = Path(f"/proc/{daemon.pid}/task/{daemon.pid}/children")
    while not children.read_text():
        assert daemon.poll() is None
    os.killpg(daemon.pid, signal.SIGINT)
    assert (daemon.communicate(timeout=30)[1], daemon.returncode) == ("", 130)


DROPPED = """
import signal, sys
from monitor.cli import main, run

def interrupted_unheard(*_):
    try:
        signal.raise_signal(signal.SIGINT)
    except KeyboardInterrupt:
        pass

run._import = interrupted_unheard
main(sys.argv[1:])
"""


def test_ctrl_c_that_a_library_drops_while_it_is_imported_is_heard(tmp_path: Path) -> None:
    (tmp_path / "upheld.yaml").write_text(TYPO)
    asked = [sys.executable, "-c", DROPPED, "run", "-c", str(tmp_path)]
    done = subprocess.run(asked, cwd=ROOT, stderr=subprocess.PIPE, text=True, timeout=30)
    assert (done.stderr, done.returncode) == ("", 130)


def test_problems_come_across_with_their_places(tmp_path: Path) -> None:
    path = tmp_path / "upheld.yaml"
    path.write_text(TYPO)
    with pytest.raises(ConfigError) as here:
        read(str(path))
    with pytest.raises(ConfigError) as apart:
        read_apart(str(path))
    assert apart.value.problems == here.value.problems
    assert apart.value.problems[0].line == 3
