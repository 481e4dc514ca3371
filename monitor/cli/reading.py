"""The store, opened for reading beside whoever writes it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from config.model import Config
from monitor.cli.common import UNAVAILABLE, fail

if TYPE_CHECKING:
    from monitor.store.port import Store


def made(config: Config) -> None:
    """End with 69 where there is no store: a new one has nothing to sign or to erase, and would hide a wrong name."""
    from monitor.store.port import StoreError
    from monitor.store.which import is_made

    try:
        if not is_made(config.daemon.store):
            fail(UNAVAILABLE, f"{config.daemon.shown}: there is no store yet; `upheld run` makes it")
    except StoreError as error:
        fail(UNAVAILABLE, str(error))


@contextmanager
def reader(config: Config) -> Iterator["Store"]:
    """The configured store, read only; exit 69 where there is none or it cannot be read."""
    from monitor.store.port import StoreError
    from monitor.store.which import open_store

    try:
        store = open_store(config.daemon.store, read_only=True)
        try:
            yield store
        finally:
            store.close()
    except StoreError as error:
        fail(UNAVAILABLE, str(error))
