"""Books and chapters as listeners see them."""

from datetime import datetime
from uuid import UUID

import msgspec

from bookbytes_pipeline.library.models import BookRow, ChapterRow


class Chapter(msgspec.Struct, frozen=True, kw_only=True):
    """A chapter: its summary and where to hear it.

    `summary`, `duration` (seconds) and `audio_url` are null where the language model did not know the chapter.
    `grounding` tells where the summary comes from: `full_text` or `model_memory`.
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
    """A book in a list. `duration` is the length of all its clips in seconds."""

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
    """A book with all ISBNs that lead to it and its chapters."""

    isbns: list[str]
    chapters: list[Chapter]


def chapter_view(row: ChapterRow) -> Chapter:
    """A chapter."""
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
    """A book in a list."""
    return msgspec.convert(_facts(row), BookListItem)


def book_view(row: BookRow) -> Book:
    """A whole book."""
    isbns = [known.isbn for known in row.isbns]
    chapters = [chapter_view(chapter) for chapter in row.chapters]
    return msgspec.convert(_facts(row) | {"isbns": isbns, "chapters": chapters}, Book)


def _facts(row: BookRow) -> dict[str, object]:
    """What a list tells of a book: its columns of the same names, and two sums over its chapters."""
    columns = {name: getattr(row, name) for name in BookListItem.__struct_fields__ if hasattr(row, name)}
    length = round(sum(chapter.duration or 0 for chapter in row.chapters), 1)
    return columns | {"number_of_chapters": len(row.chapters), "duration": length}
