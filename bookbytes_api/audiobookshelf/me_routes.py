"""What is a person's: places, bookmarks, sessions."""

import math
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from litestar import HttpMethod, MediaType, delete, get, patch, route
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.params import FromPath, JSONBody, QueryParameter

from bookbytes_api.accounts.user import User
from bookbytes_api.audiobookshelf.account import user_view
from bookbytes_api.audiobookshelf.files import View, milliseconds
from bookbytes_api.audiobookshelf.items import minified_item
from bookbytes_api.audiobookshelf.progress import bookmark_view, change_progress, progress_view
from bookbytes_api.audiobookshelf.requests import BookmarkChange, ItemProgressChange, ProgressChange, item_id
from bookbytes_api.audiobookshelf.sessions import sessions_page
from bookbytes_api.audiobookshelf.shelf import shelved_books
from bookbytes_api.errors import UnknownBookmark, UnknownPosition
from bookbytes_api.listening.bookmarks import add_bookmark, bookmark_at
from bookbytes_api.listening.books import books_by_id, find_book
from bookbytes_api.listening.days import seconds_by_day
from bookbytes_api.listening.fields import MAX_BATCH
from bookbytes_api.listening.positions import delete_position, listening_lock, position_in, positions_of
from bookbytes_pipeline.db.database import Database

_YEAR = timedelta(days=365)
_BOOKMARK = "/api/me/item/{item_id:uuid}/bookmark"


@get("/api/me", sync_to_thread=True)
def get_me(user: NamedDependency[User], database: NamedDependency[Database]) -> View:
    """Get your account with your places and bookmarks."""
    with database.session() as session:
        return user_view(session, user)


@get("/api/me/progress/{item_id:uuid}", sync_to_thread=True)
def get_progress(item_id: FromPath[UUID], user: NamedDependency[User], database: NamedDependency[Database]) -> View:
    """Get where you are in a book."""
    with database.session() as session:
        book = find_book(session, item_id)
        known = position_in(session, user.id, book)
        if known is None:
            raise UnknownPosition(f"You have no position in {book.title}.")
        return progress_view(known)


@patch("/api/me/progress/{item_id:uuid}", media_type=MediaType.TEXT, sync_to_thread=True)
def update_progress(
    item_id: FromPath[UUID],
    data: JSONBody[ProgressChange],
    user: NamedDependency[User],
    database: NamedDependency[Database],
) -> str:
    """Say where you are in a book, or that you have finished it."""
    with database.session(listening_lock(user.id)) as session:
        change_progress(session, user.id, find_book(session, item_id), data, datetime.now(UTC))
    return ""


@patch("/api/me/progress/batch/update", media_type=MediaType.TEXT, sync_to_thread=True)
def update_several(
    data: JSONBody[list[ItemProgressChange]], user: NamedDependency[User], database: NamedDependency[Database]
) -> str:
    """Say the same of up to 500 books; those that are not in the library are left out."""
    if len(data) > MAX_BATCH:  # Litestar does not look at the length of a list that is the body
        raise HTTPException(status_code=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    ids = [item_id(change.library_item_id) for change in data]
    with database.session(listening_lock(user.id)) as session:
        books = books_by_id(session, {book_id for book_id in ids if book_id})
        for book_id, change in zip(ids, data, strict=True):
            if book_id in books:
                change_progress(session, user.id, books[book_id], change, datetime.now(UTC))
    return ""


@delete("/api/me/progress/{item_id:uuid}", status_code=200, media_type=MediaType.TEXT, sync_to_thread=True)
def delete_progress(item_id: FromPath[UUID], user: NamedDependency[User], database: NamedDependency[Database]) -> str:
    """Forget where you are in a book; its history keeps it."""
    with database.session(listening_lock(user.id)) as session:
        delete_position(session, user.id, find_book(session, item_id), datetime.now(UTC))
    return ""


@get("/api/me/items-in-progress", sync_to_thread=True)
def list_items_in_progress(
    user: NamedDependency[User],
    database: NamedDependency[Database],
    limit: Annotated[int, QueryParameter(ge=1, le=100)] = 25,
) -> View:
    """Get the books that you have begun, the latest first."""
    with database.session() as session:
        known, _ = positions_of(session, user.id, size=limit, finished=False)
        updated = {each.book.id: milliseconds(each.row.effective_time) for each in known}
        books = shelved_books(session, list(updated))
        return {"libraryItems": [minified_item(book) | {"progressLastUpdate": updated[book.row.id]} for book in books]}


@get("/api/me/listening-sessions", sync_to_thread=True)
def list_sessions(
    user: NamedDependency[User],
    database: NamedDependency[Database],
    size: Annotated[int, QueryParameter(name="itemsPerPage", ge=1, le=100)] = 10,
    page: Annotated[int, QueryParameter(ge=0, le=100_000)] = 0,
) -> View:
    """Get a page of your sessions, the latest first."""
    with database.session() as session:
        return sessions_page(session, user.id, page, size)


@get("/api/me/listening-stats", sync_to_thread=True)
def get_stats(user: NamedDependency[User], database: NamedDependency[Database]) -> View:
    """Get how many seconds you listened on each day of the last year."""
    today = datetime.now(UTC).date()
    with database.session() as session:
        days = seconds_by_day(session, user.id, today - _YEAR, today)
    of_weekday: defaultdict[str, float] = defaultdict(float)
    for day, seconds in days:
        of_weekday[f"{day:%A}"] += seconds
    return {
        "totalTime": sum(seconds for _, seconds in days),
        "items": {},
        "days": {day.isoformat(): seconds for day, seconds in days},
        "dayOfWeek": of_weekday,
        "today": dict(days).get(today, 0.0),
        "recentSessions": [],
    }


@route(_BOOKMARK, http_method=[HttpMethod.POST, HttpMethod.PATCH], status_code=200, sync_to_thread=True)
def set_bookmark(
    item_id: FromPath[UUID],
    data: JSONBody[BookmarkChange],
    user: NamedDependency[User],
    database: NamedDependency[Database],
) -> View:
    """Set a bookmark, or change the title of the one that is there."""
    with database.session(listening_lock(user.id)) as session:
        book = find_book(session, item_id)
        try:
            row = bookmark_at(session, user.id, book, data.time)
        except UnknownBookmark:
            row = add_bookmark(session, user.id, book, book.timeline.place_at(data.time), data.title)
        else:
            row.note = data.title
        return bookmark_view(row, book)


@delete(f"{_BOOKMARK}/{{time:float}}", status_code=200, media_type=MediaType.TEXT, sync_to_thread=True)
def delete_bookmark(
    item_id: FromPath[UUID],
    time: FromPath[float],
    user: NamedDependency[User],
    database: NamedDependency[Database],
) -> str:
    """Delete a bookmark, which is named by its second."""
    if not math.isfinite(time):
        raise UnknownBookmark("A bookmark is named by its seconds from the start of the book.")
    with database.session(listening_lock(user.id)) as session:
        session.delete(bookmark_at(session, user.id, find_book(session, item_id), time))
    return ""


handlers = [
    get_me,
    get_progress,
    update_progress,
    update_several,
    delete_progress,
    list_items_in_progress,
    list_sessions,
    get_stats,
    set_bookmark,
    delete_bookmark,
]
