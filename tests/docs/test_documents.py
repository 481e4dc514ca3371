"""What the documents show is what the program does; what they name is there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from config.contract import exclusions, read, services
from config.daemon import KEYS as DAEMON_KEYS
from config.daemon import RISK_KEYS
from config.targets import KEYS as TARGET_KEYS
from config.typed import keys
from config.vantage import KEYS as VANTAGE_KEYS
from probes.kinds import KINDS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "tests/oracle/README.md"]
LINK = re.compile(r"\[[^]]+\]\(([^)#:]+)(#[^)]*)?\)")


def _blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)\n```", README, re.DOTALL)


def test_the_statement_in_the_readme_is_what_its_command_prints() -> None:
    command, _, shown = _blocks("console")[0].partition("\n")
    arguments = command.removeprefix("$ upheld ").split()
    run = [sys.executable, "-m", "monitor.cli", *arguments]
    printed = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert printed.partition("\nMethods:")[0].strip() == shown
    assert README.splitlines().index(f"$ upheld {' '.join(arguments)}") < 10


def test_the_contract_in_the_readme_is_the_example_in_fifteen_lines() -> None:
    [shown] = _blocks("yaml")
    assert shown == (ROOT / "config/examples/contract.yaml").read_text().strip()
    assert len(shown.splitlines()) == 15


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) < 200


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_what_a_document_links_to_is_there(document: Path) -> None:
    for target, anchor in LINK.findall(document.read_text()):
        linked = (document.parent / target).resolve()
        assert linked.exists(), f"{document.name}: {target}"
        if anchor:
            titles = re.findall(r"^#+ (.*)$", linked.read_text(), re.MULTILINE)
            assert anchor[1:] in [re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-") for title in titles]


def test_every_bench_that_is_named_can_be_made() -> None:
    for name in re.findall(r"make bench-(\w+)", README):
        assert (ROOT / f"tests/bench/{name}.py").exists(), name


KEYS = {
    *DAEMON_KEYS,
    *RISK_KEYS,
    *VANTAGE_KEYS,
    *TARGET_KEYS,
    *read.KEYS,
    *services.KEYS,
    *exclusions.KEYS,
    *(key for kind in KINDS.values() for key in keys(kind.Options)),
}


@pytest.mark.parametrize("key", sorted(KEYS))
def test_every_key_stands_in_the_configuration_reference(key: str) -> None:
    assert re.search(rf"[`{{ .]{re.escape(key)}[`:.]", (ROOT / "docs/configuration.md").read_text())
