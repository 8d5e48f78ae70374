"""Somebody's bookmarks in a book."""

from uuid import UUID

from litestar import MediaType, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from bookbytes_api.accounts.user import User
from bookbytes_api.listening.bookmarks import bookmarks_of
from bookbytes_api.listening.books import find_book
from bookbytes_api.listening.models import MAX_NOTE_CHARS
from bookbytes_api.web_app.rendering import Page, PageTemplate
from bookbytes_pipeline.db.database import Database


@get("/books/{book_id:uuid}/bookmarks", media_type=MediaType.HTML, sync_to_thread=True)
def bookmarks_page(
    book_id: FromPath[UUID],
    page: NamedDependency[Page],
    user: NamedDependency[User],
    database: NamedDependency[Database],
) -> PageTemplate:
    """The bookmarks in the order of the book, each with its sentence and note."""
    with database.session() as session:
        book = find_book(session, book_id)
        bookmarks = bookmarks_of(session, user.id, book.isbn)
    return page.render("bookmarks.html", book=book, bookmarks=bookmarks, max_note_chars=MAX_NOTE_CHARS)


router = Router("/", route_handlers=[bookmarks_page])
