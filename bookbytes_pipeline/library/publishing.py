"""Publishing a book: all of its rows, or one chapter before the others are made, in the caller's transaction."""

from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from bookbytes_pipeline.domain.book import Book, ChapterList, ContentsSource
from bookbytes_pipeline.domain.clip import Clip, ClipManifest
from bookbytes_pipeline.domain.isbn import ISBN, isbn_10
from bookbytes_pipeline.domain.summary import BookSummaries, BookSummary, Summary
from bookbytes_pipeline.library.models import BookISBNRow, BookRow, ChapterCuesRow, ChapterEvidenceRow, ChapterRow

MAX_TITLE_CHARS = 500
MAX_WORK_CHARS = 600
"""The column is indexed, and PostgreSQL's index rows hold 2,704 bytes."""
UNFINISHED = ""
"""The recipe of a partial book, which is none: the nightly backfill makes such a book again."""


def publish(
    session: Session,
    *,
    book: Book,
    source: ContentsSource,
    summaries: BookSummaries,
    clips: ClipManifest,
    whole: BookSummary,
    recipe: str,
) -> UUID:
    """Write the book, its ISBNs and its chapters, and return its id; a book published before keeps its ids."""
    row = _book_row(session, book)
    _describe(row, book, summaries.language)
    row.contents_source, row.recipe, row.chapters_expected = source.value, recipe, None
    row.minutes, row.voice = summaries.minutes, clips.chosen_voice
    _add_isbns(session, row, book)
    _set_chapters(row, summaries.summaries, {clip.number: clip for clip in clips.clips})
    _set_book_summary(row, whole)
    row.needs_review = _needs_review(row)
    session.flush()
    return row.id


def publish_chapter(
    session: Session, *, book: Book, chapters: ChapterList, language: str, summary: Summary, clip: Clip
) -> bool:
    """Write one chapter whose clip is finished, before the book is; returns whether it can be listened to now.

    A book that is new becomes a partial one. One that is complete gets the new chapter in place of the old one, unless
    its chapters are others now: then the old ones stay together until the whole book is published.
    """
    row = _book_row(session, book)
    listed = {chapter.number: chapter.title[:MAX_TITLE_CHARS] for chapter in chapters.chapters}
    known = {chapter.chapter_number: chapter for chapter in row.chapters}
    published = known.get(summary.number) or ChapterRow()
    if row.recipe is None or row.is_partial:
        _describe(row, book, language)
        row.contents_source, row.recipe, row.chapters_expected = chapters.source.value, UNFINISHED, len(listed)
        _add_isbns(session, row, book)
        same = [chapter for number, chapter in known.items() if listed.get(number) == chapter.title]
        row.chapters = [*(chapter for chapter in same if chapter is not published), published]
    elif listed != {number: chapter.title for number, chapter in known.items()}:
        return False
    _describe_chapter(published, summary, clip)
    row.needs_review = _needs_review(row)
    return True


def unpublish(session: Session, row: BookRow) -> list[str]:
    """Delete the rows of a book and return the keys of its clips and of its files.

    Delete them from the store once the transaction is committed: a clip without a row only wastes space, a row without
    a clip is an error.
    """
    chapters = [*row.chapters, *([row.book_summary] if row.book_summary else [])]
    keys = [*(chapter.audio_key for chapter in chapters if chapter.audio_key), *(file.key for file in row.files)]
    session.delete(row)
    return keys


def _book_row(session: Session, book: Book) -> BookRow:
    """Return the row published under this ISBN, else the one with the same edition key, else a new one."""
    known = session.scalar(select(BookRow).where(BookRow.isbn == book.isbn))
    if known is None and book.edition_key:
        known = session.scalar(select(BookRow).where(BookRow.edition_key == book.edition_key))
    if known is None:
        known = BookRow(isbn=book.isbn)
        session.add(known)
    return known


def _describe(row: BookRow, book: Book, language: str) -> None:
    row.title, row.author, row.language = book.title[:500], book.author[:500], language
    row.edition, row.publisher, row.pages = _truncated(book.edition, 200), _truncated(book.publisher, 300), book.pages
    row.publish_date, row.publish_year = _truncated(book.publish_date, 100), book.publish_year
    row.cover_url, row.work_key, row.edition_key = _truncated(book.cover_url, 500), book.work_key, book.edition_key
    row.work = book.work_key or f"{row.title[:300]} / {row.author[:200]}".casefold()[:MAX_WORK_CHARS]


def _add_isbns(session: Session, row: BookRow, book: Book) -> None:
    """Add the book's own ISBN, even if another book's record mentions it, and its record's others unless taken."""
    own, listed = _forms(book.isbn), _forms(book.isbn, *book.isbns)
    with session.no_autoflush:
        known = session.scalars(select(BookISBNRow).where(BookISBNRow.isbn.in_(listed))).all()
    for isbn_row in known:
        if isbn_row.isbn in own:
            isbn_row.book = row
    for isbn in sorted(listed - {isbn_row.isbn for isbn_row in known}):
        row.isbns.append(BookISBNRow(isbn=isbn, type=f"isbn_{len(isbn)}"))


def _forms(*isbns: ISBN) -> set[str]:
    return {form for isbn in isbns for form in (isbn, isbn_10(isbn)) if form}


def _set_chapters(row: BookRow, summaries: tuple[Summary, ...], clips: dict[int, Clip]) -> None:
    """Keep the id of each chapter number, because podcast players remember them."""
    known = {chapter.chapter_number: chapter for chapter in row.chapters}
    row.chapters = [
        _describe_chapter(known.get(summary.number) or ChapterRow(), summary, clips.get(summary.number))
        for summary in summaries
    ]


def _set_book_summary(row: BookRow, whole: BookSummary) -> None:
    if whole.summary is None:
        row.book_summary = None
    else:
        row.book_summary = _describe_chapter(row.book_summary or ChapterRow(), whole.summary, whole.clip)


def _needs_review(row: BookRow) -> bool:
    return any(chapter.review_reasons for chapter in (*row.chapters, row.book_summary) if chapter)


def _describe_chapter(row: ChapterRow, summary: Summary, clip: Clip | None) -> ChapterRow:
    row.chapter_number, row.title = summary.number, summary.title[:MAX_TITLE_CHARS]
    row.summary, row.word_count = summary.text or None, summary.words
    row.grounding, row.review_reasons = summary.grounding.value, list(summary.review_reasons)
    row.evidence = _evidence(row, summary)
    row.audio_key, row.duration = (clip.key, clip.seconds) if clip else (None, None)
    row.transcript = _transcript(row, clip)
    row.has_transcript = row.transcript is not None
    return row


def _evidence(row: ChapterRow, summary: Summary) -> ChapterEvidenceRow | None:
    if not summary.evidence:
        return None
    evidence = row.evidence or ChapterEvidenceRow()
    evidence.sentences = msgspec.to_builtins(summary.evidence)
    return evidence


def _transcript(row: ChapterRow, clip: Clip | None) -> ChapterCuesRow | None:
    if clip is None or not clip.cues:
        return None
    transcript = row.transcript or ChapterCuesRow()
    transcript.cues = msgspec.to_builtins(clip.cues)
    return transcript


def _truncated(text: str | None, length: int) -> str | None:
    return text[:length] if text else None
