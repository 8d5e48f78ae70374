"""Metric families from what was sampled. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import accumulate, groupby

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.utils import floatToGoString

from bookbytes_api.jobs.job import Job
from bookbytes_api.jobs.models import CANCELLED, COMPLETED, FAILED
from bookbytes_api.jobs.outcome import JobStatus, job_status, state_of
from bookbytes_api.metrics.samples import DagsterSample, DatabaseSample
from bookbytes_pipeline.domain.provider_usage import (
    BUCKET_BOUNDS_S,
    CallBucket,
    CallCount,
    Outcome,
    ProviderUsage,
    SpendingKey,
)

_CALL = ("provider", "model", "outcome")


def families(database: DatabaseSample | None, dagster: DagsterSample | None, now: datetime) -> Iterator[Metric]:
    """Yield all that is known; None is a part that did not answer, and what only it knows is left out."""
    answered = {"library": database is not None, "dagster": dagster is not None}
    yield _gauge("bookbytes_up", "Whether this part answered (1) or not (0).", "part", answered)
    if database is not None:
        yield _jobs(database, dagster)
        yield from _provider_families(database.usage)
    if database is not None and dagster is not None:
        yield _oldest(database, dagster, now)
    if dagster is not None:
        runs = {"queued": dagster.queued, "in_flight": dagster.in_progress}
        yield _gauge("bookbytes_runs", "Runs in Dagster that wait and that are in flight.", "state", runs)


def _gauge(name: str, documentation: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, documentation, labels=(label,))
    for value in values:
        family.add_metric((value,), values[value])
    return family


def _jobs(database: DatabaseSample, dagster: DagsterSample | None) -> Metric:
    """Only Dagster knows the status of an unfinished job; its run may be over already."""
    numbers: dict[str, float] = {outcome: database.ended.get(outcome, 0) for outcome in (COMPLETED, FAILED, CANCELLED)}
    if dagster is not None:
        unfinished = Counter(_status(job, dagster) for job in database.unfinished)
        numbers |= {status.value: numbers.get(status.value, 0) + unfinished[status] for status in JobStatus}
    return _gauge("bookbytes_jobs", "Jobs by the state that people see.", "state", numbers)


def _oldest(database: DatabaseSample, dagster: DagsterSample, now: datetime) -> Metric:
    waiting = (job for job in database.unfinished if _status(job, dagster) is JobStatus.PENDING)
    age = max(((now - job.queued_at).total_seconds() for job in waiting), default=0.0)
    return GaugeMetricFamily(
        "bookbytes_oldest_queued_job_age_seconds",
        "How long the oldest pending job has been waiting.",
        value=max(age, 0.0),
    )


def _status(job: Job, dagster: DagsterSample) -> JobStatus:
    return job_status(job, state_of(job, dagster.states))


def _provider_families(usage: ProviderUsage) -> Iterable[Metric]:
    return _calls(usage.calls), _call_seconds(usage.calls), _spent(usage.spent)


def _calls(calls: Mapping[CallBucket, CallCount]) -> Metric:
    """With zeros for outcomes that did not occur yet: `increase()` does not see the first value of a new series."""
    family = CounterMetricFamily("bookbytes_provider_calls", "Calls that were sent to providers.", labels=_CALL)
    numbers = Counter({(kind.provider, kind.model, outcome): 0 for kind in calls for outcome in Outcome})
    for kind, made in calls.items():
        numbers[kind.provider, kind.model, kind.outcome] += made.number
    for labels, number in numbers.items():
        family.add_metric(labels, number)
    return family


def _call_seconds(calls: Mapping[CallBucket, CallCount]) -> Metric:
    documentation = "Seconds that calls to providers took."
    family = HistogramMetricFamily("bookbytes_provider_call_duration_seconds", documentation, labels=_CALL)
    for labels, kinds in groupby(sorted(calls), lambda kind: (kind.provider, kind.model, kind.outcome)):
        by_bound = {kind.max_seconds: calls[kind] for kind in kinds}
        family.add_metric(labels, _cumulative(by_bound), sum(made.seconds for made in by_bound.values()))
    return family


def _cumulative(by_bound: Mapping[float, CallCount]) -> list[tuple[str, float]]:
    """Return each bucket with its calls and those of the buckets below; also of bounds that were in use long ago."""
    bounds = sorted({*BUCKET_BOUNDS_S, *by_bound})
    numbers = accumulate(by_bound.get(bound, CallCount()).number for bound in bounds)
    return list(zip(map(floatToGoString, bounds), numbers, strict=True))


def _spent(spent: Mapping[SpendingKey, int]) -> Metric:
    documentation = "What calls to providers took of what they charge by."
    family = CounterMetricFamily("bookbytes_provider_spent", documentation, labels=("provider", "model", "unit"))
    for kind, amount in spent.items():
        family.add_metric((kind.provider, kind.model, kind.unit), amount)
    return family
