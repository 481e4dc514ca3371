"""The text format of metrics (Prometheus exposition format 0.0.4), written family by family.

Lines of a family must stand together under one HELP and one TYPE. Ten thousand targets are more than a hundred
thousand lines, so a line is one f-string.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


@dataclass(frozen=True, slots=True)
class Family:
    """A metric: its name, its type (``gauge``, ``counter``, ``histogram``) and what it says, unit included."""

    name: str
    type: str
    help: str

    @property
    def head(self) -> str:
        """The two lines above the family's samples."""
        return f"# HELP {self.name} {self.help}\n# TYPE {self.name} {self.type}\n"


def escaped(value: str) -> str:
    """A label's value as it stands between its quotes."""
    return value.translate(_ESCAPES)


def labels(pairs: Mapping[str, str]) -> str:
    """``{name="value",…}`` with what the format needs escaped in values."""
    inside = ",".join(f'{name}="{escaped(value)}"' for name, value in pairs.items())
    return f"{{{inside}}}"


def written(family: Family, lines: Iterable[str], chunk: int = 2_000) -> Iterator[str]:
    """The family in pieces of at most ``chunk`` lines, so that no single step holds the interpreter for long.
    A family without lines is left out."""
    piece: list[str] = []
    head = family.head
    for line in lines:
        piece.append(line)
        if len(piece) >= chunk:
            yield head + "\n".join(piece) + "\n"
            head, piece = "", []
    if piece:
        yield head + "\n".join(piece) + "\n"
