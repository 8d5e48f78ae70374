"""Queries of the library, for sync and async sessions alike."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from bookbytes_pipeline.domain.errors import NotInLibrary
from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.library.models import (
    BookFileRow,
    BookISBNRow,
    BookRow,
    ChapterCuesRow,
    ChapterEvidenceRow,
    ChapterRow,
)


def book_by_isbn(isbn: str) -> Select[BookRow]:
    """Select the book with this ISBN-10 or ISBN-13, with its ISBNs, its summary and its chapters."""
    return _with_details(select(BookRow).join(BookISBNRow).where(BookISBNRow.isbn == isbn))


def published_book(session: Session, isbn: ISBN) -> BookRow:
    """Return the book with this ISBN, with its summary and its chapters; raises `NotInLibrary`."""
    book = session.scalar(book_by_isbn(isbn))
    if book is None:
        raise NotInLibrary(f"{isbn} is not in the library. Add it with `bookbytes process {isbn}`.")
    return book


def all_editions() -> Select[BookRow]:
    """Select every book, by title, with its ISBNs and chapters."""
    return _with_details(by_title())


def latest_editions() -> Select[BookRow]:
    """Select the latest edition of each work in each language, by title, with its ISBNs and chapters."""
    return _with_details(latest(by_title()))


def by_title() -> Select[BookRow]:
    """Select every book without its ISBNs and chapters, in an order that is the same for every page."""
    return select(BookRow).order_by(func.lower(BookRow.title), BookRow.language, BookRow.id)


def latest(books: Select[BookRow]) -> Select[BookRow]:
    """Keep only books that are the latest edition of their work in their language; a partial one hides none."""
    newest = func.row_number().over(
        partition_by=(BookRow.work, BookRow.language),
        order_by=(
            BookRow.chapters_expected.is_not(None),
            func.coalesce(BookRow.publish_year, 0).desc(),
            BookRow.created_at.desc(),
            BookRow.id,
        ),
    )
    ranked = select(BookRow.id, newest.label("rank")).subquery()
    return books.join(ranked, ranked.c.id == BookRow.id).where(ranked.c.rank == 1)


def _with_details(books: Select[BookRow]) -> Select[BookRow]:
    return books.options(
        selectinload(BookRow.chapters), selectinload(BookRow.book_summary), selectinload(BookRow.isbns)
    )


def evidence_of_chapter(chapter_id: UUID) -> Select[ChapterEvidenceRow]:
    """Select the evidence of a chapter's summary."""
    return select(ChapterEvidenceRow).where(ChapterEvidenceRow.chapter_id == chapter_id)


def transcript_of_chapter(chapter_id: UUID) -> Select[ChapterCuesRow]:
    """Select the sentences of a chapter's clip with their times."""
    return select(ChapterCuesRow).where(ChapterCuesRow.chapter_id == chapter_id)


def chapters_with_books(chapter_ids: Sequence[UUID]) -> Select[ChapterRow]:
    """Select these chapters, each with its book."""
    return select(ChapterRow).where(ChapterRow.id.in_(chapter_ids)).options(joinedload(ChapterRow.book))


def chapters_with_clips(book_id: UUID) -> Select[UUID]:
    """The ids of the book's chapters that have a clip, in order, that of the whole book first."""
    with_clip = select(ChapterRow.id).where(ChapterRow.book_id == book_id, ChapterRow.audio_key.is_not(None))
    return with_clip.order_by(ChapterRow.chapter_number)


def clip_of_book(book_id: UUID) -> Select[str | None]:
    """Select the key of one of the book's clips; nothing where it has none."""
    with_clip = select(ChapterRow.audio_key).where(ChapterRow.book_id == book_id, ChapterRow.audio_key.is_not(None))
    return with_clip.order_by(ChapterRow.chapter_number).limit(1)


def fingerprints_by_isbn() -> Select[str, str]:
    """Select every published ISBN-13 with the fingerprint (`recipe`) of its book."""
    return select(BookISBNRow.isbn, BookRow.recipe).join(BookRow).where(BookISBNRow.type == "isbn_13")


def clips_made_for(isbn: ISBN) -> Select[str | None, datetime]:
    """Select the clips in the store's folder of this ISBN that the library plays, whichever book has them now.

    Each comes with the time when its chapter was last changed.
    """
    folder = f"chapter_audio/{isbn}/"
    return select(ChapterRow.audio_key, ChapterRow.updated_at).where(
        ChapterRow.audio_key.startswith(folder, autoescape=True)
    )


def files_made_for(isbn: ISBN) -> Select[str]:
    """Select the files of whole books in the store's folder of this ISBN, whichever book has them now."""
    return select(BookFileRow.key).where(BookFileRow.key.startswith(f"book_files/{isbn}/", autoescape=True))
