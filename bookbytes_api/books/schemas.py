"""Books and chapters in responses."""

from datetime import datetime
from uuid import UUID

import msgspec

from bookbytes_api.web.pagination import Page
from bookbytes_pipeline.library.models import BookRow, ChapterRow


class Chapter(msgspec.Struct, frozen=True, kw_only=True):
    """A chapter with its summary and the address of its audio.

    `summary`, `duration` (seconds) and `audio_url` are null if the language model did not know the chapter.
    `grounding` says where the summary comes from: `full_text` or `model_memory`.
    """

    id: UUID
    book_id: UUID
    chapter_number: int
    title: str
    summary: str | None
    grounding: str
    word_count: int
    duration: float | None
    audio_url: str | None


class BookListItem(msgspec.Struct, frozen=True, kw_only=True):
    """A book in a list. `duration` is the total length of its clips in seconds."""

    id: UUID
    isbn: str
    title: str
    author: str
    language: str
    edition: str | None
    publisher: str | None
    pages: int | None
    publish_date: str | None
    cover_url: str | None
    number_of_chapters: int
    duration: float
    created_at: datetime
    updated_at: datetime


class Book(BookListItem, frozen=True, kw_only=True):
    """A book with all its ISBNs and its chapters."""

    isbns: list[str]
    chapters: list[Chapter]


class BookPage(Page[BookListItem], frozen=True):
    """A page of books."""

    items: list[BookListItem]  # again, for the OpenAPI document, which does not resolve the type variable


def chapter_view(row: ChapterRow) -> Chapter:
    """Return a chapter as responses show it."""
    return Chapter(
        id=row.id,
        book_id=row.book_id,
        chapter_number=row.chapter_number,
        title=row.title,
        summary=row.summary,
        grounding=row.grounding,
        word_count=row.word_count,
        duration=row.duration,
        audio_url=f"/api/v1/chapters/{row.id}/audio" if row.audio_key else None,
    )


def book_list_item(row: BookRow) -> BookListItem:
    """Return a book as lists show it."""
    return msgspec.convert(_list_item_fields(row), BookListItem)


def book_view(row: BookRow) -> Book:
    """Return a book with its ISBNs and chapters."""
    isbns = [isbn.isbn for isbn in row.isbns]
    chapters = [chapter_view(chapter) for chapter in row.chapters]
    return msgspec.convert(_list_item_fields(row) | {"isbns": isbns, "chapters": chapters}, Book)


def _list_item_fields(row: BookRow) -> dict[str, object]:
    """Return the columns that have the names of the fields, and two sums over the chapters."""
    columns = {name: getattr(row, name) for name in BookListItem.__struct_fields__ if hasattr(row, name)}
    length = round(sum(chapter.duration or 0 for chapter in row.chapters), 1)
    return columns | {"number_of_chapters": len(row.chapters), "duration": length}
