"""``targets:`` what is probed, how and how often."""

import re
from collections.abc import Mapping

from config.hidden import hidden_in
from config.model import Target
from config.names import check_name, names_in
from config.options import read_kind
from config.reader import Fields, Reader
from config.typed import Options, Secret
from config.units import NANOSECONDS, count, duration, format_duration, said

KEYS = ("probe", "every", "timeout", "recheck", "confirm", "vantages", "quorum")
SECOND = NANOSECONDS["s"]
EVERY, TIMEOUT, RECHECK = 60 * SECOND, 5 * SECOND, 5 * SECOND
SHORTEST, SHORTEST_WAIT = SECOND, SECOND // 100

_OF = re.compile(r"([0-9]{1,3})(?: of ([0-9]{1,3}))?")


def read_targets(reader: Reader, kinds: Mapping[str, type[Options]]) -> dict[str, Target | None]:
    """Every target by name; None for those that have problems of their own."""
    targets: dict[str, Target | None] = {}
    for called, entry in reader.fields():
        targets[called] = _read_target(entry, called, kinds)
    return targets


def _read_target(reader: Reader, called: str, kinds: Mapping[str, type[Options]]) -> Target | None:
    before = len(reader.problems)
    check_name(reader, called)
    fields = reader.fields(KEYS)
    kind, options = None, None
    if "probe" in fields:
        kind, options = read_kind(fields.at("probe"), kinds, "probe kind", ())
    else:
        fields.missing("probe", "probe: {kind: icmp, host: 192.0.2.7}")
    every = fields.get("every", _every, EVERY)
    confirm, confirm_of = fields.get("confirm", confirmation, (2, 2))
    timeout = _timeout(fields, every)
    recheck = _recheck(fields, every)
    if options is not None:
        _check_burst(fields.at("probe"), options, every, timeout)
    vantages = names_in(fields.at("vantages")) if "vantages" in fields else ()
    quorum = fields.get("quorum", _quorum, None)
    if quorum is not None and vantages and quorum > len(vantages):
        fields.at("quorum").wrong(f"'{quorum}' of {len(vantages)} vantages can never agree")
    if options is None or kind is None or len(reader.problems) > before:
        return None
    return Target(
        name=called,
        kind=kind,
        options=options,
        every=every,
        timeout=timeout,
        recheck=recheck,
        confirm=confirm,
        confirm_of=confirm_of,
        vantages=vantages,
        quorum=quorum,
        hidden=tuple((said_as, Secret(value)) for said_as, value in hidden_in(fields.at("probe").node)),
    )


def confirmation(value: object) -> tuple[int, int]:
    """``2 of 3``: two failures among the last three samples; ``2`` is ``2 of 2``."""
    found = None if isinstance(value, bool) or not isinstance(value, int | str) else _OF.fullmatch(str(value))
    if not found:
        raise ValueError(f"{said(value)} confirms nothing; write it as 2 of 3")
    needed, out_of = int(found[1]), int(found[2] or found[1])
    if not 1 <= needed <= out_of:
        raise ValueError(f"{value!r} can never be; write at most as many as are looked at, as in 2 of 3")
    return needed, out_of


def _every(value: object) -> int:
    every = duration(value)
    if every < SHORTEST:
        raise ValueError(f"{value!r} is too often; probe at most every {format_duration(SHORTEST)}")
    return every


def _timeout(fields: Fields, every: int) -> int:
    """5 s, or half the interval where that is shorter, unless given."""
    timeout = fields.get("timeout", _wait, min(TIMEOUT, every // 2))
    if timeout >= every:
        text = f"{format_duration(timeout)} is not below 'every' ({format_duration(every)}); runs would overlap"
        fields.at("timeout").wrong(text)
    return timeout


def _check_burst(probe: Reader, options: Options, every: int, timeout: int) -> None:
    """A burst has to be over before the next one begins, and a target gets no more than one packet per second in the
    long run: monitoring is not to be a load."""
    packets, spacing = getattr(options, "packets", 1), getattr(options, "spacing", 0)
    lasts = (packets - 1) * spacing + timeout
    if timeout < every <= lasts:
        text = f"{packets} packets {format_duration(spacing)} apart and the wait for the last take"
        probe.wrong(f"{text} {format_duration(lasts)}, not less than 'every' ({format_duration(every)})")
    elif every < packets * SECOND:
        text = f"{packets} packets every {format_duration(every)} are more than 1 per second"
        probe.wrong(f"{text}; probe every {format_duration(packets * SECOND)} or send fewer packets")


def _recheck(fields: Fields, every: int) -> int | None:
    """5 s, or half the interval where that is shorter, unless given; ``off`` waits for the next slot."""
    if "recheck" in fields and fields.at("recheck").node.value == "off":
        return None
    recheck = fields.get("recheck", _recheck_after, min(RECHECK, every // 2))
    if recheck >= every:
        text = f"{format_duration(recheck)} is not sooner than 'every' ({format_duration(every)}); or write off"
        fields.at("recheck").wrong(text)
    return recheck


def _wait(value: object) -> int:
    wait = duration(value)
    if wait < SHORTEST_WAIT:
        raise ValueError(f"{value!r} is too short to wait; wait at least {format_duration(SHORTEST_WAIT)}")
    return wait


def _recheck_after(value: object) -> int:
    if value is False:
        raise ValueError("false is no duration; write off, or how soon to look again: 5s")
    soon = duration(value)
    if soon < SHORTEST // 2:
        raise ValueError(f"{value!r} is too soon; look again after at least {format_duration(SHORTEST // 2)}")
    return soon


def _quorum(value: object) -> int:
    quorum = count(value)
    if quorum < 1:
        raise ValueError(f"'{value}' is no quorum; write 1 or more")
    return quorum
