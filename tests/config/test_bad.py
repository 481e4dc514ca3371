"""One wrong configuration for every message; its first line is the message, without the file's name (but for that of
a file of rows beside it)."""

import re
from pathlib import Path

import pytest

from config.errors import ConfigError
from tests.config.kit import read

FILES = sorted((Path(__file__).parent.parent / "bad").glob("*.yaml"))
DATA = re.compile(r"[a-z-]+\.(csv|json):")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_wrong_file_gets_exactly_its_message(file: Path) -> None:
    expected = file.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")
    with pytest.raises(ConfigError) as error:
        read(file)
    of_rows = DATA.match(expected) is not None
    assert [str(one) for one in error.value.problems] == [
        f"{file.parent}/{expected}" if of_rows else f"{file}:{expected}"
    ]


def test_there_are_enough_of_them() -> None:
    assert len(FILES) >= 100
