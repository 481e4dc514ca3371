"""A contract in the long form of its language, every default written out: what ``upheld explain --long`` prints.

The text is complete: put into a file beside the same targets it is the same contract, and printed again the same text.
What its texts on other levels, its template or the short forms of the language say, it says by itself.
"""

from zoneinfo import ZoneInfo

from config.contract.model import Contract
from config.dump import Plain, dump
from monitor.render.long.credits import credits
from monitor.render.long.ground import calendars, head, services
from monitor.render.long.measures import measures
from monitor.render.long.outages import exclusions, outages
from monitor.render.long.promises import promises
from monitor.render.long.remarks import with_remarks
from monitor.render.long.revisions import patch
from monitor.render.long.settling import settling
from monitor.render.long.values import Clause, instant, words

_FIXED = ("timezone", "provider", "customer", "starts")
_NONE = {
    "calendars": "calendars: all time counts",
    "exclusions": "exclusions: everything that was measured counts",
    "credits": "credits: a breach is stated, and nothing is owed by the terms",
    "claim": "claim: no time is set within which to claim",
    "rights": "rights",
}


def long(contract: Contract) -> str:
    """The text, a ``contracts:`` section, ending in a line break."""
    clauses = _clauses(contract)
    lacking = [f"#   {said}" for key, said in _NONE.items() if key not in clauses]
    head = [
        f"# {contract.name} in the long form: whatever the contract leaves to a default is written out.",
        *(["# It has no", *lacking] if lacking else []),
    ]
    return "\n".join([*head, dump({"contracts": {contract.name: _with_revisions(contract, clauses)}})])


def _clauses(contract: Contract) -> Clause:
    found: Clause = {
        **head(contract),
        "calendars": calendars(contract),
        "services": services(contract),
        "outages": outages(contract),
        "exclusions": exclusions(contract),
        "measures": measures(contract),
        "promises": promises(contract),
        "credits": credits(contract),
        **settling(contract),
    }
    clauses = {key: value for key, value in found.items() if value not in ({}, [])}
    with_remarks(contract, clauses)
    return clauses


def _with_revisions(contract: Contract, first: Clause) -> Clause:
    """Each revision as what it changes of the text before it; not of one that holds for other subscriptions."""
    zone, before = ZoneInfo(contract.timezone), first
    listed: list[Plain] = []
    for one in contract.revisions:
        after = _clauses(one.contract)
        said = next((r for r in one.contract.remarks if r.path == f"revisions.{one.id}"), None)
        entry: Clause = {"id": one.id, "from": instant(one.start, zone), "applies by": words(one.applies_by)}
        entry |= {} if said is None or said.text is None else {"text": said.text}
        entry |= {} if said is None or said.interpret is None else {"interpret": said.interpret}
        changes = patch(before, after)
        listed.append(entry | {"changes": {key: value for key, value in changes.items() if key not in _FIXED}})
        if one.applies_by != "subscription_start" or (contract.starts is not None and contract.starts >= one.start):
            before = after
    return first | ({"revisions": listed} if listed else {})
