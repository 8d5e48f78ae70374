"""Reading jobs: rows and runs brought together. Nothing here changes a row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func
from sqlalchemy.orm import Session

from bookbytes_api.errors import UnknownJob
from bookbytes_api.jobs import schemas
from bookbytes_api.jobs.job import Job
from bookbytes_api.jobs.lookups import find_published, last_book_times
from bookbytes_api.jobs.models import JobRow
from bookbytes_api.jobs.outcome import OUTCOMES, JobStatus, job_status, state_of, submitted_run_ids, with_end
from bookbytes_api.jobs.paces import BookTimes, learn
from bookbytes_api.jobs.progress import Progress, summarize
from bookbytes_api.jobs.queries import jobs_of, jobs_with_outcome, unfinished_jobs_of
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
            return ended_view(job, job.end, find_published(session, [job.isbn]).get(job.isbn))
    states = runs.states(submitted_run_ids([job]))
    with database.session() as session:  # after Dagster, so that a job that is completed has its book
        library = _library(session, [job], states)
    return _views(runs, [job], states, library)[0]


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
        library = _library(session, jobs, states)
    return schemas.JobPage(items=_views(runs, jobs, states, library), total=total, page=page, size=size)


def list_unfinished_jobs(database: Database, runs: RunReader, user_id: UUID) -> list[schemas.Job]:
    """Return all of the user's jobs that have not ended, newest first."""
    with database.session() as session:
        unfinished = _jobs(session.scalars(unfinished_jobs_of(user_id)).all())
    if not unfinished:
        return []
    states = runs.states(submitted_run_ids(unfinished))
    with database.session() as session:
        library = _library(session, unfinished, states)
    views = [view for view in _views(runs, unfinished, states, library) if view.status in _UNFINISHED]
    return sorted(views, key=lambda view: view.created_at, reverse=True)


def _has_ended(status: JobStatus, states: dict[str, RunState]) -> ColumnElement[bool]:
    """Also a job whose run has ended in this way and whose row does not say so yet."""
    return jobs_with_outcome(
        status.value, {run_id for run_id, state in states.items() if OUTCOMES.get(state.status) == status.value}
    )


def _jobs(rows: Sequence[JobRow]) -> list[Job]:
    return [Job.from_row(row) for row in rows]


@dataclass(frozen=True)
class _Library:
    """What the library says about some jobs: their books by ISBN, and how long the last books took."""

    published: Mapping[str, schemas.PublishedBook]
    times: Sequence[BookTimes]


def _library(session: Session, jobs: Sequence[Job], states: Mapping[str, RunState]) -> _Library:
    """Two queries at most, however many jobs there are; times matter to those that are in progress."""
    begun = any(state is not None and state.has_begun for state in (state_of(job, states) for job in jobs))
    return _Library(find_published(session, (job.isbn for job in jobs)), last_book_times(session) if begun else ())


def _views(
    runs: RunReader, jobs: Sequence[Job], states: Mapping[str, RunState], library: _Library
) -> list[schemas.Job]:
    return [_view(runs, job, state_of(job, states), library) for job in jobs]


def _view(runs: RunReader, job: Job, state: RunState | None, library: _Library) -> schemas.Job:
    progress = Progress()
    if state is not None and state.has_begun:
        progress = summarize(runs.history(state), learn(library.times, state.started_at))
    now = datetime.now(UTC)
    published = library.published.get(job.isbn)
    return job_view(with_end(job, state, progress, now), published, state, progress, now)
