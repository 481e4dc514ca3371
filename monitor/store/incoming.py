"""What a batch brings, as either kind of store takes it in: samples as columns, of which objects are made only where an
identity is suspect."""

from collections.abc import Callable

from monitor.store.conflicts import Identity, Judge
from monitor.store.factcodec import StoredFact
from monitor.store.port import Batch
from monitor.store.seen import Seen
from monitor.store.sql import Sql
from probes.columns import Columns, as_columns, concat, from_samples, to_samples
from probes.sample import Sample

_WORDS, _EACH = 16, 2
"""As many words as a batch has and each of its samples brings (its target and its address): with more it shares them
with others."""


def parted(batch: Batch) -> tuple[Columns, list[StoredFact]]:
    """All samples of a batch, those among its facts last, and the other facts. Raises OverflowError for an integer
    beyond 64 bits."""
    samples = as_columns(batch.samples)
    told = [fact for fact in batch.facts if isinstance(fact, Sample)]
    if told:
        samples = concat([samples, from_samples(told)])
    if len(samples.words) > _WORDS + _EACH * len(samples):
        samples = samples.tidy()
    return samples, [fact for fact in batch.facts if not isinstance(fact, Sample)]


def sifted(
    seen: Seen, connection: Sql, columns: Columns, look: Callable[[Sample], Sample | None], now: Callable[[], int]
) -> tuple[Columns, int, list[Identity]]:
    """(those that are new, how many were repeats, the identities in quarantine now). ``look`` finds the stored sample
    of a suspect's identity; what is quarantined is put there."""
    if seen.all_new(connection, columns):
        return columns, 0, []
    fresh, suspects = seen.sift(connection, to_samples(columns))
    judge = Judge(connection, fresh, look)
    bad = [suspect.identity for suspect in suspects if judge.quarantine(suspect, now())]
    return from_samples(fresh), len(suspects) - len(bad), list(dict.fromkeys(bad))
