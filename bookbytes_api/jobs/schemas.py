"""A job as its owner sees it."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

import msgspec

from bookbytes_api.jobs.models import JobRow
from bookbytes_api.jobs.progress import Progress
from bookbytes_api.runs.state import RunState, RunStatus


class JobStatus(StrEnum):
    """Where a job stands. The last three are ends."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class JobError(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a job failed. `chapter` is the first chapter that failed, where chapters did."""

    code: str
    message: str
    chapter: int | None = None


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One person's request for one book. Times are UTC; `progress` is in percent; `eta_seconds` is an estimate."""

    id: UUID
    type: Literal["process_book"] = "process_book"
    status: JobStatus
    progress: int
    current_step: str | None
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


def job_view(row: JobRow, book_id: UUID | None, state: RunState | None, progress: Progress) -> Job:
    """The job as it stands: from its row once it has ended, else from its run, if that has begun."""
    return ended_view(row, book_id) if row.outcome else going_view(row, book_id, state, progress)


def going_view(row: JobRow, book_id: UUID | None, state: RunState | None, progress: Progress) -> Job:
    """The job at some point of its way."""
    return Job(
        id=row.id,
        status=_going(state),
        progress=progress.percent,
        current_step=progress.step,
        isbn=row.isbn,
        book_id=book_id,
        error=None,
        chapters_done=progress.chapters_done,
        chapters_total=progress.chapters_total,
        eta_seconds=_seconds_from_now(progress),
        created_at=row.created_at,
        started_at=state.started_at if state else None,
        completed_at=None,
        run_id=row.run_id,
    )


def status_of(row: JobRow, state: RunState | None) -> JobStatus:
    """Where the job stands."""
    return JobStatus(row.outcome) if row.outcome else _going(state)


def _going(state: RunState | None) -> JobStatus:
    """A run that waits again after a crash has begun all the same."""
    begun = state is not None and (len(state.run_ids) > 1 or state.status is not RunStatus.WAITING)
    return JobStatus.PROCESSING if begun else JobStatus.PENDING


def ended_view(row: JobRow, book_id: UUID | None) -> Job:
    """The job at its end."""
    told = row.error_code is not None
    return Job(
        id=row.id,
        status=JobStatus(row.outcome or JobStatus.COMPLETED),
        progress=row.progress,
        current_step=row.step,
        isbn=row.isbn,
        book_id=book_id,
        error=JobError(row.error_code or "", row.error_message or "", row.error_chapter) if told else None,
        chapters_done=row.chapters_done,
        chapters_total=row.chapters_total,
        eta_seconds=None,
        created_at=row.created_at,
        started_at=row.started_at,
        completed_at=row.completed_at,
        run_id=row.run_id,
    )


def _seconds_from_now(progress: Progress) -> int | None:
    if progress.seconds_left is None or progress.at is None:
        return None
    gone = (datetime.now(UTC) - progress.at).total_seconds()
    return max(1, round(progress.seconds_left - gone))
