"""Reading the library, and deleting books from it."""

from typing import Annotated, Literal
from uuid import UUID

from litestar import Router, delete, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from sqlalchemy.orm import Session

from bookbytes_api.accounts.guards import require_administrator
from bookbytes_api.accounts.listen_urls import Sign
from bookbytes_api.books.queries import PRINTABLE, BookFilter, list_page
from bookbytes_api.books.schemas import Book, BookPage, Chapter, book_list_item, book_view, chapter_view
from bookbytes_api.errors import UnknownBook
from bookbytes_api.jobs.models import JobRow
from bookbytes_api.jobs.queries import unfinished_job_id
from bookbytes_api.jobs.reconciler import Reconciler
from bookbytes_api.jobs.service import book_jobs_lock
from bookbytes_api.web.error_responses import error_responses
from bookbytes_api.web.isbn_params import ISBNTextInPath
from bookbytes_api.web.pagination import PageNumber, PageSize
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.errors import BookLocked
from bookbytes_pipeline.domain.isbn import parse_isbn
from bookbytes_pipeline.domain.search_words import MAX_QUERY_CHARS
from bookbytes_pipeline.library.models import BookRow
from bookbytes_pipeline.library.publishing import unpublish
from bookbytes_pipeline.library.queries import book_by_isbn
from bookbytes_pipeline.store.store import Store


@get("/books", operation_id="list_books", responses=error_responses(400, 401, 422, 503), sync_to_thread=True)
def list_books(
    database: NamedDependency[Database],
    sign_listen_url: NamedDependency[Sign],
    q: Annotated[
        str | None,
        QueryParameter(
            max_length=MAX_QUERY_CHARS,
            pattern=PRINTABLE,
            description="Words, each of them in the title, the author or the chapters, without regard to case and "
            "accents; parts of words in title and author, beginnings in chapters. Or an ISBN.",
        ),
    ] = None,
    language: Annotated[
        str | None,
        QueryParameter(
            max_length=35,
            pattern=r"^[A-Za-z0-9-]*$",
            description="A language tag: en matches en, en-GB and en-US; pt-BR matches only pt-BR.",
        ),
    ] = None,
    editions: Annotated[
        Literal["latest", "all"],
        QueryParameter(description="Editions of each work in each language. An ISBN always finds its own edition."),
    ] = "latest",
    needs_review: Annotated[
        bool | None,
        QueryParameter(description="Only books with a summary in which something is wrong (true), or without (false)."),
    ] = None,
    page: PageNumber = 1,
    size: PageSize = 20,
) -> BookPage:
    """List books: the best matches of a query first, else by title; latest editions or all."""
    chosen = BookFilter(language, editions == "latest", needs_review)
    with database.session() as session:
        rows, total = list_page(session, q or "", chosen, (page - 1) * size, size)
        return BookPage(items=[book_list_item(row, sign_listen_url) for row in rows], total=total, page=page, size=size)


@get(
    "/books/{book_id:uuid}", operation_id="get_book", responses=error_responses(400, 401, 404, 503), sync_to_thread=True
)
def get_book(
    book_id: FromPath[UUID],
    database: NamedDependency[Database],
    sign_listen_url: NamedDependency[Sign],
) -> Book:
    """Get a book with its ISBNs and chapters."""
    with database.session() as session:
        return book_view(_book(session, book_id), sign_listen_url)


@get(
    "/books/isbn/{isbn:str}",
    operation_id="get_book_by_isbn",
    responses=error_responses(400, 401, 404, 422, 503),
    sync_to_thread=True,
)
def get_book_by_isbn(
    isbn: ISBNTextInPath,
    database: NamedDependency[Database],
    sign_listen_url: NamedDependency[Sign],
) -> Book:
    """Get the book with this ISBN."""
    parsed = parse_isbn(isbn)
    with database.session() as session:
        row = session.scalar(book_by_isbn(parsed))
        if row is None:
            raise UnknownBook(f"{parsed} is not in the library. Ask for it with POST /api/v1/books/process.")
        return book_view(row, sign_listen_url)


@get(
    "/books/{book_id:uuid}/chapters",
    operation_id="list_chapters",
    responses=error_responses(400, 401, 404, 503),
    sync_to_thread=True,
)
def list_chapters(
    book_id: FromPath[UUID],
    database: NamedDependency[Database],
    sign_listen_url: NamedDependency[Sign],
) -> list[Chapter]:
    """List the chapters of a book in reading order."""
    with database.session() as session:
        return [chapter_view(row, sign_listen_url) for row in _book(session, book_id).chapters]


@delete(
    "/books/{book_id:uuid}",
    operation_id="delete_book",
    guards=[require_administrator],
    responses=error_responses(400, 401, 403, 404, 409, 503),
    sync_to_thread=True,
)
def delete_book(
    book_id: FromPath[UUID],
    database: NamedDependency[Database],
    store: NamedDependency[Store],
    reconciler: NamedDependency[Reconciler],
) -> None:
    """Delete a book, its clips, files and cover. Its attached text and cached answers stay. Administrators only."""
    with database.session() as session:
        isbns = {parse_isbn(isbn.isbn) for isbn in _book(session, book_id).isbns}
    reconciler.finalize(JobRow.isbn.in_(isbns))
    with database.session(*map(book_jobs_lock, isbns)) as session:
        row = _book(session, book_id)
        if session.scalar(unfinished_job_id(isbns)):
            raise BookLocked(f"{row.title} is being made right now. Cancel its jobs first, or wait for them.")
        keys = unpublish(session, row)
    for key in keys:
        store.delete_audio(key)
    for isbn in isbns:
        store.covers.delete(isbn)


def _book(session: Session, book_id: UUID) -> BookRow:
    row = session.get(BookRow, book_id)
    if row is None:
        raise UnknownBook(f"There is no book {book_id} in the library.")
    return row


router = Router(
    "/",
    route_handlers=[
        list_books,
        get_book,
        get_book_by_isbn,
        list_chapters,
        delete_book,
    ],
    tags=["library"],
)
