"""A network of the test's own: a nameless namespace that this thread is in while the context lasts.

Nothing has a name outside of it, so two test runs cannot collide, and it vanishes when the last socket in it does.
"""

import ctypes
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

CLONE_NEWNET = 0x40000000
_LIBC = ctypes.CDLL(None, use_errno=True)


def may_make_networks() -> bool:
    """Whether this process may make network namespaces (CAP_SYS_ADMIN)."""
    status = Path("/proc/self/status").read_text()
    effective = next(line.split()[1] for line in status.splitlines() if line.startswith("CapEff"))
    return bool(int(effective, 16) & 1 << 21)


needs_root = pytest.mark.skipif(
    not may_make_networks() and not os.environ.get("CI"), reason="needs root: it makes a network of its own"
)


@contextmanager
def own_network() -> Iterator[None]:
    """Everything this thread opens meanwhile is in a new network with nothing but a loopback interface."""
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        _checked(_LIBC.unshare(CLONE_NEWNET))
        try:
            ip("link", "set", "lo", "up")
            yield
        finally:
            _checked(_LIBC.setns(before, CLONE_NEWNET))
    finally:
        os.close(before)


@contextmanager
def peer_network() -> Iterator[int]:
    """A second network, held by a process of its own; gives that process's id."""
    with subprocess.Popen(
        ["unshare", "-n", "sh", "-c", "ip link set lo up; echo ready; exec sleep 600"], stdout=subprocess.PIPE
    ) as holder:
        try:
            assert holder.stdout is not None
            holder.stdout.readline()
            yield holder.pid
        finally:
            holder.kill()


def ip(*arguments: str) -> None:
    """Run ``ip`` in this thread's network."""
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


def allow_datagram() -> None:
    """Open the unprivileged ICMP socket to every group in this thread's network."""
    Path("/proc/sys/net/ipv4/ping_group_range").write_text("0 2147483647")


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """Run a program in this thread's network; gives what it said."""
    return subprocess.run(command, check=True, capture_output=True, text=True)


def within(pid: int, *command: str) -> str:
    """Run a command in the network of a process; gives what it printed."""
    done = subprocess.run(["nsenter", "-t", str(pid), "-n", *command], check=True, capture_output=True, text=True)
    return done.stdout


def wait_for_link(name: str, pid: int, peer: str) -> None:
    """Until both ends of a pair are up by the kernel's own word, some 20 ms after the command: it makes its routes of
    IPv6 then, and a neighbour that is asked for before is not found, and asked for again a second later."""
    end = time.monotonic() + 10
    shows = ("ip", "-o", "link", "show")
    while not all("state UP" in told for told in (run(*shows, name).stdout, within(pid, *shows, peer))):
        assert time.monotonic() < end, f"{name} or {peer} does not come up"
        time.sleep(0.005)


def _checked(result: int) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
