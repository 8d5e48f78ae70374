"""Bookmarks: places to come back to, with what is heard there.

Writing is done in a session that holds the lock `listening_lock`.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from bookbytes_api.errors import TooManyBookmarks, UnknownBookmark
from bookbytes_api.listening.books import HeardBook
from bookbytes_api.listening.models import BookmarkRow
from bookbytes_api.listening.places import Place
from bookbytes_api.listening.sentences import sentence_heard
from bookbytes_pipeline.domain.isbn import ISBN

MAX_BOOKMARKS = 1_000
"""Of each person in each book."""
_SAME_S = 1.0
"""Players of whole books name a bookmark by its second."""


def add_bookmark(session: Session, user_id: UUID, book: HeardBook, place: Place, note: str | None) -> BookmarkRow:
    """Return the bookmark at this place of the book (`HeardBook.checked`): a new one, or the old one with this note.

    Raises `TooManyBookmarks`.
    """
    mine = _bookmarks(user_id).where(BookmarkRow.isbn == book.isbn)
    here = BookmarkRow.chapter_number == place.chapter_number, BookmarkRow.seconds == place.seconds
    row = session.scalar(mine.where(*here))
    if row is None:
        if (session.scalar(select(func.count()).select_from(mine.subquery())) or 0) >= MAX_BOOKMARKS:
            raise TooManyBookmarks(
                f"You have {MAX_BOOKMARKS} bookmarks in {book.title}. Delete one that you do not need."
            )
        row = _new(session, user_id, book, place)
        session.add(row)
    row.note = note if note is not None else row.note
    session.flush()
    return row


def find_bookmark(session: Session, user_id: UUID, bookmark_id: UUID) -> BookmarkRow:
    """Return a bookmark of this user; raises `UnknownBookmark`."""
    row = session.scalar(_bookmarks(user_id).where(BookmarkRow.id == bookmark_id))
    if row is None:
        raise UnknownBookmark(f"You have no bookmark {bookmark_id}.")
    return row


def bookmark_at(session: Session, user_id: UUID, book: HeardBook, seconds_from_start: float) -> BookmarkRow:
    """Return the user's bookmark within a second of this one of the book, the nearest; raises `UnknownBookmark`."""
    rows = session.scalars(_bookmarks(user_id).where(BookmarkRow.isbn == book.isbn)).all()
    away = {row.id: abs(bookmark_seconds(row, book) - seconds_from_start) for row in rows}
    nearest = min(rows, key=lambda row: away[row.id], default=None)
    if nearest is None or away[nearest.id] > _SAME_S:
        raise UnknownBookmark(f"You have no bookmark {seconds_from_start:g} seconds from the start of {book.title}.")
    return nearest


def bookmark_seconds(row: BookmarkRow, book: HeardBook) -> float:
    """Return how many seconds of the book are before a bookmark."""
    return book.timeline.seconds_from_start(Place(row.chapter_number, row.seconds))


def bookmarks_of(session: Session, user_id: UUID, isbn: ISBN | None = None) -> Sequence[BookmarkRow]:
    """Return the user's bookmarks as they are heard, book by book; all of them, or those in one book."""
    in_order = BookmarkRow.title, BookmarkRow.isbn, BookmarkRow.chapter_number, BookmarkRow.seconds
    return session.scalars(_in_book(_bookmarks(user_id), isbn).order_by(*in_order)).all()


def bookmarks_page(
    session: Session, user_id: UUID, isbn: ISBN | None, offset: int, size: int
) -> tuple[Sequence[BookmarkRow], int]:
    """Return a page of them, the newest first, and how many there are."""
    listed = _in_book(_bookmarks(user_id), isbn)
    total = session.scalar(select(func.count()).select_from(listed.subquery())) or 0
    newest_first = listed.order_by(BookmarkRow.created_at.desc(), BookmarkRow.id)
    return session.scalars(newest_first.offset(offset).limit(size)).all(), total


def _bookmarks(user_id: UUID) -> Select[BookmarkRow]:
    return select(BookmarkRow).where(BookmarkRow.user_id == user_id)


def _in_book(bookmarks: Select[BookmarkRow], isbn: ISBN | None) -> Select[BookmarkRow]:
    return bookmarks if isbn is None else bookmarks.where(BookmarkRow.isbn == isbn)


def _new(session: Session, user_id: UUID, book: HeardBook, place: Place) -> BookmarkRow:
    chapter = book.chapters[place.chapter_number]
    sentence, passage = sentence_heard(session, chapter.id, book.language, place.seconds)
    return BookmarkRow(
        user_id=user_id,
        isbn=book.isbn,
        title=book.title,
        author=book.author,
        chapter_number=place.chapter_number,
        chapter_title=chapter.title,
        seconds=place.seconds,
        sentence=sentence,
        passage=passage,
    )
