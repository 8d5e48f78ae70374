"""Continue listening, the time you listened, and the sessions of your devices."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated
from uuid import UUID

from litestar import Router, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from bookbytes_api.accounts.user import User
from bookbytes_api.errors import InvalidRange
from bookbytes_api.listening.books import HeardBook, books_by_id, find_book
from bookbytes_api.listening.days import seconds_by_book, seconds_by_day
from bookbytes_api.listening.places import Place
from bookbytes_api.listening.position_schemas import position_view
from bookbytes_api.listening.positions import listening_lock, positions_of
from bookbytes_api.listening.session_schemas import (
    BookInProgress,
    Listening,
    ListeningDay,
    ListeningSession,
    NewListeningSession,
    OfflineSessions,
    SessionsTaken,
    SessionSync,
    session_view,
)
from bookbytes_api.listening.sessions import (
    SessionReport,
    find_session,
    open_session,
    recent_sessions,
    record_sessions,
)
from bookbytes_api.web.access import LISTENS
from bookbytes_api.web.error_responses import error_responses
from bookbytes_api.web.strict_json import strict_json
from bookbytes_pipeline.db.database import Database

_SHOWN = 20
_MAX_DAYS, _USUAL_DAYS = 366, 30


@get("/listening", operation_id="get_listening", responses=error_responses(400, 401, 422, 503), sync_to_thread=True)
def get_listening(
    user: NamedDependency[User],
    database: NamedDependency[Database],
    first: Annotated[
        date | None, QueryParameter(description="The first day; 30 days up to the last without it.")
    ] = None,
    last: Annotated[date | None, QueryParameter(description="The last day; without it, today in UTC.")] = None,
) -> Listening:
    """Get the books to continue, the time listened per day, and the latest sessions."""
    last = last or datetime.now(UTC).date()
    first = first or _days_before(last, _USUAL_DAYS - 1)
    if not 0 <= (last - first).days < _MAX_DAYS:
        raise InvalidRange(f"The first day is not after the last one, and a range has {_MAX_DAYS} days at most.")
    with database.session() as session:
        known, _ = positions_of(session, user.id, size=_SHOWN, finished=False)
        listened = seconds_by_book(session, user.id, [each.book.isbn for each in known])
        return Listening(
            books=[
                BookInProgress(position=position_view(each), seconds_listened=listened.get(each.book.isbn, 0.0))
                for each in known
            ],
            days=[ListeningDay(day=day, seconds=s) for day, s in seconds_by_day(session, user.id, first, last)],
            sessions=[session_view(row, book) for row, book in recent_sessions(session, user.id, _SHOWN)],
        )


@post(
    "/listening/sessions",
    operation_id="open_listening_session",
    before_request=strict_json,
    opt={LISTENS: True},
    responses=error_responses(400, 401, 403, 404, 413, 422, 503),
    sync_to_thread=True,
)
def open_listening_session(
    data: JSONBody[NewListeningSession], user: NamedDependency[User], database: NamedDependency[Database]
) -> ListeningSession:
    """Open a session; it begins where you are in the book, at the start if you are nowhere or have finished it."""
    with database.session(listening_lock(user.id)) as session:
        book = find_book(session, data.book_id)
        row = open_session(session, user.id, book, data.device, datetime.now(UTC), data.id)
        return session_view(*find_session(session, user.id, row.id))


@put(
    "/listening/sessions/{session_id:uuid}",
    operation_id="sync_listening_session",
    before_request=strict_json,
    opt={LISTENS: True},
    responses=error_responses(400, 401, 403, 404, 413, 422, 503),
    sync_to_thread=True,
)
def sync_listening_session(
    session_id: FromPath[UUID],
    data: JSONBody[SessionSync],
    user: NamedDependency[User],
    database: NamedDependency[Database],
) -> ListeningSession:
    """Sync a session, and with it your position; or close it. A session open for 36 hours without a sync is closed."""
    with database.session(listening_lock(user.id)) as session:
        row, book = find_session(session, user.id, session_id)
        record_sessions(session, user.id, [_report(row.id, book, data)], datetime.now(UTC))
        return session_view(row, book)


@post(
    "/listening/sessions/offline",
    operation_id="report_listening_sessions",
    status_code=200,
    before_request=strict_json,
    opt={LISTENS: True},
    responses=error_responses(400, 401, 403, 413, 422, 503),
    sync_to_thread=True,
)
def report_listening_sessions(
    data: JSONBody[OfflineSessions],
    user: NamedDependency[User],
    database: NamedDependency[Database],
) -> SessionsTaken:
    """Report the sessions of a device that was offline, in any order; the same ones again change nothing."""
    with database.session(listening_lock(user.id)) as session:
        books = books_by_id(session, {each.book_id for each in data.sessions})
        known = [
            each.book_id in books and each.chapter_number in books[each.book_id].chapters for each in data.sessions
        ]
        reports = [
            _report(each.id, books[each.book_id], each, each.device, each.started_at)
            for each, is_known in zip(data.sessions, known, strict=True)
            if is_known
        ]
        record_sessions(session, user.id, reports, datetime.now(UTC))
        return SessionsTaken(unknown=[index for index, is_known in enumerate(known) if not is_known])


def _report(
    session_id: UUID, book: HeardBook, said: SessionSync, device: str = "", started_at: datetime | None = None
) -> SessionReport:
    return SessionReport(
        session_id,
        book,
        book.checked(Place(said.chapter_number, said.seconds)),
        said.seconds_listened,
        said.client_time,
        device,
        started_at,
        utc_offset=timedelta(minutes=said.utc_offset_minutes),
        is_closed=said.is_closed,
    )


def _days_before(day: date, days: int) -> date:
    return date.fromordinal(max(day.toordinal() - days, 1))


router = Router(
    "/me",
    route_handlers=[get_listening, open_listening_session, sync_listening_session, report_listening_sessions],
    tags=["listening"],
)
