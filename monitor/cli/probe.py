"""``upheld probe``: one run of one probe, now, explained."""

import asyncio
import json
from fractions import Fraction

import click

from config.errors import unknown
from config.model import Target
from config.typed import keys, marks
from config.units import duration, format_duration, format_share
from monitor.cli.common import USAGE, config_option, configuration, fail
from probes.kind import Kit, Seen
from probes.notation import instant_text, ms_text


@click.command(name="probe")
@config_option
@click.argument("target")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
def command(config_path: str | None, target: str, as_json: bool) -> None:
    """Run TARGET's probe once, now, and explain every step. Nothing is kept, nobody is told."""
    config = configuration(config_path)
    found = config.targets.get(target)
    if found is None:
        fail(USAGE, unknown("target", target, config.targets))
    seen = asyncio.run(_once(found))
    where = places(config_path, target)
    click.echo(_as_json(found, seen, where) if as_json else _as_text(found, seen, where))


async def _once(target: Target) -> Seen:
    from probes.clock import SystemClock
    from probes.kinds import KINDS
    from probes.life import Pulse
    from probes.net.resolver import SystemResolver

    loop, clock = asyncio.get_running_loop(), SystemClock()
    pulse = Pulse(clock, loop, lambda _: None, lambda _: None)
    pulse.start()
    prober = KINDS[target.kind].open(Kit(clock, pulse, SystemResolver(clock)))
    ended: asyncio.Future[Seen] = loop.create_future()
    try:
        prober.start(target, ended.set_result, explain=True)
        return await ended
    finally:
        prober.close()
        pulse.stop()


def places(config_path: str | None, target: str) -> dict[str, str]:
    """Where each option of the probe is set, as file:line:column; those not set are not in it."""
    from config.load import find

    node = find(config_path, "targets", target, "probe")
    if node is None or not isinstance(node.value, dict):
        return {}
    return {name: f"{at.file}:{at.line}:{at.column}" for name, at in node.keys.items()}


def _as_text(target: Target, seen: Seen, where: dict[str, str]) -> str:
    why = f" ({seen.reason})" if seen.reason else ""
    lines = [f"{target.name}: {seen.outcome.value}{why}", f"  began    {instant_text(seen.at)}"]
    if seen.took is not None:
        lines.append(f"  took     {ms_text(seen.took)} ms of {format_duration(target.timeout)}")
    if seen.address:
        lines.append(f"  address  {seen.address}")
    if seen.phases:
        lines.append("  phases   " + ", ".join(f"{name} {ms_text(took)} ms" for name, took in seen.phases))
    if seen.sent is not None:
        lines.append(f"  packets  {seen.sent} sent, {seen.received} answered, {_extras(seen)}")
        lines += [f"    {number}: {_reply(rtt)}" for number, rtt in enumerate(seen.rtts, 1)]
    lines.append(f"  probe    {target.kind}, every {format_duration(target.every)}")
    for name, value in options(target).items():
        lines.append(f"    {name}: {_shown(value)}  ({where.get(name, 'default')})")
    lines += ["  steps"] * bool(seen.steps) + [f"    {step}" for step in seen.steps]
    return "\n".join(lines)


def _extras(seen: Seen) -> str:
    return f"{seen.duplicates} twice, {seen.late} late"


def _reply(rtt: int | None) -> str:
    return "no valid reply in time" if rtt is None else f"{ms_text(rtt)} ms"


def _shown(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def options(target: Target) -> dict[str, object]:
    """The probe's options as they are written in a configuration, defaults included, secrets hidden."""
    return _parts(target.options)


def _parts(options: object) -> dict[str, object]:
    kind: type = type(options)
    return {key: _typed(getattr(options, name), marks(kind, name)) for key, name in keys(kind).items()}


def _typed(value: object, marks: tuple[object, ...] = ()) -> object:
    if isinstance(value, dict):
        return {name: _typed(one) for name, one in value.items()}
    if isinstance(value, tuple):
        return [_typed(one) for one in value]
    if isinstance(value, int) and any(getattr(mark, "read", None) is duration for mark in marks):
        return format_duration(value)
    if isinstance(value, Fraction):
        return format_share(value)
    return value if isinstance(value, str | int | None) else _parts(value) or str(value)


def _as_json(target: Target, seen: Seen, where: dict[str, str]) -> str:
    return json.dumps(
        {
            "target": target.name,
            "kind": target.kind,
            "options": options(target),
            "places": {name: where.get(name) for name in options(target)},
            "at": instant_text(seen.at),
            "outcome": seen.outcome.value,
            "reason": seen.reason,
            "took_ms": None if seen.took is None else ms_text(seen.took),
            "address": seen.address,
            "phases_ms": {name: ms_text(took) for name, took in seen.phases},
            "sent": seen.sent,
            "received": seen.received,
            "rtt_ms": [None if rtt is None else ms_text(rtt) for rtt in seen.rtts],
            "duplicates": seen.duplicates,
            "late": seen.late,
            "steps": list(seen.steps),
        },
        ensure_ascii=False,
    )
