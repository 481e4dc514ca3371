"""Targets of which very many differ in few words: what they have in common is there once.

An object of options takes more memory than all else that is known of a target, and most targets differ in their host
alone.
"""

import pickle
from collections.abc import Mapping
from dataclasses import fields
from typing import NamedTuple

from config.model import Target
from config.typed import Options

OWN = ("host", "url")
"""The option that is a target's own, where its kind has it."""
_NAMES = tuple(field.name for field in fields(Target))


class Like(Target):
    """A target like another but for its name and one option, which is put in whenever its options are asked for."""

    __slots__ = ("_named", "_own", "_shared")
    _shared: Options
    _named: str
    _own: str

    @property
    def options(self) -> Options:
        """As in ``Target``."""
        return _with(self._shared, self._named, self._own)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Target):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in _NAMES)

    __hash__ = Target.__hash__

    def __reduce__(self) -> tuple[object, ...]:
        return Target, tuple(getattr(self, name) for name in _NAMES)


class Alike(NamedTuple):
    """Targets in their order: their names, which of ``first`` each is like, and what its own option says (None: that
    one itself)."""

    first: list[Target]
    names: list[str]
    places: list[int]
    own: list[str | None]


def alike(targets: Mapping[str, Target]) -> Alike:
    """What differs, and what is the same."""
    found = Alike([], [], [], [])
    known: dict[bytes, int] = {}
    for target in targets.values():
        named = _own_of(target.options)
        own = None if named is None else getattr(target.options, named)
        found.names.append(target.name)
        if isinstance(own, str):
            key = _all_but(target, named or "")
            found.places.append(known.setdefault(key, len(found.first)))
            if found.places[-1] < len(found.first):
                found.own.append(own)
                continue
        else:
            found.places.append(len(found.first))
        found.own.append(None)
        found.first.append(target)
    return found


def _own_of(options: Options) -> str | None:
    return next((name for name in OWN if name in options.__dataclass_fields__), None)


def _all_but(target: Target, named: str) -> bytes:
    """What must be equal; two that are may differ here, and are only kept apart then."""
    options = target.options
    rest = [getattr(options, field.name) for field in fields(options) if field.name != named]
    others = [getattr(target, name) for name in _NAMES if name not in ("name", "options")]
    return pickle.dumps((type(options), rest, others), pickle.HIGHEST_PROTOCOL)


def made(found: Alike) -> dict[str, Target]:
    """The targets, by name."""
    targets: dict[str, Target] = {}
    for name, place, own in zip(found.names, found.places, found.own, strict=True):
        first = found.first[place]
        targets[name] = first if own is None else _like(first, name, own)
    return targets


def _like(first: Target, name: str, own: str) -> Like:
    one = object.__new__(Like)
    for field in _NAMES:
        if field not in ("name", "options"):
            object.__setattr__(one, field, getattr(first, field))
    named = _own_of(first.options)
    for field, value in (("name", name), ("_shared", first.options), ("_named", named), ("_own", own)):
        object.__setattr__(one, field, value)
    return one


def _with(options: Options, named: str, value: str) -> Options:
    """The same but for one field. It was checked when it was read, and is asked for at every run: a plain copy."""
    one: Options = object.__new__(type(options))
    for field in options.__dataclass_fields__:
        object.__setattr__(one, field, value if field == named else getattr(options, field))
    return one
