"""Small books that show what comparable tools get wrong, read as a person would read them."""

import io
import re
import zipfile
from collections.abc import Iterator
from html import unescape

import pytest

from bookbytes_pipeline.domain.book import BookText
from bookbytes_pipeline.domain.corrections import choose_chapters
from bookbytes_pipeline.domain.words import count_words
from bookbytes_pipeline.epub.reader import read_epub
from tests.conformance.shared import SHARED, needs_shared_data

BOOKS = SHARED / "reports" / "epub"
pytestmark = needs_shared_data

TITLES = {
    "big310.epub": [f"Tale {number}" for number in range(1, 311)],
    "ja_ruby.epub": ["第1章", "第2章", "第3章"],
    "navlabel.epub": ["Chapter 1 The Storm", "2 The Calm", "Chapter Three A Scale"],
    "noisbn.epub": ["First"],
    "omnibus.epub": [f"Book of the {book}: {number}" for book in ("Strait", "Fog", "Scale") for number in range(1, 5)],
    "runhead.epub": [f"Chapter {number}: Part of it" for number in range(1, 4)],
    "subtitle.epub": ["1: The Storm", "2: The Calm", "3: The Scale"],
}
"""The chapters of each book."""

WARNINGS = {
    "runhead.epub": ["The book has no usable table of contents; its chapters are taken from its headings."],
}


def read(name: str) -> BookText:
    return read_epub(io.BytesIO((BOOKS / name).read_bytes()))


def paragraphs(book: BookText) -> list[str]:
    return [paragraph for chapter in book.chapters for paragraph in chapter.text.split("\n\n")]


def plain_paragraphs(name: str) -> Iterator[str]:
    """Yield the paragraphs of all pages that have no attributes and no markup inside."""
    with zipfile.ZipFile(BOOKS / name) as archive:
        pages = [entry for entry in archive.namelist() if entry.endswith(".xhtml") and "nav" not in entry]
        for page in pages:
            text = archive.read(page).decode("utf-8")
            yield from map(unescape, re.findall(r"<p>([^<]+)</p>", text))


@pytest.mark.parametrize("name", TITLES)
def test_the_chapters_are_those_of_the_book(name: str) -> None:
    """No chapter is missing, and each has the title that a person would give it."""
    assert TITLES[name] == [chapter.title for chapter in read(name).chapters]


@pytest.mark.parametrize("name", [name for name in TITLES if name != "ja_ruby.epub"])
def test_the_text_is_whole_and_nothing_else(name: str) -> None:
    """Every paragraph is there once, in order."""
    assert list(plain_paragraphs(name)) == paragraphs(read(name))


@pytest.mark.parametrize("name", TITLES)
def test_nothing_is_wrong_with_these_books(name: str) -> None:
    """All body text is in chapters, and there is nothing to warn of but missing contents."""
    book = read(name)

    assert (1.0, WARNINGS.get(name, [])) == (book.coverage, list(book.warnings))


def test_readings_beside_characters_are_not_read_twice() -> None:
    """Ruby repeats the sound of a character; and characters count as words although no spaces part them."""
    book = read("ja_ruby.epub")

    text = book.chapters[0].text
    assert text.startswith("港の帳簿。港の事務所は夜明け前に入る船をすべて帳簿に記した。")
    assert "みなと" not in text
    assert [3200] * 3 == [count_words(chapter.text) for chapter in book.chapters]
    assert "ja" == book.language


def test_more_chapters_than_are_made_are_joined() -> None:
    """A book of 310 tales is made from all of them, and a warning says how."""
    chosen = choose_chapters(read("big310.epub"))

    assert 155 == len(chosen.chapters)
    assert list(range(1, 311)) == [section for chapter in chosen.chapters for section in chapter.sections]
    assert ["The book has 310 chapters"] == [warning.partition(",")[0] for warning in chosen.warnings]
