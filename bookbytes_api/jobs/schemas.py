"""A job as the API shows it to its user. Write `schemas.Job`: the value of that name is another class."""

from datetime import datetime
from typing import Literal, cast
from uuid import UUID

import msgspec

from bookbytes_api.jobs import job as values
from bookbytes_api.jobs.outcome import JobStatus, status_before_end
from bookbytes_api.jobs.progress import Progress
from bookbytes_api.runs.state import RunState
from bookbytes_api.web.pagination import Page
from bookbytes_pipeline.constants import CurrentStep


class JobError(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a job failed. `chapter` is the first chapter that failed, where chapters did."""

    code: str
    message: str
    chapter: int | None = None


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One user's request for one book. Times are UTC; `progress` is in percent; `eta_seconds` is an estimate."""

    id: UUID
    type: Literal["process_book"] = "process_book"
    status: JobStatus
    progress: int
    current_step: CurrentStep | None
    isbn: str
    book_id: UUID | None
    error: JobError | None
    chapters_done: int
    chapters_total: int | None
    eta_seconds: int | None
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    run_id: str | None


class JobPage(Page[Job], frozen=True):
    """A page of jobs."""

    items: list[Job]  # again, for the OpenAPI document, which does not resolve the type variable


def job_view(job: values.Job, book_id: UUID | None, state: RunState | None, progress: Progress, now: datetime) -> Job:
    """Return the job as it is `now`: from its end if it has one, else from its run."""
    if job.end is not None:
        return ended_view(job, job.end, book_id)
    return unfinished_view(job, book_id, state, progress, now)


def unfinished_view(
    job: values.Job, book_id: UUID | None, state: RunState | None, progress: Progress, now: datetime
) -> Job:
    """Return the job as it is, or was, before its end."""
    return Job(
        id=job.id,
        status=status_before_end(state),
        progress=progress.percent,
        current_step=progress.step,
        isbn=job.isbn,
        book_id=book_id,
        error=None,
        chapters_done=progress.chapters_done,
        chapters_total=progress.chapters_total,
        eta_seconds=progress.seconds_left(now),
        created_at=job.created_at,
        started_at=state.started_at if state else None,
        completed_at=None,
        run_id=job.run_id,
    )


def ended_view(job: values.Job, end: values.JobEnd, book_id: UUID | None) -> Job:
    """Return the job as it is after its end."""
    return Job(
        id=job.id,
        status=JobStatus(end.outcome),
        progress=end.progress,
        current_step=cast("CurrentStep | None", end.step),
        isbn=job.isbn,
        book_id=book_id,
        error=_error(end),
        chapters_done=end.chapters_done,
        chapters_total=end.chapters_total,
        eta_seconds=None,
        created_at=job.created_at,
        started_at=end.started_at,
        completed_at=end.completed_at,
        run_id=job.run_id,
    )


def _error(end: values.JobEnd) -> JobError | None:
    if end.error_code is None:
        return None
    return JobError(end.error_code, end.error_message or "", end.error_chapter)
