"""One episode: a vantage at work, a fault of the monitor's own in the middle, and what the evaluator makes of it.

    calm ── (outage begins) ── trouble of ours ── (outage ends) ── calm

Without the outage every target is healthy throughout, so no nanosecond may be Down. With it, what lies outside the
trouble must be Down; one interval and one timeout on either side of it are not asked for, since a sample speaks for
that long.
"""

from random import Random

from config.contract.model import Contract, Promise, Service
from config.model import Config, Target
from config.model import Vantage as Place
from config.spans import Span
from monitor.door import quantised
from monitor.sla.evidence import Facts
from monitor.sla.facts import EpochFact, Fact, HeartbeatFact
from monitor.sla.statement import build
from probes.columns import Columns, to_samples
from probes.life import Epoch, Heartbeat
from probes.sample import MILLISECOND, Sample
from probes.slots import WIDE
from probes.vantage import Vantage
from tests.campaign.faults import FAULTS
from tests.campaign.kernel import Machine, Page, Ping, Plain
from tests.oracle.build import contract, period, promise, service
from tests.probes.clockwork import SECOND

EVERY, TIMEOUT = 5 * SECOND, SECOND
MARGIN = EVERY + TIMEOUT
CALM, BEFORE, AFTER = 12 * SECOND, 25 * SECOND, 25 * SECOND
UNSAVED = SECOND // 2
"""What a kill loses: samples of the batch not yet recorded."""


def _target(name: str, kind: str, named: bool = False, recheck: int | None = None) -> Target:
    options = Plain(named=named)
    return Target(name=name, kind=kind, options=options, every=EVERY, timeout=TIMEOUT, recheck=recheck)


WITNESSES = ("witness-a", "witness-b")
TARGETS = (
    _target("line", "ping"),
    _target("branch", "ping", recheck=2 * SECOND),
    _target("page", "page", recheck=2 * SECOND),
    _target("shop", "page", named=True),
    *(_target(name, "ping") for name in WITNESSES),
)
SERVICES: tuple[Service, ...] = tuple(service(t.name, name=t.name) for t in TARGETS if t.name not in WITNESSES)
PROMISES: tuple[Promise, ...] = (promise("availability", tuple(s.name for s in SERVICES)),)
CONTRACT: Contract = contract(*SERVICES, promises=PROMISES)
CONFIG = Config(vantage=Place(name="v", witnesses=WITNESSES), targets={t.name: t for t in TARGETS})


class NoNames:
    """Names are the probes' own affair here."""

    def known(self, name: str, family: int) -> str | None:
        return name

    async def resolve(self, name: str, family: int, timeout: int) -> str:  # noqa: ASYNC109
        return name


class Episode:
    """A world of its own, from a seed. ``outage``: the targets are down from before the fault until after it."""

    def __init__(self, seed: int, fault: str, outage: bool) -> None:
        self.rng, self.fault, self.outage = Random(f"{fault} {seed}"), fault, outage
        self.machine = Machine()
        self.facts: list[Fact] = []
        self.sure: list[Span] = []
        rtt = self.rng.choice((200_000, 8 * MILLISECOND, 60 * MILLISECOND, 300 * MILLISECOND))
        self._kinds = (Ping, Page, rtt)
        self.start()

    @property
    def wall(self) -> int:
        """Now, by the vantage's clock."""
        return self.machine.time.wall()

    def start(self) -> None:
        """A process begins."""
        ping, page, rtt = self._kinds
        kinds = {"ping": ping(self.machine, rtt), "page": page(self.machine, rtt)}
        time, take = self.machine.time, self._sample
        self.vantage = Vantage(
            kinds, time, time, NoNames(), take, self._samples, self._beat, self._stepped, lambda: self.machine.slept
        )
        self.vantage.start(CONFIG)

    def kill(self) -> None:
        """It ends without a word; what it had not recorded is lost."""
        self.machine.time.forget()
        since = self.wall - UNSAVED
        self.facts = [fact for fact in self.facts if getattr(fact, "received_at", None) is None or _when(fact) < since]

    def _sample(self, sample: Sample) -> None:
        self.facts.append(quantised(sample, self.wall))

    def _samples(self, columns: Columns) -> None:
        self.facts += to_samples(columns)

    def _beat(self, beat: Heartbeat) -> None:
        at = beat.at - beat.at % MILLISECOND
        name, boot = self.vantage.name, self.vantage.boot
        self.facts.append(HeartbeatFact(name, boot, at, beat.loop_lag, beat.clock_error, beat.suspended))

    def _stepped(self, epoch: Epoch) -> None:
        at = epoch.at - epoch.at % MILLISECOND
        self.facts.append(EpochFact(self.vantage.name, self.vantage.boot, at, epoch.step, epoch.synchronised))

    def play(self) -> None:
        """From calm to calm."""
        time, rng = self.machine.time, self.rng
        time.run(CALM + rng.randrange(EVERY))
        broke, down = self.wall, time.monotonic()
        if self.outage:
            self.machine.broken["outage"] = [(down, down + 1_000_000 * SECOND)]
        time.run(BEFORE)
        before = self.wall
        FAULTS[self.fault](self, rng)
        time.run(WIDE)  # by then the pulse has beaten, and the vantage's clock is set too
        after = self.wall
        time.run(AFTER)
        ended = self.wall
        if self.outage:
            self.machine.broken["outage"] = [(down, time.monotonic())]
        self.sure = [(broke + MARGIN, min(before, after) - MARGIN), (max(before, after) + MARGIN, ended)]
        time.run(CALM)
        self.vantage.stop()

    def down(self) -> int:
        """Down of all services (ns) over all that was recorded."""
        instants = [_when(fact) for fact in self.facts]
        return self._judged(min(instants) - 60 * SECOND, max(instants) + 60 * SECOND)

    def shares(self) -> tuple[int, int]:
        """Of the time in which every target was surely down: how much of it is Down, and how much there is (ns)."""
        spans = [span for span in self.sure if span[0] < span[1]]
        return sum(self._judged(*span) for span in spans), sum(b - a for a, b in spans) * len(SERVICES)

    def _judged(self, start: int, end: int) -> int:
        """By the evaluator that makes the statements."""
        start, end = start - start % MILLISECOND, end - end % MILLISECOND
        made = build(CONFIG, CONTRACT, period(start, end), Facts(self.facts), None)
        return sum(figures.down for figures in made.services)


def _when(fact: Fact) -> int:
    """A sample's, heartbeat's or epoch's instant."""
    assert isinstance(fact, Sample | HeartbeatFact | EpochFact)
    return fact.at
