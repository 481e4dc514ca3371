"""Names of ours: how they are written, and lists of names of things that are there."""

from collections.abc import Mapping

from config.errors import unknown
from config.reader import Reader
from config.units import name


def check_name(reader: Reader, called: str) -> None:
    """Names appear in file names, topics, labels and URLs: a closed alphabet."""
    try:
        name(called)
    except ValueError as error:
        reader.wrong(str(error), reader.key)


def names_in(reader: Reader) -> tuple[str, ...]:
    """A list of names, or one name; a repeated one is a problem."""
    if isinstance(reader.node.value, str):
        return (reader.read(name, ""),)
    found: list[str] = []
    for item in reader.items():
        one = item.read(name, None)
        if one in found:
            item.wrong(f"{one!r} stands in the list twice")
        elif one is not None:
            found.append(one)
    return tuple(found)


def known_names(reader: Reader, what: str, known: Mapping[str, object]) -> tuple[str, ...]:
    """A list of names, or one name, each of something that is there."""
    single = isinstance(reader.node.value, str)
    for item in [reader] if single else reader.items() if isinstance(reader.node.value, list) else []:
        one = item.node.value
        if isinstance(one, str) and one not in known:
            item.wrong(unknown(what, one, known))
    return tuple(one for one in names_in(reader) if one in known)
