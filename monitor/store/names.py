"""Names kept once and referred to by number."""

from collections.abc import Mapping, Sequence

from monitor.store.sql import Sql


def number_of(connection: Sql, name: str) -> int:
    """The number of a name, given to it now if it has none."""
    known = find(connection, name)
    if known is not None:
        return known
    connection.execute("INSERT INTO names (text) VALUES (?)", (name,))
    made = find(connection, name)
    assert made is not None
    return made


def find(connection: Sql, name: str) -> int | None:
    """The number of a name, None if the store never heard it."""
    row = connection.execute("SELECT id FROM names WHERE text = ?", (name,)).fetchone()
    return int(row[0]) if row else None


_FEW = 100


def numbers(connection: Sql, names: Sequence[str]) -> dict[str, int]:
    """The numbers of those names that have one."""
    if len(names) > _FEW:  # all at once, which takes as long as some hundred one by one
        found: dict[str, int | None] = dict.fromkeys(names)
        for number, text in connection.execute("SELECT id, text FROM names"):
            if text in found:
                found[text] = number
    else:
        found = {name: find(connection, name) for name in names}
    return {name: number for name, number in found.items() if number is not None}


def every(connection: Sql) -> Mapping[int, str]:
    """The text behind each number."""
    return dict(connection.execute("SELECT id, text FROM names").fetchall())
