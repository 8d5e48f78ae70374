"""Which books are on a person's shelf, since when, and their numbers on it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, SQLColumnExpression, Subquery, case, cast, func, null, select, union_all
from sqlalchemy.orm import Session

from bookbytes_api.feeds.books import books_to_hear
from bookbytes_api.jobs.models import JobRow
from bookbytes_api.listening.models import PositionRow
from bookbytes_pipeline.library.models import BookISBNRow, BookRow, ChapterRow, UTCDateTime
from bookbytes_pipeline.library.queries import latest

MAX_BOOKS = 100
MAX_EPISODES = 500
"""What apps load at once, and read again every hour. A book is shown whole."""


@dataclass(frozen=True, slots=True)
class ShelvedBook:
    """A book with its chapters and its summary, its number on the shelf, from 1, and when it came there."""

    book: BookRow
    number: int
    added: datetime


def shelf_of(session: Session, user_id: UUID) -> list[ShelvedBook]:
    """Return the books that this person asked for or listens to, else the latest editions of all books.

    Those added last come first, as many as there is room for, at least one if there are any.
    """
    places = session.execute(_own_books(user_id)).all() or session.execute(_all_books()).all()
    shown = set(_within_limit(session, [book_id for book_id, _, _ in places]))
    books = {book.id: book for book in books_to_hear(session, shown)}
    return [ShelvedBook(books[book_id], number, added) for book_id, added, number in places if book_id in books]


def _own_books(user_id: UUID) -> Select[UUID, datetime, int]:
    """Those that the person asked for, the later one of when it was asked for and made, or has begun to listen to."""
    asked = _asked(user_id)
    added = case((asked.c.at > BookRow.created_at, asked.c.at), else_=BookRow.created_at)
    return _numbered(added).join(asked, asked.c.book_id == BookRow.id)


def _asked(user_id: UUID) -> Subquery:
    """When the person first asked for each book; NULL for one that the person only listens to."""
    asked = select(JobRow.isbn, JobRow.created_at.label("at")).where(JobRow.user_id == user_id)
    heard = select(PositionRow.isbn, cast(null(), UTCDateTime)).where(
        PositionRow.user_id == user_id, PositionRow.is_deleted.is_(False)
    )
    theirs = union_all(asked, heard).subquery()
    books = select(BookISBNRow.book_id, func.min(theirs.c.at).label("at")).join(
        theirs, theirs.c.isbn == BookISBNRow.isbn
    )
    return books.group_by(BookISBNRow.book_id).subquery()


def _all_books() -> Select[UUID, datetime, int]:
    newest = latest(select(BookRow.id)).subquery()
    return _numbered(BookRow.created_at).where(BookRow.id.in_(select(newest.c.id)))


def _numbered(added: SQLColumnExpression[datetime]) -> Select[UUID, datetime, int]:
    """Number books in the order in which they were added, so that a new one changes no number."""
    number = func.row_number().over(order_by=(added, BookRow.id))
    return select(BookRow.id, added, number).order_by(number.desc()).limit(MAX_BOOKS)


def _within_limit(session: Session, ids: Sequence[UUID]) -> Iterator[UUID]:
    """Yield the first of these books, before their chapters are loaded: those of a hundred can take a lot of memory."""
    counted = select(ChapterRow.book_id, func.count()).where(ChapterRow.book_id.in_(ids)).group_by(ChapterRow.book_id)
    chapters = dict(session.execute(counted).all())
    episodes = 0
    for number, book_id in enumerate(ids):
        episodes += chapters.get(book_id, 0) + 1
        if number and episodes > MAX_EPISODES:
            return
        yield book_id
