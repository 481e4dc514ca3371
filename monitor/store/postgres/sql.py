"""A PostgreSQL connection that is asked as one of SQLite; see ``monitor.store.sql``."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

from monitor.store.postgres.connection import Connection
from monitor.store.sql import Answer


class Asked:
    """Implements ``monitor.store.sql.Sql``. No statement of both kinds has a percent sign."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def execute(self, query: str, values: Sequence[object] = (), /) -> Answer:
        """See Sql."""
        return self.connection.execute(_worded(query), list(values))

    def executemany(self, query: str, values: Iterable[Sequence[object]], /) -> None:
        """See Sql."""
        with self.connection.cursor() as cursor:
            cursor.executemany(_worded(query), [list(each) for each in values])


def _worded(query: str) -> bytes:
    return query.replace("?", "%s").encode()


Begun = Callable[[], AbstractContextManager[Connection]]


def asked(begun: Begun) -> Callable[[], AbstractContextManager[Asked]]:
    """The same snapshots or transactions, asked in one way."""

    @contextmanager
    def begin() -> Iterator[Asked]:
        with begun() as connection:
            yield Asked(connection)

    return begin
