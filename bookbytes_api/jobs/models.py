"""The table of jobs."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import JSON, Float, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from bookbytes_api.jobs.titles import MAX_TITLE_CHARS
from bookbytes_pipeline.domain.book_choices import MAX_VOICE_CHARS
from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.library.models import Base, TimestampMixin, UTCDateTime

COMPLETED, FAILED, CANCELLED = "completed", "failed", "cancelled"
"""The outcomes of a job."""
UNFINISHED = text("outcome IS NULL")
MEASURED = text("step_seconds IS NOT NULL")


class JobRow(TimestampMixin, Base):
    """One user's request for one book.

    While it is unfinished, `outcome` is empty and the truth is the run's: Dagster knows how far it has come. When the
    run is over the reconciler copies its end here (`completed`, `failed` or `cancelled`), because Dagster's records
    are cleared some day. `user_id` is empty once the user has closed the account; the job goes on. Several users' jobs
    may share one run. `run_id` is the root run's; it is known before the run
    exists, so that an interrupted launch can be repeated without making a second run. `attempt` counts from 1.
    `minutes` is how long a chapter is to take and `voice` who is to speak, where the user said so. `title` and
    `authors` are what the book is called, as its last ended run found it. `step_seconds` is how long each step of a
    completed job took, and each chapter where a step goes through the chapters: estimates are made from these.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        Index("ix_jobs_user_id_created_at", "user_id", "created_at"),
        Index(
            "uq_jobs_unfinished", "user_id", "isbn", unique=True, sqlite_where=UNFINISHED, postgresql_where=UNFINISHED
        ),
        Index("ix_jobs_unfinished_isbn", "isbn", sqlite_where=UNFINISHED, postgresql_where=UNFINISHED),
        Index("ix_jobs_measured_completed_at", "completed_at", sqlite_where=MEASURED, postgresql_where=MEASURED),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    isbn: Mapped[ISBN] = mapped_column(String(13))
    force: Mapped[bool] = mapped_column(default=False)
    minutes: Mapped[float | None] = mapped_column(Float)
    voice: Mapped[str | None] = mapped_column(String(MAX_VOICE_CHARS))
    title: Mapped[str | None] = mapped_column(String(MAX_TITLE_CHARS))
    authors: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    attempt: Mapped[int] = mapped_column(default=1)
    run_id: Mapped[str | None] = mapped_column(String(36), index=True)
    request_id: Mapped[str] = mapped_column(String(64))
    submitted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    cancel_requested_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    completed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    outcome: Mapped[str | None] = mapped_column(String(10))
    step: Mapped[str | None] = mapped_column(String(30))
    progress: Mapped[int] = mapped_column(default=0)
    chapters_done: Mapped[int] = mapped_column(default=0)
    chapters_total: Mapped[int | None]
    error_code: Mapped[str | None] = mapped_column(String(50))
    error_message: Mapped[str | None] = mapped_column(Text)
    error_chapter: Mapped[int | None]
    step_seconds: Mapped[dict[str, float] | None] = mapped_column(JSON(none_as_null=True))
