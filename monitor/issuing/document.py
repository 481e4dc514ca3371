"""An issued statement: the figures, what they were judged by, what they rest on, and who says so.

The digest covers everything but itself, the signature and the program's version; the signature covers the digest.
"""

from collections.abc import Iterable
from dataclasses import replace

from monitor.issuing.difference import differences
from monitor.issuing.keys import Key, sign
from monitor.issuing.links import Link, anchor
from monitor.issuing.root import Root
from monitor.render.statement_json import Members, body, sealed
from monitor.sla.model import Statement
from probes.notation import instant_text

FRAME = ("revision", "issued", "issued_at", "supersedes", "difference", "evidence", "terms")
"""What an issued statement has besides what the evidence gives."""
OUTSIDE = ("digest", "signature", "software")


def figures(statement: Members) -> Members:
    """What the evidence gives: a statement without its frame, its digest and its signature."""
    return {name: value for name, value in statement.items() if name not in (*FRAME, *OUTSIDE)}


def issued(
    statement: Statement,
    terms: Members,
    root: Root,
    before: Members | None,
    at: int,
    key: Key,
    heads: Iterable[Link] = (),
) -> Members:
    """The document, revision 1 or the one after ``before`` with what differs from it. ``heads``: the last links of the
    store's chains, so that whoever holds the statement can tell later that nothing before it was altered."""
    revision = 1 if before is None else int(str(before["revision"])) + 1
    framed = body(replace(statement, revision=revision, issued=True))
    changed = [] if before is None else list(differences(figures(before), figures(framed)))
    document = sealed(
        framed
        | {
            "issued_at": instant_text(at),
            "supersedes": None if before is None else before["digest"],
            "difference": changed,
            "evidence": {
                "facts": root.facts,
                "root": root.digest,
                "parts": dict(root.parts),
                "chain": [anchor(link) for link in heads],
            },
            "terms": terms,
        }
    )
    return document | {"signature": sign(key, str(document["digest"]))}


def digest_of(document: Members) -> str:
    """The digest that the members of a document come to."""
    return str(sealed({name: value for name, value in document.items() if name not in OUTSIDE})["digest"])
