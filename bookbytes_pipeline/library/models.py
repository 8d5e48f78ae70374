"""The library's tables: books, their ISBNs, their chapters; and what making them took."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from sqlalchemy import (
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
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

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

    isbns: Mapped[list["BookISBNRow"]] = relationship(
        back_populates="book", cascade="all, delete-orphan", order_by="BookISBNRow.isbn.desc()"
    )
    chapters: Mapped[list["ChapterRow"]] = relationship(
        back_populates="book", cascade="all, delete-orphan", order_by="ChapterRow.chapter_number"
    )


class BookISBNRow(Base):
    """An ISBN that leads to a book. `type` is `isbn_10` or `isbn_13`."""

    __tablename__ = "book_isbns"

    isbn: Mapped[str] = mapped_column(String(13), primary_key=True)
    type: Mapped[str] = mapped_column(String(7))
    book_id: Mapped[UUID] = mapped_column(ForeignKey("books.id", ondelete="CASCADE"), index=True)

    book: Mapped[BookRow] = relationship(back_populates="isbns")


class ChapterRow(TimestampMixin, Base):
    """A chapter of a published book, without summary and audio where the model did not know it.

    `word_count` counts the summary's words; `duration` is the clip's length in seconds.
    """

    __tablename__ = "chapters"
    __table_args__ = (UniqueConstraint("book_id", "chapter_number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    book_id: Mapped[UUID] = mapped_column(ForeignKey("books.id", ondelete="CASCADE"))
    chapter_number: Mapped[int] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(String(500))
    summary: Mapped[str | None] = mapped_column(Text)
    grounding: Mapped[str] = mapped_column(String(20))
    word_count: Mapped[int] = mapped_column(Integer)
    audio_key: Mapped[str | None] = mapped_column(String(500))
    duration: Mapped[float | None] = mapped_column(Float)

    book: Mapped[BookRow] = relationship(back_populates="chapters")


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
