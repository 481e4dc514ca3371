"""What every test may rely on: ``needs("program")`` skips loudly where the program is absent, and fails under CI;
long files first."""

import os
import shutil
from pathlib import Path

import pytest

LONG = ("acceptance", "daemon", "campaign", "lab", "cli", "laws", "render", "store")
"""Where the files are that take long, each as a whole: begun first, lest one of them is all that runs in the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _turn(item.path))


def _turn(path: Path) -> int:
    return LONG.index(path.parent.name) if path.parent.name in LONG else len(LONG)


def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark in item.iter_markers("needs"):
        for program in mark.args:
            if shutil.which(program) is None and shutil.which(program, path="/usr/sbin:/sbin") is None:
                text = f"{program} is not installed: this test runs the real one"
                if os.environ.get("CI"):
                    pytest.fail(text)
                pytest.skip(text)
