"""Lists of kinds, each loaded at its first use: a daemon holds the code of the kinds it has, and of no other."""

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

Kind = TypeVar("Kind", covariant=True)


class Listed(Mapping[str, Kind]):
    """Kinds by name, from functions that load them."""

    def __init__(self, load: Mapping[str, Callable[[], Kind]]) -> None:
        self._load = load

    def __getitem__(self, name: str) -> Kind:
        return self._load[name]()

    def __iter__(self) -> Iterator[str]:
        return iter(self._load)

    def __len__(self) -> int:
        return len(self._load)
