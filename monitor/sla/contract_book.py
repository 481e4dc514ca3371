"""One contract's open period: the books of its targets, its facts, and where it stands."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from config.contract.model import Contract, Service
from config.contract.revisions import in_force, period_at
from config.model import Config
from config.period_kinds import kind_of
from config.spans import Span
from monitor.sla.account import Card, PromiseNow, Raised, raised_in, service_now, to_json, turn_after
from monitor.sla.alive import Alive
from monitor.sla.book import Book
from monitor.sla.book_terms import Terms
from monitor.sla.events import Event
from monitor.sla.evidence import Evidence
from monitor.sla.exclusions import Excluded
from monitor.sla.facts import HeartbeatFact
from monitor.sla.fold import Fold
from monitor.sla.judge import judged_at
from monitor.sla.known import Index, cadences, known, latency_of_target
from monitor.sla.live import Live, touched_by
from monitor.sla.measures import SAMPLE
from monitor.sla.model import State
from monitor.sla.reading import read_open
from monitor.sla.services import cap_start, reach_back
from monitor.sla.settle import exposure
from monitor.sla.settle.charges import charges
from monitor.sla.spent import resolved
from monitor.sla.standing import standing
from monitor.sla.tally import Tally
from monitor.sla.telling import outage_events
from monitor.sla.words import FOREVER, alone
from probes.sample import Sample

SECOND = 1_000_000_000


class ContractBook:
    """The live account of one contract. ``turn``: when in a round of looks it is looked at, as a share of the round."""

    def __init__(self, config: Config, contract: Contract) -> None:
        self.config, self.agreed = config, contract
        self.books: dict[str, Book] = {}
        self._cards: dict[str, Card] = {}
        self._touched, self._awake = set[str](), set[str]()
        self._recorded, self._news, self._forgotten, self.stale = 0, False, False, False
        self.turn = Fraction(0)
        self._raised: dict[tuple[str, str], tuple[Raised, ...]] = {}
        self._excluded: dict[str, Excluded] = {}
        self._waiting: dict[str, Book] = {}
        self._alive = Alive(self.books)

    def anew(self) -> "ContractBook":
        """Another of the same contract, to be loaded in its place; what it told is told."""
        other = ContractBook(self.config, self.agreed)
        other._raised, other.turn = self._raised, self.turn
        return other

    def _adopt(self, contract: Contract) -> None:
        """Judge by this text: the one in force when the open period began."""
        self.contract, self._slides = contract, kind_of(contract.period).trailing
        self._promises = {
            s.name: [p for p in contract.promises if s.name in judged_at(contract, p)] for s in contract.services
        }
        sampled = [promise for promise in contract.promises if promise.measure in SAMPLE]
        self._sampled = {s.name: tuple(p for p in sampled if s.name in p.services) for s in contract.services}
        self._services_of = touched_by(contract)
        self._places = {service.name: place for place, service in enumerate(contract.services)}

    def load(self, evidence: Evidence, index: Index, now: int, spoken: int, checkpoints: Mapping[str, str]) -> None:
        """Once: read the open period as far as it can be folded, or was; what came after it is to be replayed."""
        self._period = period_at(self.agreed, now)
        self._adopt(in_force(self.agreed, self._period.start))
        self._known = known(self.contract, index)
        self._charges = charges(self.contract, self._period.label, self._known.charges)
        self._resolve()
        self._reach = since = reach_back(self.contract, self._period)
        self._since = FOREVER
        while since < self._since:
            again, self._since = self._since < FOREVER, since
            for service in self.contract.services:
                for name in service.targets:
                    if not (again and self.books[name].unheard(evidence)):
                        self.books[name] = self._read(evidence, name, service, now, spoken, checkpoints)
            since = self._live(now, ()).broken_since(since)
        for book in self.books.values():
            book.doze()

    def _resolve(self) -> None:
        terms, since = self.contract, cap_start(self.contract, self._period)
        self._excluded = {s.name: resolved(terms, s, self._period, self._known, since) for s in terms.services}
        self._same: dict[tuple[str, str], Terms] = {}

    def _read(
        self, evidence: Evidence, name: str, service: Service, now: int, spoken: int, checkpoints: Mapping[str, str]
    ) -> Book:
        saved = checkpoints.get(f"{self.contract.name}/{name}")
        damaged = evidence.damaged(name, self._reach, FOREVER)
        book = self._restored(name, service, saved, damaged) if saved else None
        if book is None or book.settled is None:
            read = read_open(self.config, self.config.targets[name], evidence, self._known, self._since, now, spoken)
            book = self._book(name, service, read.fold, damaged)
            book.adopt(read.heard)
            book.vantages = read.vantages
        return book

    def replay(self, sample: Sample) -> None:
        """A sample from the store: it counts where it is not folded in already."""
        book = self.books[sample.target]
        if book.settled is None or (sample.at, sample.identity) > book.settled:
            self._take(book, sample)

    def _book(self, name: str, service: Service, fold: Fold, damaged: Sequence[Span]) -> Book:
        target = self.config.targets[name]
        book = Book(target, fold, self._terms(service.name, latency_of_target(target)))
        book.begin(book.terms, self._since)
        book.damaged = tuple(damaged)
        return book

    def _terms(self, service: str, latency_of: str) -> Terms:
        """Of the open period; once for all books of a service."""
        if (service, latency_of) not in self._same:
            left_out, promises = tuple(self._excluded[service].left_out), self._sampled[service]
            sums = all(Tally(promise).sums for promise in promises)
            asked = tuple(f"{p.measure} {p.statistic} {p.threshold}" for p in promises)
            terms = Terms(promises, latency_of, self._period.start, self._period.end, left_out, sums, asked)
            self._same[service, latency_of] = terms
        return self._same[service, latency_of]

    def _restored(self, name: str, service: Service, saved: str, damaged: Sequence[Span]) -> Book | None:
        """The book as it was saved, if it is of this period and of these promises, and knows what was damaged."""
        target = self.config.targets[name]
        steps = cadences(target, self._known.schedules(name))
        vantage = self.config.vantage.name
        book = self._book(name, service, Fold(steps, self._known.index.pauses(vantage), damaged), damaged)
        try:
            book.restore(saved)
        except (ValueError, KeyError):
            return None
        book.vantages = alone(vantage)
        runs = book.fold.runs
        reaches = book.since <= self._since or (bool(runs) and runs[0].start <= self._since)
        return book if reaches else None

    def recall(self, account: str | None) -> None:
        """The risks that were raised, from the stored account."""
        if account is not None:
            self._raised = raised_in(account)

    def take(self, sample: Sample) -> bool:
        """Count a sample of one of the targets; False where it has to be read from the store."""
        if sample.at >= self._period.end:
            self._roll(sample.at)
        if self.stale:
            return False
        book = self.books[sample.target]
        if not book.recent or book.recent[-1] is not sample.outcome:
            self._touched.update(self._services_of[sample.target])
        return self._take(book, sample)

    def _take(self, book: Book, sample: Sample) -> bool:
        name, configured = book.target.name, book.target.vantages
        if configured and sample.vantage not in configured:
            return True
        if len(configured) > 1 or (book.vantages or (sample.vantage,)) != (sample.vantage,):
            return False
        if not book.vantages:
            book.vantages = alone(sample.vantage)
            book.fold.heard_from(self._known.index.pauses(sample.vantage))
            self._alive.changed()
        book.wake()
        self._waiting[name] = book
        if not book.fits(sample):
            return False
        book.take(sample)
        return True

    @property
    def voted_on(self) -> bool:
        """Whether several vantages look at any of its targets."""
        return any(len(book.vantages) > 1 for book in self.books.values())

    def heartbeat(self, beat: HeartbeatFact, newest: bool) -> bool:
        """See ``Alive``."""
        return self._alive.heartbeat(beat, newest)

    def settle(self, spoken: int, silent: Sequence[Span]) -> None:
        """Fold in what the witnesses have spoken for."""
        for name, book in [*self._waiting.items()]:
            if book.waiting:
                book.settle(spoken, self._ours(book, silent))
            if not book.waiting:
                del self._waiting[name]
                book.arm()
                book.doze()

    def _ours(self, book: Book, silent: Sequence[Span]) -> Sequence[Span]:
        """Our witnesses speak for our vantage only."""
        return silent if book.vantages == (self.config.vantage.name,) else ()

    def _roll(self, at: int) -> None:
        """Begin the period that holds an instant. It has to be read anew where another text is in force from then on;
        and a window that only moves on keeps most of its samples, whose sums have to be read anew."""
        self._period = period_at(self.agreed, at)
        self._charges = charges(self.contract, self._period.label, self._known.charges)
        self._resolve()
        self.stale = self._slides and any(self._sampled.values())
        self.stale = self.stale or in_force(self.agreed, self._period.start) != self.contract
        if any(len(service.targets) > 1 or service.of for service in self.contract.services):
            self.stale = self.stale or not all(book.sound for book in self.books.values())  # see Live.broken_since
        self._since = reach_back(self.contract, self._period)
        for service in self.contract.services:
            for book in map(self.books.__getitem__, service.targets):
                book.begin(self._terms(service.name, book.terms.latency_of), self._since)
                book.doze()

    def due(self) -> int:
        """When a service of it is to be looked at next."""
        if self._touched or len(self._cards) < len(self.contract.services):
            return 0
        return min(card.due for card in self._cards.values())

    def judge(
        self, now: int, silent: Sequence[Span], refresh: int, everything: bool = False
    ) -> tuple[list[Event], str | None]:
        """What is to be told at ``now``, and the account, where it is worth recording again. Services that changed or
        are in trouble are looked at every time, the others in turn, each once in ``refresh`` ns: a look costs the same
        whether anything happened or not."""
        events: list[Event] = []
        if now >= self._period.end:
            events = self._look(list(self.contract.services), now, silent, refresh)
            self._roll(now)
            self._cards.clear()
        if self.stale:
            return events, None
        waits = () if everything else {n for n, c in self._cards.items() if now < c.due and n not in self._touched}
        chosen = [service for service in self.contract.services if service.name not in waits]
        events += self._look(chosen, now, silent, refresh)
        rested = now >= self._recorded + SECOND // 100 * max(100, len(self._cards))
        if not (events or self._news or everything or rested):
            return events, None
        self._recorded, self._news = now, False
        promises = [promise for card in self._cards.values() for promise in card.promises]
        services = {name: card.service for name, card in self._cards.items()}
        at_stake = exposure(self.contract, self._period, [p.result for p in promises], self._charges)
        return events, to_json(self.contract, self._period, now, services, promises, at_stake)

    def _look(self, services: Sequence[Service], now: int, silent: Sequence[Span], refresh: int) -> list[Event]:
        """Judge these services anew; their cards say how they stand."""
        events, live, risk = list[Event](), self._live(now, silent), self.config.risk
        for service in services:
            view, confirmed = live[service.name].view, live.confirmed(service)
            here = service_now(view, now, confirmed)
            events += outage_events(self.contract, service.name, view, now, confirmed)
            promises: list[PromiseNow] = []
            for promise in self._promises[service.name]:
                before = self._raised.get((service.name, promise.id), ())
                told, found = standing(self.contract, self._period, promise, service, live, now, risk, before)
                self._raised[service.name, promise.id] = found.raised
                events += told
                promises.append(found)
            card, observed = self._cards.get(service.name), bool(service.targets or service.of)
            self._news = self._news or card is None or card.service.state != here.state
            trouble = here.incident is not None or (observed and here.state != State.UP)
            share = (self._places[service.name] + self.turn) / len(self._places)
            due = now + SECOND if trouble else turn_after(now, refresh, share)
            self._cards[service.name] = Card(due, here, tuple(promises))
            self._touched.discard(service.name)
        self._awake.update(live.seen)
        return events

    def rest(self) -> None:
        """Nobody looks any more."""
        while self._awake:
            self.books[self._awake.pop()].doze()

    def _live(self, now: int, silent: Sequence[Span]) -> Live:
        """The services at an instant."""

        def view(name: str) -> Book:
            return self.books[name].view(now, self._ours(self.books[name], silent))

        return Live(self.contract, self._period, self._known, self._excluded, view, silent, now)

    def save(self) -> list[tuple[str, str]]:
        """The folds, to go on from after a restart; empty for targets that others look at too."""
        self._forgotten = False
        ours = (self.config.vantage.name,)
        return [
            (f"{self.contract.name}/{name}", book.save() if book.vantages == ours else "")
            for name, book in self.books.items()
        ]

    def forget(self) -> list[tuple[str, str]]:
        """What was saved no longer holds: the store has samples that it lacks."""
        if self._forgotten:
            return []
        self._forgotten = True
        return [(f"{self.contract.name}/{name}", "") for name in self.books]
