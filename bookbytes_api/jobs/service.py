"""Requesting, cancelling and retrying a job: what happens to its row."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from sqlalchemy.orm import Session

from bookbytes_api.errors import AdministratorNeeded, JobFinished, NothingToRetry, TooManyJobs
from bookbytes_api.jobs.models import CANCELLED, COMPLETED, FAILED, JobRow
from bookbytes_api.jobs.queries import completed_jobs, count_unfinished, jobs_of_run, unfinished
from bookbytes_pipeline.domain.book_choices import BookChoices
from bookbytes_pipeline.domain.corrections import split_recipe
from bookbytes_pipeline.domain.errors import BookLocked
from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.library.models import BookRow
from bookbytes_pipeline.library.queries import book_by_isbn

_RUN_IDS = uuid5(NAMESPACE_URL, "bookbytes:runs")


def book_jobs_lock(isbn: ISBN) -> str:
    """Return the lock under which jobs for a book are made: no book gets two runs."""
    return f"jobs for {isbn}"


def job_locks(user_id: UUID, isbn: ISBN) -> tuple[str, str]:
    """Return the locks under which a job is made: no user gets two jobs for one book, and no book two runs."""
    return f"jobs of {user_id}", book_jobs_lock(isbn)


def own_run_id(job_id: UUID, attempt: int) -> str:
    """Return the id of the run that an attempt of a job begins, unless it shares that of another job."""
    return str(uuid5(_RUN_IDS, f"{job_id}:{attempt}"))


@dataclass(frozen=True, kw_only=True)
class JobRequest:
    """What a user asks for.

    `correction` is the fingerprint of the correction that the book's chapters should follow. `choices` are
    compared with what is `usual` where a book says nothing else.
    """

    isbn: ISBN
    force: bool
    choices: BookChoices
    usual: BookChoices
    correction: str
    request_id: str
    by_administrator: bool


def request_job(session: Session, user_id: UUID, wanted: JobRequest, *, max_jobs: int) -> JobRow:
    """Return the job of this user for this book, in a session that holds `job_locks`.

    It is the unfinished one, if there is one, or the one that led to the book in the library; else a new one, which
    shares the run of other users who wait for the same book, has its own run, or is completed at once because the
    book is there as it is wanted. Raises `TooManyJobs`, `BookLocked` while the unfinished one is being cancelled, and
    `AdministratorNeeded` where a published book would get another length or voice.
    """
    isbn = wanted.isbn
    mine = session.scalar(unfinished().where(JobRow.user_id == user_id, JobRow.isbn == isbn))
    if mine is not None:
        if mine.cancel_requested_at is not None:
            raise BookLocked(f"Your job for {isbn} is being cancelled. Ask again in a moment.")
        return mine
    job = JobRow(
        id=uuid4(),
        user_id=user_id,
        isbn=isbn,
        force=wanted.force,
        minutes=wanted.choices.minutes,
        voice=wanted.choices.voice,
        attempt=1,
        request_id=wanted.request_id,
        progress=0,
    )
    book = session.scalar(book_by_isbn(isbn))
    if wanted.force or book is None or book.is_partial or not _is_as_wanted(book, wanted):
        _require_room(session, user_id, max_jobs)
        _find_run(session, job)
    elif (done := session.scalar(completed_jobs(user_id, isbn))) is not None:
        return done
    else:
        _complete(job, book)
    session.add(job)
    session.flush()
    return job


def _is_as_wanted(book: BookRow, wanted: JobRequest) -> bool:
    """Return whether the book is as chosen and follows the correction that is wanted; see `_is_as_corrected`."""
    if not _is_as_chosen(book, wanted.choices, wanted.usual):
        if not wanted.by_administrator:
            raise _administrator_needed(book)
        return False
    return _is_as_corrected(book, wanted.isbn, wanted.correction)


def _is_as_chosen(book: BookRow, choices: BookChoices, usual: BookChoices) -> bool:
    is_as_long = choices.minutes in {None, book.minutes or usual.minutes}
    return is_as_long and choices.voice in {None, book.voice or usual.voice}


def _administrator_needed(book: BookRow) -> AdministratorNeeded:
    return AdministratorNeeded(
        f"{book.title} is in the library. Another length or voice changes it for everybody: ask an administrator."
    )


def _is_as_corrected(book: BookRow, isbn: ISBN, correction: str) -> bool:
    """Return whether the book follows the correction kept under `isbn`; another of its ISBNs may have its own."""
    followed = split_recipe(book.recipe)[1]
    return followed == correction or (not correction and book.isbn != isbn)


def retry(session: Session, job: JobRow, max_jobs: int, *, usual: BookChoices, by_administrator: bool) -> None:
    """Retry a job that failed or was cancelled, in a session that holds `job_locks`.

    The book may have been published meanwhile: its length and voice are changed by administrators only, as by a
    request.
    """
    if job.outcome not in {FAILED, CANCELLED}:
        raise NothingToRetry("Only a job that failed or was cancelled can be tried again.")
    if session.scalar(unfinished().where(JobRow.user_id == job.user_id, JobRow.isbn == job.isbn)):
        raise BookLocked(f"Another of your jobs is making {job.isbn} already.")
    book = session.scalar(book_by_isbn(job.isbn))
    if (
        book is not None
        and not book.is_partial
        and not by_administrator
        and not _is_as_chosen(book, BookChoices(job.minutes, job.voice), usual)
    ):
        raise _administrator_needed(book)
    if job.user_id is not None:
        _require_room(session, job.user_id, max_jobs)
    job.attempt += 1
    job.outcome = job.step = job.started_at = job.completed_at = job.submitted_at = job.cancel_requested_at = None
    job.error_code = job.error_message = job.error_chapter = job.chapters_total = None
    job.progress = job.chapters_done = 0
    _find_run(session, job)


def cancel(session: Session, job: JobRow) -> None:
    """Cancel a job. The run goes on while other jobs wait for it; else it is asked to stop, which takes a moment."""
    if job.outcome is not None:
        raise JobFinished("This job has ended; there is nothing to cancel.")
    now = datetime.now(UTC)
    others = session.scalars(jobs_of_run(job.run_id or "").where(JobRow.id != job.id)).all()
    if any(other.cancel_requested_at is None for other in others):
        job.outcome, job.completed_at = CANCELLED, now
    job.cancel_requested_at = job.cancel_requested_at or now


def _require_room(session: Session, user_id: UUID, max_jobs: int) -> None:
    if (session.scalar(count_unfinished(user_id)) or 0) >= max_jobs:
        raise TooManyJobs(
            f"You have {max_jobs} unfinished jobs, which is the most. Wait for one to end, or cancel one."
        )


def _find_run(session: Session, job: JobRow) -> None:
    """Share the run of another job for the same book; one that is being stopped, or that does less, is no use."""
    waiting = unfinished().where(JobRow.isbn == job.isbn, JobRow.cancel_requested_at.is_(None), JobRow.id != job.id)
    if job.force:
        waiting = waiting.where(JobRow.force)
    if job.minutes is not None:
        waiting = waiting.where(JobRow.minutes == job.minutes)
    if job.voice is not None:
        waiting = waiting.where(JobRow.voice == job.voice)
    other = session.scalar(waiting.limit(1))
    if other is not None:
        job.run_id, job.submitted_at = other.run_id, other.submitted_at
    else:
        job.run_id = own_run_id(job.id, job.attempt)


def _complete(job: JobRow, book: BookRow) -> None:
    now = datetime.now(UTC)
    job.outcome, job.progress, job.started_at, job.completed_at = COMPLETED, 100, now, now
    job.chapters_total = len(book.chapters)
    job.chapters_done = sum(chapter.audio_key is not None for chapter in book.chapters)
