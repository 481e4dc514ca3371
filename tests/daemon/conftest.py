"""A web server to probe, one daemon that the tests share, and daemons that end with their test."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.daemon.process import Running, Site, settings


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    one = Site()
    yield one
    one.close()


@pytest.fixture(scope="module")
def daemon(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Ready; every test leaves it as it found it."""
    one = Running(tmp_path_factory.mktemp("shared"), settings(site.url))
    try:
        one.until_ready()
        yield one
    finally:
        one.kill()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Starts a daemon in the test's directory."""
    running: list[Running] = []

    def begin(config: str, *options: str) -> Running:
        running.append(Running(tmp_path, config, *options, name=f"run{len(running)}"))
        return running[-1]

    yield begin
    for one in running:
        one.kill()
