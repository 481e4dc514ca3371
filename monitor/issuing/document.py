"""An issued statement: the figures, what they were judged by, what they rest on, and who says so.

The digest covers everything but itself, the signature and the program's version; the signature covers the digest.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from monitor.issuing.difference import differences
from monitor.issuing.keys import sign
from monitor.render.statement_json import Members, body, sealed
from monitor.sla.model import Statement
from probes.notation import instant_text

FRAME = ("revision", "issued", "issued_at", "supersedes", "difference", "evidence", "terms")
"""What an issued statement has besides what the evidence gives."""
OUTSIDE = ("digest", "signature", "software")


@dataclass(frozen=True, slots=True)
class Root:
    """What a set of facts comes to: how many, and SHA-256 over their lines in order of the lines, each ended by a line
    feed."""

    facts: int
    digest: str


def root_of(lines: Iterable[str]) -> Root:
    """The root of facts, given one line each; their order and repetitions do not matter."""
    ordered = sorted(set(lines))
    whole = hashlib.sha256()
    for line in ordered:
        whole.update(line.encode() + b"\n")
    return Root(len(ordered), f"sha256:{whole.hexdigest()}")


def figures(statement: Members) -> Members:
    """What the evidence gives: a statement without its frame, its digest and its signature."""
    return {name: value for name, value in statement.items() if name not in (*FRAME, *OUTSIDE)}


def issued(
    statement: Statement, terms: Members, root: Root, before: Members | None, at: int, key: Ed25519PrivateKey
) -> Members:
    """The document, revision 1 or the one after ``before`` with what differs from it."""
    revision = 1 if before is None else int(str(before["revision"])) + 1
    framed = body(replace(statement, revision=revision, issued=True))
    changed = [] if before is None else list(differences(figures(before), figures(framed)))
    document = sealed(
        framed
        | {
            "issued_at": instant_text(at),
            "supersedes": None if before is None else before["digest"],
            "difference": changed,
            "evidence": {"facts": root.facts, "root": root.digest},
            "terms": terms,
        }
    )
    return document | {"signature": sign(key, str(document["digest"]))}


def digest_of(document: Members) -> str:
    """The digest that the members of a document come to."""
    return str(sealed({name: value for name, value in document.items() if name not in OUTSIDE})["digest"])
