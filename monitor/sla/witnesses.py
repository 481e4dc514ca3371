"""What the witnesses of our vantage said."""

from collections.abc import Iterable

from config.model import Vantage
from config.spans import Span
from monitor.sla.evidence import Evidence
from monitor.sla.facts import WitnessesFact
from monitor.sla.known import DAY
from monitor.sla.naming import names_in, namings, silences
from monitor.sla.words import FOREVER
from probes.sample import Outcome, Sample


class Witnesses:
    """What the vantage's witnesses said, and when all of them were silent."""

    def __init__(self, vantage: Vantage) -> None:
        self._vantage = vantage
        self._named = namings(vantage, ())
        self._samples: dict[str, list[Sample]] = {name: [] for name in vantage.witnesses}
        self._ended: list[Span] = []

    @property
    def names(self) -> list[str]:
        """Those that are witnesses, and those that were."""
        return names_in(self._named)

    def take(self, sample: Sample) -> bool:
        """A sample; those of other targets and vantages are of no interest. False where it came late: what it says of
        the time before may be another."""
        heard = self._samples.get(sample.target)
        if heard is None or sample.vantage != self._vantage.name or (heard and heard[-1] == sample):
            return True
        since, names = self._named[-1]
        if sample.target not in names:  # it was one, and speaks of no time since
            return sample.at >= since
        in_time = not heard or heard[-1].at <= sample.at
        if in_time:
            heard.append(sample)
        return in_time

    def read(self, evidence: Evidence, told: Iterable[WitnessesFact], since: int) -> None:
        """Who they were, their samples from ``since`` on, and as far back as each was last good."""
        self._ended.clear()
        self._named = namings(self._vantage, told)
        self._samples = {name: self._heard(evidence, name, since) for name in self.names}

    def _heard(self, evidence: Evidence, name: str, start: int) -> list[Sample]:
        while True:
            heard = [s for s in evidence.samples(name, start, FOREVER) if s.vantage == self._vantage.name]
            before = evidence.last_before(name, start)
            if before is None or (heard and heard[0].outcome is Outcome.UP):
                return heard
            start = min(before.at, start - DAY)

    @property
    def spoken(self) -> int:
        """Before this instant the witnesses' word is complete."""
        now = (self._samples.get(name) for name in self._named[-1].names)
        return min((heard[-1].at for heard in now if heard), default=FOREVER)

    def silent(self) -> list[Span]:
        """When all of them failed."""
        return sorted({*self._ended, *silences(self._named, self._samples)})

    def forget(self, before: int) -> None:
        """Drop what no sample after ``before`` needs: all but the last good word before it, and what followed. The
        silences that ended by then are kept."""
        self._ended = [span for span in self.silent() if span[1] <= before]
        for name, heard in self._samples.items():
            good = [i for i, s in enumerate(heard) if s.at < before and s.outcome is Outcome.UP]
            if good:
                self._samples[name] = heard[good[-1] :]
