"""The tables of what people listened to.

A book is named by its ISBN, not by a foreign key: one that is deleted and made again has another id, and its listeners
find their places and bookmarks in it again. What is a person's goes with the account.
"""

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

from sqlalchemy import Float, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.library.models import Base, UTCDateTime

MAX_DEVICE_CHARS = 100
MAX_NOTE_CHARS = 5_000
OLDER, REPLACED, DELETED = "older", "replaced", "deleted"
"""Why a place is in the history: it came in when a newer one was known, or was the position until a newer one came in,
or until the position was deleted."""


class PositionRow(Base):
    """Where a person is in a book: the newest place that a device reported.

    `client_time` is when by the device's clock, and `effective_time` the same unless that clock is ahead; the latter
    decides what is newest. `finish_decided_at` is the effective time of the report that last said whether the book is
    finished, and `finished_at` that of the one that said it is. The row of a deleted position stays, so that a device
    which was offline does not bring back what is older.
    """

    __tablename__ = "positions"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    isbn: Mapped[ISBN] = mapped_column(String(13), primary_key=True)
    chapter_number: Mapped[int]
    seconds: Mapped[float] = mapped_column(Float)
    client_time: Mapped[datetime] = mapped_column(UTCDateTime)
    effective_time: Mapped[datetime] = mapped_column(UTCDateTime)
    device: Mapped[str] = mapped_column(String(MAX_DEVICE_CHARS))
    is_finished: Mapped[bool] = mapped_column(default=False)
    finish_decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    is_deleted: Mapped[bool] = mapped_column(default=False)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)


class PositionHistoryRow(Base):
    """A place that is not the position, or not any more; `why` is `older`, `replaced` or `deleted`."""

    __tablename__ = "position_history"
    __table_args__ = (Index(None, "user_id", "isbn"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    isbn: Mapped[ISBN] = mapped_column(String(13))
    chapter_number: Mapped[int]
    seconds: Mapped[float] = mapped_column(Float)
    client_time: Mapped[datetime] = mapped_column(UTCDateTime)
    effective_time: Mapped[datetime] = mapped_column(UTCDateTime)
    device: Mapped[str] = mapped_column(String(MAX_DEVICE_CHARS))
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)
    why: Mapped[str] = mapped_column(String(10))


class ListeningSessionRow(Base):
    """One sitting with a book on a device, from where to where.

    `id` is the device's or ours, unique for its user. `seconds_listened` is how long it has played in all, by the
    device's count. `updated_at` is the time of its latest place.
    """

    __tablename__ = "listening_sessions"
    __table_args__ = (Index(None, "user_id", "updated_at"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    isbn: Mapped[ISBN] = mapped_column(String(13))
    device: Mapped[str] = mapped_column(String(MAX_DEVICE_CHARS))
    started_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    seconds_listened: Mapped[float] = mapped_column(Float, default=0.0)
    start_chapter_number: Mapped[int]
    start_seconds: Mapped[float] = mapped_column(Float)
    chapter_number: Mapped[int]
    seconds: Mapped[float] = mapped_column(Float)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class ListeningDayRow(Base):
    """How many seconds a person listened to a book on a day of their own time zone."""

    __tablename__ = "listening_days"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    isbn: Mapped[ISBN] = mapped_column(String(13), primary_key=True)
    seconds: Mapped[float] = mapped_column(Float)


class BookmarkRow(Base):
    """A place to come back to, with the sentence that is heard there and the passage that it rests on.

    They are kept as they were, like title and author: the book may be made again or deleted, the bookmark stays.
    """

    __tablename__ = "bookmarks"
    __table_args__ = (UniqueConstraint("user_id", "isbn", "chapter_number", "seconds"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    isbn: Mapped[ISBN] = mapped_column(String(13))
    title: Mapped[str] = mapped_column(String(500))
    author: Mapped[str] = mapped_column(String(500))
    chapter_number: Mapped[int]
    chapter_title: Mapped[str] = mapped_column(String(500))
    seconds: Mapped[float] = mapped_column(Float)
    note: Mapped[str | None] = mapped_column(Text)
    sentence: Mapped[str | None] = mapped_column(Text)
    passage: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=lambda: datetime.now(UTC))
