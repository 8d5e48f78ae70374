"""Reading and reporting where you are in your books."""

from datetime import UTC, datetime
from uuid import UUID

from litestar import Router, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from bookbytes_api.accounts.user import User
from bookbytes_api.errors import UnknownPosition
from bookbytes_api.listening.books import HeardBook, books_by_id, find_book
from bookbytes_api.listening.places import Place
from bookbytes_api.listening.position_schemas import (
    LostPlace,
    OfflinePositions,
    Position,
    PositionPage,
    PositionsTaken,
    ReportedPlace,
    lost_place,
    position_view,
)
from bookbytes_api.listening.positions import (
    PositionReport,
    delete_position,
    history_of,
    listening_lock,
    position_in,
    positions_of,
    record_positions,
)
from bookbytes_api.web.access import LISTENS
from bookbytes_api.web.error_responses import error_responses
from bookbytes_api.web.pagination import PageNumber, PageSize
from bookbytes_api.web.strict_json import strict_json
from bookbytes_pipeline.db.database import Database


@get("/positions", operation_id="list_positions", responses=error_responses(400, 401, 422, 503), sync_to_thread=True)
def list_positions(
    user: NamedDependency[User], database: NamedDependency[Database], page: PageNumber = 1, size: PageSize = 20
) -> PositionPage:
    """List where you are in your books, the newest first."""
    with database.session() as session:
        known, total = positions_of(session, user.id, offset=(page - 1) * size, size=size)
        return PositionPage(items=[position_view(each) for each in known], total=total, page=page, size=size)


@get(
    "/positions/{book_id:uuid}",
    operation_id="get_position",
    responses=error_responses(400, 401, 404, 503),
    sync_to_thread=True,
)
def get_position(book_id: FromPath[UUID], user: NamedDependency[User], database: NamedDependency[Database]) -> Position:
    """Get where you are in a book."""
    with database.session() as session:
        book = find_book(session, book_id)
        known = position_in(session, user.id, book)
        if known is None:
            raise UnknownPosition(f"You have no position in {book.title}.")
        return position_view(known)


@put(
    "/positions/{book_id:uuid}",
    operation_id="report_position",
    before_request=strict_json,
    opt={LISTENS: True},
    responses=error_responses(400, 401, 403, 404, 413, 422, 503),
    sync_to_thread=True,
)
def report_position(
    book_id: FromPath[UUID],
    data: JSONBody[ReportedPlace],
    user: NamedDependency[User],
    database: NamedDependency[Database],
) -> Position:
    """Report where you are in a book; the response is the position that holds, which may be a newer one."""
    with database.session(listening_lock(user.id)) as session:
        book = find_book(session, book_id)
        record_positions(session, user.id, [_report(book, data)], datetime.now(UTC))
        known = position_in(session, user.id, book)
    if known is None:  # said once the transaction is committed: the report is in the history
        raise UnknownPosition(f"Your position in {book.title} was deleted after this one.")
    return position_view(known)


@post(
    "/positions",
    operation_id="report_positions",
    status_code=200,
    before_request=strict_json,
    opt={LISTENS: True},
    responses=error_responses(400, 401, 403, 413, 422, 503),
    sync_to_thread=True,
)
def report_positions(
    data: JSONBody[OfflinePositions],
    user: NamedDependency[User],
    database: NamedDependency[Database],
) -> PositionsTaken:
    """Report positions of a device that was offline, in any order; the same ones again change nothing."""
    with database.session(listening_lock(user.id)) as session:
        books = books_by_id(session, {each.book_id for each in data.positions})
        known = [
            each.book_id in books and each.chapter_number in books[each.book_id].chapters for each in data.positions
        ]
        reports = [
            _report(books[each.book_id], each) for each, is_known in zip(data.positions, known, strict=True) if is_known
        ]
        record_positions(session, user.id, reports, datetime.now(UTC))
        isbns = {report.book.isbn for report in reports}
        held, _ = positions_of(session, user.id, isbns=isbns)
        unknown = [index for index, is_known in enumerate(known) if not is_known]
        return PositionsTaken(positions=[position_view(each) for each in held], unknown=unknown)


@delete(
    "/positions/{book_id:uuid}",
    operation_id="delete_position",
    opt={LISTENS: True},
    responses=error_responses(400, 401, 403, 404, 503),
    sync_to_thread=True,
)
def forget_position(book_id: FromPath[UUID], user: NamedDependency[User], database: NamedDependency[Database]) -> None:
    """Delete your position in a book, if there is one. It stays in the history."""
    with database.session(listening_lock(user.id)) as session:
        delete_position(session, user.id, find_book(session, book_id), datetime.now(UTC))


@get(
    "/positions/{book_id:uuid}/history",
    operation_id="get_position_history",
    responses=error_responses(400, 401, 404, 503),
    sync_to_thread=True,
)
def get_position_history(
    book_id: FromPath[UUID], user: NamedDependency[User], database: NamedDependency[Database]
) -> list[LostPlace]:
    """List the last 20 places in a book that are not your position, or not any more, the newest first."""
    with database.session() as session:
        return [lost_place(row) for row in history_of(session, user.id, find_book(session, book_id))]


def _report(book: HeardBook, said: ReportedPlace) -> PositionReport:
    place = book.checked(Place(said.chapter_number, said.seconds))
    return PositionReport(book, place, said.client_time, said.device, said.is_finished, said.is_playing)


router = Router(
    "/me",
    route_handlers=[
        list_positions,
        get_position,
        report_position,
        report_positions,
        forget_position,
        get_position_history,
    ],
    tags=["listening"],
)
