"""What is known of a book before it is requested."""

from dataclasses import dataclass
from io import BytesIO
from uuid import UUID

import msgspec
from litestar import Router, get
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from sqlalchemy import select

from bookbytes_api.catalogue.catalogue import Catalogue
from bookbytes_api.catalogue.limits import LimitLookups
from bookbytes_api.web.error_responses import error_responses
from bookbytes_api.web.isbn_params import ISBNTextInPath
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.book import Book
from bookbytes_pipeline.domain.errors import BookNotFound, CatalogueOff, Refused, Unavailable
from bookbytes_pipeline.domain.isbn import ISBN, parse_isbn
from bookbytes_pipeline.epub.reader import read_package_metadata
from bookbytes_pipeline.library.models import BookISBNRow, BookRow
from bookbytes_pipeline.providers.metadata.package_document import described_by_itself
from bookbytes_pipeline.store.store import Store


class BookPreview(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a book, by Open Library or by its attached EPUB (`source`).

    `book_id` is the book in the library, null if it is not there. `text_needed` is true if the book can only be made
    once its EPUB is attached, because the language model in use writes nothing from memory; null if that is not known
    yet. `year` is that of this edition.
    """

    isbn: str
    title: str
    authors: list[str]
    year: int | None
    language: str | None
    publisher: str | None
    cover_url: str | None
    source: str
    book_id: UUID | None
    has_text: bool
    text_needed: bool | None


@dataclass(frozen=True)
class _Here:
    """What is known without asking anybody."""

    book: Book | None
    book_id: UUID | None
    has_text: bool
    text_needed: bool | None


@get(
    "/books/isbn/{isbn:str}/preview",
    operation_id="preview_book",
    middleware=[LimitLookups()],
    responses=error_responses(400, 401, 404, 422, 429, 502, 503),
)
async def preview_book(
    isbn: ISBNTextInPath,
    catalogue: NamedDependency[Catalogue],
    database: NamedDependency[Database],
    store: NamedDependency[Store],
) -> BookPreview:
    """Get what is known of a book before it is requested. Open Library is asked if no run has asked it yet."""
    return await find_preview(parse_isbn(isbn), catalogue, database, store)


async def find_preview(isbn: ISBN, catalogue: Catalogue, database: Database, store: Store) -> BookPreview:
    """Return what is known of a book; raises `BookNotFound`, `Unavailable` or `Refused`."""
    here = await sync_to_thread(_known_here, isbn, database, store)
    book = here.book or await _looked_up(isbn, catalogue, store)
    return BookPreview(
        isbn=isbn,
        title=book.title,
        authors=list(book.authors),
        year=book.publish_year,
        language=book.language,
        publisher=book.publisher,
        cover_url=book.cover_url,
        source=book.source,
        book_id=here.book_id,
        has_text=here.has_text,
        text_needed=here.text_needed,
    )


def _known_here(isbn: ISBN, database: Database, store: Store) -> _Here:
    """A published book is described as its last run found it; one of its other ISBNs is no other book."""
    with database.session() as session:
        published = session.execute(
            select(BookRow.id, BookRow.isbn).join(BookISBNRow).where(BookISBNRow.isbn == isbn)
        ).one_or_none()
    has_text, model = store.sources.has(isbn), store.read_writing_model()
    return _Here(
        book=store.read_metadata(ISBN(published.isbn) if published else isbn),
        book_id=published.id if published else None,
        has_text=has_text,
        text_needed=None if model is None else model.needs_text and not has_text,
    )


async def _looked_up(isbn: ISBN, catalogue: Catalogue, store: Store) -> Book:
    """The book as a run would find it: at Open Library, else in its attached EPUB."""
    try:
        return await catalogue.find(isbn)
    except (CatalogueOff, BookNotFound, Unavailable, Refused) as error:
        book = await sync_to_thread(_described_by_itself, isbn, store)
        if book is not None:
            return book
        if isinstance(error, CatalogueOff):
            raise BookNotFound(
                f"Nothing is known of {isbn}: Open Library is switched off here, and no EPUB is attached. "
                f"Attach one with PUT /api/v1/books/isbn/{isbn}/text."
            ) from error
        raise


def _described_by_itself(isbn: ISBN, store: Store) -> Book | None:
    epub = store.sources.read(isbn)
    return None if epub is None else described_by_itself(isbn, read_package_metadata(BytesIO(epub)))


router = Router("/", route_handlers=[preview_book], tags=["catalogue"])
