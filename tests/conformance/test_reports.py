"""Small books that show what comparable tools get wrong, read as a person would read them."""

import io
import re
import zipfile
from collections.abc import Iterator
from html import unescape

import pytest

from bookbytes_pipeline.domain.book import Book, BookText
from bookbytes_pipeline.domain.corrections import choose_chapters
from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.domain.resemblance import wrong_book
from bookbytes_pipeline.domain.words import count_words
from bookbytes_pipeline.epub.reader import read_epub
from tests.conformance.shared import SHARED, needs_shared_data

BOOKS = SHARED / "reports" / "epub"
pytestmark = needs_shared_data

NUMBERED = [f"Chapter {number}" for number in range(3, 12)]
THREE = ["First", "Second", "Third"]
LIBERTY = ["Liberty", "Rights", "Sources", "Credits", "Index", "Praise", "Permissions", "Justice", "Contributors"]
TITLES = {
    "big310.epub": [f"Tale {number}" for number in range(1, 311)],
    "dropimg.epub": THREE,
    "fontobf.epub": THREE,
    "fxl.epub": [f"Scene {number}" for number in range(1, 7)],
    "gdocsnotes.epub": THREE,
    "german_nolang.epub": ["Erstes Kapitel"],
    "hidden.epub": THREE,
    "iaocr.epub": THREE,
    "inlinenote.epub": THREE,
    "intro.epub": ["Introduction", "The Storm", "The Calm", *NUMBERED],
    "ja_ruby.epub": ["第1章", "第2章", "第3章"],
    "mathml.epub": THREE,
    "navlabel.epub": ["Chapter 1 The Storm", "2 The Calm", "Chapter Three A Scale"],
    "noisbn.epub": ["First"],
    "omnibus.epub": [f"Book of the {book}: {number}" for book in ("Strait", "Fog", "Scale") for number in range(1, 5)],
    "pagenum.epub": THREE,
    "pg.epub": ["Chapter I", "Chapter II", "Chapter III"],
    "rights.epub": [*LIBERTY, "Tables"],
    "rightsxml.epub": THREE,
    "runhead.epub": [f"Chapter {number}: Part of it" for number in range(1, 4)],
    "startreading.epub": ["Prologue", "The Storm", "The Calm", *NUMBERED],
    "subtitle.epub": ["1: The Storm", "2: The Calm", "3: The Scale"],
    "sup.epub": THREE,
    "supnote.epub": THREE,
}
"""The chapters of every book."""

FIRST = {
    "dropimg.epub": "The harbour office kept a ledger.",
    "gdocsnotes.epub": "The ledger is old. It is kept.",
    "inlinenote.epub": "The ledger is old.",
    "mathml.epub": "The share is one half of the catch and energy is E equals m c squared.",
    "pagenum.epub": "The clerk weighed every basket and wrote the figure in blue ink.",
    "sup.epub": (
        "The lake holds 10 to the 6 litres and the pump lifts one and a half tons. "
        "The pact was signed in 1848 by both towns."
    ),
    "supnote.epub": "The ledger is old. It was bound in 1848. Kept well by all.",
}
"""The first paragraph where its markup is what the book is about; all other paragraphs are plain."""

PECULIAR = {"fxl.epub", "iaocr.epub", "ja_ruby.epub", "pg.epub"}
"""Books whose markup is peculiar on every page; each has a test of its own."""

NOTES = {
    "gdocsnotes.epub": "See the archive of the port, box 9, folio 12.",
    "inlinenote.epub": "It was bound twice, once in calf.",
    "supnote.epub": "See the archive of the port, box 9. Ibid., p. 44.",
}
WARNINGS = {
    "runhead.epub": ["The book has no usable table of contents; its chapters are taken from its headings."],
}


def read(name: str) -> BookText:
    return read_epub(io.BytesIO((BOOKS / name).read_bytes()))


def paragraphs(book: BookText) -> list[str]:
    return [paragraph for chapter in book.chapters for paragraph in chapter.text.split("\n\n")]


def plain_paragraphs(name: str) -> Iterator[str]:
    """Yield the paragraphs of all pages that have no attributes and no markup inside, but for the licence."""
    with zipfile.ZipFile(BOOKS / name) as archive:
        pages = [entry for entry in archive.namelist() if entry.endswith(".xhtml") and "nav" not in entry]
        for page in pages:
            text = archive.read(page).decode("utf-8")
            prose = re.sub(r"<section class=.pg-.*?</section>", "", text, flags=re.DOTALL)
            yield from map(unescape, re.findall(r"<p>([^<]+)</p>", prose))


def test_every_book_has_an_expectation() -> None:
    """These tests read every book of the folder."""
    assert {path.name for path in BOOKS.glob("*.epub")} == set(TITLES)


@pytest.mark.parametrize("name", TITLES)
def test_the_chapters_are_those_of_the_book(name: str) -> None:
    """No chapter is missing, and each has the title that a person would give it."""
    assert TITLES[name] == [chapter.title for chapter in read(name).chapters]


@pytest.mark.parametrize("name", [name for name in TITLES if name not in PECULIAR])
def test_the_text_is_whole_and_nothing_else(name: str) -> None:
    """Every paragraph is there once, in order; marks, notes, page numbers and what is hidden are not."""
    first = [FIRST[name]] if name in FIRST else []

    assert [*first, *plain_paragraphs(name)] == paragraphs(read(name))


@pytest.mark.parametrize("name", TITLES)
def test_nothing_is_wrong_with_these_books(name: str) -> None:
    """All body text is in chapters, and there is nothing to warn of but missing contents."""
    book = read(name)

    assert (1.0, WARNINGS.get(name, [])) == (book.coverage, list(book.warnings))


@pytest.mark.parametrize("name", NOTES)
def test_notes_are_left_out(name: str) -> None:
    """The words of notes are counted under the chapter that they belong to."""
    assert [("First", "footnotes")] == [(section.title, section.reason) for section in read(name).left_out]


def test_words_divided_at_line_ends_are_whole() -> None:
    """A scanner's hyphens are no part of the words."""
    text = read("iaocr.epub").chapters[0].text

    sentence = "The harbour office kept a remarkable ledger of every boat that came in before dawn."
    assert {sentence} == set(re.split(r"(?<=\.) ", text))


def test_words_placed_one_by_one_have_spaces() -> None:
    """Fixed layout places every word in an element of its own."""
    book = read("fxl.epub")

    beginning = (
        "The harbour office kept a ledger of every boat that came in before dawn and a clerk named Orlin weighed"
    )
    assert all(chapter.text.startswith(beginning) for chapter in book.chapters)


def test_readings_beside_characters_are_not_read_twice() -> None:
    """Ruby repeats the sound of a character; and characters count as words although no spaces part them."""
    book = read("ja_ruby.epub")

    text = book.chapters[0].text
    assert text.startswith("港の帳簿。港の事務所は夜明け前に入る船をすべて帳簿に記した。")
    assert "みなと" not in text
    assert [3200] * 3 == [count_words(chapter.text) for chapter in book.chapters]
    assert "ja" == book.language


def test_the_licence_of_project_gutenberg_is_left_out() -> None:
    """Header and licence are no part of the book, wherever they stand."""
    book = read("pg.epub")

    assert [8, 8] == [len(chapter.text.split("\n\n")) for chapter in book.chapters[:2]]
    text = " ".join(chapter.text for chapter in book.chapters)
    assert not re.search(r"gutenberg|licen[cs]e|updated editions|anyone anywhere", text, re.IGNORECASE)
    assert set(paragraphs(book)) <= set(plain_paragraphs("pg.epub"))


def test_more_chapters_than_are_made_are_joined() -> None:
    """A book of 310 tales is made from all of them, and a warning says how."""
    chosen = choose_chapters(read("big310.epub"))

    assert 155 == len(chosen.chapters)
    assert list(range(1, 311)) == [section for chapter in chosen.chapters for section in chapter.sections]
    assert ["The book has 310 chapters"] == [warning.partition(",")[0] for warning in chosen.warnings]


def test_the_language_of_the_pages_counts_where_the_package_names_none() -> None:
    """A German book is read by a German voice, and the reason is told."""
    book = read("german_nolang.epub")

    assert "de" == book.language
    assert book.language_reason


def test_another_book_under_this_isbn_is_told() -> None:
    """The warning names both: what the file says, and what the catalogue says."""
    catalogued = Book(ISBN("9780306406157"), "Cooking With Sourdough", "open_library", authors=("B. Baker",))

    warning = wrong_book(catalogued, read("noisbn.epub"))

    assert warning is not None
    assert "Cooking With Sourdough" in warning
    assert "Ledgers of the Strait" in warning
