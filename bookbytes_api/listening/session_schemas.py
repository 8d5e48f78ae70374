"""Listening sessions and what was listened to, in requests and responses."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec

from bookbytes_api.listening.books import HeardBook
from bookbytes_api.listening.fields import (
    MAX_BATCH,
    ChapterNumber,
    ClientTime,
    Device,
    Seconds,
    SecondsListened,
    UTCOffset,
)
from bookbytes_api.listening.models import ListeningSessionRow
from bookbytes_api.listening.position_schemas import Position


class NewListeningSession(msgspec.Struct, kw_only=True):
    """A sitting that begins. `id` may be the device's own; a second request with it opens no second session."""

    book_id: UUID
    device: Device = ""
    id: UUID | None = None


class SessionSync(msgspec.Struct, kw_only=True):
    """Where a session is, and how many seconds it has played in all: the same request again adds nothing.

    `utc_offset_minutes` is the offset of the listener's time zone, by which days begin; `is_closed` ends the session.
    """

    chapter_number: ChapterNumber
    seconds: Seconds
    seconds_listened: SecondsListened
    client_time: ClientTime | None = None
    utc_offset_minutes: UTCOffset = 0
    is_closed: bool = False


class OfflineSession(SessionSync, kw_only=True):
    """A session of a device that was offline, under an id that the device made."""

    id: UUID
    book_id: UUID
    started_at: ClientTime
    device: Device = ""


class OfflineSessions(msgspec.Struct):
    """The sessions of a device that was offline, in any order."""

    sessions: Annotated[list[OfflineSession], msgspec.Meta(max_length=MAX_BATCH)]


class ListeningSession(msgspec.Struct, frozen=True, kw_only=True):
    """A sitting with a book. `book_id` and `title` are null if the book is not in the library any more."""

    id: UUID
    book_id: UUID | None
    isbn: str
    title: str | None
    device: str
    started_at: datetime
    updated_at: datetime
    seconds_listened: float
    start_chapter_number: int
    start_seconds: float
    chapter_number: int
    seconds: float
    closed_at: datetime | None


class BookInProgress(msgspec.Struct, frozen=True, kw_only=True):
    """A book to continue, with the time that you have listened to it."""

    position: Position
    seconds_listened: float


class ListeningDay(msgspec.Struct, frozen=True, kw_only=True):
    """The seconds listened on a day."""

    day: date
    seconds: float


class Listening(msgspec.Struct, frozen=True, kw_only=True):
    """What you listen to: up to 20 unfinished books, the days of the range with time on them, the last 20 sessions."""

    books: list[BookInProgress]
    days: list[ListeningDay]
    sessions: list[ListeningSession]


class SessionsTaken(msgspec.Struct, frozen=True, kw_only=True):
    """The indices of sessions in a batch whose book or chapter the library does not have; the others are taken."""

    unknown: list[int]


def session_view(row: ListeningSessionRow, book: HeardBook | None) -> ListeningSession:
    """Return a session as responses show it."""
    of_row = {name: getattr(row, name, None) for name in ListeningSession.__struct_fields__}
    return msgspec.convert(of_row | {"book_id": book and book.id, "title": book and book.title}, ListeningSession)
