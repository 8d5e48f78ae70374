"""Finding chapters of the library by their titles and summaries."""

from collections.abc import Sequence
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from bookbytes_api.accounts.listen_urls import Sign
from bookbytes_api.books.excerpt import excerpt
from bookbytes_api.books.queries import PRINTABLE
from bookbytes_api.books.schemas import audio_url, listen_url
from bookbytes_api.web.error_responses import error_responses
from bookbytes_api.web.pagination import Page, PageNumber, PageSize
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.search_words import MAX_QUERY_CHARS, Word, query_words
from bookbytes_pipeline.library.models import ChapterRow
from bookbytes_pipeline.library.queries import chapters_with_books
from bookbytes_pipeline.library.search import find_chapters


class BookOfChapter(msgspec.Struct, frozen=True, kw_only=True):
    """The book that a chapter belongs to."""

    id: UUID
    isbn: str
    title: str
    author: str


class FoundChapter(msgspec.Struct, frozen=True, kw_only=True):
    """A chapter that matches, and its book. The summary of a whole book is a chapter with the number 0.

    `excerpt` is what its summary says around the first match, or begins with if only the title matches; null where
    there is no summary. `audio_url` and `listen_url` are null where there is no clip.
    """

    id: UUID
    chapter_number: int
    title: str
    excerpt: str | None
    audio_url: str | None
    listen_url: str | None
    book: BookOfChapter


class FoundChapterPage(Page[FoundChapter], frozen=True):
    """A page of chapters."""

    items: list[FoundChapter]  # again, for the OpenAPI document, which does not resolve the type variable


@get("/search", operation_id="search_chapters", responses=error_responses(400, 401, 422, 503), sync_to_thread=True)
def search_chapters(
    database: NamedDependency[Database],
    sign_listen_url: NamedDependency[Sign],
    q: Annotated[
        str,
        QueryParameter(
            min_length=1,
            max_length=MAX_QUERY_CHARS,
            pattern=PRINTABLE,
            description="Words or beginnings of words, each of them in the title or the summary of the chapter.",
        ),
    ],
    editions: Annotated[
        Literal["latest", "all"],
        QueryParameter(description="Chapters of which editions of each work in each language."),
    ] = "latest",
    page: PageNumber = 1,
    size: PageSize = 20,
) -> FoundChapterPage:
    """Find chapters of the library by words of their titles and summaries, those with the words in the title first."""
    words = query_words(q)
    with database.session() as session:
        found = find_chapters(session, words, latest=editions == "latest", offset=(page - 1) * size, size=size)
        rows = {row.id: row for row in session.scalars(chapters_with_books(found.ids))}
        items = [_found(rows[chapter_id], words, sign_listen_url) for chapter_id in found.ids if chapter_id in rows]
        return FoundChapterPage(items=items, total=found.total, page=page, size=size)


def _found(row: ChapterRow, words: Sequence[Word], sign: Sign) -> FoundChapter:
    book = row.book
    return FoundChapter(
        id=row.id,
        chapter_number=row.chapter_number,
        title=row.title,
        excerpt=excerpt(row.summary, words) if row.summary else None,
        audio_url=audio_url(row),
        listen_url=listen_url(row, sign),
        book=BookOfChapter(id=book.id, isbn=book.isbn, title=book.title, author=book.author),
    )


router = Router("/", route_handlers=[search_chapters], tags=["library"])
