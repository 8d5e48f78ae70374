"""Positions and bookmarks as Audiobookshelf shows them: in seconds from the start of the book."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from bookbytes_api.audiobookshelf.files import View, milliseconds
from bookbytes_api.audiobookshelf.requests import ProgressChange, time_of
from bookbytes_api.audiobookshelf.shelf import MAX_ITEMS
from bookbytes_api.listening.bookmarks import bookmark_seconds, bookmarks_of
from bookbytes_api.listening.books import HeardBook, books_by_isbn
from bookbytes_api.listening.models import BookmarkRow
from bookbytes_api.listening.positions import (
    KnownPosition,
    PositionReport,
    position_in,
    positions_of,
    record_positions,
)


def progress_view(known: KnownPosition) -> View:
    """Return where somebody is in a book. Its id is the book's: each person has one place in it."""
    row, seconds = known.row, known.seconds_from_start
    duration = known.book.timeline.duration
    share = seconds / duration if duration else 0.0
    return {
        "id": str(known.book.id),
        "userId": str(row.user_id),
        "libraryItemId": str(known.book.id),
        "episodeId": None,
        "mediaItemId": str(known.book.id),
        "mediaItemType": "book",
        "duration": duration,
        "progress": 1 if row.is_finished else share,
        "currentTime": seconds,
        "isFinished": row.is_finished,
        "hideFromContinueListening": False,
        "ebookLocation": None,
        "ebookProgress": None,
        "lastUpdate": milliseconds(row.effective_time),
        "startedAt": milliseconds(row.effective_time),  # when it was begun is not kept
        "finishedAt": milliseconds(row.finished_at) if row.finished_at else None,
    }


def all_progress(session: Session, user_id: UUID) -> list[View]:
    """Return where somebody is in all books, the newest first."""
    return [progress_view(known) for known in positions_of(session, user_id, size=MAX_ITEMS)[0]]


def change_progress(session: Session, user_id: UUID, book: HeardBook, change: ProgressChange, now: datetime) -> None:
    """Take what an app says of a place; who says that a finished book is not, and no more, begins it anew."""
    known = position_in(session, user_id, book)
    begins_anew = change.is_finished is False and known is not None and known.row.is_finished
    if change.current_time is not None:
        place = book.timeline.place_at(change.current_time)
    elif change.progress is not None:
        place = book.timeline.place_at(change.progress * book.timeline.duration)
    elif known is None or begins_anew:
        place = book.timeline.place_at(0)
    else:
        place = known.place
    report = PositionReport(book, place, time_of(change.last_update), "", change.is_finished)
    record_positions(session, user_id, [report], now)


def bookmark_view(row: BookmarkRow, book: HeardBook) -> View:
    """Return a bookmark; apps name it by its whole seconds."""
    return {
        "libraryItemId": str(book.id),
        "title": row.note or row.chapter_title,
        "time": int(bookmark_seconds(row, book)),
        "createdAt": milliseconds(row.created_at),
    }


def all_bookmarks(session: Session, user_id: UUID) -> list[View]:
    """Return somebody's bookmarks in the books that are in the library."""
    rows = bookmarks_of(session, user_id)
    books = books_by_isbn(session, {row.isbn for row in rows})
    return [bookmark_view(row, books[row.isbn]) for row in rows if row.isbn in books]
