"""Where a person is in each book: reports come in, the newest holds, what lost is kept.

Writing is done in a session that holds the lock `listening_lock`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from bookbytes_api.listening.books import HeardBook, books_by_isbn
from bookbytes_api.listening.models import MAX_DEVICE_CHARS, PositionHistoryRow, PositionRow
from bookbytes_api.listening.places import Place
from bookbytes_api.listening.position_rows import (
    history_rows,
    lost_from,
    position_from,
    select_history,
    write_history,
    write_position,
)
from bookbytes_api.listening.reports import Position, Report, delete, effective_time, merge
from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.library.models import BookRow


@dataclass(frozen=True, slots=True)
class PositionReport:
    """What a device says: where in which book, when by its clock (None: now), and by which name it goes.

    `is_finished` is what the person said about the book, if anything; `is_playing` whether the place was being played.
    """

    book: HeardBook
    place: Place
    client_time: datetime | None = None
    device: str = ""
    is_finished: bool | None = None
    is_playing: bool = False


@dataclass(frozen=True, slots=True)
class KnownPosition:
    """A position with its book."""

    book: HeardBook
    row: PositionRow

    @property
    def place(self) -> Place:
        """The place in the book as it is now: chapters may have become shorter since."""
        return self.book.timeline.nearest(Place(self.row.chapter_number, self.row.seconds))

    @property
    def seconds_from_start(self) -> float:
        """The same, in seconds from the start of the book."""
        return self.book.timeline.seconds_from_start(self.place)

    @property
    def remaining_seconds(self) -> float:
        """The seconds to the end of the book, as far as it has been made."""
        return round(self.book.timeline.duration - self.seconds_from_start, 3)

    @property
    def percent(self) -> float:
        """How much of the book is before the place, as far as it has been made: 0 to 100, with one decimal."""
        duration = self.book.timeline.duration
        return round(100 * self.seconds_from_start / duration, 1) if duration else 0.0


def listening_lock(user_id: UUID) -> str:
    """Return the name of the lock under which what a user listened to is written."""
    return f"listening {user_id}"


def record_positions(session: Session, user_id: UUID, reports: Iterable[PositionReport], now: datetime) -> None:
    """Take reports, of any number of books and in any order; the same ones again change nothing.

    The places are in their books (`HeardBook.checked`, `Timeline.place_at`). `now` is the server's time.
    """
    by_isbn: defaultdict[ISBN, list[PositionReport]] = defaultdict(list)
    for report in reports:
        by_isbn[report.book.isbn].append(report)
    rows = {row.isbn: row for row in session.scalars(_positions(user_id).where(PositionRow.isbn.in_(by_isbn)))}
    lost = history_rows(session, user_id, by_isbn)
    for isbn, of_book in by_isbn.items():
        row = rows.get(isbn)
        known = position_from(row) if row else None
        made = [_report(report, known, now) for report in of_book]
        position, history = merge(known, lost_from(lost[isbn]), made, of_book[0].book.timeline, now)
        if position != known:
            write_position(session, row or PositionRow(user_id=user_id, isbn=isbn), position, now)
        write_history(session, user_id, isbn, lost[isbn], history)
    session.flush()


def position_in(session: Session, user_id: UUID, book: HeardBook) -> KnownPosition | None:
    """Return where the user is in a book; None if no device has said so, or it was deleted."""
    row = session.scalar(_positions(user_id).where(PositionRow.isbn == book.isbn, ~PositionRow.is_deleted))
    return KnownPosition(book, row) if row else None


def positions_of(
    session: Session,
    user_id: UUID,
    *,
    offset: int = 0,
    size: int | None = None,
    finished: bool | None = None,
    isbns: Collection[ISBN] | None = None,
) -> tuple[list[KnownPosition], int]:
    """Return a page of the user's positions in books that are in the library, the newest first, and how many there are.

    All of them without `size`; with `finished`, only those of books that are finished, or that are not; with `isbns`,
    only those in these books.
    """
    listed = _positions(user_id).join(BookRow, BookRow.isbn == PositionRow.isbn).where(~PositionRow.is_deleted)
    if finished is not None:
        listed = listed.where(PositionRow.is_finished.is_(finished))
    if isbns is not None:
        listed = listed.where(PositionRow.isbn.in_(isbns))
    total = session.scalar(select(func.count()).select_from(listed.subquery())) or 0
    newest_first = listed.order_by(PositionRow.effective_time.desc(), PositionRow.isbn)
    rows = session.scalars(newest_first.offset(offset).limit(size)).all()
    books = books_by_isbn(session, [row.isbn for row in rows])
    return [KnownPosition(books[row.isbn], row) for row in rows if row.isbn in books], total


def history_of(session: Session, user_id: UUID, book: HeardBook) -> Sequence[PositionHistoryRow]:
    """Return the places in a book that are not the user's position, or not any more, the newest first."""
    newest_first = PositionHistoryRow.effective_time.desc(), PositionHistoryRow.client_time.desc()
    return session.scalars(select_history(user_id, [book.isbn]).order_by(*newest_first, PositionHistoryRow.id)).all()


def delete_position(session: Session, user_id: UUID, book: HeardBook, now: datetime) -> None:
    """Delete the user's position in a book, if there is one; the history has it from now on."""
    row = session.scalar(_positions(user_id).where(PositionRow.isbn == book.isbn, ~PositionRow.is_deleted))
    if row is None:
        return
    lost = history_rows(session, user_id, [book.isbn])[book.isbn]
    position, history = delete(position_from(row), lost_from(lost), book.timeline, now)
    write_position(session, row, position, now)
    write_history(session, user_id, book.isbn, lost, history)


def _positions(user_id: UUID) -> Select[PositionRow]:
    return select(PositionRow).where(PositionRow.user_id == user_id)


def _report(reported: PositionReport, known: Position | None, now: datetime) -> Report:
    client_time, device = reported.client_time or now, reported.device[:MAX_DEVICE_CHARS]
    return Report(
        place=reported.place,
        client_time=client_time,
        effective_time=effective_time(client_time, device, now, known),
        device=device,
        is_finished=reported.is_finished,
        is_playing=reported.is_playing,
    )
