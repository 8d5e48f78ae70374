"""The cover of a book, square and as JPEG."""

from contextlib import suppress
from threading import Lock
from typing import Any
from uuid import UUID

from litestar import HttpMethod, Request, Router, route
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath
from starlette.responses import Response

from bookbytes_api.errors import UnknownBook
from bookbytes_api.web.access import LISTEN_URL, LISTEN_URL_SECURITY, TOKEN_IN_ADDRESS, TOKEN_IN_ADDRESS_SECURITY
from bookbytes_api.web.conditional import conditional_response
from bookbytes_api.web.error_responses import error_responses
from bookbytes_api.web.operation_ids import operation_id
from bookbytes_pipeline.covers.covers import make_cover, picture_in_text
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.errors import StoreFull
from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.library.models import BookRow
from bookbytes_pipeline.library.queries import clip_of_book
from bookbytes_pipeline.store.clips import isbn_in
from bookbytes_pipeline.store.store import Store

MEDIA_TYPE = "image/jpeg"
_CACHE_CONTROL = "private, max-age=3600"
"""A list of books shows many covers, which hardly ever change."""
_MAKING = Lock()
"""A large picture takes a hundred megabytes to scale: one at a time."""


def cover_response(request: Request[Any, Any, Any], database: Database, store: Store, book_id: UUID) -> Response:
    """Return the cover of a book, or that the copy of whoever asks is still valid; raises `UnknownBook`.

    It blocks: one that was never asked for, of a book that an older version made, is made now and kept.
    """
    with database.session() as session:
        book = session.get(BookRow, book_id)
        if book is None:
            raise UnknownBook(f"There is no book {book_id} in the library.")
        clip = session.scalar(clip_of_book(book_id))
    cover = _cover(store, isbn_in(clip) if clip else book.isbn, book)
    return conditional_response(request, cover, MEDIA_TYPE, _CACHE_CONTROL)


def _cover(store: Store, isbn: ISBN, book: BookRow) -> bytes:
    """Return the cover that was made with the clips; `isbn` is that of the edition that they were made for."""
    kept = store.covers.read(isbn)
    if kept is not None:
        return kept
    with _MAKING:
        kept = store.covers.read(isbn)
        if kept is None:
            kept = make_cover(picture_in_text(store, isbn), book.title, book.author).square
            with suppress(StoreFull):  # then it is made again the next time
                store.covers.write(isbn, kept)
        return kept


@route(
    "/books/{book_id:uuid}/cover",
    operation_id=operation_id("book_cover"),
    http_method=[HttpMethod.GET, HttpMethod.HEAD],
    opt={LISTEN_URL: True, TOKEN_IN_ADDRESS: True},
    security=LISTEN_URL_SECURITY + TOKEN_IN_ADDRESS_SECURITY,
    media_type=MEDIA_TYPE,
    responses={
        200: ResponseSpec(bytes, media_type=MEDIA_TYPE, description="The cover", generate_examples=False),
        304: ResponseSpec(None, description="The copy with this ETag is still valid"),
        **error_responses(400, 401, 404, 503),
    },
    sync_to_thread=True,
    tags=["library"],
)
def get_book_cover(
    book_id: FromPath[UUID],
    request: Request[Any, Any, Any],
    database: NamedDependency[Database],
    store: NamedDependency[Store],
) -> Response:
    """Get the cover of a book: a square JPEG of 1400 pixels and at most 512 kB, drawn where none is known."""
    return cover_response(request, database, store, book_id)


router = Router("/", route_handlers=[get_book_cover])
