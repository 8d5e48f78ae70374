"""Asking for a book, and watching it being made."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from bookbytes_api.accounts.user import User
from bookbytes_api.errors import AdministratorNeeded, DagsterUnavailable
from bookbytes_api.jobs import service
from bookbytes_api.jobs.finalizer import finalize_ended_jobs
from bookbytes_api.jobs.models import JobRow
from bookbytes_api.jobs.queries import unfinished
from bookbytes_api.jobs.reads import list_jobs, look_at, own_job, own_job_of
from bookbytes_api.jobs.reconciler import Reconciler
from bookbytes_api.jobs.schemas import Job, JobStatus, status_of
from bookbytes_api.runs.reader import Runs
from bookbytes_api.runs.state import RunState
from bookbytes_api.web.error_responses import error_responses
from bookbytes_api.web.isbn_params import ISBNText
from bookbytes_api.web.pagination import Page, PageNumber, PageSize
from bookbytes_api.web.request_log import request_id
from bookbytes_api.web.strict_json import strict_json
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.isbn import ISBN, parse_isbn
from bookbytes_pipeline.settings import Settings


class ProcessBookRequest(msgspec.Struct):
    """The book that somebody wants. `force` makes it anew although it is in the library; administrators only."""

    isbn: ISBNText
    force: bool = False


class JobAccepted(msgspec.Struct):
    """The job that will make the book, or has made it."""

    job_id: UUID
    status: JobStatus
    isbn: str


@post(
    "/books/process",
    status_code=202,
    before_request=strict_json,
    responses=error_responses(400, 401, 403, 409, 413, 422, 429, 503),
    sync_to_thread=True,
)
def process(
    data: JSONBody[ProcessBookRequest],
    request: Request[User, Any, Any],
    user: NamedDependency[User],
    database: NamedDependency[Database],
    runs: NamedDependency[Runs],
    settings: NamedDependency[Settings],
    reconciler: NamedDependency[Reconciler],
) -> JobAccepted:
    """Ask for a book. The same wish twice is one job, and one run serves everybody who waits for the same book."""
    isbn = parse_isbn(data.isbn)
    if data.force and not user.is_admin:
        raise AdministratorNeeded("A book that is made anew changes for everybody: ask an administrator.")
    states = _settle_what_ended(database, runs, isbn)
    with database.session(*service.job_locks(user.id, isbn)) as session:
        job = service.request_job(
            session,
            user.id,
            isbn,
            force=data.force,
            request_id=request_id(request.scope),
            most=settings.max_jobs_per_user,
        )
    reconciler.wake()
    return JobAccepted(job.id, status_of(job, states.get(job.run_id or "")), isbn)


@get("/jobs", responses=error_responses(400, 401, 422, 503), sync_to_thread=True)
def jobs(
    user: NamedDependency[User],
    database: NamedDependency[Database],
    runs: NamedDependency[Runs],
    status: Annotated[JobStatus | None, QueryParameter(description="Only jobs that stand so.")] = None,
    page: PageNumber = 1,
    size: PageSize = 20,
) -> Page[Job]:
    """Your jobs, newest first."""
    return list_jobs(database, runs, user.id, status, page, size)


@get("/jobs/{job_id:uuid}", responses=error_responses(400, 401, 404, 503), sync_to_thread=True)
def job(
    job_id: FromPath[UUID],
    user: NamedDependency[User],
    database: NamedDependency[Database],
    runs: NamedDependency[Runs],
) -> Job:
    """One of your jobs, as it stands now."""
    return look_at(database, runs, user.id, job_id)


@post(
    "/jobs/{job_id:uuid}/cancel",
    status_code=202,
    responses=error_responses(400, 401, 404, 409, 503),
    sync_to_thread=True,
)
def cancel(
    job_id: FromPath[UUID],
    user: NamedDependency[User],
    database: NamedDependency[Database],
    runs: NamedDependency[Runs],
    reconciler: NamedDependency[Reconciler],
) -> Job:
    """Give your job up. Its run stops within seconds, unless others wait for the same book."""
    isbn = own_job_of(database, user.id, job_id).isbn
    with database.session(*service.job_locks(user.id, isbn)) as session:
        service.cancel(session, own_job(session, user.id, job_id))
    reconciler.wake()
    return look_at(database, runs, user.id, job_id)


@post(
    "/jobs/{job_id:uuid}/retry",
    status_code=202,
    responses=error_responses(400, 401, 404, 409, 429, 503),
    sync_to_thread=True,
)
def retry(
    job_id: FromPath[UUID],
    user: NamedDependency[User],
    database: NamedDependency[Database],
    runs: NamedDependency[Runs],
    settings: NamedDependency[Settings],
    reconciler: NamedDependency[Reconciler],
) -> Job:
    """Try your job again after it failed or was cancelled. Only what is missing is done again."""
    isbn = own_job_of(database, user.id, job_id).isbn
    _settle_what_ended(database, runs, isbn)
    with database.session(*service.job_locks(user.id, isbn)) as session:
        service.retry(session, own_job(session, user.id, job_id), settings.max_jobs_per_user)
    reconciler.wake()
    return look_at(database, runs, user.id, job_id)


def _settle_what_ended(database: Database, runs: Runs, isbn: ISBN) -> Mapping[str, RunState]:
    """Where the runs that make this book stand. Jobs of those that are over are settled: nobody is to join them.

    While Dagster is away nobody can tell; the reconciler settles them later.
    """
    with database.session() as session:
        waiting = session.scalars(unfinished().where(JobRow.isbn == isbn)).all()
    try:
        return finalize_ended_jobs(database, runs, waiting)
    except DagsterUnavailable:
        return {}


router = Router("/", route_handlers=[process, jobs, job, cancel, retry], tags=["jobs"])
