"""The engine's parts one by one: filter, checksum, stamps, slots, routes."""

import random
import socket
import struct
import time

import numpy as np
import pytest

from probes.kind import Seen
from probes.net.icmp import filters, flight, stamps, wire
from probes.net.icmp.flight import NEVER, Flight
from probes.net.icmp.lane import Lane
from probes.net.icmp.routes import KEPT, Route, Routes, control_of, name_of
from probes.net.icmp.run import Plan, Run, Wave
from probes.net.icmp.sockets import open_socket
from probes.net.icmp.stamps import RealClock, pack_control
from probes.sample import Outcome
from tests.lab.bursts import kit, plan
from tests.probes.test_icmp_kind import needs_icmp

MS = 1_000_000


def interpret(program: list[filters.Instruction], packet: bytes) -> bool:
    """Classic BPF, the few instructions that are used: whether the packet is kept."""
    at = x = loaded = 0
    while True:
        code, yes, no, value = program[at]
        at += 1
        if code == 0xB1:
            x = 4 * (packet[value] & 15)
        elif code == 0x01:
            x = value
        elif code in (0x50, 0x40):
            size = 1 if code == 0x50 else 4
            if x + value + size > len(packet):
                return False
            loaded = int.from_bytes(packet[x + value : x + value + size], "big")
        elif code == 0x15:
            at += yes if loaded == value else no
        else:
            assert code == 0x06
            return value != 0


def four(message: bytes, options: int = 0) -> bytes:
    return bytes([0x45 + options]) + bytes(8) + b"\1" + bytes(10 + 4 * options) + message


def quoted(identifier: int, protocol: int = 1, kind: int = 8) -> bytes:
    packet = bytearray(four(struct.pack("!BBHHH", kind, 0, 0, identifier, 1)))
    packet[9] = protocol
    return bytes(packet)


TOKEN = 0x0A0B0C0D


@pytest.mark.parametrize(
    ("message", "kept"),
    [
        (struct.pack("!BBHHHI", 0, 0, 0, 0x7701, 5, TOKEN), True),
        (struct.pack("!BBHHHI", 0, 0, 0, 0x1234, 5, TOKEN), True),
        (struct.pack("!BBHHHI", 0, 0, 0, 0x7701, 5, 1), True),
        (struct.pack("!BBHHHI", 0, 0, 0, 0x1234, 5, 1), False),
        (struct.pack("!BBHHHI", 8, 0, 0, 0x7701, 5, TOKEN), False),
        (bytes([3, 1]) + bytes(6) + quoted(0x7701), True),
        (bytes([11, 0]) + bytes(6) + quoted(0x7701), True),
        (bytes([3, 1]) + bytes(6) + quoted(0x1234), False),
        (bytes([3, 3]) + bytes(6) + quoted(0x7701, protocol=17), False),
        (bytes([3, 1]) + bytes(6) + quoted(0x7701, kind=0), False),
        (bytes([5, 1]) + bytes(6) + quoted(0x7701), False),
        (bytes([0, 0, 0, 0]), False),
    ],
)
@pytest.mark.parametrize("options", [0, 2])
def test_the_filter_keeps_our_replies_and_errors_about_our_requests(message: bytes, kept: bool, options: int) -> None:
    program = filters.program(socket.AF_INET, 0x77, TOKEN)
    assert interpret(program, four(message, options)) is kept


def test_the_filter_for_ipv6_begins_at_the_icmp_header() -> None:
    program = filters.program(socket.AF_INET6, 0x77, TOKEN)
    request = bytes([0x60]) + bytes(5) + bytes([58]) + bytes(33) + struct.pack("!BBHHH", 128, 0, 0, 0x7701, 1)
    assert interpret(program, struct.pack("!BBHHHI", 129, 0, 0, 0x7702, 5, 1))
    assert not interpret(program, struct.pack("!BBHHHI", 129, 0, 0, 0x0102, 5, 1))
    assert interpret(program, bytes([3, 0]) + bytes(6) + request)
    assert not interpret(program, bytes([128, 0]) + bytes(2) + b"\x77\1" + bytes(6))


def test_requests_carry_their_marks_and_a_right_checksum() -> None:
    marks = [bytes(range(200, 228)), bytes([255] * 28), b"\xff\xf7" + bytes(26), bytes(28)]
    heads = np.frombuffer(b"".join(b"\x08\0ab" + mark for mark in marks), np.uint32).reshape(4, 8).copy()
    wire.seal(heads)
    for row, mark in zip(heads, marks, strict=True):
        message = row.tobytes() + bytes(32)
        assert message[:2] == b"\x08\0" and message[4:32] == mark
        assert wire.intact(message) and wire.intact(message[:33])
        assert not wire.intact(message[:31] + bytes([message[31] ^ 1]))


def test_a_request_turns_into_its_reply_by_an_addition_unless_the_checksum_overflows() -> None:
    rows = np.frombuffer(random.Random(3).randbytes(32 * 100_000), np.uint32).reshape(-1, 8).copy()
    rows.view(np.uint16)[:, 0] = np.frombuffer(b"\x08\0", np.uint16)[0]
    wire.seal(rows)
    turn = wire.turned(wire.IPV4)
    assert turn is not None and wire.turned(wire.IPV6) is None
    replies = rows.copy()
    replies[:, 0] += np.uint32(turn)
    wrong = [row for row in replies if not wire.intact(row.tobytes()) or row.tobytes()[:2] != b"\0\0"]
    assert len(wrong) == (rows.view(np.uint16)[:, 1] >= 0xFFF8).sum() > 0


def test_stamps_are_read_where_either_option_puts_them() -> None:
    for option in (stamps.SO_TIMESTAMPING, stamps.SO_TIMESTAMPNS):
        data = struct.pack("=qq", 5, 6) + bytes(32 if option == stamps.SO_TIMESTAMPING else 0)
        control = np.zeros((2, stamps.CONTROL), np.uint8)
        packed = stamps.pack_control([(socket.SOL_SOCKET, option, data)])
        control[0, : len(packed)] = np.frombuffer(packed, np.uint8)
        assert stamps.arrivals(control)[0].tolist() == [5_000_000_006, 0]
        assert stamps.control_messages(packed) == [(socket.SOL_SOCKET, option, data)]


def test_a_step_of_the_clock_is_noticed_and_its_slewing_and_interruptions_are_not() -> None:
    """REALTIME is set ahead by 1 ms: a step. A reading interrupted for 30 ms is none."""
    time = {"real": 1_000 * MS, "monotonic": 0, "slow": 0}

    def monotonic() -> int:
        time["monotonic"] += time["slow"]
        time["real"] += time["slow"]
        return time["monotonic"]

    clock = stamps.RealClock(lambda: time["real"], monotonic)
    assert clock.check() == 0
    time["slow"] = 30 * MS
    assert clock.check() == 0
    time["slow"] = 0
    assert clock.check() == 0
    time["real"] += MS
    assert clock.check() == 1
    assert clock.check() == 1


def test_slots_of_a_run_lie_side_by_side_and_are_not_used_again_for_ten_seconds() -> None:
    table = Flight(8, b"toke", 0x77, None, slots=16)
    now = 1_000 * flight.KEEP
    assert table.take(5, np.array([3, 4]), now, 1) == 0
    assert table.route[:10].tolist() == [3] * 5 + [4] * 5
    assert len({row.tobytes() for row in table.heads[:10, 4:]}) == 10
    assert {row.tobytes()[4] for row in table.heads[:10]} == {0x77}
    assert len({row.tobytes()[4:6] for row in table.heads[:5]}) == 1
    assert all(wire.intact(row.tobytes()) for row in table.heads[:10])
    table.until[:10] = now + flight.KEEP
    assert table.take(5, np.array([3, 4]), now + flight.KEEP, 2) == 16 and len(table) == 32
    table.until[16:26] = now + 2 * flight.KEEP
    assert table.take(5, np.array([3, 4]), now + flight.KEEP + 1, 3) == 0 and len(table) == 32


def test_a_sequence_number_is_the_low_half_of_its_slot() -> None:
    table = Flight(8, b"toke", 0x77, None, slots=1 << 17)
    table.take(1, np.zeros(70_000, np.int64), 1, 1)
    assert table.heads[65_536].tobytes()[6:8] == b"\0\0"
    assert list(table.candidates(5)) == [5, 65_541]


def test_the_table_of_routes_gives_up_what_no_run_has_held_for_an_hour() -> None:
    def route(number: int) -> Route:
        return Route(socket.AF_INET, f"192.0.2.{number}")

    table = Routes(socket.AF_INET, rows=4)
    assert [table.hold(route(n), now=1) for n in range(4)] == [0, 1, 2, 3]
    for row in (1, 2, 3):
        table.release(row)
    table.hold(route(1), now=KEPT)
    table.release(1)
    assert {table.hold(route(n), now=KEPT + 2) for n in (8, 9)} == {2, 3}
    assert table.hold(route(0), now=KEPT + 2) == 0
    grown = [table.hold(route(n), now=KEPT + 3) for n in range(10, 20)]
    assert len({0, 1, 2, 3, *grown}) == 14
    assert table.addresses[0].tobytes() == socket.inet_aton("192.0.2.0")
    assert table.addresses[grown[9]].tobytes() == socket.inet_aton("192.0.2.19")


def test_an_unknown_zone_is_an_error_of_this_machine() -> None:
    with pytest.raises(OSError, match="this machine has no interface 'nosuch0'"):
        name_of(Route(socket.AF_INET6, "fe80::1%nosuch0"))
    table = Routes(socket.AF_INET6)
    assert table.way(table.hold(Route(socket.AF_INET6, "fe80::1%7"), now=1)) == (("fe80::1", 0, 0, 7), [])


def test_the_first_route_with_options_makes_room_for_those_of_all() -> None:
    plain, marked = Route(socket.AF_INET, "192.0.2.1"), Route(socket.AF_INET, "192.0.2.2", ttl=3)
    table = Routes(socket.AF_INET, rows=2)
    assert (table.hold(plain, 1), table.plain) == (0, True)
    assert (table.hold(marked, 1), table.plain) == (1, False)
    for number in range(3, 9):
        table.hold(Route(socket.AF_INET, f"192.0.2.{number}"), 1)
    packed = pack_control(control_of(marked))
    assert table.control_lengths.tolist() == [0, len(packed), *[0] * 6]
    assert table.controls[1, : len(packed)].tobytes() == packed
    assert table.way(1) == (("192.0.2.2", 0), control_of(marked))


def test_options_of_a_packet_travel_in_control_messages() -> None:
    messages = control_of(Route(socket.AF_INET, "192.0.2.1", dscp=46, ttl=3, source="192.0.2.9"))
    assert [(level, kind) for level, kind, _ in messages] == [(0, 2), (0, 1), (0, 8)]
    assert messages[1][2] == struct.pack("=i", 184)
    six = control_of(Route(socket.AF_INET6, "::1", dscp=46, ttl=3, source="::1"))
    assert [(level, kind) for level, kind, _ in six] == [(41, 52), (41, 67), (41, 50)]


def test_packets_keep_their_spacing_and_lost_time_is_not_made_up_for() -> None:
    """Punctual ticks keep the plan, however long they take to send; one that comes 35 ms late moves all that follow."""
    plan = Plan(Route(socket.AF_INET, "192.0.2.1"), 3, 100 * MS, MS)
    wave = Wave([Run(plan, lambda seen: None)], np.zeros(1, np.int64), 0, due=1_000 * MS)
    assert wave.early(1_001 * MS) == 0
    assert wave.sent(1_001 * MS, 1_004 * MS, 1_009 * MS, grid=20 * MS) and wave.due == 1_100 * MS
    assert wave.early(1_098 * MS) == 6 * MS and wave.early(1_104 * MS) == 0
    assert wave.sent(1_135 * MS, 1_135 * MS, 1_136 * MS, grid=20 * MS) and wave.due == 1_240 * MS
    assert not wave.sent(1_240 * MS, 1_240 * MS, 1_241 * MS, grid=20 * MS) and wave.ends == 1_242 * MS


@needs_icmp
def test_what_would_go_a_moment_too_soon_is_waited_for_and_what_has_longer_to_wait_is_not() -> None:
    lane = Lane(open_socket(socket.AF_INET), kit())
    began = time.monotonic_ns()
    lane.offset = -began
    lane.start([Run(plan("127.0.0.1", packets=2), lambda seen: None)], began)
    assert lane.tick(began, 9) == 1
    assert (lane.tick(began + 20 * MS, 9), lane.soon >= began + 20 * MS) == (0, True)
    may = lane.soon
    while time.monotonic_ns() < may - MS:
        pass
    assert (lane.tick(may, 9), time.monotonic_ns() >= may, lane.soon) == (1, True, NEVER)
    lane.close("over")


@needs_icmp
@pytest.mark.parametrize("step", [3_600_000 * MS, -3_600_000 * MS])
def test_a_clock_set_while_a_tick_runs_is_in_no_figure(step: int) -> None:
    """The engine looks at the clock as the tick begins; what comes after that is stamped by the new one."""
    ahead = [0]
    seen: list[Seen] = []
    lane = Lane(open_socket(socket.AF_INET), kit(), real=RealClock(lambda: time.time_ns() + ahead[0]))
    lane.start([Run(plan("127.0.0.1", packets=2), seen.append)], time.monotonic_ns())
    assert lane.tick(time.monotonic_ns(), 9) == 1
    ahead[0] = step
    while not seen:
        lane.tick(time.monotonic_ns(), 9)
    lane.close("over")
    assert [(one.outcome, one.reason, one.rtts) for one in seen] == [(Outcome.UNKNOWN, "clock_step", ())]


@needs_icmp
def test_a_clock_set_back_keeps_no_slot_from_being_used_again() -> None:
    lane = Lane(open_socket(socket.AF_INET), kit())
    seen: list[Seen] = []
    began = time.monotonic_ns()
    lane.start([Run(plan("127.0.0.1", packets=1), seen.append)], began)
    while not seen:
        lane.tick(time.monotonic_ns(), 9)
    assert began + flight.KEEP <= lane._flight.until[0] <= time.monotonic_ns() + flight.KEEP
    lane.close("over")
