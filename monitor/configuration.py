"""The configuration as the daemon gets it: read by a process of its own, handed over as typed values.

Reading ten thousand targets takes five times the memory of what is read, and a process that has read them keeps most
of it for as long as it lives; so the one that reads is another, and ends. What it imports for that (YAML, every noun
of the contract language, every kind of hook) ends with it.
"""

import gc
import pickle
import select
import signal
import subprocess
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from monitor.child import command

if TYPE_CHECKING:  # the other process is to begin before this one has imported anything that takes long
    from config.errors import Problem
    from config.like import Alike
    from config.model import Config

MODULE = "monitor.configuration"


class Reading:
    """A configuration being read by another process, which begins at once."""

    def __init__(self, path: str | None) -> None:
        asked = command(MODULE, *([path] if path else []))
        # In a group of its own: Ctrl-C is for the daemon alone, and what nobody waits for ends by itself.
        self._child = subprocess.Popen(asked, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, process_group=0)

    def goes_on(self) -> bool:
        """Whether there is nothing to be had yet."""
        assert self._child.stdout is not None
        return not select.select([self._child.stdout], [], [], 0)[0]

    def result(self) -> "Config":
        """The configuration; waits for it. Raises ConfigError with every problem of it."""
        from config.errors import ConfigError
        from config.like import Alike, made
        from config.model import Config

        written, _ = self._child.communicate()
        if self._child.returncode:
            text = f"reading the configuration ended with {self._child.returncode}; its last words stand above"
            raise RuntimeError(text)
        found: tuple[Config, Alike] | tuple[Problem, ...] = pickle.loads(written)
        del written
        match found:
            case (Config() as config, Alike() as targets):
                config = config.but(targets=made(targets))
                _load(config)
                return config
            case problems:
                raise ConfigError(problems)


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
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    from config.errors import ConfigError
    from config.like import alike

    found: tuple[Config, Alike] | tuple[Problem, ...]
    try:
        config = read(next(iter(paths), None))
        found = config.but(targets={}), alike(config.targets)
    except ConfigError as error:
        found = error.problems
    pickle.dump(found, sys.stdout.buffer, pickle.HIGHEST_PROTOCOL)


if __name__ == "__main__":
    gc.disable()  # it ends before anything that it drops could matter
    main(sys.argv[1:])
