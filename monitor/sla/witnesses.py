"""What the witnesses of our vantage said."""

from collections.abc import Sequence

from config.spans import Span
from monitor.sla.evidence import Evidence
from monitor.sla.known import DAY
from monitor.sla.words import FOREVER, silent_spans
from probes.sample import Outcome, Sample


class Witnesses:
    """What the vantage's witnesses said, and when all of them were silent."""

    def __init__(self, names: Sequence[str]) -> None:
        self._samples: dict[str, list[Sample]] = {name: [] for name in names}
        self._ended: list[Span] = []

    def take(self, sample: Sample) -> bool:
        """A sample; those of other targets are of no interest. False where it came late: what it says of the time
        before may be another."""
        heard = self._samples.get(sample.target)
        if heard is None or (heard and heard[-1] == sample):
            return True
        in_time = not heard or heard[-1].at <= sample.at
        if in_time:
            heard.append(sample)
        return in_time

    def read(self, evidence: Evidence, since: int) -> None:
        """Their samples from ``since`` on, and as far back as each was last good."""
        self._ended.clear()
        for name in self._samples:
            start = since
            while True:
                self._samples[name] = list(evidence.samples(name, start, FOREVER))
                before = evidence.last_before(name, start)
                if before is None or (self._samples[name] and self._samples[name][0].outcome is Outcome.UP):
                    break
                start = min(before.at, start - DAY)

    @property
    def spoken(self) -> int:
        """Before this instant the witnesses' word is complete."""
        return min((s[-1].at for s in self._samples.values() if s), default=FOREVER)

    def silent(self) -> list[Span]:
        """When all of them failed."""
        return sorted({*self._ended, *silent_spans(list(self._samples.values()))})

    def forget(self, before: int) -> None:
        """Drop what no sample after ``before`` needs: all but the last good word before it, and what followed. The
        silences that ended by then are kept."""
        self._ended = [span for span in self.silent() if span[1] <= before]
        for name, heard in self._samples.items():
            good = [i for i, s in enumerate(heard) if s.at < before and s.outcome is Outcome.UP]
            if good:
                self._samples[name] = heard[good[-1] :]
