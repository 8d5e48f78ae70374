"""Reading jobs: rows and runs brought together. Nothing here changes a row."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func
from sqlalchemy.orm import Session

from bookbytes_api.errors import UnknownJob
from bookbytes_api.jobs import schemas
from bookbytes_api.jobs.job import Job
from bookbytes_api.jobs.models import JobRow
from bookbytes_api.jobs.outcome import OUTCOMES, JobStatus, job_status, state_of, submitted_run_ids, with_end
from bookbytes_api.jobs.progress import Progress, summarize
from bookbytes_api.jobs.queries import book_ids, jobs_of, jobs_with_outcome, unfinished_jobs_of
from bookbytes_api.jobs.schemas import ended_view, job_view
from bookbytes_api.runs.reader import RunReader
from bookbytes_api.runs.state import RunState
from bookbytes_pipeline.db.database import Database

_UNFINISHED = {JobStatus.PENDING, JobStatus.PROCESSING}


def own_row(session: Session, user_id: UUID, job_id: UUID) -> JobRow:
    """Return the row of the user's job; raises `UnknownJob`, also for another user's."""
    row = session.scalar(jobs_of(user_id).where(JobRow.id == job_id))
    if row is None:
        raise UnknownJob(f"You have no job {job_id}.")
    return row


def own_job(database: Database, user_id: UUID, job_id: UUID) -> Job:
    """Return the user's job in a transaction of its own."""
    with database.session() as session:
        return Job.from_row(own_row(session, user_id, job_id))


def view_job(database: Database, runs: RunReader, user_id: UUID, job_id: UUID) -> schemas.Job:
    """Return one job as it is now."""
    with database.session() as session:
        job = Job.from_row(own_row(session, user_id, job_id))
        if job.end is not None:
            return ended_view(job, job.end, _book_ids(session, [job]).get(job.isbn))
    states = runs.states(submitted_run_ids([job]))
    with database.session() as session:  # after Dagster, so that a job that is completed has its book
        ids = _book_ids(session, [job])
    return _views(runs, [job], states, ids)[0]


def list_jobs(
    database: Database, runs: RunReader, user_id: UUID, status: JobStatus | None, page: int, size: int
) -> schemas.JobPage:
    """Return a page of the user's jobs, newest first.

    Dagster is asked once for the runs of the user's unfinished jobs, which are few, and then for what happened in
    those of this page that have begun, which are fewer.
    """
    with database.session() as session:
        unfinished = _jobs(session.scalars(unfinished_jobs_of(user_id)).all())
    states = runs.states(submitted_run_ids(unfinished))
    start = (page - 1) * size
    with database.session() as session:
        if status in _UNFINISHED:
            found = [job for job in unfinished if job_status(job, state_of(job, states)) is status]
            newest_first = sorted(found, key=lambda job: job.created_at, reverse=True)
            total, jobs = len(found), newest_first[start : start + size]
        else:
            wanted = jobs_of(user_id)
            if status is not None:
                wanted = wanted.where(_has_ended(status, states))
            total = session.scalar(wanted.with_only_columns(func.count()).order_by(None)) or 0
            jobs = _jobs(session.scalars(wanted.offset(start).limit(size)).all())
        ids = _book_ids(session, jobs)
    return schemas.JobPage(items=_views(runs, jobs, states, ids), total=total, page=page, size=size)


def _has_ended(status: JobStatus, states: dict[str, RunState]) -> ColumnElement[bool]:
    """Also a job whose run has ended in this way and whose row does not say so yet."""
    return jobs_with_outcome(
        status.value, {run_id for run_id, state in states.items() if OUTCOMES.get(state.status) == status.value}
    )


def _jobs(rows: Sequence[JobRow]) -> list[Job]:
    return [Job.from_row(row) for row in rows]


def _book_ids(session: Session, jobs: Sequence[Job]) -> dict[str, UUID]:
    return dict(session.execute(book_ids(job.isbn for job in jobs)).all())


def _views(
    runs: RunReader, jobs: Sequence[Job], states: dict[str, RunState], ids: dict[str, UUID]
) -> list[schemas.Job]:
    return [_view(runs, job, state_of(job, states), ids.get(job.isbn)) for job in jobs]


def _view(runs: RunReader, job: Job, state: RunState | None, book_id: UUID | None) -> schemas.Job:
    progress = summarize(runs.history(state)) if state is not None and state.has_begun else Progress()
    now = datetime.now(UTC)
    return job_view(with_end(job, state, progress, now), book_id, state, progress, now)
