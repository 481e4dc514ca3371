"""A file of facts as typed values: JSON Lines, one fact a line, in any order.

All or nothing: every problem of the file is found and told at once, as ``file:line: what is wrong, with the
value, and what would be right``, and then none of it is taken. A repeated line changes nothing; two lines
that say different things of one matter are both named, since choosing one of them would be taking a side.
"""

import difflib
from collections.abc import Iterable
from pathlib import Path

from monitor.render.fact_checks import Checks
from monitor.render.fact_kinds import READERS
from monitor.sla.facts import Fact
from probes.fields import Fields, parse_object
from probes.notation import shown

MOST_PROBLEMS = 100
LONGEST_LINE = 1 << 20
RECORDED = 0  # the line that recorded facts are said to stand on


class FactsError(Exception):
    """Bad facts (exit 65). ``problems`` has one line for each; if there are too many the last says so."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def read_file(path: str) -> list[Fact]:
    """The facts of a file. Raises FactsError, and OSError where it cannot be read."""
    with Path(path).open("rb") as file:
        return read(iter(lambda: file.readline(LONGEST_LINE + 1), b""), path)


def read(lines: Iterable[bytes], name: str) -> list[Fact]:
    """The facts of some lines, each once, in the order they came. ``name`` is what messages call the file."""
    checks, problems = Checks(), list[tuple[int, str]]()
    for number, raw in enumerate(lines, 1):
        if len(raw) > LONGEST_LINE:
            problems.append((number, f"the line is longer than {LONGEST_LINE} bytes; one fact stands on a line"))
            break
        text = raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw
        if not text.strip():
            continue
        fact = _fact(text)
        if isinstance(fact, list):
            problems.extend((number, problem) for problem in fact)
        else:
            checks.take(number, fact)
        if len(problems) + len(checks.problems) > MOST_PROBLEMS:
            break
    checks.finish()
    problems = sorted(problems + checks.problems)
    if problems:
        raise FactsError(_told(problems, name))
    return checks.facts


def against(facts: Iterable[Fact], recorded: Iterable[Fact], name: str) -> None:
    """Raises FactsError where facts contradict those that are recorded already."""
    checks = Checks()
    for fact in recorded:
        checks.take(RECORDED, fact)
    checks.problems.clear()
    for number, fact in enumerate(facts, RECORDED + 1):
        checks.take(number, fact)
    checks.finish()
    where = f"on line {RECORDED}"
    found = [(at, text) for at, text in sorted(checks.problems) if at > RECORDED and text.endswith(where)]
    if found:
        raise FactsError([f"{name}: {text.replace(where, 'in the store')}" for _, text in found[:MOST_PROBLEMS]])


def _told(problems: list[tuple[int, str]], name: str) -> list[str]:
    lines = [f"{name}:{number}: {text}" for number, text in problems[:MOST_PROBLEMS]]
    if len(problems) > MOST_PROBLEMS:
        lines.append(f"{name}: more than {MOST_PROBLEMS} problems; the rest is not told")
    return lines


def _fact(line: bytes) -> Fact | list[str]:
    """The fact of one line, or everything that is wrong with it."""
    try:
        members = parse_object(line)
    except ValueError as error:
        return [str(error)]
    kind = members.pop("kind", None)
    reader = READERS.get(kind) if isinstance(kind, str) else None
    if reader is None:
        return [_no_kind(kind)]
    fields = Fields(members)
    fact = reader(fields)
    return [f"{kind}: {problem}" for problem in fields.finish()] or fact


def _no_kind(kind: object) -> str:
    there = f"there are {', '.join(READERS)}"
    if kind is None:
        return f"kind is missing; {there}"
    near = difflib.get_close_matches(kind, READERS, 1) if isinstance(kind, str) else []
    return f"no kind of fact {shown(kind)}; " + (f"did you mean {near[0]!r}?" if near else there)
