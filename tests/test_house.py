"""The house keeps its rules: imports point one way, the core is pure, files stay small."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = [p for top in ("config", "probes", "monitor", "tests") for p in sorted((ROOT / top).rglob("*.py"))]
PURE = [*sorted((ROOT / "monitor/sla").rglob("*.py")), *sorted((ROOT / "config/contract").rglob("*.py"))]
IMPURE = {"time", "socket", "sqlite3", "sqlite_utils", "logging", "asyncio", "os", "pathlib", "random", "threading"}


def test_imports_point_one_way() -> None:
    lint = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"]
    found = subprocess.run(lint, cwd=ROOT, capture_output=True, text=True)
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize("path", PURE, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_core_imports_no_clock_socket_database_or_logger(path: Path) -> None:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").split(".")[0])
    assert not names & IMPURE


def test_no_file_is_over_300_lines() -> None:
    long = {str(p.relative_to(ROOT)): n for p in SOURCES if (n := len(p.read_text().splitlines())) > 300}
    assert not long
