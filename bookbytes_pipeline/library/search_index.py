"""The search index: its tables, and keeping them up with the books and chapters, in the same transaction."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Dialect,
    ForeignKey,
    Insert,
    String,
    Text,
    TypeDecorator,
    and_,
    delete,
    event,
    exists,
    func,
    insert,
    inspect,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from bookbytes_pipeline.domain.search_words import book_terms, chapter_terms
from bookbytes_pipeline.library.models import Base, BookRow, ChapterRow

_BATCH = 200
"""Books whose summaries are held in memory at once."""
_MAX_TITLE_KEY_CHARS = 1000
_FILLER = "-" * 2000
"""A term that nobody looks up. PostgreSQL moves out of a table only what is in rows of more than 2 kB: without it the
terms of short books would lie between the rows, and counting 50,000 books would read 16 times as many pages."""


class Terms(TypeDecorator[list[str]]):
    """The terms of `domain/search_words.py`: a `tsvector`, and in SQLite text from which triggers fill FTS5 tables."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:  # noqa: D102 - SQLAlchemy's
        return dialect.type_descriptor(TSVECTOR() if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: list[str] | None, dialect: Dialect) -> str | None:  # noqa: D102 - as above
        if value is None or dialect.name != "postgresql":
            return value if value is None else " ".join(value)
        return "'{}'".format("' '".join((*value, _FILLER)))


class BookSearchRow(Base):
    """What a book is found by, as it was published last.

    Lists are sorted by `title_key`. `latest` is true of the latest edition of a work in its language.
    """

    __tablename__ = "book_search"

    id: Mapped[int] = mapped_column(primary_key=True)
    book_id: Mapped[UUID] = mapped_column(ForeignKey("books.id", ondelete="CASCADE"), unique=True)
    title_key: Mapped[str] = mapped_column(String(_MAX_TITLE_KEY_CHARS))
    language: Mapped[str] = mapped_column(String(35))
    latest: Mapped[bool]
    terms: Mapped[list[str]] = mapped_column(Terms)


class ChapterSearchRow(Base):
    """What a chapter is found by, with `latest` of its book. Ids rise in the order of publication."""

    __tablename__ = "chapter_search"

    id: Mapped[int] = mapped_column(primary_key=True)
    chapter_id: Mapped[UUID] = mapped_column(ForeignKey("chapters.id", ondelete="CASCADE"), unique=True)
    latest: Mapped[bool]
    terms: Mapped[list[str]] = mapped_column(Terms)


def rebuild(connection: Connection) -> None:
    """Index every book anew, some at a time."""
    connection.execute(delete(ChapterSearchRow))
    connection.execute(delete(BookSearchRow))
    for ids in _batches(connection):
        books, chapters = _rows(connection, ids)
        connection.execute(insert(BookSearchRow), books)
        if chapters:
            connection.execute(insert(ChapterSearchRow), chapters)


@event.listens_for(Session, "after_flush")
def _keep_up(session: Session, _context: object) -> None:
    """Index what was flushed. Rows of deleted books and chapters are deleted by the database."""
    written = {*session.new, *session.dirty}
    books = {row for row in written if isinstance(row, BookRow)}
    chapters = {row for row in written if isinstance(row, ChapterRow)}
    gone = {row for row in session.deleted if isinstance(row, BookRow | ChapterRow)}
    if not (books or chapters or gone):
        return
    deleted = {row.id for row in gone if isinstance(row, BookRow)}
    touched = {row.id for row in books} | {row.book_id for row in (*chapters, *gone) if isinstance(row, ChapterRow)}
    connection = session.connection()
    editions = {edition for row in (*books, *gone) if isinstance(row, BookRow) for edition in _editions(row)}
    _lock(connection, editions)
    _index(connection, touched - deleted, {row.id for row in chapters})
    _mark_latest(connection, editions)


def _editions(row: BookRow) -> set[tuple[str, str]]:
    """Return the works and languages that this is, or was until now, an edition of."""
    work, language = (inspect(row).attrs[name].history for name in ("work", "language"))
    return {(of, tongue) for of in work.sum() for tongue in language.sum()}


def _lock(connection: Connection, editions: Collection[tuple[str, str]]) -> None:
    """Let one transaction at a time decide which edition is the latest. SQLite has a single writer."""
    if connection.dialect.name == "postgresql":
        for name in sorted(f"edition {language} {work}" for work, language in editions):
            connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


def _index(connection: Connection, book_ids: Collection[UUID], chapter_ids: Collection[UUID]) -> None:
    """Write what these books, and these chapters of theirs, are found by."""
    books, chapters = _rows(connection, book_ids)
    for values in books:
        changed = update(BookSearchRow).where(BookSearchRow.book_id == values["book_id"]).values(**values)
        _update_or_insert(connection, changed, insert(BookSearchRow).values(**values))
    for values in chapters:
        if values["chapter_id"] in chapter_ids:
            same = ChapterSearchRow.chapter_id == values["chapter_id"]
            changed = update(ChapterSearchRow).where(same).values(**values)
            _update_or_insert(connection, changed, insert(ChapterSearchRow).values(**values))


def _update_or_insert(connection: Connection, changed: Any, new: Insert) -> None:
    if not connection.execute(changed).rowcount:
        connection.execute(new)


def _mark_latest(connection: Connection, editions: Collection[tuple[str, str]]) -> None:
    """Set `latest` of all editions of these works, where it has changed."""
    of_these = tuple_(BookRow.work, BookRow.language).in_(sorted(editions))
    for book_id, latest in connection.execute(select(BookRow.id, _is_latest()).where(of_these)).all():
        chapters = select(ChapterRow.id).where(ChapterRow.book_id == book_id)
        of_book, of_chapters = BookSearchRow.book_id == book_id, ChapterSearchRow.chapter_id.in_(chapters)
        for table, same in ((BookSearchRow, of_book), (ChapterSearchRow, of_chapters)):
            connection.execute(update(table).where(same, table.latest.is_not(bool(latest))).values(latest=bool(latest)))


def _is_latest() -> ColumnElement[bool]:
    """Whether there is no later edition of the book's work in its language: the order of `queries.latest`."""
    other = aliased(BookRow)
    of_book, of_other = (
        tuple_(book.chapters_expected.is_(None), func.coalesce(book.publish_year, 0), book.created_at)
        for book in (BookRow, other)
    )
    later = or_(of_other > of_book, and_(of_other == of_book, other.id < BookRow.id))
    return ~exists().where(other.work == BookRow.work, other.language == BookRow.language, later)


def _batches(connection: Connection) -> Iterator[Sequence[UUID]]:
    ids = connection.scalars(select(BookRow.id).order_by(BookRow.id).limit(_BATCH)).all()
    while ids:
        yield ids
        ids = connection.scalars(
            select(BookRow.id).where(BookRow.id > ids[-1]).order_by(BookRow.id).limit(_BATCH)
        ).all()


def _rows(connection: Connection, book_ids: Collection[UUID]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the rows of these books, and of their chapters in reading order."""
    columns = (ChapterRow.id, ChapterRow.book_id, ChapterRow.chapter_number, ChapterRow.title, ChapterRow.summary)
    of_these = select(*columns).where(ChapterRow.book_id.in_(book_ids)).order_by(ChapterRow.chapter_number)
    chapters: dict[UUID, dict[UUID, list[str]]] = {book_id: {} for book_id in book_ids}
    for chapter in connection.execute(of_these):
        title = chapter.title if chapter.chapter_number else ""  # that of the book summary is the same for all books
        chapters[chapter.book_id][chapter.id] = chapter_terms(title, chapter.summary or "")
    described = select(BookRow.id, BookRow.title, BookRow.author, BookRow.language, _is_latest().label("latest"))
    of_books, of_chapters = [], []
    for book in connection.execute(described.where(BookRow.id.in_(book_ids))):
        latest = {"latest": bool(book.latest)}
        terms = book_terms(book.title, book.author, chapters[book.id].values())
        key = book.title.lower()[:_MAX_TITLE_KEY_CHARS]
        of_books.append({"book_id": book.id, "title_key": key, "language": book.language, **latest, "terms": terms})
        of_chapters += [{"chapter_id": key, **latest, "terms": terms} for key, terms in chapters[book.id].items()]
    return of_books, of_chapters
