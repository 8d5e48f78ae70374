"""Questions about jobs, apart from who asks them."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Select, func, select

from bookbytes_api.jobs.models import COMPLETED, JobRow
from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.library.models import BookISBNRow


def unfinished() -> Select[JobRow]:
    """All jobs that have not ended, oldest first."""
    return select(JobRow).where(JobRow.outcome.is_(None)).order_by(JobRow.created_at, JobRow.id)


def jobs_of_run(run_id: str) -> Select[JobRow]:
    """The unfinished jobs that wait for this run."""
    return unfinished().where(JobRow.run_id == run_id)


def free_jobs_of_run(run_id: str) -> Select[JobRow]:
    """The same, locked until the transaction ends, and without those that another transaction has locked.

    SQLite locks no rows, and needs not: replicas share a PostgreSQL.
    """
    return jobs_of_run(run_id).with_for_update(skip_locked=True)


def under_way(isbns: Iterable[ISBN]) -> Select[UUID]:
    """An unfinished job for one of these ISBNs, if there is one."""
    return select(JobRow.id).where(JobRow.outcome.is_(None), JobRow.isbn.in_(set(isbns))).limit(1)


def jobs_of(user_id: UUID) -> Select[JobRow]:
    """A person's jobs, newest first."""
    return select(JobRow).where(JobRow.user_id == user_id).order_by(JobRow.created_at.desc(), JobRow.id)


def unfinished_jobs_of(user_id: UUID) -> Select[JobRow]:
    """A person's jobs that have not ended, in no order: for an order SQLite would go through all of the ended ones."""
    return select(JobRow).where(JobRow.user_id == user_id, JobRow.outcome.is_(None))


def completed_jobs(user_id: UUID, isbn: ISBN) -> Select[JobRow]:
    """The newest job by which a person got this book."""
    return jobs_of(user_id).where(JobRow.isbn == isbn, JobRow.outcome == COMPLETED).limit(1)


def number_unfinished(user_id: UUID) -> Select[int]:
    """How many jobs of a person have not ended."""
    return select(func.count()).select_from(JobRow).where(JobRow.user_id == user_id, JobRow.outcome.is_(None))


def numbers_by_outcome() -> Select[str | None, int]:
    """How many jobs have ended how."""
    return select(JobRow.outcome, func.count()).where(JobRow.outcome.is_not(None)).group_by(JobRow.outcome)


def book_ids(isbns: Iterable[ISBN]) -> Select[str, UUID]:
    """The ISBNs of these that lead to a book of the library, with its id."""
    return select(BookISBNRow.isbn, BookISBNRow.book_id).where(BookISBNRow.isbn.in_(set(isbns)))
