"""What the verbs that read and add have in common: configuration, contracts, periods, output, and how they fail.

Exit codes: 0 done, 2 usage or configuration, 65 bad facts, 69 a needed service is unavailable, 75 store held.
"""

import io
import os
import shlex
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Never

import click

if TYPE_CHECKING:  # a daemon has another process read its configuration, which is to begin before these are imported
    from config.contract.model import Contract
    from config.model import Config
    from config.periods import Period

USAGE, BAD_FACTS, UNAVAILABLE, HELD = 2, 65, 69, 75


def fail(code: int, text: str) -> Never:
    """End the command: the text on standard error as it is, since it names its file or object itself."""
    click.echo(text, err=True)
    raise SystemExit(code)


def shown(*arguments: str) -> str:
    """A command for people to copy: ``upheld`` by the way that finds it from here, and its arguments quoted."""
    if shutil.which("upheld"):
        return shlex.join(["upheld", *arguments])
    beside = os.path.relpath(Path(sys.executable).with_name("upheld"))
    return shlex.join(
        [beside, *arguments] if Path(beside).exists() else [sys.executable, "-m", "monitor.cli", *arguments]
    )


config_option = click.option(
    "-c",
    "--config",
    "config_path",
    metavar="PATH",
    help="A file or a directory of YAML files; default $UPHELD_CONFIG, ./upheld.yaml, /etc/upheld.",
)

store_option = click.option(
    "--store", "store_path", metavar="PATH|URL", help="The store is here instead of where the file says."
)


def configuration(path: str | None, store: str | None = None) -> "Config":
    """The configuration, or every problem of it and exit 2. ``store``: where the store is instead."""
    from config.errors import ConfigError
    from config.load import load
    from monitor.hooks.kinds import KINDS as HOOKS
    from probes.kinds import KINDS as PROBES

    probes = {name: kind.Options for name, kind in PROBES.items()}
    hooks = {name: kind.Options for name, kind in HOOKS.items()}
    try:
        config = load(path, probes, hooks)
    except ConfigError as error:
        fail(USAGE, str(error))
    if store is None:
        return config
    return stored_in(config, store)


def stored_in(config: "Config", store: str) -> "Config":
    """The configuration with its store named on the command line: a path from here, or the address of a database."""
    from config.address import is_url, store_address

    try:
        found = store if is_url(store_address(store)) else str(Path(store).absolute())
    except ValueError as error:
        fail(USAGE, f"--store: {error}")
    state = config.daemon.state
    if is_url(found) and state is None:
        state = str(Path(config.daemon.store).parent)
    moved = config.daemon.but(store=found, state=state)
    return config.but(daemon=moved)


def contract_of(config: "Config", name: str) -> "Contract":
    """The contract of that name, or exit 2 with the ones there are."""
    from config.errors import unknown

    found = config.contracts.get(name)
    if found is None:
        fail(USAGE, unknown("contract", name, config.contracts))
    return found


def period_of(contract: "Contract", text: str) -> "Period":
    """A period in the contract's zone, one of its own kind where the text may mean that; or exit 2 saying what would
    be right."""
    from config.contract.revisions import period_named

    try:
        return period_named(contract, text)
    except (ValueError, OverflowError) as error:
        fail(USAGE, str(error))


@contextmanager
def written(path: str | None) -> Iterator[IO[str]]:
    """Standard output, or a file that appears once it is whole and on disk."""
    with written_bytes(path) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
        try:  # statements and facts are UTF-8, whatever the locale says
            yield text
        finally:
            text.detach()


@contextmanager
def written_bytes(path: str | None) -> Iterator[IO[bytes]]:
    """The same for what is no text, or is made text elsewhere."""
    if path is None:
        if sys.stdout is None:
            fail(UNAVAILABLE, "standard output is closed; name a file with -o")
        sys.stdout.flush()
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        with Path(path).open("wb") if _is_stream(path) else _whole(path) as file:
            yield file
    except OSError as error:
        fail(UNAVAILABLE, f"{path}: cannot be written: {error.strerror}")


@contextmanager
def _whole(path: str) -> Iterator[IO[bytes]]:
    """A file that takes its name once it is on disk."""
    target = Path(path).resolve()  # a link goes on leading to what it led to
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        with suppress(PermissionError):  # FAT has no rights of files
            Path(name).chmod(0o644)
        Path(name).replace(target)
    finally:
        Path(name).unlink(missing_ok=True)


def _is_stream(path: str) -> bool:
    """Whether something is there that is no file: a device, a pipe, ``/dev/stdout``. It is written to; a file in its
    place would break whoever uses it next."""
    try:
        return not stat.S_ISREG(Path(path).stat().st_mode)
    except FileNotFoundError:
        return False
