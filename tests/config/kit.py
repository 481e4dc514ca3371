"""What the tests of the configuration share: a file with a text in it, loaded with the kinds there are."""

from pathlib import Path

from config.errors import ConfigError
from config.load import load
from config.model import Config
from monitor.hooks.kinds import KINDS as HOOKS
from probes.kinds import KINDS as PROBES

PROBE_KINDS = {name: kind.Options for name, kind in PROBES.items()}
HOOK_KINDS = {name: kind.Options for name, kind in HOOKS.items()}

CONTRACT = """\
upheld: 1
targets:
  hq: {probe: {kind: icmp, host: 192.0.2.7}}
  web: {probe: {kind: http, url: "https://www.example.com/"}}
contracts:
  acme:
    provider: ExampleNet
    customer: ACME GmbH
    currency: EUR
    services:
      line: {targets: [hq], charge: 1200.00}
      site: {targets: [web], charge: 300.00}
    promises:
      - availability >= 99.9%
"""


def read(path: Path | str, env: dict[str, str] | None = None) -> Config:
    """The configuration at a path, with an environment of its own."""
    return load(str(path), PROBE_KINDS, HOOK_KINDS, env or {})


def config(tmp_path: Path, text: str, env: dict[str, str] | None = None) -> Config:
    """The text as a configuration."""
    file = tmp_path / "upheld.yaml"
    file.write_text(text, encoding="utf-8")
    return read(file, env)


def problems(tmp_path: Path, text: str, env: dict[str, str] | None = None) -> list[str]:
    """Every problem of the text, without the name of its file; empty where it has none."""
    try:
        config(tmp_path, text, env)
    except ConfigError as error:
        return [str(one).removeprefix(f"{tmp_path}/upheld.yaml:") for one in error.problems]
    return []
