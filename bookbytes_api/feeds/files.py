"""What is at the addresses in feeds: clips, files of whole books with their chapters, and covers."""

from typing import Any
from uuid import UUID

from litestar import HttpMethod, Request, route
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath
from starlette.responses import Response

from bookbytes_api.books import covers
from bookbytes_api.books.audio import MEDIA_TYPE, chapter_with_book, clip_file
from bookbytes_api.errors import NoAudio
from bookbytes_api.feeds.addresses import clip_file_name
from bookbytes_api.feeds.books import book_to_hear
from bookbytes_api.feeds.chapters import CHAPTERS_TYPE, FeedChapters, chapters_of
from bookbytes_api.feeds.responses import NOT_MODIFIED, PRIVATE, private_response
from bookbytes_api.feeds.whole_files import PLAYED_TYPES, whole_file, whole_file_name
from bookbytes_api.web.error_responses import error_responses
from bookbytes_api.web.operation_ids import operation_id
from bookbytes_api.web.stored_files import StoredFile, file_response, file_responses
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.file_names import book_name
from bookbytes_pipeline.library.models import BookFileRow, BookRow
from bookbytes_pipeline.settings import Settings
from bookbytes_pipeline.store.book_files import checked_book_file
from bookbytes_pipeline.store.store import Store


@route(
    "/clips/{chapter_id:uuid}/{file_name:str}",
    operation_id=operation_id("feed_clip"),
    http_method=[HttpMethod.GET, HttpMethod.HEAD],
    media_type=MEDIA_TYPE,
    responses={**file_responses(MEDIA_TYPE, "clip"), **error_responses(400, 401, 403, 404, 416, 503)},
    sync_to_thread=True,
)
def get_feed_clip(
    chapter_id: FromPath[UUID],
    file_name: FromPath[str],
    request: Request[Any, Any, Any],
    database: NamedDependency[Database],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
) -> Response:
    """Get a clip at its address in a feed, as long as the chapter has this clip."""
    clip = clip_file(chapter_with_book(database, chapter_id))
    if file_name != clip_file_name(clip.key):  # a player that has a part of the old clip must not get one of the new
        raise NoAudio("The clip of this chapter was made anew. Refresh the feed for its new address.")
    response = file_response(request, store, clip, link_seconds=settings.s3_link_seconds)
    response.headers.update(PRIVATE)
    return response


@route(
    "/books/{book_id:uuid}/files/{file_name:str}",
    operation_id=operation_id("feed_file"),
    http_method=[HttpMethod.GET, HttpMethod.HEAD],
    media_type=MEDIA_TYPE,
    responses={**file_responses(MEDIA_TYPE, "file"), **error_responses(400, 401, 403, 404, 416, 503)},
    sync_to_thread=True,
)
def get_feed_file(
    book_id: FromPath[UUID],
    file_name: FromPath[str],
    request: Request[Any, Any, Any],
    database: NamedDependency[Database],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
) -> Response:
    """Get the file of a whole book at its address in a feed, as long as it is the book's."""
    book, file = _whole_file(database, book_id)
    if file_name != whole_file_name(file):
        raise NoAudio("The file of this book was made anew. Refresh the feed for its new address.")
    stored = StoredFile(
        key=checked_book_file(file.key),
        media_type=PLAYED_TYPES[file.format],
        name=f"{book_name(book.title)}.{file.format}",
        missing=NoAudio("The file of this book is missing from the store. Its chapters can be heard one by one."),
    )
    response = file_response(request, store, stored, link_seconds=settings.s3_link_seconds)
    response.headers.update(PRIVATE)
    return response


@route(
    "/books/{book_id:uuid}/chapters.json",
    operation_id=operation_id("feed_chapters"),
    http_method=[HttpMethod.GET, HttpMethod.HEAD],
    media_type=CHAPTERS_TYPE,
    responses={
        200: ResponseSpec(FeedChapters, media_type=CHAPTERS_TYPE, description="The chapters", generate_examples=False),
        **NOT_MODIFIED,
        **error_responses(400, 401, 403, 404, 503),
    },
    sync_to_thread=True,
)
def get_feed_chapters(
    book_id: FromPath[UUID], request: Request[Any, Any, Any], database: NamedDependency[Database]
) -> Response:
    """Get when the chapters begin in the file of a whole book, as podcast apps read it."""
    book, file = _whole_file(database, book_id)
    return private_response(request, chapters_of(book, file), CHAPTERS_TYPE, file.created_at)


@route(
    "/books/{book_id:uuid}/cover.jpg",
    operation_id=operation_id("feed_cover"),
    http_method=[HttpMethod.GET, HttpMethod.HEAD],
    media_type=covers.MEDIA_TYPE,
    responses={
        200: ResponseSpec(bytes, media_type=covers.MEDIA_TYPE, description="The cover", generate_examples=False),
        **NOT_MODIFIED,
        **error_responses(400, 401, 403, 404, 503),
    },
    sync_to_thread=True,
)
def get_feed_cover(
    book_id: FromPath[UUID],
    request: Request[Any, Any, Any],
    database: NamedDependency[Database],
    store: NamedDependency[Store],
) -> Response:
    """Get the cover of a book at an address that ends as directories of podcasts want it."""
    response = covers.cover_response(request, database, store, book_id)
    response.headers.update(PRIVATE)
    return response


def _whole_file(database: Database, book_id: UUID) -> tuple[BookRow, BookFileRow]:
    with database.session() as session:
        book = book_to_hear(session, book_id)
    file = whole_file(book)
    if file is None:
        raise NoAudio(f"There is no file of the whole of {book.title}, as the book is now.")
    return book, file
