"""The commands that are printed for people can be copied as they stand."""

import shlex
import sys
from pathlib import Path

import pytest

from monitor.cli.common import shown


def test_the_program_is_named_where_the_shell_finds_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "upheld"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert shown("status") == "upheld status"


def test_elsewhere_by_its_path_with_blanks_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = tmp_path / "a checkout" / "bin"
    there.mkdir(parents=True)
    (there / "upheld").touch()
    monkeypatch.setattr(sys, "executable", str(there / "python"))
    monkeypatch.setenv("PATH", "")
    monkeypatch.chdir(tmp_path)
    assert shown("status", "-c", "my file.yaml") == "'a checkout/bin/upheld' status -c 'my file.yaml'"
    assert shlex.split(shown("status"))[0] == "a checkout/bin/upheld"


def test_not_installed_by_its_interpreter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", "")
    assert shown("status") == f"{tmp_path / 'python'} -m monitor.cli status"
