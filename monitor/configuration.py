"""The configuration as the daemon gets it: read by a process of its own, handed over as typed values.

Reading ten thousand targets takes five times the memory of what is read, and a process that has read them keeps most
of it for as long as it lives; so the one that reads is another, and ends. What it imports for that (YAML, every noun
of the contract language, every kind of hook) ends with it.
"""

import gc
import pickle
import select
import subprocess
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the other process is to begin before this one has imported anything that takes long
    from config.errors import Problem
    from config.model import Config

MODULE = "monitor.configuration"


class Reading:
    """A configuration being read by another process, which begins at once."""

    def __init__(self, path: str | None) -> None:
        command = [sys.executable, "-m", MODULE, *([path] if path else [])]
        self._child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)

    def goes_on(self) -> bool:
        """Whether there is nothing to be had yet."""
        assert self._child.stdout is not None
        return not select.select([self._child.stdout], [], [], 0)[0]

    def result(self) -> "Config":
        """The configuration; waits for it. Raises ConfigError with every problem of it."""
        from config.errors import ConfigError
        from config.model import Config

        written, _ = self._child.communicate()
        if self._child.returncode:
            text = f"reading the configuration ended with {self._child.returncode}; its last words stand above"
            raise RuntimeError(text)
        found: Config | tuple[Problem, ...] = pickle.loads(written)
        if isinstance(found, Config):
            _load(found)
            return _slim(found)
        raise ConfigError(found)


def _load(config: "Config") -> None:
    """The code of its kinds: here, because it takes long for an event loop on which others are probed."""
    from monitor.hooks.kinds import KINDS as HOOKS
    from probes.kinds import KINDS as PROBES

    for target_kind in {target.kind for target in config.targets.values()}:
        PROBES[target_kind]
    for hook_kind in {hook.kind for hook in config.hooks.values()}:
        HOOKS[hook_kind]


def read_apart(path: str | None) -> "Config":
    """The configuration, read in a process of its own. Raises ConfigError with every problem of it."""
    return Reading(path).result()


def _slim(config: "Config") -> "Config":
    """What targets have in common is there once, for nobody changes it: the sets of the fields that were typed, which
    every model has, and numbers. Three megabytes in ten thousand targets."""
    sets: dict[frozenset[str], set[str]] = {}
    numbers: dict[int, int] = {}
    for target in config.targets.values():
        typed, options = target.options.model_fields_set, target.options.__dict__
        object.__setattr__(target.options, "__pydantic_fields_set__", sets.setdefault(frozenset(typed), typed))
        for name in ("every", "timeout", "recheck"):
            object.__setattr__(target, name, _once(numbers, getattr(target, name)))
        options.update({name: _once(numbers, value) for name, value in options.items() if type(value) is int})
    return config


def _once(numbers: dict[int, int], value: int | None) -> int | None:
    """The number, as it was first seen."""
    return None if value is None else numbers.setdefault(value, value)


def read(path: str | None) -> "Config":
    """The configuration with the kinds there are, read in this process. Raises ConfigError."""
    from config.load import load
    from monitor.hooks.kinds import KINDS as HOOKS
    from probes.kinds import KINDS as PROBES

    probes = {name: kind.Options for name, kind in PROBES.items()}
    hooks = {name: kind.Options for name, kind in HOOKS.items()}
    return load(path, probes, hooks)


def main(paths: Iterable[str]) -> None:
    """Read, and write what was found to standard output."""
    from config.errors import ConfigError

    found: Config | tuple[Problem, ...]
    try:
        found = read(next(iter(paths), None))
    except ConfigError as error:
        found = error.problems
    pickle.dump(found, sys.stdout.buffer, pickle.HIGHEST_PROTOCOL)


if __name__ == "__main__":
    gc.disable()  # it ends before anything that it drops could matter
    main(sys.argv[1:])
