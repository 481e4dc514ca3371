"""How this program runs one of its own modules in a process beside it."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def command(module: str, *arguments: str) -> list[str]:
    """What runs it. It imports nothing that lies where we were called from: a ``config.py`` there is somebody
    else's."""
    return [sys.executable, *(() if _at_root() else ("-P",)), "-m", module, *arguments]


def _at_root() -> bool:
    """Whether we were called from where our own code lies, which may not be installed."""
    try:
        return Path.cwd() == ROOT
    except FileNotFoundError:  # it was removed meanwhile
        return False
