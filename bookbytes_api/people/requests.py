"""What everybody has asked for, how it went, and what it cost."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bookbytes_api.accounts.models import UserRow
from bookbytes_api.jobs.job import Job
from bookbytes_api.jobs.models import JobRow
from bookbytes_api.jobs.outcome import JobStatus, job_status, state_of, submitted_run_ids
from bookbytes_api.jobs.queries import published_books
from bookbytes_api.jobs.service import own_run_id
from bookbytes_api.people.spending import Cost
from bookbytes_api.runs.reader import RunReader
from bookbytes_api.runs.state import RunState
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.library.usage import Spending, spending_of_runs
from bookbytes_pipeline.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonsRequest:
    """A request of somebody: `email` is None once the account is closed, `title` until it is known.

    `seconds` is how long the last attempt took, or has taken so far; None before it begins. `cost` is that of all
    attempts. Where one `is_shared`, the run was begun by another request for the same book, and its cost is there.
    """

    job: Job
    email: str | None
    title: str | None
    book_id: UUID | None
    status: JobStatus
    seconds: float | None
    cost: Cost
    is_shared: bool


def list_requests(
    database: Database, runs: RunReader, settings: Settings, offset: int, size: int
) -> tuple[list[PersonsRequest], int]:
    """Return a page of all requests, the newest first, and how many there are.

    Raises `DagsterUnavailable` where one of them is not finished and its run cannot be looked up.
    """
    with database.session() as session:
        total = session.scalar(select(func.count()).select_from(JobRow)) or 0
        found = _jobs(session, offset, size)
    states = runs.states(submitted_run_ids(job for job, _ in found))
    with database.session() as session:
        published = session.execute(published_books(job.isbn for job, _ in found))
        books = {isbn: (book_id, title) for isbn, book_id, title, _ in published}
        spent = spending_of_runs(session, {run_id for job, _ in found for run_id in _own_run_ids(job)})
    return [_request(job, email, state_of(job, states), books, spent, settings) for job, email in found], total


def _jobs(session: Session, offset: int, size: int) -> list[tuple[Job, str | None]]:
    newest_first = select(JobRow, UserRow.email).outerjoin(UserRow, UserRow.id == JobRow.user_id)
    rows = session.execute(newest_first.order_by(JobRow.created_at.desc(), JobRow.id).offset(offset).limit(size))
    return [(Job.from_row(row), email) for row, email in rows]


def _request(
    job: Job,
    email: str | None,
    state: RunState | None,
    books: Mapping[str, tuple[UUID, str]],
    spent: Mapping[str, Spending],
    settings: Settings,
) -> PersonsRequest:
    own = _own_run_ids(job)
    book_id, title = books.get(job.isbn, (None, job.book.title if job.book else None))
    return PersonsRequest(
        job=job,
        email=email,
        title=title,
        book_id=book_id,
        status=job_status(job, state),
        seconds=_seconds(job, state),
        cost=Cost.of((spent[run_id] for run_id in own if run_id in spent), settings),
        is_shared=job.run_id is not None and job.run_id not in own,
    )


def _own_run_ids(job: Job) -> list[str]:
    """Return the ids of the runs that its attempts have begun, and of those that they would have."""
    return [own_run_id(job.id, attempt) for attempt in range(1, job.attempt + 1)]


def _seconds(job: Job, state: RunState | None) -> float | None:
    started_at, ended_at = (job.end.started_at, job.end.completed_at) if job.end else (None, None)
    if job.end is None and state is not None:
        started_at, ended_at = state.started_at, state.ended_at
    return ((ended_at or datetime.now(UTC)) - started_at).total_seconds() if started_at else None
