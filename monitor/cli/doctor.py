"""``upheld doctor``: is this machine fit to measure and is the store sound?"""

import errno
import platform
import socket
import sqlite3
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import click

from monitor.cli.common import UNAVAILABLE, config_option, configuration
from monitor.version import upheld
from probes.sync import read as clock_sync

GRANT = "grant CAP_NET_RAW (systemd: AmbientCapabilities=CAP_NET_RAW; docker: --cap-add NET_RAW), or open the " \
        "unprivileged socket: sysctl -w net.ipv4.ping_group_range='0 2147483647'"  # fmt: skip

Finding = tuple[bool, str]


@click.command(name="doctor")
@config_option
@click.option("--thorough", is_flag=True, help="Check every record of the store, not its structure alone.")
def command(config_path: str | None, thorough: bool) -> None:
    """Look at permissions, clock, versions and the store; exit 69 if something needs a hand."""
    config = configuration(config_path)
    good = True
    for fine, text in (*_versions(), *_icmp(), *_timestamps(), *_clock(), *_store(config.daemon.store, thorough)):
        good = good and fine
        click.echo(f"{'ok  ' if fine else 'LOOK'} {text}")
    if not good:
        raise SystemExit(UNAVAILABLE)


def _versions() -> Iterator[Finding]:
    names = ("aiohttp", "pydantic", "httptools", "aiomqtt", "tzdata")
    yield True, ", ".join((f"upheld {upheld()}", *(f"{name} {version(name)}" for name in names)))
    yield True, f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {platform.platform()}"


def _icmp() -> Iterator[Finding]:
    """Which way of sending echo requests the kernel allows us."""
    tries = (
        ("IPv4", socket.AF_INET, socket.IPPROTO_ICMP),
        ("IPv6", socket.AF_INET6, socket.IPPROTO_ICMPV6),
    )
    for family, number, protocol in tries:
        ways = [name for name, kind in _WAYS if _opens(number, kind, protocol)]
        if ways:
            yield True, f"ICMP over {family}: {' and '.join(ways)} socket"
        else:
            yield False, f"ICMP over {family}: not allowed; {GRANT}"


_WAYS = (("unprivileged datagram", socket.SOCK_DGRAM), ("raw", socket.SOCK_RAW))


def _opens(family: int, kind: int, protocol: int) -> bool:
    try:
        socket.socket(family, kind, protocol).close()
    except OSError as error:
        return error.errno not in (errno.EPERM, errno.EACCES, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT)
    return True


def _timestamps() -> Iterator[Finding]:
    """Whether the kernel says when a packet came and went (SO_TIMESTAMPING), or only this program can."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.setsockopt(socket.SOL_SOCKET, 37, 0)  # SO_TIMESTAMPING of <asm-generic/socket.h>
        except OSError:
            yield False, "timestamps: taken by this program; round-trip times include its delays"
            return
    yield True, "timestamps: taken by the kernel, for packets sent and received"


def _clock() -> Iterator[Finding]:
    sync = clock_sync()
    if sync.synchronised is None:
        yield True, "clock: the system does not tell whether it is kept"
        return
    bound = "" if sync.error is None else f", greatest error {sync.error / 1_000_000:.1f} ms"
    if sync.synchronised:
        yield True, f"clock: synchronised{bound}"
    else:
        yield False, f"clock: not synchronised{bound}; run chrony or systemd-timesyncd"


def _store(path: str, thorough: bool) -> Iterator[Finding]:
    from monitor.store.port import StoreError
    from monitor.store.sqlite import open_store

    if not Path(path).exists():
        yield True, f"store: none yet at {path}"
        return
    try:
        store = open_store(path, read_only=True)
        try:
            problems = store.integrity() if thorough else store.quick_check()
            size, told = store.size(), store.security_events()
        finally:
            store.close()
    except StoreError as error:
        yield False, f"store: {error}"
        return
    yield not problems, f"store: {path}, {size / 1e6:.1f} MB, {'; '.join(problems) or 'sound'}"
    for event in told:
        yield False, f"security: {event.code}: {event.text}"
