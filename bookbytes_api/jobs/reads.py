"""Looking at jobs: rows and runs brought together."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.orm import Session

from bookbytes_api.errors import UnknownJob
from bookbytes_api.jobs.finalizer import finalize_ended_jobs
from bookbytes_api.jobs.models import JobRow
from bookbytes_api.jobs.progress import Progress, summed_up
from bookbytes_api.jobs.queries import book_ids, jobs_of, unfinished_jobs_of
from bookbytes_api.jobs.schemas import Job, JobStatus, job_view
from bookbytes_api.runs.reader import Runs
from bookbytes_api.runs.state import RunState, RunStatus
from bookbytes_api.web.pagination import Page
from bookbytes_pipeline.db.database import Database

_UNFINISHED = {JobStatus.PENDING, JobStatus.PROCESSING}


def own_job(session: Session, user_id: UUID, job_id: UUID) -> JobRow:
    """The person's job; raises `UnknownJob`, also for somebody else's."""
    job = session.scalar(jobs_of(user_id).where(JobRow.id == job_id))
    if job is None:
        raise UnknownJob(f"You have no job {job_id}.")
    return job


def own_job_of(database: Database, user_id: UUID, job_id: UUID) -> JobRow:
    """The same in a transaction of its own."""
    with database.session() as session:
        return own_job(session, user_id, job_id)


def look_at(database: Database, runs: Runs, user_id: UUID, job_id: UUID) -> Job:
    """One job as it stands now."""
    with database.session() as session:
        job = own_job(session, user_id, job_id)
        if job.outcome is not None:
            return _views(session, runs, [job], {})[0]
    states = finalize_ended_jobs(database, runs, [job])
    with database.session() as session:
        return _views(session, runs, [own_job(session, user_id, job_id)], states)[0]


def list_jobs(
    database: Database, runs: Runs, user_id: UUID, status: JobStatus | None, page: int, size: int
) -> Page[Job]:
    """A page of the person's jobs, newest first.

    Dagster is asked once for the runs of the person's unfinished jobs, which are few, and then for what happened in
    those that are being executed, which are fewer.
    """
    with database.session() as session:
        open_jobs = session.scalars(unfinished_jobs_of(user_id)).all()
    states = finalize_ended_jobs(database, runs, open_jobs)
    start = (page - 1) * size
    with database.session() as session:
        if status in _UNFINISHED:
            going = sorted(session.scalars(unfinished_jobs_of(user_id)), key=lambda row: row.created_at, reverse=True)
            views = [view for view in _views(session, runs, going, states) if view.status is status]
            return Page(views[start : start + size], len(views), page, size)
        wanted = jobs_of(user_id)
        if status is not None:
            wanted = wanted.where(JobRow.outcome == status.value)
        total = session.scalar(wanted.with_only_columns(func.count()).order_by(None)) or 0
        rows = session.scalars(wanted.offset(start).limit(size)).all()
        return Page(_views(session, runs, rows, states), total, page, size)


def _views(session: Session, runs: Runs, rows: Sequence[JobRow], states: dict[str, RunState]) -> list[Job]:
    ids = dict(session.execute(book_ids(row.isbn for row in rows)).all())
    views = []
    for row in rows:
        state = states.get(row.run_id or "")
        views.append(job_view(row, ids.get(row.isbn), state, _progress(runs, row, state)))
    return views


def _progress(runs: Runs, row: JobRow, state: RunState | None) -> Progress:
    """What its runs have told, if any of them has begun: a crashed one has, while its successor waits."""
    if state is None or row.outcome is not None:
        return Progress()
    begun = len(state.run_ids) > 1 or state.status not in {RunStatus.WAITING, RunStatus.STARTING}
    return summed_up(runs.story(state)) if begun else Progress()
