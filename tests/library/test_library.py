"""Publishing into a real library and querying it."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.book import Book, ContentsSource
from bookbytes_pipeline.domain.clip import Clip, ClipManifest
from bookbytes_pipeline.domain.errors import LibraryUnavailable
from bookbytes_pipeline.domain.evidence import SentenceEvidence, Span
from bookbytes_pipeline.domain.summary import BookSummaries, BookSummary, Grounding, Summary, TokenUsage
from bookbytes_pipeline.library.models import BookISBNRow, BookRow, ChapterEvidenceRow, ChapterRow
from bookbytes_pipeline.library.publishing import publish
from bookbytes_pipeline.library.queries import (
    book_by_isbn,
    chapters_with_clips,
    evidence_of_chapter,
    fingerprints_by_isbn,
    latest_editions,
)

BOOK = Book(
    "9780306406157",
    "On Rivers",
    "open_library",
    authors=("Ada Ford", "Bo Lake"),
    publisher="Bank",
    publish_date="May 1999",
    pages=120,
    work_key="/works/OL1W",
    edition_key="/books/OL1M",
)
SOURCES = Summary(1, "Sources", "Where do rivers begin?", Grounding.FULL_TEXT)
UNKNOWN = Summary(2, "Mouths", "", Grounding.FULL_TEXT, known=False)
BEGIN = SentenceEvidence("Where do rivers begin?", (Span(0, 20, "Rivers begin as rain"), Span(40, 45, "a bog")), 0.75)
END = SentenceEvidence("Where do rivers end?", (Span(90, 96, "at sea"),), 0.5)
WHOLE = BookSummary(
    Summary(0, "The book in three minutes", "Rivers run.", Grounding.FULL_TEXT),
    Clip(0, "The book in three minutes", "clip-0.mp3", 30.0, 240_000, -19.0),
)
NO_WHOLE = BookSummary()


def test_a_published_book_has_all_its_rows(database: Database) -> None:
    """The book, both forms of its ISBN and its chapters with their clips are in the tables."""
    _publish(database, BOOK)

    with database.session() as session:
        book = session.scalars(book_by_isbn("9780306406157")).one()
        assert (book.title, book.author, book.language) == ("On Rivers", "Ada Ford, Bo Lake", "en")
        assert (book.publisher, book.pages, book.publish_year) == ("Bank", 120, 1999)
        assert (book.work_key, book.edition_key) == ("/works/OL1W", "/books/OL1M")
        assert [("9780306406157", "isbn_13"), ("0306406152", "isbn_10")] == [(row.isbn, row.type) for row in book.isbns]
        assert [1, 2] == [chapter.chapter_number for chapter in book.chapters]
        assert ("clip-1.mp3", 60.0, 4) == _clip_columns(book.chapters[0])
        assert (None, None, 0) == _clip_columns(book.chapters[1])


def test_both_isbns_of_an_edition_lead_to_one_book(database: Database) -> None:
    """A query by ISBN-10 finds what was published by ISBN-13."""
    published = _publish(database, BOOK)

    with database.session() as session:
        assert published == session.scalars(book_by_isbn("0306406152")).one().id


def test_publishing_again_keeps_ids_and_deletes_missing_chapters(database: Database) -> None:
    """Players that have stored a chapter's id can still play it."""
    first = _publish(database, BOOK)
    with database.session() as session:
        ids_before = session.scalars(select(ChapterRow.id).order_by(ChapterRow.chapter_number)).all()
    second = _publish(database, replace(BOOK, title="On Rivers, revised"), chapters=1)

    with database.session() as session:
        assert first == second
        assert ids_before[:1] == session.scalars(select(ChapterRow.id)).all()
        assert session.scalar(select(func.count()).select_from(BookRow)) == 1


def test_a_summary_without_faults_or_evidence_has_empty_columns(database: Database) -> None:
    """Nothing needs review, there are no passages, nobody chose a length, and the book has no summary of its own."""
    _publish(database, BOOK)

    with database.session() as session:
        book = session.scalars(book_by_isbn(BOOK.isbn)).one()
        assert (False, None, None) == (book.needs_review, book.minutes, book.book_summary)
        assert [[], []] == [chapter.review_reasons for chapter in book.chapters]
        assert [] == session.scalars(select(ChapterEvidenceRow)).all()


def test_a_summary_keeps_its_faults_and_its_passages(database: Database) -> None:
    """The book needs review because one chapter does; the passages are read for one chapter at a time."""
    faulty = replace(SOURCES, review_reasons=("It repeats itself.",), evidence=(BEGIN, END))
    _publish(database, BOOK, first=faulty, minutes=5)

    with database.session() as session:
        book = session.scalars(book_by_isbn(BOOK.isbn)).one()
        assert (True, 5) == (book.needs_review, book.minutes)
        assert [["It repeats itself."], []] == [chapter.review_reasons for chapter in book.chapters]
        kept, missing = (session.scalar(evidence_of_chapter(chapter.id)) for chapter in book.chapters)
        assert (BEGIN, END) == msgspec.convert(kept and kept.sentences, tuple[SentenceEvidence, ...])
        assert missing is None


def test_publishing_again_replaces_passages_and_faults(database: Database) -> None:
    """What a chapter has no more is deleted, also with a chapter that is gone: no passages are left without one."""
    faulty = replace(SOURCES, review_reasons=("It repeats itself.",), evidence=(BEGIN, END))
    _publish(database, BOOK, first=faulty, second=replace(faulty, number=2, title="Mouths"), minutes=5)
    assert 2 == len(_evidence(database))

    _publish(database, BOOK, first=replace(SOURCES, evidence=(END,)), chapters=1)
    assert [[END]] == _evidence(database)
    with database.session() as session:
        book = session.scalars(book_by_isbn(BOOK.isbn)).one()
        assert (False, None, []) == (book.needs_review, book.minutes, book.chapters[0].review_reasons)

    _publish(database, BOOK)
    assert [] == _evidence(database)


def test_deleting_a_book_deletes_its_passages(database: Database) -> None:
    """With its chapters, its own summary among them."""
    _publish(database, BOOK, first=replace(SOURCES, evidence=(BEGIN,)), whole=WHOLE)

    with database.session() as session:
        session.delete(session.scalars(select(BookRow)).one())

    with database.session() as session:
        tables = (ChapterRow, ChapterEvidenceRow, BookISBNRow)
        assert [0, 0, 0] == [session.scalar(select(func.count()).select_from(table)) for table in tables]


def test_the_summary_of_a_book_is_not_one_of_its_chapters(database: Database) -> None:
    """It has the number 0 and a clip, which comes before those of the chapters."""
    published = _publish(database, BOOK, whole=WHOLE)

    with database.session() as session:
        book = session.scalars(book_by_isbn(BOOK.isbn)).one()
        assert book.book_summary is not None
        assert [1, 2] == [chapter.chapter_number for chapter in book.chapters]
        assert (0, "Rivers run.", False) == (
            book.book_summary.chapter_number,
            book.book_summary.summary,
            book.needs_review,
        )
        assert ("clip-0.mp3", 30.0, 2) == _clip_columns(book.book_summary)
        with_clips = session.scalars(chapters_with_clips(published)).all()
        assert [book.book_summary.id, book.chapters[0].id] == with_clips


def test_publishing_again_keeps_the_id_of_the_books_summary(database: Database) -> None:
    """As it keeps those of the chapters; once there is none, its row is deleted."""
    assert WHOLE.summary is not None
    _publish(database, BOOK, whole=WHOLE)
    before = _ids_of_book_summaries(database)
    faulty = replace(WHOLE.summary, text="Rivers run on.", review_reasons=("It is short.",))
    _publish(database, BOOK, whole=replace(WHOLE, summary=faulty))
    again = _ids_of_book_summaries(database)
    with database.session() as session:
        book = session.scalars(book_by_isbn(BOOK.isbn)).one()
        assert (True, "Rivers run on.") == (book.needs_review, book.book_summary and book.book_summary.summary)
    _publish(database, BOOK)

    assert (1, before, []) == (len(before), again, _ids_of_book_summaries(database))


def test_a_failure_leaves_no_partial_book(database: Database) -> None:
    """Publishing is one transaction: an error after the rows were written rolls all of them back."""
    with pytest.raises(LibraryUnavailable):
        _publish_with_a_stray_row(database)

    with database.session() as session:
        assert session.scalars(select(BookRow)).all() == []


def test_the_latest_edition_represents_its_work_in_each_language(database: Database) -> None:
    """Editions of one work have the same work key of Open Library, and are shown once per language."""
    _publish(database, BOOK)
    _publish(database, replace(BOOK, isbn="9780198526636", publish_date="2009", edition_key="/books/OL2M"))
    _publish(
        database, replace(BOOK, isbn="9783161484100", title="Über Flüsse", edition_key="/books/OL3M"), language="de"
    )
    _publish(database, replace(BOOK, isbn="9781420080322", title="On Hills", work_key=None, edition_key=None))

    with database.session() as session:
        shown = [(book.title, book.language, book.publish_date) for book in session.scalars(latest_editions())]
    expected = [("On Hills", "en", "May 1999"), ("On Rivers", "en", "2009"), ("Über Flüsse", "de", "May 1999")]
    assert expected == shown


def test_an_isbn_belongs_to_one_book_only(database: Database) -> None:
    """A record that lists the ISBN of another published book does not take it over."""
    first = _publish(database, BOOK)
    listed = ("9780306406157", "9781420080322")
    _publish(database, replace(BOOK, isbn="9780198526636", isbns=listed, edition_key="/books/OL2M"))

    with database.session() as session:
        fingerprints = dict(session.execute(fingerprints_by_isbn()).all())
        assert first == session.scalars(book_by_isbn("9780306406157")).one().id
        assert {"9780306406157", "9780198526636", "9781420080322"} == set(fingerprints)


def test_a_book_is_not_overwritten_by_one_that_its_record_lists(database: Database) -> None:
    """An ISBN that a record merely lists becomes a separate book when it is published."""
    first = _publish(database, replace(BOOK, isbns=("9780198526636",)))
    other = _publish(database, replace(BOOK, isbn="9780198526636", title="On Hills", edition_key="/books/OL2M"))

    assert first != other
    with database.session() as session:
        found = [session.scalars(book_by_isbn(isbn)).one().title for isbn in ("9780306406157", "9780198526636")]
        assert ["On Rivers", "On Hills"] == found


def test_two_isbns_of_one_edition_lead_to_one_book(database: Database) -> None:
    """Paperback and e-book ISBN in one record of Open Library are one edition, whichever was requested first."""
    first = _publish(database, BOOK)

    assert first == _publish(database, replace(BOOK, isbn="9780198526636"))


def _publish(database: Database, book: Book, **more: Any) -> UUID:
    with database.session() as session:
        return _publish_in(session, book, **more)


def _publish_in(
    session: Session,
    book: Book,
    *,
    chapters: int = 2,
    language: str = "en",
    first: Summary = SOURCES,
    second: Summary = UNKNOWN,
    whole: BookSummary = NO_WHOLE,
    minutes: float | None = None,
) -> UUID:
    summaries = BookSummaries(
        language, "openai", "m", "recipe", TokenUsage(), (first, second)[:chapters], minutes=minutes
    )
    clips = ClipManifest("espeak", "v", "r", (Clip(1, "Sources", "clip-1.mp3", 60.0, 480_000, -19.0),))
    return publish(
        session,
        book=book,
        source=ContentsSource.EPUB,
        summaries=summaries,
        clips=clips,
        whole=whole,
        recipe="recipe-voice",
    )


def _publish_with_a_stray_row(database: Database) -> None:
    with database.session() as session:
        _publish_in(session, BOOK)
        session.add(BookISBNRow(isbn="9780198526636", type="isbn_13", book_id=uuid4()))


def _clip_columns(chapter: ChapterRow) -> tuple[str | None, float | None, int]:
    return chapter.audio_key, chapter.duration, chapter.word_count


def _evidence(database: Database) -> list[list[SentenceEvidence]]:
    with database.session() as session:
        rows = session.scalars(select(ChapterEvidenceRow)).all()
        return [msgspec.convert(row.sentences, list[SentenceEvidence]) for row in rows]


def _ids_of_book_summaries(database: Database) -> list[UUID]:
    with database.session() as session:
        return list(session.scalars(select(ChapterRow.id).where(ChapterRow.chapter_number == 0)))
