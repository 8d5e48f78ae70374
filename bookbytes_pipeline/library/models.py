"""The library's tables: books, their ISBNs, their chapters; and what making them took."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from bookbytes_pipeline.domain.book_choices import MAX_VOICE_CHARS
from bookbytes_pipeline.domain.isbn import ISBN


def _now() -> datetime:
    return datetime.now(UTC)


class Base(DeclarativeBase):
    """The one MetaData of the project; constraint names are fixed so that migrations can refer to them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UTCDateTime(TypeDecorator[datetime]):
    """A point in time as an aware UTC datetime, which SQLite would return naive; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002, D102 - SQLAlchemy's
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002, D102 - as above
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class TimestampMixin:
    """When a row was created and last changed."""

    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=_now)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime, default=_now, onupdate=_now)


class BookRow(TimestampMixin, Base):
    """One edition, published under `isbn` (13 digits).

    `work` is what its editions share; `recipe` is the fingerprint of the prompts, model and voice that made it.
    `needs_review` is true if something is wrong with one of its summaries. `minutes` is how long a chapter should take
    and `voice` the voice that should speak, when somebody chose them for this book. `book_summary` is the whole book in
    three minutes: a chapter with number 0.

    A book that was never finished is partial: it has the chapters that have a clip, and `chapters_expected` is how many
    there are to be. That of a complete book is None.
    """

    __tablename__ = "books"
    __table_args__ = (Index(None, "work", "language"), Index(None, "title", "language"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    isbn: Mapped[ISBN] = mapped_column(String(13), unique=True)
    title: Mapped[str] = mapped_column(String(500))
    author: Mapped[str] = mapped_column(String(500))
    language: Mapped[str] = mapped_column(String(35))
    edition: Mapped[str | None] = mapped_column(String(200))
    publisher: Mapped[str | None] = mapped_column(String(300))
    pages: Mapped[int | None] = mapped_column(Integer)
    publish_date: Mapped[str | None] = mapped_column(String(100))
    publish_year: Mapped[int | None] = mapped_column(Integer)
    cover_url: Mapped[str | None] = mapped_column(String(500))
    work: Mapped[str] = mapped_column(String(1100))
    work_key: Mapped[str | None] = mapped_column(String(50))
    edition_key: Mapped[str | None] = mapped_column(String(50), index=True)
    contents_source: Mapped[str] = mapped_column(String(20))
    recipe: Mapped[str] = mapped_column(String(64), index=True)
    needs_review: Mapped[bool] = mapped_column(default=False, server_default=false())
    minutes: Mapped[float | None] = mapped_column(Float)
    voice: Mapped[str | None] = mapped_column(String(MAX_VOICE_CHARS))
    chapters_expected: Mapped[int | None] = mapped_column(Integer)

    isbns: Mapped[list["BookISBNRow"]] = relationship(
        back_populates="book", cascade="all, delete-orphan", order_by="BookISBNRow.isbn.desc()"
    )
    chapters: Mapped[list["ChapterRow"]] = relationship(
        primaryjoin="and_(BookRow.id == ChapterRow.book_id, ChapterRow.chapter_number > 0)",
        back_populates="book",
        cascade="all, delete-orphan",
        order_by="ChapterRow.chapter_number",
    )
    book_summary: Mapped["ChapterRow | None"] = relationship(
        primaryjoin="and_(BookRow.id == ChapterRow.book_id, ChapterRow.chapter_number == 0)",
        cascade="all, delete-orphan",
        overlaps="book,chapters",
    )
    files: Mapped[list["BookFileRow"]] = relationship(cascade="all, delete-orphan", order_by="BookFileRow.format")

    @property
    def is_partial(self) -> bool:
        """Whether the book has never been finished."""
        return self.chapters_expected is not None


class BookISBNRow(Base):
    """An ISBN that leads to a book. `type` is `isbn_10` or `isbn_13`."""

    __tablename__ = "book_isbns"

    isbn: Mapped[str] = mapped_column(String(13), primary_key=True)
    type: Mapped[str] = mapped_column(String(7))
    book_id: Mapped[UUID] = mapped_column(ForeignKey("books.id", ondelete="CASCADE"), index=True)

    book: Mapped[BookRow] = relationship(back_populates="isbns")


class ChapterRow(TimestampMixin, Base):
    """A chapter of a published book, without summary and audio where the model did not know it.

    `word_count` counts the summary's words; `duration` is the clip's length in seconds. `review_reasons` are sentences
    about what is wrong with the summary. `has_transcript` says whether the times of the clip's sentences are known.
    """

    __tablename__ = "chapters"
    __table_args__ = (UniqueConstraint("book_id", "chapter_number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    book_id: Mapped[UUID] = mapped_column(ForeignKey("books.id", ondelete="CASCADE"))
    chapter_number: Mapped[int] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(String(500))
    summary: Mapped[str | None] = mapped_column(Text)
    grounding: Mapped[str] = mapped_column(String(20))
    review_reasons: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    word_count: Mapped[int] = mapped_column(Integer)
    audio_key: Mapped[str | None] = mapped_column(String(500))
    duration: Mapped[float | None] = mapped_column(Float)
    has_transcript: Mapped[bool] = mapped_column(default=False, server_default=false())

    book: Mapped[BookRow] = relationship(back_populates="chapters", overlaps="book_summary")
    evidence: Mapped["ChapterEvidenceRow | None"] = relationship(cascade="all, delete-orphan")
    transcript: Mapped["ChapterCuesRow | None"] = relationship(cascade="all, delete-orphan")


class ChapterEvidenceRow(Base):
    """The sentences of a chapter's summary with their passages, as in `domain/evidence.py`.

    A table of its own, because it is larger than the summary and seldom asked for.
    """

    __tablename__ = "chapter_evidence"

    chapter_id: Mapped[UUID] = mapped_column(ForeignKey("chapters.id", ondelete="CASCADE"), primary_key=True)
    sentences: Mapped[list[dict[str, Any]]] = mapped_column(JSON)


class BookFileRow(Base):
    """A whole book as one file in the store, in one `format` of `domain/book_file.py`.

    `digest` is that of what it was made of: where the book is another by now, the file is out of date. `seconds` is its
    length, and `chapters` says where each begins and ends in it: `number`, `title`, `start`, `end`, in seconds.
    """

    __tablename__ = "book_files"

    book_id: Mapped[UUID] = mapped_column(ForeignKey("books.id", ondelete="CASCADE"), primary_key=True)
    format: Mapped[str] = mapped_column(String(10), primary_key=True)
    key: Mapped[str] = mapped_column(String(200))
    bytes: Mapped[int] = mapped_column(BigInteger)
    seconds: Mapped[float] = mapped_column(Float)
    digest: Mapped[str] = mapped_column(String(32))
    chapters: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=_now)


class ChapterCuesRow(Base):
    """The sentences of a chapter's clip with the seconds at which they begin, as in `domain/transcript.py`."""

    __tablename__ = "chapter_cues"

    chapter_id: Mapped[UUID] = mapped_column(ForeignKey("chapters.id", ondelete="CASCADE"), primary_key=True)
    cues: Mapped[list[dict[str, Any]]] = mapped_column(JSON)


class ProviderCallsRow(Base):
    """Calls to a provider that ended alike and took similarly long. The numbers only grow.

    `within` is the upper bound of a call's seconds (`inf` for the longest); the lower bound is the next smaller one.
    `seconds` is what the calls took together. `model` is empty for a provider that has none. There are as many rows
    as there are outcomes and bounds for each model that was ever used.
    """

    __tablename__ = "provider_calls"

    provider: Mapped[str] = mapped_column(String(50), primary_key=True)
    model: Mapped[str] = mapped_column(String(200), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(20), primary_key=True)
    within: Mapped[str] = mapped_column(String(10), primary_key=True)
    calls: Mapped[int] = mapped_column(BigInteger)
    seconds: Mapped[float] = mapped_column(Float)


class ProviderSpendingRow(Base):
    """What was spent on a provider's model, in tokens or characters. The amount only grows."""

    __tablename__ = "provider_spending"

    provider: Mapped[str] = mapped_column(String(50), primary_key=True)
    model: Mapped[str] = mapped_column(String(200), primary_key=True)
    unit: Mapped[str] = mapped_column(String(20), primary_key=True)
    amount: Mapped[int] = mapped_column(BigInteger)


class RunUsageRow(Base):
    """What a run has spent on a provider's model, with its retries: `run_id` is that of the first.

    Answers from the cache cost nothing, and are not in it. Dagster may have forgotten the run.
    """

    __tablename__ = "run_usage"

    run_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    provider: Mapped[str] = mapped_column(String(50), primary_key=True)
    model: Mapped[str] = mapped_column(String(200), primary_key=True)
    unit: Mapped[str] = mapped_column(String(20), primary_key=True)
    amount: Mapped[int] = mapped_column(BigInteger)
