"""What this machine or this process did to itself is Unknown, and is never written down against a target."""

import asyncio
import errno
import itertools
import json
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from probes.clock import Life
from probes.net import alive, reasons
from probes.net.reasons import IcmpError
from probes.sample import Outcome
from tests.probes.pages import Alive, answer, prober, run, saying, server, target

UP, DOWN, UNKNOWN = Outcome.UP, Outcome.DOWN, Outcome.UNKNOWN
MS = 1_000_000
ROOT = Path(__file__).parents[2]

STARVED = """
import asyncio, json, resource, sys
from tests.probes.pages import prober, run, target

async def main():
    async with prober() as made:
        aims = [target(sys.argv[1], f"t{n}", timeout=2) for n in range(60)]
        resource.setrlimit(resource.RLIMIT_NOFILE, (24, 4096))
        seen = await asyncio.gather(*(run(made, aim) for aim in aims))
        resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
        again = await run(made, aims[0])
        print(json.dumps([[one.outcome, one.reason] for one in [*seen, again]]))

asyncio.run(main())
"""


async def test_no_descriptors_left_is_unknown_and_passes() -> None:
    async with server(saying(b"", answer(), pause=0.3)) as port:
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", STARVED, f"http://127.0.0.1:{port}/"), cwd=ROOT, stdout=subprocess.PIPE
        )
        told, _ = await child.communicate()
    seen = [tuple(one) for one in json.loads(told)]
    assert seen[-1] == ("up", None)
    assert set(seen) == {("up", None), ("unknown", "EMFILE")}


SERVER = """
import asyncio
from tests.probes.pages import answer, saying, server

async def main():
    async with server(saying(answer())) as port:
        print(port, flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.mark.parametrize("blocked", [0.15, 0.6])
async def test_a_blocked_loop_never_makes_a_healthy_server_down(blocked: float) -> None:
    """The server is another process, so it answers while our loop stands still past the deadline."""
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", SERVER, cwd=ROOT, stdout=subprocess.PIPE)
    assert child.stdout is not None
    port = int(await child.stdout.readline())
    try:
        async with prober(Stalls()) as made:
            seen = []
            for n in range(4):
                waiting = [
                    asyncio.ensure_future(run(made, target(f"http://127.0.0.1:{port}/", f"t{n}{m}", timeout=0.4)))
                    for m in range(4)
                ]
                for _ in range(n):
                    await asyncio.sleep(0)
                time.sleep(blocked)  # noqa: ASYNC251 - the loop is to stand still
                seen += await asyncio.gather(*waiting)
    finally:
        child.terminate()
        await child.wait()
    assert all(one.outcome is not DOWN for one in seen)
    assert any(one.outcome is UP for one in seen) or blocked > 0.4
    assert all(one.took is None or one.took < 100 * MS for one in seen if one.outcome is UP)


class Stalls:
    """A loop that was late by what it shows: watched the way the daemon does, by a beat."""

    def __init__(self) -> None:
        self._beats = [time.monotonic_ns()]
        self._timer = asyncio.get_running_loop().call_later(0.005, self._beat)

    def _beat(self) -> None:
        self._beats.append(time.monotonic_ns())
        self._timer = asyncio.get_running_loop().call_later(0.005, self._beat)

    def worst_lag(self, start: int, end: int) -> int:
        beats = [*self._beats, time.monotonic_ns()]
        gaps = (b - a for a, b in itertools.pairwise(beats) if b >= start and a <= end)
        return max(0, max(gaps, default=0) - 5 * MS)


@pytest.mark.parametrize(("lag", "reason"), [(19 * MS, "timeout"), (20 * MS, "stall"), (500 * MS, "stall")])
async def test_silence_is_down_only_with_proof_of_life(lag: int, reason: str) -> None:
    """The bound is a tenth of the timeout of 200 ms."""
    async with server(saying(then="silence")) as port, prober(Alive(lag)) as made:
        seen = await run(made, target(f"http://127.0.0.1:{port}/", timeout=0.2))
    assert (seen.outcome, seen.reason) == (DOWN if reason == "timeout" else UNKNOWN, reason)


async def test_evidence_stays_evidence_however_late_it_was_read() -> None:
    late = Alive(5_000 * MS)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        async with prober(late) as made:
            refused = await run(made, target(f"http://127.0.0.1:{taken.getsockname()[1]}/"))
    async with server(saying(answer(status="500 Oh"))) as port, prober(late) as made:
        wrong = await run(made, target(f"http://127.0.0.1:{port}/"))
    assert [refused.reason, wrong.reason] == ["refused", "status"]
    assert {refused.outcome, wrong.outcome} == {DOWN}


@pytest.mark.parametrize("said", [b"", answer(status="408 Request Timeout")])
async def test_a_server_that_gave_up_waiting_for_us_proves_nothing(said: bytes) -> None:
    async with server(saying(said)) as port:
        for life, outcome in ((Alive(), DOWN), (Alive(300 * MS), UNKNOWN)):
            async with prober(life) as made:
                assert (await run(made, target(f"http://127.0.0.1:{port}/"))).outcome is outcome


async def test_a_latency_our_own_lag_is_in_is_not_told() -> None:
    async with server(saying(answer()[:5], answer()[5:], pause=0.05)) as port, prober(Alive(40 * MS)) as made:
        seen = await run(made, target(f"http://127.0.0.1:{port}/"))
    assert (seen.outcome, seen.took, seen.phases) == (UP, None, ())


class LateAfter:
    """Late only after an instant: what was sent went out in time, the answer lay unread."""

    def __init__(self, after: int) -> None:
        self._after = after

    def worst_lag(self, start: int, end: int) -> int:
        return 300 * MS if end - start > self._after else 0


async def test_an_answer_read_late_is_timed_by_the_kernel() -> None:
    """Answered at once, read 300 ms later: the kernel knows when it came."""
    loop = asyncio.get_running_loop()
    listening = socket.create_server(("127.0.0.1", 0))
    life: Life = LateAfter(100 * MS)

    def reply() -> None:
        one, _ = listening.accept()
        loop.call_later(0.02, lambda: (one.send(answer()), time.sleep(0.3), one.close()))

    loop.add_reader(listening, reply)
    async with prober(life) as made:
        seen = await run(made, target(f"http://127.0.0.1:{listening.getsockname()[1]}/"))
    loop.remove_reader(listening)
    listening.close()
    assert seen.outcome is UP and seen.took is not None and seen.took < 100 * MS
    assert sum(took for _, took in seen.phases) <= seen.took + 10 * MS


def test_the_bound_on_lag_is_a_tenth_of_the_timeout_and_at_most_a_fifth_of_a_second() -> None:
    assert alive.bound(1_000 * MS) == 100 * MS and alive.bound(30_000 * MS) == 200 * MS


@pytest.mark.parametrize(
    ("error", "finding"),
    [
        (IcmpError(113, 2, 3, 1, "198.51.100.1"), (DOWN, "unreachable_host")),
        (IcmpError(101, 2, 3, 0, "198.51.100.1"), (DOWN, "unreachable_net")),
        (IcmpError(113, 2, 3, 13, "198.51.100.1"), (DOWN, "prohibited")),
        (IcmpError(113, 2, 11, 0, "198.51.100.1"), (DOWN, "ttl_exceeded")),
        (IcmpError(113, 2, 3, 77, "198.51.100.1"), (DOWN, "unreachable")),
        (IcmpError(113, 2, 3, 1, "192.0.2.1"), (UNKNOWN, "EHOSTUNREACH")),
        (IcmpError(113, 1, 0, 0, None), (UNKNOWN, "EHOSTUNREACH")),
        (IcmpError(113, 3, 1, 3, "2001:db8::9"), (DOWN, "unreachable_host")),
    ],
)
def test_an_icmp_error_is_judged_by_who_sent_it(error: IcmpError, finding: tuple[Outcome, str]) -> None:
    assert reasons.of_icmp(error, "192.0.2.1", "203.0.113.5") == finding


@pytest.mark.parametrize("name", ["EMFILE", "ENFILE", "ENOMEM", "ENOBUFS", "EADDRNOTAVAIL", "EACCES", "EPERM",
                                  "ENETDOWN", "ENETUNREACH", "EHOSTUNREACH"])  # fmt: skip
def test_this_machines_own_errors_are_unknown_by_their_name(name: str) -> None:
    assert reasons.of_errno(getattr(errno, name)) == (UNKNOWN, name)


async def test_a_connection_kept_from_before_a_reload_is_not_used_with_other_options() -> None:
    """The same name, a new configuration: what is measured is what that says, here the address used."""
    peers: list[str] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes) -> None:
        while head:
            peers.append(writer.get_extra_info("peername")[0])
            writer.write(answer())
            head = await reader.readuntil(b"\r\n\r\n")

    async with server(handle) as port, prober() as made:
        for source in ("127.0.0.2", "127.0.0.3"):
            aim = target(f"http://127.0.0.1:{port}/", keep_alive="true", source=source)
            for _ in range(2):
                assert (await run(made, aim)).outcome is UP
    assert peers == ["127.0.0.2"] * 2 + ["127.0.0.3"] * 2
