"""Sittings with a book: a device opens a session, syncs it while it plays, and closes it; or reports it afterwards.

In a session of the database that holds the lock `listening_lock`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from bookbytes_api.errors import UnknownListeningSession
from bookbytes_api.listening.books import HeardBook, books_by_isbn
from bookbytes_api.listening.days import Listened, add_listened
from bookbytes_api.listening.models import MAX_DEVICE_CHARS, ListeningSessionRow
from bookbytes_api.listening.places import Place
from bookbytes_api.listening.positions import PositionReport, position_in, record_positions
from bookbytes_api.listening.reports import CLOCK_TOLERANCE

MAX_SESSION_S = 36 * 3600.0
"""An open session that nobody has synced for so long is closed, and none counts for more."""
MAX_SESSIONS = 1_000
"""Of each person, the latest are kept."""


@dataclass(frozen=True, slots=True)
class SessionReport:
    """A session as its device knows it: where it is, and how many seconds it has played in all.

    `started_at` and `start` are for one that is not known yet; None for when and where it is now.
    """

    id: UUID
    book: HeardBook
    place: Place
    seconds_listened: float
    client_time: datetime | None = None
    device: str = ""
    started_at: datetime | None = None
    start: Place | None = None
    utc_offset: timedelta = timedelta()
    is_closed: bool = False


def open_session(
    session: Session, user_id: UUID, book: HeardBook, device: str, now: datetime, session_id: UUID | None = None
) -> ListeningSessionRow:
    """Return a new session that begins where the user is in the book; the one with this id, if there is one."""
    known = session.get(ListeningSessionRow, (user_id, session_id)) if session_id else None
    if known is not None:
        return known
    close_abandoned(session, user_id, now)
    position = position_in(session, user_id, book)
    place = position.place if position and not position.row.is_finished else book.timeline.place_at(0)
    row = _new(user_id, SessionReport(session_id or uuid4(), book, place, 0.0, device=device), now)
    session.add(row)
    session.flush()
    _prune(session, user_id)
    return row


def sync_session(
    session: Session,
    user_id: UUID,
    session_id: UUID,
    place: Place,
    seconds_since: float,
    now: datetime,
    *,
    is_closed: bool = False,
) -> ListeningSessionRow:
    """Add the seconds played since the last sync, for players that count so; raises `UnknownListeningSession`."""
    row, book = find_session(session, user_id, session_id)
    total = row.seconds_listened + max(seconds_since, 0.0)
    record_sessions(session, user_id, [SessionReport(row.id, book, place, total, is_closed=is_closed)], now)
    return row


def record_sessions(session: Session, user_id: UUID, reports: Sequence[SessionReport], now: datetime) -> None:
    """Take sessions as their devices know them, in any order; the same ones again change nothing.

    Each is a report of its place, too. Of a session that is known, time is only added: the greatest total counts.
    """
    ids = {report.id for report in reports}
    known = select(ListeningSessionRow).where(ListeningSessionRow.user_id == user_id, ListeningSessionRow.id.in_(ids))
    rows = {row.id: row for row in session.scalars(known)}
    listened: list[Listened] = []
    positions: list[PositionReport] = []
    for report in sorted(reports, key=lambda it: it.client_time or now):
        row = rows.get(report.id)
        if row is None:
            row = rows[report.id] = _new(user_id, report, now)
            session.add(row)
        elif row.isbn != report.book.isbn:
            continue  # the id of another sitting: it cannot move to another book
        since = _update(row, report, now)
        if since > 0:
            listened.append(Listened(row.isbn, _time(report, now), since, report.utc_offset))
        positions.append(
            PositionReport(report.book, report.place, report.client_time, row.device, is_playing=since > 0)
        )
    session.flush()
    add_listened(session, user_id, listened)
    record_positions(session, user_id, positions, now)
    _prune(session, user_id)


def find_session(session: Session, user_id: UUID, session_id: UUID) -> tuple[ListeningSessionRow, HeardBook]:
    """Return a session of this user with its book; raises `UnknownListeningSession`, also if the book is gone."""
    row = session.get(ListeningSessionRow, (user_id, session_id))
    book = books_by_isbn(session, [row.isbn]).get(row.isbn) if row else None
    if row is None or book is None:
        raise UnknownListeningSession(f"You have no listening session {session_id}.")
    return row, book


def recent_sessions(session: Session, user_id: UUID, limit: int) -> list[tuple[ListeningSessionRow, HeardBook | None]]:
    """Return the user's latest sessions, the newest first; without the book if it is not in the library any more."""
    rows = session.scalars(_newest_first(user_id).limit(limit)).all()
    books = books_by_isbn(session, {row.isbn for row in rows})
    return [(row, books.get(row.isbn)) for row in rows]


def close_abandoned(session: Session, user_id: UUID, now: datetime) -> None:
    """Close the user's sessions that were left open, at the time of their latest place."""
    mine = update(ListeningSessionRow).where(ListeningSessionRow.user_id == user_id)
    left = mine.where(
        ListeningSessionRow.closed_at.is_(None),
        ListeningSessionRow.updated_at < now - timedelta(seconds=MAX_SESSION_S),
    )
    session.execute(left.values(closed_at=ListeningSessionRow.updated_at))


def _new(user_id: UUID, report: SessionReport, now: datetime) -> ListeningSessionRow:
    start, time = report.start or report.place, _time(report, now)
    return ListeningSessionRow(
        user_id=user_id,
        id=report.id,
        isbn=report.book.isbn,
        device=report.device[:MAX_DEVICE_CHARS],
        started_at=min(report.started_at or time, time),
        updated_at=time,
        seconds_listened=0.0,
        start_chapter_number=start.chapter_number,
        start_seconds=start.seconds,
        chapter_number=report.place.chapter_number,
        seconds=report.place.seconds,
    )


def _update(row: ListeningSessionRow, report: SessionReport, now: datetime) -> float:
    """Take what is newer in a report; return the seconds that it adds to the session."""
    time, total = _time(report, now), min(report.seconds_listened, MAX_SESSION_S)
    if time >= row.updated_at:
        row.updated_at = time
        row.chapter_number, row.seconds = report.place.chapter_number, report.place.seconds
    if report.is_closed:
        row.closed_at = max(row.closed_at or time, time)
    since = max(total - row.seconds_listened, 0.0)
    row.seconds_listened = round(row.seconds_listened + since, 3)
    return since


def _time(report: SessionReport, now: datetime) -> datetime:
    time = report.client_time or now
    return time if time <= now + CLOCK_TOLERANCE else now


def _newest_first(user_id: UUID) -> Select[ListeningSessionRow]:
    mine = select(ListeningSessionRow).where(ListeningSessionRow.user_id == user_id)
    return mine.order_by(ListeningSessionRow.updated_at.desc(), ListeningSessionRow.id)


def _prune(session: Session, user_id: UUID) -> None:
    oldest = [row.id for row in session.scalars(_newest_first(user_id).offset(MAX_SESSIONS))]
    mine = delete(ListeningSessionRow).where(ListeningSessionRow.user_id == user_id)
    if oldest:
        session.execute(mine.where(ListeningSessionRow.id.in_(oldest)))
