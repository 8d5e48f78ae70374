"""An item: what is in it, its cover, its clips, and beginning to play it."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from litestar import HttpMethod, Request, get, post, route
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody
from starlette.responses import Response

from bookbytes_api.accounts.user import User
from bookbytes_api.audiobookshelf.files import View
from bookbytes_api.audiobookshelf.items import expanded_item
from bookbytes_api.audiobookshelf.progress import progress_view
from bookbytes_api.audiobookshelf.requests import ItemsRequest, PlayRequest
from bookbytes_api.audiobookshelf.sessions import open_view
from bookbytes_api.audiobookshelf.shelf import shelved_book, shelved_books
from bookbytes_api.books.audio import chapter_with_book, clip_file
from bookbytes_api.books.covers import cover_response
from bookbytes_api.errors import UnknownChapter
from bookbytes_api.listening.books import find_book
from bookbytes_api.listening.positions import listening_lock, position_in
from bookbytes_api.listening.sessions import open_session
from bookbytes_api.web.access import LOGIN_IN_ADDRESS, NO_AUTH, TOKEN_IN_ADDRESS
from bookbytes_api.web.stored_files import file_response
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.settings import Settings
from bookbytes_pipeline.store.store import Store

_METHODS = [HttpMethod.GET, HttpMethod.HEAD]


@get("/api/items/{item_id:uuid}", sync_to_thread=True)
def get_item(item_id: FromPath[UUID], user: NamedDependency[User], database: NamedDependency[Database]) -> View:
    """Get an item with its chapters and tracks, and where you are in it."""
    with database.session() as session:
        item = expanded_item(shelved_book(session, item_id))
        known = position_in(session, user.id, find_book(session, item_id))
        return item | {"userMediaProgress": progress_view(known) if known else None}


@post("/api/items/batch/get", status_code=200, sync_to_thread=True)
def get_items(data: JSONBody[ItemsRequest], database: NamedDependency[Database]) -> View:
    """Get those of up to 500 items that there are."""
    with database.session() as session:
        books = shelved_books(session, list(dict.fromkeys(data.library_item_ids)))
        return {"libraryItems": [expanded_item(book) for book in books]}


@route("/api/items/{item_id:uuid}/cover", http_method=_METHODS, opt={NO_AUTH: True}, sync_to_thread=True)
def get_cover(
    item_id: FromPath[UUID],
    request: Request[Any, Any, Any],
    database: NamedDependency[Database],
    store: NamedDependency[Store],
) -> Response:
    """Get the cover. Apps ask for it without a token: whoever knows the random id of a book may see its cover."""
    return cover_response(request, database, store, item_id)


def _file_route(path: str) -> HTTPRouteHandler:
    """Return a route of the clips; Litestar would wrap a blocking function once more for each path of one route."""

    @route(path, http_method=_METHODS, opt={TOKEN_IN_ADDRESS: True, LOGIN_IN_ADDRESS: True}, sync_to_thread=True)
    def get_file(
        item_id: FromPath[UUID],
        file_id: FromPath[UUID],
        request: Request[Any, Any, Any],
        database: NamedDependency[Database],
        store: NamedDependency[Store],
        settings: NamedDependency[Settings],
    ) -> Response:
        """Get the clip of a track, whole or the part that `Range` names; if clips are in S3, a redirect to it."""
        chapter = chapter_with_book(database, file_id)
        if chapter.book_id != item_id:
            raise UnknownChapter(f"There is no file {file_id} of the item {item_id}.")
        return file_response(request, store, clip_file(chapter), link_seconds=settings.s3_link_seconds)

    return get_file


@post("/api/items/{item_id:uuid}/play", status_code=200, sync_to_thread=True)
def play(
    item_id: FromPath[UUID],
    user: NamedDependency[User],
    database: NamedDependency[Database],
    data: JSONBody[PlayRequest | None] = None,
) -> View:
    """Open a session, where you are in the book; at its start if you are nowhere or have finished it."""
    device = data.device_info.name if data and data.device_info else ""
    with database.session(listening_lock(user.id)) as session:
        heard = find_book(session, item_id)
        row = open_session(session, user.id, heard, device, datetime.now(UTC))
        return open_view(row, heard, shelved_book(session, item_id))


_FILE = "/api/items/{item_id:uuid}/file/{file_id:uuid}"
handlers = [get_item, get_items, get_cover, _file_route(_FILE), _file_route(f"{_FILE}/download"), play]
