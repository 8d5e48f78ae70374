"""From what was seen to families of samples. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import accumulate, groupby

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.utils import floatToGoString

from bookbytes_api.jobs.models import CANCELLED, COMPLETED, FAILED, JobRow
from bookbytes_api.jobs.schemas import JobStatus, status_of
from bookbytes_api.metrics.samples import InDagster, InLibrary
from bookbytes_pipeline.domain.provider_usage import (
    BUCKET_BOUNDS_S,
    CallBucket,
    CallCount,
    Outcome,
    ProviderUsage,
    SpendingKey,
)

_CALL = ("provider", "model", "outcome")


def families(database: InLibrary | None, dagster: InDagster | None, now: datetime) -> Iterator[Metric]:
    """Everything that is known; None is a part that did not answer, and what only it knows is left out."""
    answered = {"library": database is not None, "dagster": dagster is not None}
    yield _gauge("bookbytes_up", "Whether this part answered (1) or not (0).", "part", answered)
    if database is not None:
        yield _jobs(database, dagster)
        yield from _provider_families(database.consumption)
    if database is not None and dagster is not None:
        yield _oldest(database, dagster, now)
    if dagster is not None:
        runs = {"queued": dagster.queued, "in_flight": dagster.in_flight}
        yield _gauge("bookbytes_runs", "Runs in Dagster that wait and that are in flight.", "state", runs)


def _gauge(name: str, told: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, told, labels=(label,))
    for value in values:
        family.add_metric((value,), values[value])
    return family


def _jobs(database: InLibrary, dagster: InDagster | None) -> Metric:
    """Where an unfinished job stands only Dagster knows."""
    numbers: dict[str, float] = {outcome: database.ended.get(outcome, 0) for outcome in (COMPLETED, FAILED, CANCELLED)}
    if dagster is not None:
        going = Counter(_status(job, dagster) for job in database.unfinished)
        numbers |= {status.value: going[status] for status in (JobStatus.PENDING, JobStatus.PROCESSING)}
    return _gauge("bookbytes_jobs", "Jobs by the state that people see.", "state", numbers)


def _oldest(database: InLibrary, dagster: InDagster, now: datetime) -> Metric:
    waiting = (job for job in database.unfinished if _status(job, dagster) is JobStatus.PENDING)
    age = max(((now - _queued_at(job)).total_seconds() for job in waiting), default=0.0)
    return GaugeMetricFamily(
        "bookbytes_oldest_queued_job_age_seconds",
        "How long the oldest pending job has been waiting.",
        value=max(age, 0.0),
    )


def _status(job: JobRow, dagster: InDagster) -> JobStatus:
    return status_of(job, dagster.states.get(job.run_id or ""))


def _queued_at(job: JobRow) -> datetime:
    """A job that is tried again after days has not waited for days: being tried again is its row's last change."""
    return job.created_at if job.attempt == 1 else job.updated_at


def _provider_families(consumption: ProviderUsage) -> Iterable[Metric]:
    return _calls(consumption.calls), _call_seconds(consumption.calls), _spent(consumption.spent)


def _calls(calls: Mapping[CallBucket, CallCount]) -> Metric:
    """With zeros for outcomes that did not occur yet: `increase()` does not see the first value of a new series."""
    family = CounterMetricFamily("bookbytes_provider_calls", "Calls that were sent to providers.", labels=_CALL)
    numbers = Counter({(kind.provider, kind.model, outcome): 0 for kind in calls for outcome in Outcome})
    for kind, counted in calls.items():
        numbers[kind.provider, kind.model, kind.outcome] += counted.number
    for who, number in numbers.items():
        family.add_metric(who, number)
    return family


def _call_seconds(calls: Mapping[CallBucket, CallCount]) -> Metric:
    told = "Seconds that calls to providers took."
    family = HistogramMetricFamily("bookbytes_provider_call_duration_seconds", told, labels=_CALL)
    for who, kinds in groupby(sorted(calls), lambda kind: (kind.provider, kind.model, kind.outcome)):
        by_bound = {kind.max_seconds: calls[kind] for kind in kinds}
        family.add_metric(who, _cumulative(by_bound), sum(one.seconds for one in by_bound.values()))
    return family


def _cumulative(by_bound: Mapping[float, CallCount]) -> list[tuple[str, float]]:
    """Each bucket with the calls that it and those below hold; also those whose bounds were in use long ago."""
    bounds = sorted({*BUCKET_BOUNDS_S, *by_bound})
    numbers = accumulate(by_bound.get(bound, CallCount()).number for bound in bounds)
    return list(zip(map(floatToGoString, bounds), numbers, strict=True))


def _spent(spent: Mapping[SpendingKey, int]) -> Metric:
    told = "What calls to providers took of what they charge by."
    family = CounterMetricFamily("bookbytes_provider_spent", told, labels=("provider", "model", "unit"))
    for kind, amount in spent.items():
        family.add_metric((kind.provider, kind.model, kind.unit), amount)
    return family
