"""SQL statements about jobs."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from bookbytes_api.jobs.models import COMPLETED, MEASURED, JobRow
from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.library.models import BookISBNRow, BookRow, ChapterRow

MAX_MEASURED_JOBS = 30
"""Enough for the few books that are learned from, although several jobs share a run and others have ended since."""


def unfinished() -> Select[JobRow]:
    """All jobs that have not ended, oldest first."""
    return select(JobRow).where(JobRow.outcome.is_(None)).order_by(JobRow.created_at, JobRow.id)


def jobs_of_run(run_id: str) -> Select[JobRow]:
    """The unfinished jobs of this run."""
    return unfinished().where(JobRow.run_id == run_id)


def free_jobs_of_run(run_id: str) -> Select[JobRow]:
    """The same, locked until the transaction ends, and without those that another transaction has locked.

    SQLite locks no rows and does not need to: replicas share a PostgreSQL.
    """
    return jobs_of_run(run_id).with_for_update(skip_locked=True)


def unfinished_job_id(isbns: Iterable[ISBN]) -> Select[UUID]:
    """The id of an unfinished job for one of these ISBNs, if there is one."""
    return select(JobRow.id).where(JobRow.outcome.is_(None), JobRow.isbn.in_(set(isbns))).limit(1)


def jobs_of(user_id: UUID) -> Select[JobRow]:
    """A user's jobs, newest first."""
    return select(JobRow).where(JobRow.user_id == user_id).order_by(JobRow.created_at.desc(), JobRow.id)


def unfinished_jobs_of(user_id: UUID) -> Select[JobRow]:
    """A user's unfinished jobs, in no order: for an order SQLite would go through all of the ended ones."""
    return select(JobRow).where(JobRow.user_id == user_id, JobRow.outcome.is_(None))


def completed_jobs(user_id: UUID, isbn: ISBN) -> Select[JobRow]:
    """The newest job by which a user got this book."""
    return jobs_of(user_id).where(JobRow.isbn == isbn, JobRow.outcome == COMPLETED).limit(1)


def jobs_with_outcome(outcome: str, ended_run_ids: Iterable[str]) -> ColumnElement[bool]:
    """The condition that a job ended so: its row says it, or it is unfinished and its run is one of these."""
    unwritten = and_(JobRow.outcome.is_(None), JobRow.run_id.in_(set(ended_run_ids)))
    return or_(JobRow.outcome == outcome, unwritten)


def count_unfinished(user_id: UUID) -> Select[int]:
    """How many jobs of a user have not ended."""
    return select(func.count()).select_from(JobRow).where(JobRow.user_id == user_id, JobRow.outcome.is_(None))


def counts_by_outcome() -> Select[str | None, int]:
    """How many jobs have ended with each outcome."""
    return select(JobRow.outcome, func.count()).where(JobRow.outcome.is_not(None)).group_by(JobRow.outcome)


def published_books(isbns: Iterable[ISBN]) -> Select[str, UUID, str, str]:
    """Those of these ISBNs that lead to a book of the library, with its id, title and author."""
    known = select(BookISBNRow.isbn, BookISBNRow.book_id, BookRow.title, BookRow.author).join(BookISBNRow.book)
    return known.where(BookISBNRow.isbn.in_(set(isbns)))


def published_chapters(book_ids: Iterable[UUID]) -> Select[UUID, int, str, UUID, str | None]:
    """The chapters of these books in reading order: the book's id, number, title, id and the key of the clip."""
    columns = select(
        ChapterRow.book_id, ChapterRow.chapter_number, ChapterRow.title, ChapterRow.id, ChapterRow.audio_key
    )
    wanted = columns.where(ChapterRow.book_id.in_(set(book_ids)), ChapterRow.chapter_number > 0)
    return wanted.order_by(ChapterRow.chapter_number)


def measured_jobs() -> Select[str | None, datetime | None, int | None, dict[str, float] | None]:
    """How long the steps of the last books took: run, end, number of chapters, seconds; the last job first.

    Jobs that shared a run say the same.
    """
    columns = select(JobRow.run_id, JobRow.completed_at, JobRow.chapters_total, JobRow.step_seconds)
    return columns.where(MEASURED).order_by(JobRow.completed_at.desc()).limit(MAX_MEASURED_JOBS)
