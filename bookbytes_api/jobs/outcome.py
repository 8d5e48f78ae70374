"""What the state of a run means for the jobs that wait for it. Pure: the same for reads and for what is written."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from bookbytes_api.jobs.job import Job, JobEnd
from bookbytes_api.jobs.models import CANCELLED, COMPLETED, FAILED
from bookbytes_api.jobs.progress import Failure, Progress
from bookbytes_api.runs.state import RunState, RunStatus
from bookbytes_pipeline.constants import RUN_FAILED

OUTCOMES = {RunStatus.SUCCEEDED: COMPLETED, RunStatus.FAILED: FAILED, RunStatus.CANCELLED: CANCELLED}
"""How a job ends when its run has ended in this way."""
MAX_ERROR_CODE_CHARS = 50
_UNKNOWN = Failure(RUN_FAILED, "The run failed without saying why. Try again; if it fails again, ask an operator.")
_LOST = Failure("RUN_LOST", "Dagster has no record of this run any more. Try again: what was finished is kept.")


class JobStatus(StrEnum):
    """The status of a job. The last three are final."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


def submitted_run_ids(jobs: Iterable[Job]) -> set[str]:
    """Return the ids of the runs that Dagster may know and on which these jobs depend."""
    return {job.run_id for job in jobs if job.run_id and job.submitted_at and job.end is None}


def state_of(job: Job, states: Mapping[str, RunState]) -> RunState | None:
    """Return the state of the job's run among those of `submitted_run_ids`."""
    return states.get(job.run_id) if job.run_id and job.end is None else None


def job_status(job: Job, state: RunState | None) -> JobStatus:
    """Return the status that people see: the job's own once it has ended, else that of its run."""
    if job.end is not None:
        return JobStatus(job.end.outcome)
    if state is not None and state.status.is_over:
        return JobStatus(OUTCOMES[state.status])
    return status_before_end(state)


def status_before_end(state: RunState | None) -> JobStatus:
    """Return the status of a job before its run is over."""
    return JobStatus.PROCESSING if state is not None and state.has_begun else JobStatus.PENDING


def with_end(job: Job, state: RunState | None, progress: Progress, now: datetime) -> Job:
    """Return the job with its end if its run is over, whether or not that is written in its row yet."""
    if job.end is not None or state is None or not state.status.is_over:
        return job
    return replace(job, end=end_of_run(state, progress, now), book=progress.book or job.book)


def end_of_run(state: RunState, progress: Progress, now: datetime) -> JobEnd:
    """Return how the jobs of a run that is over end; `now` is when, if Dagster does not say."""
    outcome = OUTCOMES[state.status]
    end = JobEnd(
        outcome=outcome,
        completed_at=state.ended_at or now,
        started_at=state.started_at,
        progress=100 if outcome == COMPLETED else progress.percent,
        chapters_done=progress.chapters_done,
        chapters_total=progress.chapters_total,
    )
    return replace(_with_failure(end, progress.failure or _UNKNOWN), step=progress.step) if outcome == FAILED else end


def end_of_lost_run(now: datetime) -> JobEnd:
    """Return how the jobs of a run end that was deleted in Dagster."""
    return _with_failure(JobEnd(outcome=FAILED, completed_at=now), _LOST)


def end_of_unsubmitted_run(now: datetime) -> JobEnd:
    """Return how the jobs of a run end that was cancelled before it was launched."""
    return JobEnd(outcome=CANCELLED, completed_at=now)


def _with_failure(end: JobEnd, failure: Failure) -> JobEnd:
    return replace(
        end,
        error_code=failure.code[:MAX_ERROR_CODE_CHARS],
        error_message=failure.message,
        error_chapter=failure.chapter,
    )
