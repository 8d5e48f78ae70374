"""Books and chapters in responses."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from bookbytes_api.accounts.listen_urls import Sign
from bookbytes_api.web.pagination import Page
from bookbytes_pipeline.domain.book_file import MEDIA_TYPES, BookFileFormat
from bookbytes_pipeline.domain.summary import Grounding
from bookbytes_pipeline.library.book_files import current_files
from bookbytes_pipeline.library.models import BookFileRow, BookRow, ChapterRow


class Chapter(msgspec.Struct, frozen=True, kw_only=True):
    """A chapter with its summary and the address of its audio.

    `summary`, `duration` (seconds), `audio_url` and `listen_url` are null if the language model did not know the
    chapter. `listen_url` is for players that cannot send a header: it lets whoever has it listen, for a day. It is
    null, too, where a personal access token asks that allows no listening.

    `transcript_url` is where its clip can be read along as WebVTT, with permission like that of `listen_url`; null
    where the times are not known.

    `grounding` says where the summary comes from: `full_text` or `model_memory`. `needs_review` is true if something
    is wrong with the summary although it was asked for twice; `review_reasons` are sentences that say what.
    """

    id: UUID
    book_id: UUID
    chapter_number: int
    title: str
    summary: str | None
    grounding: Grounding
    needs_review: bool
    review_reasons: list[str]
    word_count: int
    duration: float | None
    audio_url: str | None
    listen_url: str | None
    transcript_url: str | None


class BookStatus(StrEnum):
    """Whether a book is finished: a `partial` one has the chapters that have a clip."""

    COMPLETE = "complete"
    PARTIAL = "partial"


class BookListItem(msgspec.Struct, frozen=True, kw_only=True):
    """A book in a list. `duration` is the total length of its chapters' clips in seconds.

    `status` is `partial` while the book is made for the first time, and if that has failed: of `number_of_chapters`
    those can be listened to that `chapters_ready` counts.

    `needs_review` is true if that of one of its summaries is. `cover_url` is Open Library's address of the cover, on
    another host. `cover_image_url` is the cover here, square and drawn where none is known: anybody who has the address
    sees it for a day, unless a personal access token asks that allows no listening, which the address needs then.
    """

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
    cover_image_url: str
    status: BookStatus
    number_of_chapters: int
    chapters_ready: int
    duration: float
    needs_review: bool
    created_at: datetime
    updated_at: datetime


class BookFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of a whole book that is there: its size in bytes, its length in seconds and its address."""

    format: BookFileFormat
    media_type: str
    bytes: int
    seconds: float
    url: str


class Book(BookListItem, frozen=True, kw_only=True):
    """A book with all its ISBNs and its chapters.

    `book_summary` is the whole book in three minutes, with the chapter number 0; null if there is none. `minutes` is
    how long a chapter was to take, and `voice` who was to speak, where somebody chose that for this book. `files` are
    those of the whole book that have been made.
    """

    isbns: list[str]
    minutes: float | None
    voice: str | None
    book_summary: Chapter | None
    chapters: list[Chapter]
    files: list[BookFile]


class BookPage(Page[BookListItem], frozen=True):
    """A page of books."""

    items: list[BookListItem]  # again, for the OpenAPI document, which does not resolve the type variable


def chapter_view(row: ChapterRow, sign: Sign) -> Chapter:
    """Return a chapter as responses show it; `sign` adds permission to listen to an address."""
    return Chapter(
        id=row.id,
        book_id=row.book_id,
        chapter_number=row.chapter_number,
        title=row.title,
        summary=row.summary,
        grounding=Grounding(row.grounding),
        needs_review=bool(row.review_reasons),
        review_reasons=row.review_reasons,
        word_count=row.word_count,
        duration=row.duration,
        audio_url=audio_url(row),
        listen_url=listen_url(row, sign),
        transcript_url=signed_transcript_url(row, sign),
    )


def audio_url(row: ChapterRow) -> str | None:
    """Return the address of a chapter's clip; None if it has none."""
    return f"/api/v1/chapters/{row.id}/audio" if row.audio_key else None


def transcript_url(row: ChapterRow) -> str | None:
    """Return the address of what a chapter's clip says, with times; None where these are not known."""
    return f"/api/v1/chapters/{row.id}/transcript.vtt" if row.has_transcript else None


def signed_transcript_url(row: ChapterRow, sign: Sign) -> str | None:
    """Return the same address with permission to read there, as far as whoever asks may listen."""
    url = transcript_url(row)
    return (sign(url) or url) if url else None


def cover_image_url(row: BookRow, sign: Sign) -> str:
    """Return the address of a book's square cover, with permission to see it as far as whoever asks may listen."""
    url = f"/api/v1/books/{row.id}/cover"
    return sign(url) or url


def listen_url(row: ChapterRow, sign: Sign) -> str | None:
    """Return the same address with permission to listen in it; None if there is no clip, or no permission."""
    url = audio_url(row)
    return sign(url) if url else None


def book_list_item(row: BookRow, sign: Sign) -> BookListItem:
    """Return a book as lists show it; `sign` is as for `chapter_view`."""
    return msgspec.convert(_list_item_fields(row, sign), BookListItem)


def book_view(row: BookRow, sign: Sign) -> Book:
    """Return a book with its ISBNs and chapters; `sign` is as for `chapter_view`."""
    isbns = [isbn.isbn for isbn in row.isbns]
    chapters = [chapter_view(chapter, sign) for chapter in row.chapters]
    whole = chapter_view(row.book_summary, sign) if row.book_summary else None
    details = {
        "isbns": isbns,
        "minutes": row.minutes,
        "voice": row.voice,
        "book_summary": whole,
        "chapters": chapters,
        "files": [_file_view(file) for file in current_files(row)],
    }
    return msgspec.convert(_list_item_fields(row, sign) | details, Book)


def download_url(book_id: UUID, file_format: str) -> str:
    """Return the address of a whole book in a format."""
    return f"/api/v1/books/{book_id}/download?format={file_format}"


def media_type(file: BookFileRow) -> str:
    """Return the media type of a book's file."""
    return {str(name): kind for name, kind in MEDIA_TYPES.items()}[file.format]


def _file_view(row: BookFileRow) -> BookFile:
    fields = {"format": row.format, "media_type": media_type(row), "bytes": row.bytes, "seconds": round(row.seconds, 1)}
    return msgspec.convert(fields | {"url": download_url(row.book_id, row.format)}, BookFile)


def _list_item_fields(row: BookRow, sign: Sign) -> dict[str, object]:
    """Return the columns that have the names of the fields, and what its chapters add up to."""
    columns = {name: getattr(row, name) for name in BookListItem.__struct_fields__ if hasattr(row, name)}
    length = round(sum(chapter.duration or 0 for chapter in row.chapters), 1)
    return columns | {
        "cover_image_url": cover_image_url(row, sign),
        "status": BookStatus.PARTIAL if row.is_partial else BookStatus.COMPLETE,
        "number_of_chapters": row.chapters_expected or len(row.chapters),
        "chapters_ready": sum(chapter.duration is not None for chapter in row.chapters),
        "duration": length,
    }
