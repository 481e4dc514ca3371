"""Two networks for the ICMP benches: this process in one, the answering peer in the other, on different cores."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.lab.space import ip, own_network, peer_network, within

GATEWAY = "10.79.0.2"
NEAR, FAR = {0}, "1"


@contextmanager
def benched(delay_ms: float) -> Iterator[None]:
    """This process on core 0 in a network where all of 10.80.0.0/14 answers after ``delay_ms``."""
    cores = os.sched_getaffinity(0)
    with own_network(), peer_network() as holder:
        ip("link", "add", "here", "type", "veth", "peer", "name", "there", "netns", str(holder))
        ip("addr", "add", "10.79.0.1/24", "dev", "here")
        ip("link", "set", "here", "up")
        within(holder, "ip", "addr", "add", f"{GATEWAY}/24", "dev", "there")
        within(holder, "ip", "link", "set", "there", "up")
        within(holder, "sysctl", "-qw", "net.ipv4.icmp_echo_ignore_all=1")
        ip("route", "add", "10.80.0.0/14", "via", GATEWAY)
        command = [
            *("nsenter", "-t", str(holder), "-n", "taskset", "-c", FAR),
            *(sys.executable, "-m", "tests.bench.peer", "there", str(delay_ms)),
        ]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as peer:
            assert peer.stdin is not None and peer.stdout is not None
            try:
                peer.stdout.readline()
                os.sched_setaffinity(0, NEAR)
                yield
            finally:
                os.sched_setaffinity(0, cores)
                peer.stdin.close()
                peer.wait()


def address(number: int) -> str:
    """The ``number``-th of up to 250,000 addresses that all answer."""
    return f"10.{80 + number // 62_500}.{number // 250 % 250}.{number % 250 + 1}"
