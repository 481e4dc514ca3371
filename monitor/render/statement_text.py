"""A statement as text for people: the promises, the figures, what was left out of them and why, what is owed.

Instants stand in the contract's zone with their offset, figures rounded toward the unfavourable side of their
target, bounds only where they differ from each other. The words are the customer's language's.
"""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from config.spans import clip, total, union
from monitor.render.language import Language
from monitor.render.languages import LANGUAGES
from monitor.render.numbers import lasting, percent
from monitor.render.statement_json import members, scale
from monitor.render.statement_tables import credit_words, tables
from monitor.sla.measures import TIMELINE
from monitor.sla.model import PromiseResult, ServiceFigures, Statement, Verdict


def render(statement: Statement, language: Language | None = None) -> str:
    """The whole statement, one line a fact; in the contract's language unless another is asked for."""
    return "\n".join(_Text(statement, language or LANGUAGES[statement.language]).lines()) + "\n"


class _Text:
    """One statement in one language."""

    def __init__(self, statement: Statement, language: Language) -> None:
        self.statement, self.language = statement, language
        self.zone = ZoneInfo(statement.timezone)

    def lines(self) -> Iterator[str]:
        say, statement = self.language.say, self.statement
        yield from self._head()
        for figures in statement.services:
            yield ""
            yield from self._service(figures)
        yield from tables(statement, self.language)
        yield ""
        if statement.insecure:
            yield say("insecure", names=", ".join(statement.insecure))
        names = ", ".join(sorted({result.method for result in statement.promises}))
        yield say("methods", names=names, tzdata=statement.tzdata)
        yield say("contract digest", digest=statement.contract_digest or say("no digest"))
        yield say("digest", digest=members(statement)["digest"])

    def _head(self) -> Iterator[str]:
        say, statement = self.language.say, self.statement
        revision = say("issued" if statement.issued else "not issued", number=statement.revision)
        yield say("title", period=statement.period.label, contract=statement.contract, revision=revision)
        yield say("parties", provider=statement.provider, customer=statement.customer)
        for one in statement.parties:
            start, end = (None if at is None else self.language.day(at, self.zone) for at in (one.start, one.end))
            yield say("party between", name=one.name, start=start, end=end)
        if statement.revision_in_force is not None:
            named, since = statement.revision_in_force
            yield say("in force", id=named, date=self.language.day(since, self.zone))
        span = (statement.period.start, statement.period.end)
        yield f"{self.language.between(span, self.zone)}, {statement.timezone}"
        if statement.as_of is not None:
            yield say("open", moment=self.language.moment(statement.as_of, self.zone))
        if statement.unjudged is not None or any(result.verdict is None for result in statement.promises):
            yield say(statement.unjudged or "other_period")
        if statement.review_by is not None:
            yield say("review by", date=self.language.day(statement.review_by, self.zone))

    def _service(self, figures: ServiceFigures) -> Iterator[str]:
        yield f"{figures.service}: {self._buckets(figures)}"
        for result in self.statement.promises:
            if result.service == figures.service:
                yield f"  {self._promise(figures, result)}"

    def _buckets(self, figures: ServiceFigures) -> str:
        say = self.language.say
        spans = [("up", figures.up), ("down", figures.down), ("unknown", figures.unknown - figures.pending)]
        spans += [("excluded", figures.excluded), ("still to come", figures.pending)]
        told = ", ".join(f"{say(name)} {self._time(ns)}" for name, ns in spans if ns or name in ("up", "down"))
        if figures.coverage is None:
            return f"{told}; {say('nothing observed')}"
        return f"{told}; {say('coverage', share=self.language.number(percent(figures.coverage)))}"

    def _promise(self, figures: ServiceFigures, result: PromiseResult) -> str:
        say, shown = self.language.say, scale(result)
        value = say("no value") if result.value is None else self.language.number(shown.display(result.value))
        target = say(f"promised {result.operator}", target=self.language.number(shown.display_target()))
        parts = [*self._bounds(result), *self._facts(figures, result)]
        if result.by == "customer":
            parts.insert(0, say("by customer", customer=self.statement.customer))
        detail = f": {', '.join(parts)}" if parts else ""
        return f"{self._name(result)} {value} ({say('promised', target=target)}){detail} → {self._follows(result)}"

    def _name(self, result: PromiseResult) -> str:
        """The promise as typed, up to its operator."""
        return self.language.measure(result.text.split(result.operator)[0].strip() or result.id)

    def _bounds(self, result: PromiseResult) -> list[str]:
        if result.lower == result.upper:
            return []
        shown = scale(result)
        low, high = ("" if b is None else self.language.number(shown.display(b)) for b in (result.lower, result.upper))
        if low and high:
            return [self.language.say("between", low=low, high=high)]
        return [self.language.say("at least", low=low) if low else self.language.say("at most", high=high)]

    def _facts(self, figures: ServiceFigures, result: PromiseResult) -> Iterator[str]:
        """What went into the figure: lost and excluded time for what counts time, the number of values otherwise."""
        say = self.language.say
        if result.measure in TIMELINE:
            if figures.down:
                yield say("lost", time=self._time(figures.down))
            for cause, ns in self._by_cause(figures.service).items():
                yield say("excluded for", time=self._time(ns), cause=self.language.word(cause))
            if figures.unknown > figures.pending:
                yield say("unknown for", time=self._time(figures.unknown - figures.pending))
        if result.samples is not None:
            yield say("of value" if result.samples == 1 else "of values", number=result.samples)
        if result.sufficiency is not None:
            yield say("sufficiency", word=self.language.word(result.sufficiency))

    def _by_cause(self, service: str) -> dict[str, int]:
        """Excluded time of a service within the period, by cause."""
        spans: dict[str, list[tuple[int, int]]] = {}
        for use in self.statement.exclusions:
            if use.service == service:
                spans.setdefault(use.cause, []).extend(use.applied)
        period = self.statement.period
        within = {cause: total(clip(union(each), period.start, period.end)) for cause, each in spans.items()}
        return {cause: ns for cause, ns in within.items() if ns}

    def _follows(self, result: PromiseResult) -> str:
        if result.verdict is None:
            return self.language.say("no verdict")
        said = [self.language.word(result.verdict.value)]
        if result.verdict is not Verdict.BREACHED:
            said += [self.language.say("below target so far")] * bool(result.below_target_so_far)
            said += [self.language.say("at risk")] * bool(result.at_risk)
        lines = [line for line in self.statement.credits if (line.service, line.promise) == (result.service, result.id)]
        said += [credit_words(line, self.language) for line in lines]
        return ", ".join(said)

    def _time(self, ns: int) -> str:
        return self.language.number(lasting(ns))
