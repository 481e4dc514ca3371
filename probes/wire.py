"""Sample ⇄ one JSON line. Agents, spool, export and import use the same line, so that a sample is the same
wherever it has been.

This is version 1 of the line, which is what a line without ``version`` is; another version is refused rather
than guessed at. Instants are RFC 3339, durations milliseconds as decimal text: both exact to the nanosecond.
"""

import json

from probes.fields import Fields, parse_object
from probes.notation import instant_text, ms_text, shown
from probes.sample import Outcome, Sample

VERSION = 1
_OUTCOMES = [outcome.value for outcome in Outcome]


class WireError(ValueError):
    """A line that is no sample; the text names everything wrong with it."""


def encode(sample: Sample) -> str:
    """The line of a sample, without its newline: fixed order of keys, nothing that is not known."""
    return json.dumps(to_object(sample), ensure_ascii=False, separators=(",", ":"))


def decode(line: str | bytes) -> Sample:
    """The sample of a line. Raises WireError."""
    try:
        fields = Fields(parse_object(line))
    except ValueError as error:
        raise WireError(str(error)) from None
    fields.word("kind", ["sample"])
    sample = read(fields)
    if fields.finish():
        raise WireError("; ".join(fields.problems))
    return sample


def to_object(sample: Sample) -> dict[str, object]:
    """A sample as the members of its line."""
    members: dict[str, object] = {
        "kind": "sample",
        "target": sample.target,
        "vantage": sample.vantage,
        "boot": sample.boot,
        "seq": sample.seq,
        "at": instant_text(sample.at),
        "outcome": sample.outcome.value,
    }
    if sample.reason is not None:
        members["reason"] = sample.reason
    if sample.took is not None:
        members["took_ms"] = ms_text(sample.took)
    if sample.scheduled_at is not None:
        members["scheduled_at"] = instant_text(sample.scheduled_at)
    if sample.received_at is not None:
        members["received_at"] = instant_text(sample.received_at)
    for key, value in _optional(sample):
        if value is not None:
            members[key] = value
    return members


def _optional(sample: Sample) -> list[tuple[str, object]]:
    return [
        ("sent", sample.sent),
        ("received", sample.received),
        ("rtt_ms", [None if rtt is None else ms_text(rtt) for rtt in sample.rtts] or None),
        ("duplicates", sample.duplicates or None),
        ("late", sample.late or None),
        ("phases_ms", {name: ms_text(took) for name, took in sample.phases} or None),
        ("address", sample.address),
        ("config", sample.config),
        ("clock", sample.clock),
    ]


def read(fields: Fields) -> Sample:
    """A sample from its members, ``kind`` aside; good only if ``fields.finish()`` finds no problem."""
    version = fields.count_or_none("version")
    if version not in (None, VERSION):
        fields.wrong("version", f"{shown(version)} is not read here; this is version {VERSION}")
    sample = Sample(
        target=fields.name("target"),
        vantage=fields.name("vantage"),
        boot=fields.name("boot"),
        seq=fields.count("seq"),
        at=fields.instant("at"),
        outcome=Outcome(fields.word("outcome", _OUTCOMES)),
        reason=fields.name_or_none("reason"),
        scheduled_at=fields.instant_or_none("scheduled_at"),
        took=fields.ms_or_none("took_ms"),
        sent=fields.count_or_none("sent"),
        received=fields.count_or_none("received"),
        rtts=fields.ms_list("rtt_ms"),
        duplicates=fields.count_or_none("duplicates") or 0,
        late=fields.count_or_none("late") or 0,
        phases=fields.ms_map("phases_ms"),
        address=fields.name_or_none("address"),
        config=fields.name_or_none("config"),
        clock=fields.name_or_none("clock"),
        received_at=fields.instant_or_none("received_at"),
    )
    if sample.sent is not None and sample.received is not None and sample.received > sample.sent:
        fields.wrong("received", f"{sample.received} packets cannot be received of {sample.sent} sent")
    return sample
