"""A job as a value: what reads, event streams and metrics pass around instead of its row."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Self
from uuid import UUID

from bookbytes_api.jobs.models import JobRow
from bookbytes_api.jobs.titles import BookTitle
from bookbytes_pipeline.domain.isbn import ISBN


@dataclass(frozen=True, slots=True, kw_only=True)
class JobEnd:
    """How a job ended, and how far it had come. Each field is a column of the job's row, by the same name."""

    outcome: str
    completed_at: datetime | None
    started_at: datetime | None = None
    step: str | None = None
    progress: int = 0
    chapters_done: int = 0
    chapters_total: int | None = None
    error_code: str | None = None
    error_message: str | None = None
    error_chapter: int | None = None

    @classmethod
    def from_row(cls, row: JobRow) -> Self:
        """Return the end of a job whose row has an outcome."""
        return cls(**{field.name: getattr(row, field.name) for field in fields(cls)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One user's request for one book; `end` is None while it is unfinished, and the truth is its run's.

    `book` is what the book is called, once a run of the job has ended that knew. `user_id` is None once the user has
    closed the account.
    """

    id: UUID
    user_id: UUID | None
    isbn: ISBN
    force: bool = False
    minutes: float | None = None
    voice: str | None = None
    attempt: int = 1
    run_id: str | None
    request_id: str
    created_at: datetime
    updated_at: datetime
    submitted_at: datetime | None = None
    cancel_requested_at: datetime | None = None
    book: BookTitle | None = None
    end: JobEnd | None = None

    @classmethod
    def from_row(cls, row: JobRow) -> Self:
        """Return the job as its row says now."""
        columns = {field.name: getattr(row, field.name) for field in fields(cls) if field.name not in {"book", "end"}}
        book = BookTitle(row.title, tuple(row.authors or ())) if row.title else None
        return cls(**columns, book=book, end=JobEnd.from_row(row) if row.outcome else None)

    @property
    def queued_at(self) -> datetime:
        """When its wait began: a retry days later has not waited for days, and is the last change of its row."""
        return self.created_at if self.attempt == 1 else self.updated_at
