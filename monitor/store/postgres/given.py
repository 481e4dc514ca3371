"""What the one writer of a store knows to be there already: names, months, days of samples."""

from collections.abc import Iterator
from contextlib import contextmanager

from monitor.store.postgres import partitions, rows
from monitor.store.postgres.connection import Connection
from monitor.store.postgres.days import Days
from monitor.store.postgres.names import Names
from probes.columns import Columns


class Given:
    """Used by the one writer only. ``months``: those that have their partition."""

    def __init__(self) -> None:
        self.names, self.days = Names(), Days()
        self.months: set[partitions.Month] = set()

    @contextmanager
    def recording(self) -> Iterator[None]:
        """Around a transaction: where it failed everything is looked for again."""
        try:
            yield
        except BaseException:
            self.names.forget()
            self.days.forget()
            self.months.clear()
            raise

    def write(self, connection: Connection, columns: Columns) -> None:
        """Put samples into their partitions."""
        months = partitions.months_of(columns["at"].tolist())
        partitions.ensure(connection, months - self.months)
        self.months |= months
        rows.write(connection, columns, self.names)
        self.days.note(connection, columns, self.names)
