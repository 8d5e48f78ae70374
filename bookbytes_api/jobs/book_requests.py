"""Requesting a book."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from sqlalchemy import select

from bookbytes_api.accounts.user import User
from bookbytes_api.errors import AdministratorNeeded
from bookbytes_api.jobs import service
from bookbytes_api.jobs.choices import Minutes, VoiceName, usual_choices
from bookbytes_api.jobs.job import Job
from bookbytes_api.jobs.limits import count_again_if_refused
from bookbytes_api.jobs.models import JobRow
from bookbytes_api.jobs.outcome import JobStatus, job_status, state_of
from bookbytes_api.jobs.reconciler import Reconciler
from bookbytes_api.web.error_responses import error_responses
from bookbytes_api.web.isbn_params import ISBNText
from bookbytes_api.web.request_log import request_id
from bookbytes_api.web.strict_json import strict_json
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.book_choices import BookChoices
from bookbytes_pipeline.domain.corrections import correction_fingerprint
from bookbytes_pipeline.domain.isbn import ISBN, parse_isbn
from bookbytes_pipeline.library.models import BookISBNRow
from bookbytes_pipeline.settings import Settings
from bookbytes_pipeline.store.store import Store


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
        usual=usual_choices(settings, store, data.voice),
        correction=_correction(database, store, isbn),
        request_id=request_id(request.scope),
        by_administrator=user.is_admin,
    )

    def request_job() -> Job:
        with database.session(*service.job_locks(user.id, isbn)) as session:
            return Job.from_row(service.request_job(session, user.id, wanted, max_jobs=settings.max_jobs_per_user))

    job = count_again_if_refused(request_job, user, reconciler)
    reconciler.wake()
    return JobAccepted(job.id, job_status(job, state_of(job, states)), isbn)


def _correction(database: Database, store: Store, isbn: ISBN) -> str:
    """Return the fingerprint of the correction that a published book should follow.

    Where no book is published nothing is compared, so that requests are accepted while the store is away.
    """
    with database.session() as session:
        published = session.scalar(select(BookISBNRow.book_id).where(BookISBNRow.isbn == isbn))
    return correction_fingerprint(store.sources.read_correction(isbn)) if published else ""
