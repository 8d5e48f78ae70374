"""Listening sessions as Audiobookshelf's playback sessions."""

from datetime import datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bookbytes_api.audiobookshelf.account import COMPATIBLE_VERSION
from bookbytes_api.audiobookshelf.files import View, chapters, milliseconds, tracks
from bookbytes_api.audiobookshelf.items import LIBRARY_ID, cover_path, expanded_item, play_metadata
from bookbytes_api.audiobookshelf.requests import LocalSession, SessionSync, item_id, time_of
from bookbytes_api.audiobookshelf.shelf import ShelvedBook
from bookbytes_api.listening.books import HeardBook, books_by_id
from bookbytes_api.listening.models import ListeningSessionRow
from bookbytes_api.listening.places import Place
from bookbytes_api.listening.sessions import (
    MAX_SESSION_S,
    SessionReport,
    find_session,
    recent_sessions,
    record_sessions,
    sync_session,
)

_DIRECT_PLAY = 0


def open_view(row: ListeningSessionRow, heard: HeardBook, book: ShelvedBook) -> View:
    """Return a session with everything that is needed to play the book."""
    return session_view(row, heard) | {
        "mediaMetadata": play_metadata(book),
        "chapters": chapters(book),
        "audioTracks": tracks(book),
        "libraryItem": expanded_item(book),
    }


def session_view(row: ListeningSessionRow, book: HeardBook | None) -> View:
    """Return a session as it is listed; `book` is None if it is not in the library any more."""
    start, place = Place(row.start_chapter_number, row.start_seconds), Place(row.chapter_number, row.seconds)
    return {
        "id": str(row.id),
        "userId": str(row.user_id),
        "libraryId": str(LIBRARY_ID),
        "libraryItemId": str(book.id) if book else None,
        "bookId": str(book.id) if book else None,
        "episodeId": None,
        "mediaType": "book",
        "mediaMetadata": None,
        "chapters": [],
        "displayTitle": book.title if book else row.isbn,
        "displayAuthor": book.author if book else "",
        "coverPath": cover_path(book.id) if book else None,
        "duration": book.timeline.duration if book else 0.0,
        "playMethod": _DIRECT_PLAY,
        "mediaPlayer": "unknown",
        "deviceInfo": {"clientName": row.device},
        "serverVersion": COMPATIBLE_VERSION,
        "date": f"{row.started_at:%Y-%m-%d}",
        "dayOfWeek": f"{row.started_at:%A}",
        "timeListening": row.seconds_listened,
        "startTime": book.timeline.seconds_from_start(start) if book else 0.0,
        "currentTime": book.timeline.seconds_from_start(place) if book else 0.0,
        "startedAt": milliseconds(row.started_at),
        "updatedAt": milliseconds(row.updated_at),
    }


def sync(
    session: Session, user_id: UUID, session_id: UUID, sent: SessionSync | None, now: datetime, *, is_closed: bool
) -> None:
    """Take where a player is, or only that it has ended; raises `UnknownListeningSession`."""
    row, book = find_session(session, user_id, session_id)
    if sent is None or sent.current_time is None:
        place = book.timeline.nearest(Place(row.chapter_number, row.seconds))
    else:
        place = book.timeline.place_at(sent.current_time)
    seconds = sent.time_listened if sent else 0.0
    sync_session(session, user_id, session_id, place, seconds, now, is_closed=is_closed)


def record_local(session: Session, user_id: UUID, local: list[LocalSession], device: str, now: datetime) -> list[View]:
    """Take the sessions of a device that was offline; return which of them were taken."""
    ids = [item_id(each.library_item_id) for each in local]
    known = books_by_id(session, {book_id for book_id in ids if book_id})
    books = [known.get(book_id) if book_id else None for book_id in ids]
    reports = [_report(each, book, device) for each, book in zip(local, books, strict=True) if book]
    record_sessions(session, user_id, reports, now)
    return [
        {"id": each.id, "success": True, "progressSynced": True}
        if book
        else {"id": each.id, "success": False, "error": "There is no such book in the library."}
        for each, book in zip(local, books, strict=True)
    ]


def sessions_page(session: Session, user_id: UUID, page: int, size: int) -> View:
    """Return a page of somebody's sessions, the newest first; `page` starts at 0."""
    mine = select(func.count()).select_from(ListeningSessionRow).where(ListeningSessionRow.user_id == user_id)
    total = session.scalar(mine) or 0
    shown = recent_sessions(session, user_id, min((page + 1) * size, total))[page * size :]
    return {
        "total": total,
        "numPages": -(-total // size),
        "page": page,
        "itemsPerPage": size,
        "sessions": [session_view(row, book) for row, book in shown],
    }


def _report(local: LocalSession, book: HeardBook, device: str) -> SessionReport:
    named = local.device_info.name if local.device_info else ""
    return SessionReport(
        _session_id(local.id),
        book,
        book.timeline.place_at(local.current_time),
        min(local.time_listening or 0.0, MAX_SESSION_S),
        time_of(local.updated_at),
        named or device,
        time_of(local.started_at),
        start=None if local.start_time is None else book.timeline.place_at(local.start_time),
        is_closed=True,
    )


def _session_id(made: str) -> UUID:
    """Return the id that a device made; some apps make others than UUIDs."""
    try:
        return UUID(made)
    except ValueError:
        return uuid5(NAMESPACE_URL, f"bookbytes:session:{made}")
