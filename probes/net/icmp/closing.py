"""From columns to ``Seen``: the runs that are over, judged together where all is well, one by one where not."""

import errno
import socket
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from probes.clock import Life
from probes.kind import Seen, Well
from probes.net.hop import FirstHop
from probes.net.icmp import flight as table
from probes.net.icmp.explain import explain
from probes.net.icmp.flight import Flight, Slots
from probes.net.icmp.match import REMOTE, Counts
from probes.net.icmp.routes import Routes
from probes.net.icmp.run import Run, Wave
from probes.net.icmp.sockets import Opened
from probes.net.icmp.verdict import Packet, Terms, Verdict, judge
from probes.net.reasons import icmp_reason, name_of
from probes.sample import Outcome

WELL = table.SENT | table.ANSWERED | table.HEARD


class Now(NamedTuple):
    """The instant of judging (monotonic ns), with the socket's drops and the clock's steps up to then."""

    monotonic: int
    drops: int
    steps: int


class Closer:
    """Judges runs. ``transport`` is named in explanations."""

    def __init__(self, opened: Opened, flight: Flight, routes: Routes, life: Life, transport: str) -> None:
        self._opened, self._flight, self._routes = opened, flight, routes
        self._life, self._transport = life, transport
        self.first_hop = FirstHop()

    def close(
        self, wave: Wave, which: Slots | None, now: Now, counts: Counts
    ) -> tuple[Well | None, list[tuple[Run, Seen]]]:
        """What the runs at these places of a wave saw (None: all of them): those that went well together, and single
        ones; their slots are closed."""
        every = self._flight.rows(wave.first, wave.size, wave.packets)
        rows, places = (every, np.arange(wave.size)) if which is None else (every.take(which, axis=0), which)
        received = rows["received"]
        taken = np.maximum(received - rows["sent"], 1)
        well = ((rows["flags"] & WELL == WELL) & (taken <= wave.timeout)).all(axis=1)
        if wave.packets > 1:
            counts.reordered += _reordered(received)
        if wave.steps != now.steps:
            well[:] = False
        together, rest = None, np.arange(len(places))
        if wave.party is not None:
            alike = well & ~np.isin(places, wave.single) if wave.single else well
            rest = np.flatnonzero(~alike)
            if len(rest) < len(places):
                together = (
                    self._together(wave, places, taken, now)
                    if not len(rest)
                    else self._together(wave, places[alike], taken[alike], now)
                )
        single = [self._single(wave, int(places[at]), taken[at], bool(well[at]), now, counts) for at in rest.tolist()]
        closed = slice(None) if which is None else which
        every["flags"][closed] |= table.CLOSED
        every["until"][closed] = wave.begun + table.KEEP
        return together, single

    @staticmethod
    def _together(wave: Wave, places: Slots, taken: Slots, now: Now) -> Well:
        """Runs of a party whose every packet was answered in time, with kernel stamps."""
        assert wave.party is not None
        squad = wave.party.squad
        return Well(squad.places[places], wave.at, now.monotonic - wave.begun, taken, squad.addresses)

    def _single(self, wave: Wave, place: int, taken: Slots, well: bool, now: Now, counts: Counts) -> tuple[Run, Seen]:
        run = wave.run(place)
        if not well or run.explain:
            first = wave.first + place * wave.packets
            return run, self._judge(run, range(first, first + wave.packets), now, counts)
        took, packets, address = now.monotonic - wave.begun, wave.packets, run.plan.route.address
        rtts = tuple(taken.tolist())
        return run, Seen(
            wave.at, Outcome.UP, None, took, packets, packets, rtts, run.duplicates, 0, run.phases, address
        )

    def _judge(self, run: Run, slots: range, now: Now, counts: Counts) -> Seen:
        route, wave = run.plan.route, run.wave
        first_hop = lru_cache(1)(lambda: self.first_hop.blame(route.family, route.address))
        packets = [self._packet(slot, run) for slot in slots]
        terms = Terms(
            timeout=wave.timeout,
            limit=run.plan.limit,
            lag=lambda: self._life.worst_lag(wave.begun, now.monotonic),
            overflow=now.drops != wave.drops,
            stamps_received=self._opened.stamps_received,
            expect_stamps=bool(self._opened.stamps_sent and self._routes.stamped[run.row]),
            stepped=wave.steps != now.steps,
            silent_hop=first_hop,
        )
        verdict = judge(packets, terms)
        counts.late += verdict.late
        return Seen(
            at=wave.at,
            outcome=verdict.outcome,
            reason=verdict.reason,
            took=now.monotonic - wave.begun,
            sent=len(verdict.rtts),
            received=verdict.received,
            rtts=verdict.rtts,
            duplicates=run.duplicates,
            late=verdict.late,
            phases=run.phases,
            address=route.address,
            steps=self._steps(run, packets, verdict) if run.explain else (),
        )

    def _steps(self, run: Run, packets: list[Packet], verdict: Verdict) -> tuple[str, ...]:
        return explain(run, packets, verdict, self._opened, self._transport)

    def _packet(self, slot: int, run: Run) -> Packet:
        """One packet's facts out of the columns."""
        flight = self._flight
        flags, error = int(flight.flags[slot]), int(flight.errors[slot])
        sent = int(flight.sent[slot])
        stamped = bool(flags & table.STAMPED)
        if not flags & table.SENT:
            return Packet(0, False, local=name_of(error))
        if flags & table.ANSWERED:
            return Packet(sent, stamped, int(flight.received[slot]), bool(flags & table.HEARD))
        if error < REMOTE:
            return Packet(sent, stamped)
        kind, code = divmod(error - REMOTE, 256)
        sender = flight.senders.pop(slot)
        reason = icmp_reason(self._routes.family.origin, kind, code)
        if flags & table.OWN:
            return self._own(sent, stamped, run)
        return Packet(sent, stamped, remote=reason, sender=socket.inet_ntop(self._family, sender))

    @property
    def _family(self) -> int:
        return self._routes.family.number

    def _own(self, sent: int, stamped: bool, run: Run) -> Packet:
        """This machine itself said that it could not deliver: nobody answered for the next hop."""
        found = self.first_hop.blame(self._family, run.plan.route.address)
        if found == "unreachable_host":
            return Packet(sent, stamped, remote=found, sender="our own link")
        return Packet(sent, stamped, local=found or name_of(errno.EHOSTUNREACH))


def _reordered(received: Slots) -> int:
    """Packets that arrived after one sent later in the same run (RFC 4737 section 3.3)."""
    if (received[:, 1:] >= received[:, :-1]).all():
        return 0
    instants = np.where(received == 0, np.iinfo(np.int64).max, received)
    earliest_after = np.minimum.accumulate(instants[:, ::-1], axis=1)[:, ::-1][:, 1:]
    return int(((received[:, :-1] != 0) & (instants[:, :-1] > earliest_after)).sum())
