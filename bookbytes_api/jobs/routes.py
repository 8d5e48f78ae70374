"""Requesting a book, and its jobs."""

from collections.abc import Callable
from typing import Annotated, Any, TypeVar
from uuid import UUID

import msgspec
from litestar import Request, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from sqlalchemy import select

from bookbytes_api.accounts.user import User
from bookbytes_api.errors import AdministratorNeeded, TooManyJobs
from bookbytes_api.jobs import reads, schemas, service
from bookbytes_api.jobs.job import Job
from bookbytes_api.jobs.models import JobRow
from bookbytes_api.jobs.outcome import JobStatus, job_status, state_of
from bookbytes_api.jobs.reconciler import Reconciler
from bookbytes_api.runs.reader import RunReader
from bookbytes_api.voices.known import known_voices
from bookbytes_api.web.error_responses import error_responses
from bookbytes_api.web.isbn_params import ISBNText
from bookbytes_api.web.pagination import PageNumber, PageSize
from bookbytes_api.web.request_log import request_id
from bookbytes_api.web.strict_json import strict_json
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.book_choices import MAX_VOICE_CHARS, VOICE_NAME, BookChoices, require_voice
from bookbytes_pipeline.domain.corrections import correction_fingerprint
from bookbytes_pipeline.domain.isbn import ISBN, parse_isbn
from bookbytes_pipeline.domain.minutes import MAX_MINUTES, MIN_MINUTES
from bookbytes_pipeline.library.models import BookISBNRow
from bookbytes_pipeline.settings import Settings
from bookbytes_pipeline.store.store import Store

T = TypeVar("T")
VoiceName = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_VOICE_CHARS, pattern=VOICE_NAME)]
Minutes = Annotated[float, msgspec.Meta(ge=MIN_MINUTES, le=MAX_MINUTES)]


class ProcessBookRequest(msgspec.Struct):
    """The book to make. `force` makes it from scratch although it is in the library; administrators only.

    `minutes` is how long the summary of a chapter is to take, from 1 to 10, unless the chapter is too short for that;
    `voice` is one of those that `GET /voices` lists. Both are kept for the book. Only administrators change them for a
    book that is in the library.
    """

    isbn: ISBNText
    force: bool = False
    minutes: Minutes | None = None
    voice: VoiceName | None = None


class JobAccepted(msgspec.Struct):
    """The job that will make the book, or has made it."""

    job_id: UUID
    status: JobStatus
    isbn: str


@post(
    "/books/process",
    operation_id="process_book",
    status_code=202,
    before_request=strict_json,
    responses=error_responses(400, 401, 403, 409, 413, 422, 429, 503),
    sync_to_thread=True,
)
def process_book(
    data: JSONBody[ProcessBookRequest],
    request: Request[User, Any, Any],
    user: NamedDependency[User],
    database: NamedDependency[Database],
    settings: NamedDependency[Settings],
    store: NamedDependency[Store],
    reconciler: NamedDependency[Reconciler],
) -> JobAccepted:
    """Request a book. The same request twice is one job, and one run serves all users who wait for the same book.

    A book in the library is made again if its chapters have been corrected since; what did not change is kept.
    """
    isbn = parse_isbn(data.isbn)
    if data.force and not user.is_admin:
        raise AdministratorNeeded("A book that is made from scratch changes for everybody: ask an administrator.")
    states = reconciler.finalize(JobRow.isbn == isbn)
    wanted = service.JobRequest(
        isbn=isbn,
        force=data.force,
        choices=BookChoices(data.minutes, data.voice),
        usual=_usual(settings, store, data.voice),
        correction=_correction(database, store, isbn),
        request_id=request_id(request.scope),
        by_administrator=user.is_admin,
    )

    def request_job() -> Job:
        with database.session(*service.job_locks(user.id, isbn)) as session:
            return Job.from_row(service.request_job(session, user.id, wanted, max_jobs=settings.max_jobs_per_user))

    job = _count_again_if_refused(request_job, user, reconciler)
    reconciler.wake()
    return JobAccepted(job.id, job_status(job, state_of(job, states)), isbn)


def _usual(settings: Settings, store: Store, voice: str | None) -> BookChoices:
    """Return what is usual here; raises `InvalidVoice` if `voice`, which somebody chose, does not exist.

    Where none is chosen the voices are not looked at, so that requests are accepted while the store is away.
    """
    if voice is None:
        return BookChoices(settings.summary_minutes)
    voices = known_voices(store)
    require_voice(voice, voices)
    return BookChoices(settings.summary_minutes, voices.usual)


def _correction(database: Database, store: Store, isbn: ISBN) -> str:
    """Return the fingerprint of the correction that a published book should follow.

    Where no book is published nothing is compared, so that requests are accepted while the store is away.
    """
    with database.session() as session:
        published = session.scalar(select(BookISBNRow.book_id).where(BookISBNRow.isbn == isbn))
    return correction_fingerprint(store.sources.read_correction(isbn)) if published else ""


@get("/jobs", operation_id="list_jobs", responses=error_responses(400, 401, 422, 503), sync_to_thread=True)
def list_jobs(
    user: NamedDependency[User],
    database: NamedDependency[Database],
    runs: NamedDependency[RunReader],
    status: Annotated[JobStatus | None, QueryParameter(description="Filter by job status.")] = None,
    page: PageNumber = 1,
    size: PageSize = 20,
) -> schemas.JobPage:
    """List your jobs, newest first."""
    return reads.list_jobs(database, runs, user.id, status, page, size)


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
) -> schemas.Job:
    """Get one of your jobs."""
    return reads.view_job(database, runs, user.id, job_id)


@post(
    "/jobs/{job_id:uuid}/cancel",
    operation_id="cancel_job",
    status_code=202,
    responses=error_responses(400, 401, 404, 409, 503),
    sync_to_thread=True,
)
def cancel_job(
    job_id: FromPath[UUID],
    user: NamedDependency[User],
    database: NamedDependency[Database],
    runs: NamedDependency[RunReader],
    reconciler: NamedDependency[Reconciler],
) -> schemas.Job:
    """Cancel your job. Its run stops within seconds, unless other users wait for the same book."""
    isbn = reads.own_job(database, user.id, job_id).isbn
    reconciler.finalize(JobRow.isbn == isbn)
    with database.session(*service.job_locks(user.id, isbn)) as session:
        service.cancel(session, reads.own_row(session, user.id, job_id))
    reconciler.wake()
    return reads.view_job(database, runs, user.id, job_id)


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
) -> schemas.Job:
    """Retry your job after it failed or was cancelled. Only what is missing is made."""
    job = reads.own_job(database, user.id, job_id)
    isbn, usual = job.isbn, _usual(settings, store, job.voice)
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

    _count_again_if_refused(retry, user, reconciler)
    reconciler.wake()
    return reads.view_job(database, runs, user.id, job_id)


def _count_again_if_refused(change: Callable[[], T], user: User, reconciler: Reconciler) -> T:
    """Make the change; if the user has too many jobs, again once those whose runs are over no longer count.

    Only then, because Dagster is asked for it, and may be slow or down.
    """
    try:
        return change()
    except TooManyJobs:
        reconciler.finalize(JobRow.user_id == user.id)
        return change()


router = Router("/", route_handlers=[process_book, list_jobs, get_job, cancel_job, retry_job], tags=["jobs"])
