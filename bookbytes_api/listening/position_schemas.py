"""Positions in requests and responses."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from bookbytes_api.listening.fields import MAX_BATCH, ChapterNumber, ClientTime, Device, Seconds
from bookbytes_api.listening.models import PositionHistoryRow
from bookbytes_api.listening.positions import KnownPosition
from bookbytes_api.web.pagination import Page


class ReportedPlace(msgspec.Struct, kw_only=True):
    """Where a device is in a book: `seconds` into a chapter, at its end at most.

    `client_time` is when by the device's clock; without it, now. `is_finished` is what the person says about the book,
    if anything. `is_playing` is true if the place is being heard: only that makes a finished book unfinished again.
    """

    chapter_number: ChapterNumber
    seconds: Seconds
    client_time: ClientTime | None = None
    device: Device = ""
    is_finished: bool | None = None
    is_playing: bool = False


class ReportedPosition(ReportedPlace, kw_only=True):
    """The same with the book, in a batch."""

    book_id: UUID


class OfflinePositions(msgspec.Struct):
    """The reports of a device that was offline, in any order."""

    positions: Annotated[list[ReportedPosition], msgspec.Meta(max_length=MAX_BATCH)]


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """Where you are in a book: the newest place that any of your devices has reported.

    `seconds_from_start`, `remaining_seconds` and `percent` are of the book as far as it has been made.
    """

    book_id: UUID
    isbn: str
    title: str
    author: str
    chapter_number: int
    seconds: float
    seconds_from_start: float
    remaining_seconds: float
    percent: float
    is_finished: bool
    finished_at: datetime | None
    client_time: datetime
    device: str
    updated_at: datetime


class PositionPage(Page[Position], frozen=True):
    """A page of positions."""

    items: list[Position]  # again, for the OpenAPI document, which does not resolve the type variable


class LostPlace(msgspec.Struct, frozen=True, kw_only=True):
    """A place that is not your position.

    `why`: `older` than what was known when it came in, `replaced` by a newer one, or `deleted`.
    """

    chapter_number: int
    seconds: float
    client_time: datetime
    device: str
    received_at: datetime
    why: Literal["older", "replaced", "deleted"]


class PositionsTaken(msgspec.Struct, frozen=True, kw_only=True):
    """The positions that hold after a batch, and those books and chapters of it that the library does not have."""

    positions: list[Position]
    unknown: list[int]


def position_view(known: KnownPosition) -> Position:
    """Return a position as responses show it."""
    book, row, place = known.book, known.row, known.place
    return Position(
        book_id=book.id,
        isbn=book.isbn,
        title=book.title,
        author=book.author,
        chapter_number=place.chapter_number,
        seconds=place.seconds,
        seconds_from_start=known.seconds_from_start,
        remaining_seconds=known.remaining_seconds,
        percent=known.percent,
        is_finished=row.is_finished,
        finished_at=row.finished_at,
        client_time=row.client_time,
        device=row.device,
        updated_at=row.updated_at,
    )


def lost_place(row: PositionHistoryRow) -> LostPlace:
    """Return a place of the history as responses show it."""
    return msgspec.convert({name: getattr(row, name) for name in LostPlace.__struct_fields__}, LostPlace)
