"""Promises held against each other: which services a condition leaves them, which stands instead of which, and that
none says what another says differently."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Literal

from config.contract.model import Promise, Service
from config.contract.noun import ANYTHING, Condition
from config.contract.scope import Scope
from config.errors import nearest, unknown
from config.reader import Reader

Placed = tuple[Promise, Reader]
_OF_SERVICES = ("category", "region")
Behind = Literal["nothing", "outages", "events"]
"""What is behind a figure: no single events; outages of probes, of their service's class; outages and tickets that may
have a class of their own."""


def narrowed(
    services: tuple[str, ...], where: Condition, behind: Behind, scope: Scope
) -> tuple[tuple[str, ...], Condition]:
    """The services that a condition leaves, by their own class and region, and what of it is left to ask of each ticket
    and outage. ValueError where nothing can satisfy it."""
    if where == ANYTHING:
        return services, where
    left = [scope.services[name] for name in services]
    rest: dict[str, tuple[str, ...]] = {key: value for key, value in asdict(where).items() if value}
    for quality in _OF_SERVICES:
        wanted = {fold(value) for value in rest.get(quality, ())}
        if not wanted:
            continue
        left = [service for service in left if _fits(service, quality, wanted, behind != "events")]
        if not left:
            _meant_for_others(quality, rest[quality], scope)
            return (), where
        if all(getattr(service, quality) is not None for service in left):
            del rest[quality]
    if rest and behind == "nothing":
        raise ValueError(f"{next(iter(rest))} is a quality of tickets and outages, which this measure is not about")
    return tuple(service.name for service in left), Condition(**rest)


def _meant_for_others(quality: str, values: Sequence[str], scope: Scope) -> None:
    """A text for many contracts speaks of classes that not each of them has. ValueError where no service has any, or
    one that is nearly the same."""
    known = {own for service in scope.services.values() if (own := getattr(service, quality)) is not None}
    word = "class" if quality == "category" else quality
    close = next((near for value in values if (near := nearest(value, known))), None)
    if close is not None or not known:
        hint = f"did you mean {close!r}?" if close else f"write it there: '{word}: …'"
        raise ValueError(f"no service is of {word} {' or '.join(values)}; {hint}")


def fold(value: str) -> str:
    """A value as it is compared: case, spaces and underscores make no difference."""
    return " ".join(value.replace("_", " ").split()).casefold()


def _fits(service: Service, quality: str, wanted: set[str], surely: bool) -> bool:
    own: str | None = getattr(service, quality)
    return not surely if own is None else fold(own) in wanted


def settle(found: Sequence[Placed], scope: Scope, complete: bool) -> list[Placed]:
    """The promises with those replaced taken back; what contradicts another is told. Unless ``complete``, some are not
    among them because they have problems of their own."""
    ids = {promise.id for promise, _ in found}
    for promise, at in found:
        others = [one for one, _ in found if one.id == promise.replaces and one is not promise]
        if promise.replaces is None:
            continue
        if promise.replaces == promise.id:
            at.wrong("replaces itself; name another promise by its id")
        elif promise.replaces not in ids and complete:
            at.wrong(unknown("promise", promise.replaces, ids - {promise.id}))
        elif others and not any({*one.services} & {*promise.services} for one in others):
            at.wrong(f"replaces {promise.replaces!r}, which is made for none of its services")
    told = set()
    for first, second, at in _contradicting(found):
        told.add(id(at))
        at.wrong(
            f"{second.text!r} differs from {first[0].text!r} on line {first[1].node.place.line} only in whether the"
            f" figure itself will do; leave one of them out, or let one replace the other ('replaces: {first[0].id}')"
        )
    _check_ids([(promise, at) for promise, at in found if id(at) not in told])
    return [(_without_replaced(promise, found, scope), at) for promise, at in found]


def _check_ids(found: Sequence[Placed]) -> None:
    """A promise is known by its service and id."""
    taken: dict[tuple[str, str], int] = {}
    for promise, at in found:
        twice = next((one for one in promise.services if (one, promise.id) in taken), None)
        if twice is not None:
            text = f"{twice!r} has a promise {promise.id!r} already, on line {taken[twice, promise.id]}"
            at.wrong(f"{text}; give one of them a name: {{id: …, promise: {promise.text!r}}}")
        taken.update({(one, promise.id): at.node.place.line for one in promise.services})


def _contradicting(found: Sequence[Placed]) -> Iterator[tuple[Placed, Promise, Reader]]:
    """Pairs that want the same figure, one more strictly than the other."""
    seen: dict[tuple[object, ...], list[Placed]] = {}
    for promise, at in found:
        what = (promise.rule or promise.measure, promise.statistic, promise.threshold, promise.target)
        side = (promise.operator[0], promise.unit, promise.per, promise.clock, promise.by)
        for other in seen.get((what, side), ()):
            if _clash(other[0], promise):
                yield other, promise, at
        seen.setdefault((what, side), []).append((promise, at))


def _clash(one: Promise, other: Promise) -> bool:
    settled = one.where != ANYTHING or other.where != ANYTHING or other.id == one.replaces or one.id == other.replaces
    return one.operator != other.operator and not settled and bool({*one.services} & {*other.services})


def decided(promise: Promise, known: Mapping[str, Service]) -> bool:
    """Whether its services by themselves satisfy its condition, whatever the ticket or outage."""
    services = [known[name] for name in promise.services]
    asked = [quality for quality, values in asdict(promise.where).items() if values]
    return all(quality in _OF_SERVICES and all(getattr(one, quality) for one in services) for quality in asked)


def _without_replaced(promise: Promise, found: Sequence[Placed], scope: Scope) -> Promise:
    """The promise without the services for which another stands instead of it whatever happens there."""
    gone = {
        name
        for other, _ in found
        if other.replaces == promise.id and other is not promise and decided(other, scope.services)
        for name in other.services
    }
    if not gone & {*promise.services}:
        return promise
    return promise.but(services=tuple(name for name in promise.services if name not in gone))
