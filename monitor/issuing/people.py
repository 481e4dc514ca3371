"""Who says so: people stand in what is chained and signed by pseudonyms, so that a name can be erased without breaking
it.

A pseudonym is made of the name and of random salt. A fact's ``author_id`` is the pseudonym and, while the name is
known, the salt: with both anybody can tell that the name is the one the pseudonym was made of. Once name and salt are
erased, the name cannot be guessed from what is left.
"""

import hashlib
import re
from dataclasses import replace
from typing import TypeVar

from monitor.sla.facts import ExclusionFact, IncidentFact

T = TypeVar("T")
SAID = (ExclusionFact, IncidentFact)
"""The facts that name their author."""
_PSEUDONYM = re.compile("p-[0-9a-f]{32}")


def pseudonym(salt: str, name: str) -> str:
    """The pseudonym of a name under its salt."""
    return "p-" + hashlib.sha256(f"{salt}:{name}".encode("utf-8", "surrogatepass")).hexdigest()[:32]


def is_pseudonym(text: str) -> bool:
    """Whether it is one by its form."""
    return _PSEUDONYM.fullmatch(text) is not None


def proven(author: str, author_id: str) -> tuple[str, str]:
    """(pseudonym, salt) of an ``author_id``; the salt is "" where the name was erased. Raises ValueError where it was
    not made of that name."""
    told, _, salt = author_id.partition(":")
    if told != (pseudonym(salt, author) if salt else author):
        raise ValueError(f"author {author!r} is not the one that {told} stands for: one of the two was altered")
    return told, salt


def by_pseudonym(fact: T) -> T:
    """The fact with its author by pseudonym, where it has one. Raises ValueError where name and pseudonym differ."""
    if not isinstance(fact, SAID) or fact.author is None or fact.author_id is None:
        return fact
    return replace(fact, author=proven(fact.author, fact.author_id)[0], author_id=None)
