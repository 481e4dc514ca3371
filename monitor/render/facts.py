"""Facts as typed values, from what stands in a file: JSON Lines here, Parquet in the package of that name.

All or nothing: every problem of the file is found and told at once, as ``file:line: what is wrong, with the
value, and what would be right``, and then none of it is taken. A repeated line changes nothing; two lines
that say different things of one matter are both named, since choosing one of them would be taking a side.
"""

from collections.abc import Iterable, Iterator
from typing import IO

from monitor.render.fact_checks import Checks, placed
from monitor.render.fact_kinds import READERS, no_kind
from monitor.sla.facts import Fact
from probes.fields import Fields, parse_object

MOST_PROBLEMS = 100
LONGEST_LINE = 1 << 20
ON_LINE, IN_ROW = "on line", "in row"
Numbered = tuple[int, Fact | list[str]]
"""The number of a line or row, with its fact or with everything that is wrong with it; of number 0 with what is wrong
with the file as a whole."""


class FactsError(Exception):
    """Bad facts (exit 65). ``problems`` has one line for each; if there are too many the last says so."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def lines_of(file: IO[bytes]) -> Iterator[bytes]:
    """The lines of a file, none longer than one that is too long."""
    return iter(lambda: file.readline(LONGEST_LINE + 1), b"")


def read_file(path: str) -> list[Fact]:
    """The facts of a file. Raises FactsError, and OSError where it cannot be read."""
    from monitor.render.fact_files import facts_in

    with facts_in(path) as found:
        return gathered(found.facts, path, found.place)


def read(lines: Iterable[bytes], name: str) -> list[Fact]:
    """The facts of some lines of JSON, each once, in the order they came. ``name``: what messages call the file."""
    return gathered(parsed(lines), name, ON_LINE)


def gathered(facts: Iterable[Numbered], name: str, place: str) -> list[Fact]:
    """Facts, each once, in the order they came. Raises FactsError."""
    checks, problems = Checks(placed(place)), list[tuple[int, str]]()
    for number, fact in facts:
        if isinstance(fact, list):
            problems.extend((number, problem) for problem in fact)
        else:
            checks.take(number, fact)
        if len(problems) + len(checks.problems) > MOST_PROBLEMS:
            break
    checks.finish()
    refuse(problems + checks.problems, name, place)
    return checks.facts


def refuse(problems: list[tuple[int, str]], name: str, place: str) -> None:
    """Raises FactsError where there is any problem."""
    if problems:
        told = [f"{_named(name, place, number)}: {text}" for number, text in sorted(problems)[:MOST_PROBLEMS]]
        if len(problems) > MOST_PROBLEMS:
            told.append(f"{name}: more than {MOST_PROBLEMS} problems; the rest is not told")
        raise FactsError(told)


def _named(name: str, place: str, number: int) -> str:
    if number == 0:
        return name
    return f"{name}:{number}" if place == ON_LINE else f"{name}: row {number}"


def parsed(lines: Iterable[bytes]) -> Iterator[Numbered]:
    """What stands on each line that is not empty. After a line that is too long nothing more is read."""
    for number, raw in enumerate(lines, 1):
        if len(raw) > LONGEST_LINE:
            yield number, [f"the line is longer than {LONGEST_LINE} bytes; one fact stands on a line"]
            return
        text = raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw
        if text.strip():
            yield number, parse(text)


def parse(line: str | bytes) -> Fact | list[str]:
    """The fact of one line, or everything that is wrong with it."""
    try:
        members = parse_object(line)
    except ValueError as error:
        return [str(error)]
    kind = members.pop("kind", None)
    reader = READERS.get(kind) if isinstance(kind, str) else None
    if reader is None:
        return [no_kind(kind)]
    fields = Fields(members)
    fact = reader(fields)
    return [f"{kind}: {problem}" for problem in fields.finish()] or fact
