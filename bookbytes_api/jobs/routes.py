"""Requesting a book, and following, cancelling and retrying its job."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from bookbytes_api.accounts.listen_urls import Sign
from bookbytes_api.accounts.user import User
from bookbytes_api.jobs import reads, schemas, service
from bookbytes_api.jobs.book_requests import process_book
from bookbytes_api.jobs.choices import usual_choices
from bookbytes_api.jobs.limits import count_again_if_refused
from bookbytes_api.jobs.models import JobRow
from bookbytes_api.jobs.outcome import JobStatus
from bookbytes_api.jobs.reconciler import Reconciler
from bookbytes_api.runs.reader import RunReader
from bookbytes_api.web.error_responses import error_responses
from bookbytes_api.web.pagination import PageNumber, PageSize
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.settings import Settings
from bookbytes_pipeline.store.store import Store


@get("/jobs", operation_id="list_jobs", responses=error_responses(400, 401, 422, 503), sync_to_thread=True)
def list_jobs(
    user: NamedDependency[User],
    database: NamedDependency[Database],
    runs: NamedDependency[RunReader],
    sign_listen_url: NamedDependency[Sign],
    status: Annotated[JobStatus | None, QueryParameter(description="Filter by job status.")] = None,
    page: PageNumber = 1,
    size: PageSize = 20,
) -> schemas.JobPage:
    """List your jobs, newest first."""
    jobs = reads.list_jobs(database, runs, user.id, status, page, size)
    return msgspec.structs.replace(jobs, items=[schemas.with_listen_urls(job, sign_listen_url) for job in jobs.items])


@get(
    "/jobs/{job_id:uuid}",
    operation_id="get_job",
    responses=error_responses(400, 401, 404, 503),
    sync_to_thread=True,
)
def get_job(
    job_id: FromPath[UUID],
    user: NamedDependency[User],
    database: NamedDependency[Database],
    runs: NamedDependency[RunReader],
    sign_listen_url: NamedDependency[Sign],
) -> schemas.Job:
    """Get one of your jobs."""
    return schemas.with_listen_urls(reads.view_job(database, runs, user.id, job_id), sign_listen_url)


@post(
    "/jobs/{job_id:uuid}/cancel",
    operation_id="cancel_job",
    status_code=202,
    responses=error_responses(400, 401, 403, 404, 409, 503),
    sync_to_thread=True,
)
def cancel_job(
    job_id: FromPath[UUID],
    user: NamedDependency[User],
    database: NamedDependency[Database],
    runs: NamedDependency[RunReader],
    reconciler: NamedDependency[Reconciler],
    sign_listen_url: NamedDependency[Sign],
) -> schemas.Job:
    """Cancel your job. Its run stops within seconds, unless other users wait for the same book."""
    isbn = reads.own_job(database, user.id, job_id).isbn
    reconciler.finalize(JobRow.isbn == isbn)
    with database.session(*service.job_locks(user.id, isbn)) as session:
        service.cancel(session, reads.own_row(session, user.id, job_id))
    reconciler.wake()
    return schemas.with_listen_urls(reads.view_job(database, runs, user.id, job_id), sign_listen_url)


@post(
    "/jobs/{job_id:uuid}/retry",
    operation_id="retry_job",
    status_code=202,
    responses=error_responses(400, 401, 403, 404, 409, 422, 429, 503),
    sync_to_thread=True,
)
def retry_job(
    job_id: FromPath[UUID],
    user: NamedDependency[User],
    database: NamedDependency[Database],
    runs: NamedDependency[RunReader],
    settings: NamedDependency[Settings],
    store: NamedDependency[Store],
    reconciler: NamedDependency[Reconciler],
    sign_listen_url: NamedDependency[Sign],
) -> schemas.Job:
    """Retry your job after it failed or was cancelled. Only what is missing is made."""
    job = reads.own_job(database, user.id, job_id)
    isbn, usual = job.isbn, usual_choices(settings, store, job.voice)
    reconciler.finalize(JobRow.isbn == isbn)

    def retry() -> None:
        with database.session(*service.job_locks(user.id, isbn)) as session:
            service.retry(
                session,
                reads.own_row(session, user.id, job_id),
                settings.max_jobs_per_user,
                usual=usual,
                by_administrator=user.is_admin,
            )

    count_again_if_refused(retry, user, reconciler)
    reconciler.wake()
    return schemas.with_listen_urls(reads.view_job(database, runs, user.id, job_id), sign_listen_url)


router = Router("/", route_handlers=[process_book, list_jobs, get_job, cancel_job, retry_job], tags=["jobs"])
