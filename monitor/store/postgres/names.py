"""Texts kept once and referred to by number; 0 is no text."""

from collections.abc import Iterable, Sequence

from monitor.store.postgres.connection import Connection
from monitor.store.postgres.sql import Asked
from monitor.store.sql import Sql

_MOST = 100_000


class Names:
    """The numbers of texts, those heard lately in memory. Used by the one writer only."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    def of(self, connection: Connection, texts: Iterable[str | None]) -> list[int]:
        """The number of each text; given to it now if it has none."""
        wanted = list(texts)
        missing = {text for text in wanted if text is not None and text not in self._known}
        if missing:
            if len(self._known) > _MOST:
                self._known.clear()
                missing = {text for text in wanted if text is not None}
            self._learn(connection, sorted(missing))
        return [0 if text is None else self._known[text] for text in wanted]

    def number(self, sql: Sql, text: str) -> int:
        """The same of one text."""
        assert isinstance(sql, Asked)
        return self.of(sql.connection, [text])[0]

    def forget(self) -> None:
        """What was given lately may have been rolled back."""
        self._known.clear()

    def _learn(self, connection: Connection, texts: list[str]) -> None:
        self._known |= numbers_of(connection, texts)
        fresh = [text for text in texts if text not in self._known]
        if fresh:
            connection.execute("INSERT INTO names (text) SELECT unnest(%s::text[])", (fresh,))
            self._known |= numbers_of(connection, fresh)


def numbers_of(connection: Connection, texts: Sequence[str]) -> dict[str, int]:
    """The numbers of those texts that the store has heard."""
    rows = connection.execute("SELECT text, id FROM names WHERE text = ANY(%s)", (list(texts),)).fetchall()
    return {str(text): int(str(number)) for text, number in rows}


def texts_of(connection: Connection, numbers: Sequence[int]) -> dict[int, str | None]:
    """The texts of these numbers, 0 among them or not."""
    rows = connection.execute("SELECT id, text FROM names WHERE id = ANY(%s)", (list(numbers),)).fetchall()
    return {0: None, **{int(str(number)): str(text) for number, text in rows}}


def targets_of(connection: Connection) -> list[str]:
    """The targets that have samples, in order."""
    query = "SELECT text FROM names WHERE EXISTS (SELECT FROM samples WHERE target = names.id) ORDER BY text"
    return [str(text) for (text,) in connection.execute(query).fetchall()]
