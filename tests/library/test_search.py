"""Finding books and chapters by words, with an index that follows the rows."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Connection, delete, event, insert, select, update
from sqlalchemy.orm import Session

from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.search_words import query_words
from bookbytes_pipeline.library.models import BookRow, ChapterRow
from bookbytes_pipeline.library.publishing import unpublish
from bookbytes_pipeline.library.search import Found, find_books, find_chapters
from bookbytes_pipeline.library.search_index import BookSearchRow, rebuild
from tests.library.rows import book_row

TITLES = {
    "Über die Flüsse": "Émile Ñandú",
    "L'Été des C++-Freunde (2nd ed.)": "O'Brien, Flann",
    "Война и мир": "Лев Толстой",
    "Η Δίκη του Κάφκα": "Φραντς Κάφκα",
    "城市化与乡村": "费孝通",
    "ガリバー旅行記 第2版": "スウィフト",
    "한국의 역사": "김부식",
    "ألف ليلة وليلة": "مجهول",
    "हिन्दी की कहानी": "प्रेमचंद",
    "ประวัติศาสตร์ไทย": "ดำรง",
    "100% of a_b*: 'why' \"not\"?": "AND NEAR OR",
    "Istanbul'da bir ISLIK": "Ayşe Işık",
    "Straße & Weg": "ẞ. Groß",
}
"""Titles in several scripts, with their authors."""
HOSTILE = (
    *(
        '"',
        "'",
        '""',
        "''",
        "\\",
        "\\'",
        '"a',
        "a\"'b",
        "*",
        "a*",
        "*a",
        "%",
        "_",
        "^a",
        "a^2",
        "-a",
        "a-",
        "+a",
        "a:*",
    ),
    *(
        "title:a",
        "t:a",
        "(",
        ")",
        "()",
        "((a",
        "a)",
        "{a}",
        "[a]",
        "<->",
        "a <-> b",
        "&",
        "|",
        "!",
        "!a",
        "& !a",
        "a & b",
    ),
    *(
        "AND",
        "OR",
        "NOT",
        "NEAR",
        "NEAR(a b, 2)",
        "a AND",
        "OR a",
        "NOT a",
        "latest",
        "latest OR a",
        "; DROP TABLE books",
    ),
    *(
        "'; --",
        "\x7f",
        "\u200b",
        "\ufeff",
        "\ue027",
        "\U0001f4a9",
        "a\u0301",
        "\u0301",
        "\u3000",
        "?!…",
        "…",
        "$1",
        ":q",
        "%s",
    ),
    *("a" * 10_000, "a " * 5_000, "'" * 500, "城" * 500),
)
"""What means something to one of the databases, or is too much, or nothing."""


def books_with(session: Session, query: str, *, latest: bool = True, offset: int = 0, size: int = 100) -> Found:
    return find_books(session, query_words(query), latest=latest, offset=offset, size=size)


def found(database: Database, query: str, **page: Any) -> list[str]:
    """The titles of the books that a query finds, in order."""
    with database.session() as session:
        ids = books_with(session, query, **page).ids
        titles = {row.id: row.title for row in session.scalars(select(BookRow).where(BookRow.id.in_(ids)))}
    return [titles[book_id] for book_id in ids]


def chapters(database: Database, query: str) -> list[str]:
    """The titles of the chapters that a query finds, in order."""
    with database.session() as session:
        ids = find_chapters(session, query_words(query), latest=True, offset=0, size=100).ids
        titles = {row.id: row.title for row in session.scalars(select(ChapterRow).where(ChapterRow.id.in_(ids)))}
    return [titles[chapter_id] for chapter_id in ids]


_NUMBERS = count(1)


def a_book(title: str, author: str = "", texts: Mapping[str, str] | None = None, **facts: Any) -> BookRow:
    """A book with chapters of these titles and summaries, which is no edition of another unless `facts` say so."""
    number = next(_NUMBERS)
    row = book_row(f"{number:013}")
    row.title, row.author, row.work = title, author, f"work {number}"
    row.chapters = [_chapter(*item) for item in enumerate((texts or {}).items(), 1)]
    for name, value in facts.items():
        setattr(row, name, value)
    return row


def _chapter(number: int, texts: tuple[str, str]) -> ChapterRow:
    title, summary = texts
    return ChapterRow(chapter_number=number, title=title, summary=summary, grounding="full_text", word_count=1)


def add(database: Database, *books: BookRow) -> None:
    with database.session() as session:
        session.add_all(books)


def add_plain(database: Database, titles: Iterable[str]) -> None:
    """Add many books with a chapter about the sea, as a migration finds them: rows that nobody has indexed."""
    described = {"author": "Ada Ford", "language": "en", "contents_source": "epub", "recipe": "recipe"}
    rows = [
        {"id": uuid4(), "isbn": f"{number:013}", "title": title, "work": f"plain {number}", **described}
        for number, title in enumerate(titles)
    ]
    unheard = {"grounding": "full_text", "word_count": 3}
    chapters = [
        {"book_id": row["id"], "chapter_number": 1, "title": "One", "summary": "About the sea.", **unheard}
        for row in rows
    ]
    with database.session() as session:
        session.connection().execute(insert(BookRow), rows)
        session.connection().execute(insert(ChapterRow), chapters)
        rebuild(session.connection())


@contextmanager
def queries(database: Database) -> Iterator[list[tuple[str, Any]]]:
    """The statements that read the index in the block, with their parameters."""
    recorded: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_rest: object) -> None:
        if statement.startswith("SELECT") and "_search" in statement:
            recorded.append((statement, parameters))

    event.listen(database.engine, "before_cursor_execute", note)
    yield recorded
    event.remove(database.engine, "before_cursor_execute", note)


def _plan(connection: Connection, statement: str, parameters: Any) -> str:
    explain = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
    return "\n".join(str(row) for row in connection.exec_driver_sql(f"{explain} {statement}", parameters))


def test_every_part_of_a_word_is_found_that_was_found_before(database: Database) -> None:
    """Until 0.3.0 each word was a regular expression. What is found besides differs in accents and case only."""
    add(database, *(a_book(title, author) for title, author in TITLES.items()))
    words = sorted({word for texts in TITLES.items() for text in texts for word in text.split()})
    parts = {
        part for word in words for part in (word, word.upper(), word.lower(), word[1:], word[:2], word[-1], word[1:4])
    }
    wanted = [*sorted(parts - {""}), *map(" ".join, zip(words, words[3:], strict=False))]

    with database.session() as session:
        titles = {row.id: row.title for row in session.scalars(select(BookRow))}
        for query in wanted:
            now = {titles[book_id] for book_id in books_with(session, query).ids}
            before = {title for title, author in TITLES.items() if _matched_in_0_3_0(query, title, author)}
            assert before <= now, query
            assert now == {title for title, author in TITLES.items() if _alike(query, f"{title} {author}")}, query


def _matched_in_0_3_0(query: str, title: str, author: str) -> bool:
    parts = [re.compile(f"(?i){re.escape(word)}") for word in query.split()]
    return all(part.search(title) or part.search(author) for part in parts)


def _alike(query: str, text: str) -> bool:
    plain = [word.whole for word in query_words(text)]
    return all(any(word.whole in part for part in plain) for word in query_words(query))


@pytest.mark.parametrize(
    "query", ["emile", "EMILE", "nandu", "flusse", "fl\u0075\u0308sse", "strasse", "isik", "gross", "δικη"]
)
def test_accents_do_not_matter(database: Database, query: str) -> None:
    """Neither in the query nor in the title, composed or not."""
    add(database, *(a_book(title, author) for title, author in TITLES.items()))

    assert 1 == len(found(database, query))


def test_no_query_is_syntax(database: Database) -> None:
    """Whatever means something to a database is text; a query of any length is answered."""
    add(database, a_book("Plain", "Nobody", {"Text": "Words."}))
    for query in HOSTILE:
        expected = ["Plain"] if _alike(query, "Plain Nobody") and query_words(query) else []
        assert (query, expected) == (query, found(database, query))
        chapters(database, query)


def test_the_best_matches_come_first(database: Database) -> None:
    """In the title, then the author, then chapter titles, then summaries; by title within each. Pages are its parts."""
    add(
        database,
        a_book("E", texts={"One": "About clocks."}),
        a_book("D", texts={"Clocks": "About time."}),
        a_book("b", "Ada Clock"),
        a_book("Clockwork"),
        a_book("A clock", texts={"Clocks": "And clocks."}),
        a_book("Nothing", texts={"One": "About time."}),
        a_book("C", texts={"One": "All clocks."}),
    )
    expected = ["A clock", "Clockwork", "b", "D", "C", "E"]

    assert expected == found(database, "clock")
    for size in (1, 2, 3, 4, 5):
        pages = [found(database, "clock", offset=offset, size=size) for offset in range(0, 8, size)]
        assert expected == [title for page in pages for title in page]
    with database.session() as session:
        assert [6] * 8 == [books_with(session, "clock", offset=offset, size=1).total for offset in range(8)]


def test_words_may_be_in_different_places(database: Database) -> None:
    """The place of the word that is hardest to find decides about the order."""
    add(
        database,
        a_book("Rivers", "Ada Ford", {"Rapids": "Foam.", "Deltas": "The sea takes it."}),
        a_book("Ford rivers", "", {"The sea": "Rapids."}),
    )

    assert ["Ford rivers", "Rivers"] == found(database, "rivers ford")
    assert ["Ford rivers", "Rivers"] == found(database, "rivers sea")
    assert ["Rivers"] == found(database, "ada foam delt")
    assert [] == found(database, "ada foam clock")


def test_chapters_are_found_by_beginnings_of_words(database: Database) -> None:
    """By title first. Short words are whole words; scripts without spaces are searched anywhere."""
    texts = {
        "One": "The sundial's shadow is well-known to people in the C++ age.",
        "Of sundials": "Nothing.",
        "时间": "城市化改变了时间的意义。",
        "Время": "О войне и мире.",
        "कहानी": "हिन्दी में।",
    }
    add(database, a_book("Clocks", texts=texts))

    assert ["Of sundials", "One"] == chapters(database, "sundial") == chapters(database, "SUN")
    assert ["One"] == chapters(database, "known sundial") == chapters(database, "sundial's") == chapters(database, "is")
    assert [] == chapters(database, "dial") == chapters(database, "s sundials") == chapters(database, "i")
    assert ["时间"] == chapters(database, "城市化") == chapters(database, "市") == chapters(database, "改变了时间")
    assert [] == chapters(database, "市城")
    assert ["Время"] == chapters(database, "ВОЙН")
    assert ["कहानी"] == chapters(database, "हिन्दी")


def test_the_title_of_every_book_summary_finds_nothing(database: Database) -> None:
    """It is the same for all books; its text is searched."""
    whole = ChapterRow(
        chapter_number=0, title="The book in three minutes", summary="On tides.", grounding="full_text", word_count=2
    )
    add(database, a_book("Water", book_summary=whole))

    assert [] == found(database, "minutes") == chapters(database, "minutes")
    assert ["Water"] == found(database, "tides")
    assert ["The book in three minutes"] == chapters(database, "tides")


def test_the_index_follows_every_change(database: Database) -> None:
    """A new title, a new chapter, a new summary, a chapter less, and a book less."""
    book = a_book("Rivers", "Ada Ford", {"Rapids": "Foam.", "Deltas": "Sand."})
    add(database, book)

    with database.session() as session:
        row = session.get_one(BookRow, book.id)
        row.title = "Streams"
        row.chapters[0].summary = "Spray."
        row.chapters.append(_chapter(3, ("Mouths", "Salt.")))
    assert ([], ["Streams"]) == (found(database, "rivers"), found(database, "streams"))
    assert ([], ["Rapids"]) == (chapters(database, "foam"), chapters(database, "spray"))
    assert (["Streams"], ["Mouths"]) == (found(database, "salt"), chapters(database, "salt"))

    with database.session() as session:
        row = session.get_one(BookRow, book.id)
        row.chapters = row.chapters[:1]
    assert ([], []) == (found(database, "salt"), chapters(database, "salt"))

    with database.session() as session:
        chapter = session.get_one(BookRow, book.id).chapters[0]
        chapter.title = "Whirls"
    assert (["Streams"], ["Whirls"], []) == (
        found(database, "whirl"),
        chapters(database, "whirl"),
        found(database, "rapid"),
    )

    with database.session() as session:
        unpublish(session, session.get_one(BookRow, book.id))
    assert ([], []) == (found(database, "streams"), chapters(database, "whirls"))


def test_books_that_only_sql_deletes_are_not_found(database: Database) -> None:
    """The database itself deletes what they were found by."""
    add(database, a_book("Rivers", texts={"Rapids": "Foam."}), a_book("Streams", texts={"Mouths": "Foam."}))
    with database.session() as session:
        session.execute(delete(BookRow).where(BookRow.title == "Rivers"))

    assert ["Streams"] == found(database, "foam")
    assert ["Mouths"] == chapters(database, "foam")


def test_what_is_rolled_back_is_not_found(database: Database) -> None:
    """The index is part of the transaction."""
    with suppress(RuntimeError), database.session() as session:
        session.add(a_book("Rivers"))
        session.flush()
        assert 1 == books_with(session, "rivers").total
        raise RuntimeError

    assert [] == found(database, "rivers")


def test_the_latest_edition_is_found_whatever_happens_to_the_others(database: Database) -> None:
    """When a later one is published, is deleted, is not finished, or turns out to be another work."""
    first, second = (
        a_book(f"Rivers {year}", work="w", publish_year=year, texts={f"Of {year}": "Foam."}) for year in (1, 2)
    )
    add(database, second)
    add(database, first)
    assert (["Rivers 2"], ["Of 2"]) == (found(database, "rivers"), chapters(database, "foam"))
    assert ["Rivers 1", "Rivers 2"] == found(database, "rivers", latest=False)

    with database.session() as session:
        session.get_one(BookRow, second.id).work = "another"
    assert (["Rivers 1", "Rivers 2"], ["Of 1", "Of 2"]) == (
        found(database, "rivers"),
        sorted(chapters(database, "foam")),
    )

    with database.session() as session:
        session.get_one(BookRow, second.id).work = "w"
    assert ["Rivers 2"] == found(database, "rivers")
    with database.session() as session:
        session.get_one(BookRow, second.id).chapters_expected = 3
    assert ["Rivers 1"] == found(database, "rivers")
    with database.session() as session:
        unpublish(session, session.get_one(BookRow, second.id))
    assert (["Rivers 1"], ["Of 1"]) == (found(database, "rivers"), chapters(database, "foam"))


def test_an_index_is_used_for_rare_and_for_common_words(database: Database) -> None:
    """No statement goes through books, chapters or what they are found by, except through an index."""
    add_plain(database, (f"The river {number}" for number in range(600)))

    with queries(database) as recorded, database.session() as session:
        for query in ("the", "river", "sea", "599", "none", "rive 59"):
            books_with(session, query, size=20)
            find_chapters(session, query_words(query), latest=True, offset=0, size=20)
        seen = [_plan(session.connection(), *each) for each in recorded]

    index = "VIRTUAL TABLE INDEX" if database.engine.dialect.name == "sqlite" else "_search_terms"
    scans = re.compile(r"SCAN (books|chapters|\w+_search)\b(?! USING)|Seq Scan")
    assert len(seen) >= 20
    assert [] == [plan for plan in seen if index not in plan or scans.search(plan)]


def test_more_results_than_are_sorted_are_in_the_same_order(database: Database) -> None:
    """SQLite then goes through the titles in order, in a library with books that do not match."""
    add_plain(database, [*(f"{chr(97 + number * 7 % 26)} river {number}" for number in range(520)), "a"])
    with database.session() as session:
        titles = session.scalars(select(BookRow.title)).all()
    expected = sorted(title for title in titles if "river" in title)

    pages = [found(database, "river", offset=offset, size=130) for offset in range(0, 520, 130)]

    assert expected == [title for page in pages for title in page]


def test_a_monstrous_book_is_found_by_its_title(database: Database) -> None:
    """PostgreSQL holds a megabyte of terms: what is beyond is not found."""
    word = (f"{number:x}{'é' * 20}" for number in count(4096))
    texts = {f"{number}": " ".join(next(word) for _ in range(300)) for number in range(120)}
    add(database, a_book("長" * 250 + "短" * 250, "者" * 500, texts))

    assert 1 == len(found(database, "長短")) == len(found(database, "者" * 100))


def test_a_library_can_be_indexed_anew(database: Database) -> None:
    """More books than are read at once; twice is as good as once."""
    add_plain(database, (f"River {number}" for number in range(205)))
    with database.session() as session:
        session.execute(update(BookSearchRow).values(terms=[]))
    assert [] == found(database, "river 204")

    with database.session() as session:
        rebuild(session.connection())

    with database.session() as session:
        assert (205, 205) == (books_with(session, "river").total, books_with(session, "sea").total)
        assert 205 == find_chapters(session, query_words("sea"), latest=True, offset=0, size=1).total
