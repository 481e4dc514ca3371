"""The tables of a statement for people: the money, and what everything above rests on. Each says nothing where it has
no rows."""

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from config.spans import clip, total, union
from monitor.render.language import Language
from monitor.render.numbers import lasting, percent
from monitor.render.statement_json import scale
from monitor.sla.missing import missing
from monitor.sla.model import Counted, CreditLine, ExclusionUse, Incident, PartialOutage, Statement, UnknownSpan

_MOST_ROWS = 50
"""Tables end here; the JSON has every row."""
_RIGHT = {True: "has arisen", False: "has not arisen", None: "may have arisen"}


def tables(statement: Statement, language: Language) -> Iterator[str]:
    """All of them, in the order in which they matter."""
    made = _Tables(statement, language)
    yield from made.table("Credits", list(made.credits()))
    yield from made.sums()
    yield from made.table("Claims", list(made.claims()))
    yield from made.table("Rights", list(made.rights()))
    yield from made.table("Items", list(made.items()))
    yield from made.table("Incidents", [made.incident(one) for one in statement.incidents])
    yield from made.table("Counted", [made.counted(one) for one in statement.counted])
    yield from made.table("Exclusions", list(made.exclusions()))
    yield from made.table("Unknown", list(made.unknown()))
    yield from made.table("Minority", list(made.minority()))
    yield from made.table("Remarks", list(made.remarks()))


def credit_words(line: CreditLine, language: Language) -> str:
    """A credit in a few words: its share and what that is, in money or in kind."""
    amounts = []
    if line.amount is not None:
        amounts.append(language.money(line.amount, line.currency))
    if line.quantity is not None and line.unit is not None:
        amounts.append(language.in_kind(line.quantity, line.unit))
    amount = ", ".join(amounts)
    if line.share is not None:
        share = language.number(percent(line.share))
        said = language.say("share credit of", share=share, amount=amount) if amount else None
        said = said or language.say("share credit", share=share)
    else:
        said = language.say("credit of", amount=amount)
    return said if line.withheld is None else f"{said}, {language.say('withheld', why=language.step(line.withheld))}"


class _Tables:
    """The rows of one statement in one language."""

    def __init__(self, statement: Statement, language: Language) -> None:
        self.statement, self.language = statement, language
        self.zone = ZoneInfo(statement.timezone)

    def table(self, title: str, rows: Sequence[str]) -> Iterator[str]:
        """A headed list; nothing where there is nothing."""
        if not rows:
            return
        yield ""
        yield self.language.say(title)
        for row in rows[:_MOST_ROWS]:
            yield f"  {row}"
        if len(rows) > _MOST_ROWS:
            yield f"  {self.language.say('more', number=len(rows) - _MOST_ROWS)}"

    def credits(self) -> Iterator[str]:
        """Each line with the steps it was found by."""
        for line in self.statement.credits:
            steps = [self.language.step(step) for step in line.steps]
            if line.withheld is not None:
                steps.append(self.language.say("withheld", why=self.language.step(line.withheld)))
            key = "credit line" if line.item is None else "credit line for"
            yield self.language.say(
                key, service=line.service, credit=line.promise or line.id, item=line.item, steps="; ".join(steps)
            )

    def sums(self) -> Iterator[str]:
        """What the credits come to, and until when they have to be claimed."""
        say, statement = self.language.say, self.statement
        if statement.credit_total is not None:
            yield f"  {say('total', amount=self.language.money(statement.credit_total, statement.currency))}"
        for unit, amount in statement.in_kind:
            yield f"  {say('total', amount=self.language.in_kind(amount, unit))}"
        if statement.claim_by is not None:
            yield f"  {say('claim by', moment=self.language.moment(statement.claim_by, self.zone))}"

    def claims(self) -> Iterator[str]:
        """Claims that were made, and whether in time."""
        keys = {True: "claim in time", False: "claim late", None: "claim"}
        for line in self.statement.claims:
            said = self.language.say(keys[line.in_time], moment=self.language.moment(line.at, self.zone))
            note = None if line.note is None else self.language.step(line.note)
            yield ", ".join(part for part in (said, line.incident, note) if part)

    def rights(self) -> Iterator[str]:
        """Rights, whether they have arisen and why."""
        say = self.language.say
        for line in self.statement.rights:
            said = say("right", id=line.id, gives=self.language.word(line.gives), state=say(_RIGHT[line.arisen]))
            parts = [said, *(self.language.step(step) for step in line.steps)]
            if line.exercise_by is not None:
                parts.append(say("exercise by", moment=self.language.moment(line.exercise_by, self.zone)))
            yield "; ".join(parts)

    def items(self) -> Iterator[str]:
        """Tickets, outages and days that are judged by themselves."""
        say = self.language.say
        for result in self.statement.promises:
            for item in result.items:
                found = item.value if item.value is not None else item.lower
                value = say("no value") if found is None else self.language.number(scale(result).display(found))
                verdict = say("no verdict") if item.verdict is None else self.language.word(item.verdict.value)
                parts = [
                    say("item", service=result.service, promise=result.id, key=item.key, value=value, verdict=verdict)
                ]
                if item.due is not None:
                    parts.append(say("due", moment=self.language.moment(item.due, self.zone)))
                parts += [self.language.word(item.cause)] * bool(item.cause)
                yield ", ".join(parts)

    def row(self, one: UnknownSpan | PartialOutage | ExclusionUse, text: str) -> str:
        """A span of a service."""
        return f"{one.service}: {self.language.between((one.start, one.end), self.zone)}: {text}"

    def incident(self, incident: Incident) -> str:
        """Both edges, what is charged of it, and what the probing interval leaves open about its length."""
        say, moment = self.language.say, self.language.moment
        if incident.end is None:
            head = say("since", service=incident.service, moment=moment(incident.start, self.zone))
        else:
            span = self.language.between((incident.start, incident.end), self.zone)
            head = say("incident", service=incident.service, span=span)
        parts = [say("charged", time=self._time(incident.charged))]
        if incident.lower != incident.upper:
            parts.append(say("certain", time=self._time(incident.lower)))
            if incident.upper is not None:
                parts.append(say("possible", time=self._time(incident.upper)))
        parts += [self.language.word(incident.cause)] * bool(incident.cause)
        if incident.seen_by:
            parts.append(say("seen by", names=", ".join(incident.seen_by)))
        if not incident.counted:
            parts.append(say("counted elsewhere"))
        parts += [self._handled(*one) for one in incident.handling]
        return f"{head}: {', '.join(parts)}"

    def _handled(self, at: int, action: str, author: str | None, note: str | None) -> str:
        key = "handled by" if author else "handled"
        moment = self.language.moment(at, self.zone)
        said = self.language.say(key, action=self.language.word(action), author=author, moment=moment)
        return said + (f" ({note})" if note else "")

    def counted(self, outage: Counted) -> str:
        """An outage as a rule of the contract counts it."""
        say = self.language.say
        named = {"service": outage.service, "rule": outage.rule, "time": self._time(int(outage.charged))}
        if outage.end is None:
            parts = [say("counted since", moment=self.language.moment(outage.start, self.zone), **named)]
        else:
            parts = [say("counted", span=self.language.between((outage.start, outage.end), self.zone), **named)]
        if outage.weight != 1:
            parts.append(say("weighs", share=self.language.number(percent(outage.weight))))
        if outage.ticket:
            parts.append(say("ticket", id=outage.ticket))
        parts += [self.language.word(outage.cause)] * bool(outage.cause)
        return ", ".join(parts)

    def exclusions(self) -> Iterator[str]:
        """Each as announced, with what became of it within the period."""
        say, start, end = self.language.say, self.statement.period.start, self.statement.period.end
        for use in self.statement.exclusions:
            if use.end <= start or use.start >= end:
                continue
            cause = self.language.word(use.cause)
            parts = [cause if use.id is None else f"{use.id}, {cause}"]
            applied = total(clip(union(use.applied), start, end))
            time = self._time(applied)
            parts.append(say(f"applied {use.effect}", time=time) if applied else say("nothing excluded"))
            for lapsed_from, lapsed_to, why in use.lapsed:
                parts.append(say("lapsed", time=self._time(lapsed_to - lapsed_from), why=self.language.word(why)))
            if use.announced_at is not None:
                parts.append(say("announced", moment=self.language.moment(use.announced_at, self.zone)))
            if use.author:
                parts.append(say("author", author=use.author))
            if use.reason:
                parts.append(use.reason)
            if use.retroactive:
                parts.append(say("retroactive"))
            yield self.row(use, ", ".join(parts))

    def unknown(self) -> Iterator[str]:
        """What has to be known to settle what is indeterminate, then the spans that nobody can speak for."""
        for result in self.statement.promises:
            for one in missing(result):
                if one.what != "time":
                    said = self.language.say(f"missing {one.what}", of=one.of)
                    yield self.language.say("missing", service=result.service, promise=result.id, said=said)
        for span in self.statement.unknown:
            yield self.row(span, self.language.word(span.cause))

    def minority(self) -> Iterator[str]:
        """What only some vantages saw."""
        for one in self.statement.partial:
            yield self.row(one, self.language.say("seen from", target=one.target, names=", ".join(one.seen_by)))

    def remarks(self) -> Iterator[str]:
        """The clauses quoted, and the readings taken."""
        for one in self.statement.remarks:
            if one.text:
                yield self.language.say("remark", path=one.path, text=one.text)
            if one.interpret:
                yield self.language.say("reading", path=one.path, text=one.interpret)

    def _time(self, ns: int) -> str:
        return self.language.number(lasting(ns))
