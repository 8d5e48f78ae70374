"""Your bookmarks, and taking them with you."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import Response, Router, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody, QueryParameter

from bookbytes_api.accounts.user import User
from bookbytes_api.listening import export
from bookbytes_api.listening.bookmarks import add_bookmark, bookmarks_of, bookmarks_page, find_bookmark
from bookbytes_api.listening.books import books_by_isbn, find_book
from bookbytes_api.listening.fields import ChapterNumber, Note, Seconds
from bookbytes_api.listening.models import BookmarkRow
from bookbytes_api.listening.places import Place
from bookbytes_api.listening.positions import listening_lock
from bookbytes_api.web.access import LISTENS
from bookbytes_api.web.error_responses import error_responses
from bookbytes_api.web.pagination import Page, PageNumber, PageSize
from bookbytes_api.web.strict_json import strict_json
from bookbytes_pipeline.db.database import Database

_FORMATS = {
    "markdown": (export.markdown, "text/markdown", "bookmarks.md"),
    "readwise": (export.readwise, "text/csv", "bookmarks.csv"),
}


class NewBookmark(msgspec.Struct, kw_only=True):
    """A place to come back to, with a note if you like. At a place with a bookmark, the note takes that one's place."""

    book_id: UUID
    chapter_number: ChapterNumber
    seconds: Seconds
    note: Note | None = None


class ChangedBookmark(msgspec.Struct):
    """The note as it shall be; null for none."""

    note: Note | None


class Bookmark(msgspec.Struct, frozen=True, kw_only=True):
    """A bookmark with the sentence that is heard there and the passage of the book that it rests on, where known.

    `book_id` is null while the book is not in the library: the bookmark stays as it was made.
    """

    id: UUID
    book_id: UUID | None
    isbn: str
    title: str
    author: str
    chapter_number: int
    chapter_title: str
    seconds: float
    note: str | None
    sentence: str | None
    passage: str | None
    created_at: datetime


class BookmarkPage(Page[Bookmark], frozen=True):
    """A page of bookmarks."""

    items: list[Bookmark]  # again, for the OpenAPI document, which does not resolve the type variable


@get("/", operation_id="list_bookmarks", responses=error_responses(400, 401, 404, 422, 503), sync_to_thread=True)
def list_bookmarks(
    user: NamedDependency[User],
    database: NamedDependency[Database],
    book_id: Annotated[UUID | None, QueryParameter(description="Only those in this book.")] = None,
    page: PageNumber = 1,
    size: PageSize = 20,
) -> BookmarkPage:
    """List your bookmarks, the newest first."""
    with database.session() as session:
        isbn = find_book(session, book_id).isbn if book_id else None
        rows, total = bookmarks_page(session, user.id, isbn, (page - 1) * size, size)
        books = books_by_isbn(session, {row.isbn for row in rows})
        items = [_view(row, books[row.isbn].id if row.isbn in books else None) for row in rows]
        return BookmarkPage(items=items, total=total, page=page, size=size)


@post(
    "/",
    operation_id="create_bookmark",
    before_request=strict_json,
    opt={LISTENS: True},
    responses=error_responses(400, 401, 403, 404, 409, 413, 422, 503),
    sync_to_thread=True,
)
def create_bookmark(
    data: JSONBody[NewBookmark], user: NamedDependency[User], database: NamedDependency[Database]
) -> Bookmark:
    """Set a bookmark; up to 1,000 in a book."""
    with database.session(listening_lock(user.id)) as session:
        book = find_book(session, data.book_id)
        place = book.checked(Place(data.chapter_number, data.seconds))
        return _view(add_bookmark(session, user.id, book, place, data.note), book.id)


@patch(
    "/{bookmark_id:uuid}",
    operation_id="update_bookmark",
    before_request=strict_json,
    opt={LISTENS: True},
    responses=error_responses(400, 401, 403, 404, 413, 422, 503),
    sync_to_thread=True,
)
def update_bookmark(
    bookmark_id: FromPath[UUID],
    data: JSONBody[ChangedBookmark],
    user: NamedDependency[User],
    database: NamedDependency[Database],
) -> Bookmark:
    """Change the note of a bookmark."""
    with database.session(listening_lock(user.id)) as session:
        row = find_bookmark(session, user.id, bookmark_id)
        row.note = data.note
        book = books_by_isbn(session, [row.isbn]).get(row.isbn)
        return _view(row, book.id if book else None)


@delete(
    "/{bookmark_id:uuid}",
    operation_id="delete_bookmark",
    opt={LISTENS: True},
    responses=error_responses(400, 401, 403, 404, 503),
    sync_to_thread=True,
)
def delete_bookmark(
    bookmark_id: FromPath[UUID], user: NamedDependency[User], database: NamedDependency[Database]
) -> None:
    """Delete a bookmark."""
    with database.session(listening_lock(user.id)) as session:
        session.delete(find_bookmark(session, user.id, bookmark_id))


@get(
    "/export",
    operation_id="export_bookmarks",
    responses={
        200: ResponseSpec(str, media_type="text/markdown", description="The file", generate_examples=False),
        **error_responses(400, 401, 422, 503),
    },
    sync_to_thread=True,
)
def export_bookmarks(
    user: NamedDependency[User],
    database: NamedDependency[Database],
    public_address: NamedDependency[str],
    file_format: Annotated[
        Literal["markdown", "readwise"],
        QueryParameter(name="format", description="Markdown, or the CSV that Readwise imports."),
    ] = "markdown",
) -> Response[str]:
    """Export all of your bookmarks as Markdown or as CSV for Readwise."""
    render, media_type, name = _FORMATS[file_format]
    with database.session() as session:
        rows = bookmarks_of(session, user.id)
        text = render(rows, books_by_isbn(session, {row.isbn for row in rows}), public_address)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type=media_type, headers=headers)


def _view(row: BookmarkRow, book_id: UUID | None) -> Bookmark:
    of_row = {name: getattr(row, name, None) for name in Bookmark.__struct_fields__}
    return msgspec.convert(of_row | {"book_id": book_id}, Bookmark)


router = Router(
    "/me/bookmarks",
    route_handlers=[list_bookmarks, create_bookmark, update_bookmark, delete_bookmark, export_bookmarks],
    tags=["listening"],
)
