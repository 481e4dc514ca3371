"""``upheld``: one module per verb, imported when it is asked for, so that a quick verb starts quickly.

How a command fails: what the outside did is one line and a code of its own; what is left is a bug of ours, shown
with its traceback, exit 70.
"""

import errno
import os
import signal
import sys
import traceback
from importlib import import_module
from typing import Any

import click

from monitor.version import upheld

VERBS = {
    "run": "run",
    "check": "check",
    "schema": "schema",
    "explain": "explain",
    "probe": "probe",
    "status": "status",
    "statement": "statement",
    "what-if": "what_if",
    "issue": "issue",
    "verify": "verify",
    "exclude": "exclude",
    "export": "export",
    "import": "import_",
    "backup": "backup",
    "store": "store",
    "doctor": "doctor",
    "people": "people",
    "demo": "demo",
}
BUG, INTERRUPTED, UNREAD = 70, 128 + signal.SIGINT, 128 + signal.SIGPIPE


class Verbs(click.Group):
    """The verbs above, in that order."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        command = import_module(f"monitor.cli.{VERBS[cmd_name]}").command
        assert isinstance(command, click.Command)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:  # click would end with 1, which says that something was found; so below
            sys.exit(INTERRUPTED)
        except BrokenPipeError:
            _drain()
            sys.exit(UNREAD)

    def main(self, *args: Any, **more: Any) -> Any:
        try:
            return super().main(*args, **more)
        except Exception as error:
            code, text = told(error)
            click.echo(text, err=True)
            _drain()
            sys.exit(code)


def _drain() -> None:
    """What standard output did not take is thrown away: Python would try it once more at its end, and complain."""
    try:
        if sys.stdout is not None:  # it is where the caller closed it
            sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def told(error: Exception) -> tuple[int, str]:
    """Exit code and words for an error that no verb dealt with."""
    from config.errors import ConfigError
    from monitor.cli.common import HELD, UNAVAILABLE, USAGE
    from monitor.store.port import StoreError, StoreHeld

    match _first(error):
        case ConfigError() as problems:
            return USAGE, str(problems)
        case StoreHeld() as held:
            return HELD, str(held)
        case StoreError() as store:
            return UNAVAILABLE, str(store)
        case OSError(errno=errno.ENOSPC | errno.EDQUOT | errno.EFBIG | errno.EIO) as full:
            return UNAVAILABLE, f"{full.filename or 'standard output'}: cannot be written: {full.strerror}"
        case bug:
            trace = "".join(traceback.format_exception(bug))
            return BUG, f"{trace}upheld: this is a bug of ours; please report the lines above"


def _first(error: BaseException) -> BaseException:
    """The first cause in a group of those that happened together."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


@click.group(name="upheld", cls=Verbs)
@click.version_option(upheld(), prog_name="upheld")
def main() -> None:
    """SLA monitor: is the service you were promised the service you got?"""
