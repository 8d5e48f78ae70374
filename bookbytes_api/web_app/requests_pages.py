"""What somebody has asked for, and how far it is."""

from uuid import UUID

from litestar import MediaType, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from bookbytes_api.accounts.user import User
from bookbytes_api.errors import DagsterUnavailable
from bookbytes_api.jobs import reads
from bookbytes_api.jobs.outcome import JobStatus
from bookbytes_api.jobs.schemas import Job
from bookbytes_api.runs.reader import RunReader
from bookbytes_api.web.pagination import PageNumber
from bookbytes_api.web_app import request_wording as wording
from bookbytes_api.web_app.rendering import Page, PageTemplate
from bookbytes_pipeline.db.database import Database

_PAGE_SIZE = 20
_UNFINISHED = {JobStatus.PENDING, JobStatus.PROCESSING}


@get("/requests", media_type=MediaType.HTML, sync_to_thread=True)
def requests_page(
    page: NamedDependency[Page],
    user: NamedDependency[User],
    database: NamedDependency[Database],
    runs: NamedDependency[RunReader],
    number: PageNumber = 1,
) -> PageTemplate:
    """The person's requests, newest first."""
    jobs = reads.list_jobs(database, runs, user.id, None, number, _PAGE_SIZE)
    return page.render(
        "requests.html",
        jobs=jobs.items,
        number=number,
        is_last=number * _PAGE_SIZE >= jobs.total,
        unfinished=_UNFINISHED,
        wording=wording,
    )


@get("/requests/{job_id:uuid}", media_type=MediaType.HTML, sync_to_thread=True)
def request_page(
    job_id: FromPath[UUID],
    page: NamedDependency[Page],
    user: NamedDependency[User],
    database: NamedDependency[Database],
    runs: NamedDependency[RunReader],
) -> PageTemplate:
    """One request as it is now; the page goes on from there by the job's events."""
    job = reads.view_job(database, runs, user.id, job_id)
    return page.render(
        "request.html",
        job=job,
        name=job.title or f"ISBN {job.isbn}",
        is_unfinished=job.status in _UNFINISHED,
        advice=wording.failure_advice(job.error) if job.error else None,
        wording=wording,
    )


def jobs_under_way(database: Database, runs: RunReader, user_id: UUID) -> list[Job] | None:
    """Return the user's unfinished jobs; None where nobody can tell, which must not keep anybody from listening."""
    try:
        return reads.list_unfinished_jobs(database, runs, user_id)
    except DagsterUnavailable:
        return None


router = Router("/", route_handlers=[requests_page, request_page])
