"""Chapters that are published one by one: what the library has of a book before all of it is made."""

from dataclasses import replace
from uuid import UUID

from sqlalchemy import select

from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.book import Book, Chapter, ChapterList, ContentsSource
from bookbytes_pipeline.domain.clip import Clip, ClipManifest
from bookbytes_pipeline.domain.summary import BookSummaries, BookSummary, Grounding, Summary, TokenUsage
from bookbytes_pipeline.library.models import BookRow, ChapterRow
from bookbytes_pipeline.library.publishing import publish, publish_chapter
from bookbytes_pipeline.library.queries import book_by_isbn, latest_editions

RIVERS = Book("9780306406157", "On Rivers", "open_library", authors=("Ada Ford",), work_key="/works/OL1W")
TITLES = ("Springs", "Rapids", "Deltas")
CHAPTERS = ChapterList(ContentsSource.EPUB, tuple(Chapter(number, title) for number, title in enumerate(TITLES, 1)))


def _publish_chapter(
    database: Database, number: int, *, book: Book = RIVERS, chapters: ChapterList = CHAPTERS, version: str = "a"
) -> bool:
    title = chapters.chapters[number - 1].title
    summary = Summary(number, title, f"About {title}, {version}.", Grounding.FULL_TEXT)
    clip = Clip(number, title, f"{number}-{version}.mp3", 60.0, 480_000, -19.0)
    with database.session("publishing") as session:
        return publish_chapter(session, book=book, chapters=chapters, language="en", summary=summary, clip=clip)


def _publish_all(database: Database, *, book: Book = RIVERS, version: str = "a") -> UUID:
    summaries = tuple(
        Summary(chapter.number, chapter.title, "All.", Grounding.FULL_TEXT) for chapter in CHAPTERS.chapters
    )
    clips = tuple(
        Clip(number, title, f"{number}-{version}.mp3", 60.0, 480_000, -19.0) for number, title in enumerate(TITLES, 1)
    )
    with database.session("publishing") as session:
        return publish(
            session,
            book=book,
            source=CHAPTERS.source,
            summaries=BookSummaries("en", "openai", "m", "recipe", TokenUsage(), summaries),
            clips=ClipManifest("espeak", "v", "r", clips),
            whole=BookSummary(),
            recipe="recipe-voice",
        )


def _book(database: Database, isbn: str = RIVERS.isbn) -> BookRow:
    with database.session() as session:
        return session.scalars(book_by_isbn(isbn)).one()


def _clips(database: Database) -> list[str | None]:
    return [chapter.audio_key for chapter in _book(database).chapters]


def test_the_first_chapter_makes_a_partial_book(database: Database) -> None:
    """It is found by both forms of its ISBN, has no recipe yet, and says how many chapters there are to be."""
    assert _publish_chapter(database, 2)

    book = _book(database, "0306406152")
    assert (True, 3, "", "epub") == (book.is_partial, book.chapters_expected, book.recipe, book.contents_source)
    assert [(2, "Rapids", "2-a.mp3")] == [
        (chapter.chapter_number, chapter.title, chapter.audio_key) for chapter in book.chapters
    ]


def test_chapters_come_in_any_order(database: Database) -> None:
    """And are listed in the order of the book."""
    for number in (3, 1, 2):
        _publish_chapter(database, number)

    assert ["1-a.mp3", "2-a.mp3", "3-a.mp3"] == _clips(database)


def test_publishing_the_book_completes_it_and_keeps_its_ids(database: Database) -> None:
    """Whoever listens to a chapter of the partial book goes on with it."""
    _publish_chapter(database, 2)
    partial = _book(database)
    with database.session() as session:
        [chapter] = session.scalars(select(ChapterRow.id))

    published = _publish_all(database)

    book = _book(database)
    assert (False, published, partial.id) == (book.is_partial, book.id, book.id)
    assert chapter == book.chapters[1].id
    assert "recipe-voice" == book.recipe


def test_a_complete_book_keeps_each_chapter_until_the_new_one_is_there(database: Database) -> None:
    """It stays complete, and keeps its recipe until all of it is new."""
    _publish_all(database)
    ids = [chapter.id for chapter in _book(database).chapters]

    assert _publish_chapter(database, 2, version="b")

    book = _book(database)
    assert ["1-a.mp3", "2-b.mp3", "3-a.mp3"] == [chapter.audio_key for chapter in book.chapters]
    assert ids == [chapter.id for chapter in book.chapters]
    assert (False, "recipe-voice") == (book.is_partial, book.recipe)


def test_chapters_of_two_lists_are_never_mixed(database: Database) -> None:
    """Where the chapters of a complete book are others now the old ones stay together."""
    _publish_all(database)
    others = replace(CHAPTERS, chapters=(Chapter(1, "Rain"), *CHAPTERS.chapters[1:]))

    assert not _publish_chapter(database, 2, chapters=others, version="b")

    assert ["1-a.mp3", "2-a.mp3", "3-a.mp3"] == _clips(database)


def test_a_partial_book_loses_chapters_that_are_none_any_more(database: Database) -> None:
    """Its list has changed since the first attempt: what is still in it stays."""
    _publish_chapter(database, 1)
    _publish_chapter(database, 2)
    others = ChapterList(CHAPTERS.source, (Chapter(1, "Rain"), Chapter(2, "Rapids")))

    _publish_chapter(database, 1, chapters=others, version="b")

    book = _book(database)
    assert [("Rain", "1-b.mp3"), ("Rapids", "2-a.mp3")] == [
        (chapter.title, chapter.audio_key) for chapter in book.chapters
    ]
    assert 2 == book.chapters_expected


def test_a_partial_edition_hides_no_complete_one(database: Database) -> None:
    """Of a work in one language the latest edition is listed, but not for three of its twenty chapters."""
    _publish_all(database, book=replace(RIVERS, publish_date="1999"))
    _publish_chapter(database, 1, book=replace(RIVERS, isbn="9780198526636", publish_date="2020"), version="b")

    with database.session() as session:
        assert ["1999"] == [book.publish_date for book in session.scalars(latest_editions())]


def test_a_book_that_needs_review_says_so_with_its_first_chapter(database: Database) -> None:
    """As it does when it is complete."""
    faulty = Summary(1, "Springs", "It repeats.", Grounding.FULL_TEXT, review_reasons=("It repeats itself.",))
    with database.session("publishing") as session:
        publish_chapter(
            session,
            book=RIVERS,
            chapters=CHAPTERS,
            language="en",
            summary=faulty,
            clip=Clip(1, "Springs", "1.mp3", 60.0, 480_000, -19.0),
        )

    assert _book(database).needs_review
