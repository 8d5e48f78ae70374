"""Publishing into a real library and querying it."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.book import Book, ContentsSource
from bookbytes_pipeline.domain.clip import Clip, ClipManifest
from bookbytes_pipeline.domain.errors import LibraryUnavailable
from bookbytes_pipeline.domain.summary import BookSummaries, BookSummary, Grounding, Summary, TokenUsage
from bookbytes_pipeline.library.models import BookISBNRow, BookRow, ChapterRow
from bookbytes_pipeline.library.publishing import publish
from bookbytes_pipeline.library.queries import book_by_isbn, fingerprints_by_isbn, latest_editions

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


def _publish(database: Database, book: Book, *, chapters: int = 2, language: str = "en") -> UUID:
    with database.session() as session:
        return _publish_in(session, book, chapters, language)


def _publish_in(session, book: Book, chapters: int, language: str = "en") -> UUID:  # type: ignore[no-untyped-def] # noqa: ANN001 - a session
    known = Summary(1, "Sources", "Where do rivers begin?", Grounding.FULL_TEXT)
    unknown = Summary(2, "Mouths", "", Grounding.FULL_TEXT, known=False)
    summaries = BookSummaries(language, "openai", "m", "recipe", TokenUsage(), (known, unknown)[:chapters])
    clips = ClipManifest("espeak", "v", "r", (Clip(1, "Sources", "clip-1.mp3", 60.0, 480_000, -19.0),))
    return publish(
        session,
        book=book,
        source=ContentsSource.EPUB,
        summaries=summaries,
        clips=clips,
        whole=BookSummary(),
        recipe="recipe-voice",
    )


def _publish_with_a_stray_row(database: Database) -> None:
    with database.session() as session:
        _publish_in(session, BOOK, 2)
        session.add(BookISBNRow(isbn="9780198526636", type="isbn_13", book_id=uuid4()))


def _clip_columns(chapter: ChapterRow) -> tuple[str | None, float | None, int]:
    return chapter.audio_key, chapter.duration, chapter.word_count
