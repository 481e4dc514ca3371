"""The configuration is read by a process of its own and comes out the same."""

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


def test_problems_come_across_with_their_places(tmp_path: Path) -> None:
    path = tmp_path / "upheld.yaml"
    path.write_text(TYPO)
    with pytest.raises(ConfigError) as here:
        read(str(path))
    with pytest.raises(ConfigError) as apart:
        read_apart(str(path))
    assert apart.value.problems == here.value.problems
    assert apart.value.problems[0].line == 3
