"""Books whose headings are paragraphs."""

import pytest

from bookbytes_pipeline.domain.book import BookText
from bookbytes_pipeline.epub.reader import read_epub
from tests.epub.building import epub, prose

NAMES = ("One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight")
TALES = ("The Storm", "The Calm", "The Ledger", "The Scale", "The Fog", "The Strait", "The Clerk", "The Council")


def titles(book: BookText) -> list[str]:
    return [chapter.title for chapter in book.chapters]


def one_file(*lines: str, words: int = 400) -> BookText:
    return read_epub(epub({"all.xhtml": "".join(f"{line}{prose(words)}" for line in lines)}))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<p><b>CHAPTER ", "</b></p>"),
        ("<p>Chapter ", "</p>"),
        ("<p>Chapter ", ".</p>"),
        ('<p class="chaptertitle">Chapter ', "</p>"),
        ('<p style="text-align:center">Chapter ', "</p>"),
        ("<center>", "</center>"),
    ],
)
def test_numbered_lines_are_chapters(before: str, after: str) -> None:
    book = one_file(*(f"{before}{name}{after}" for name in NAMES))

    assert 8 == len(book.chapters)
    assert [400] * 8 == [len(chapter.text.split()) for chapter in book.chapters]
    assert ("The book has no usable table of contents; its chapters are taken from its headings.",) == book.warnings


def test_the_line_below_a_number_is_its_title() -> None:
    pairs = zip(NAMES, TALES, strict=True)
    book = one_file(*(f"<p>CHAPTER {name.upper()}</p><p>{tale.upper()}</p>" for name, tale in pairs))

    assert [f"CHAPTER {name.upper()}: {tale.upper()}" for name, tale in zip(NAMES, TALES, strict=True)] == titles(book)


def test_parts_stand_above_chapters() -> None:
    first = [
        "<p>PART ONE</p><p>Chapter 1</p>",
        "<p>Chapter 2</p>",
        "<p>PART TWO</p><p>Chapter 3</p>",
        "<p>Chapter 4</p>",
    ]

    assert ["Chapter 1", "Chapter 2", "Chapter 3", "Chapter 4"] == titles(one_file(*first))


def test_a_printed_table_of_contents_is_no_chapter() -> None:
    listed = "".join(f"<p>Chapter {number}</p>" for number in range(1, 9))

    book = one_file("<p>Contents</p>" + listed + "<p>Chapter 1</p>", *(f"<p>Chapter {n}</p>" for n in range(2, 9)))

    assert [f"Chapter {number}" for number in range(1, 9)] == titles(book)
    assert [400] * 7 == [len(chapter.text.split()) for chapter in book.chapters[1:]]


def test_bold_lines_are_titles_where_chapters_are_between_them() -> None:
    book = one_file(*(f"<p><b>{tale}</b></p>" for tale in TALES))

    assert list(TALES) == titles(book)


@pytest.mark.parametrize(
    "line",
    [
        "<p style='text-align:center'>* * *</p>",
        "<p style='text-align:center'>Selah</p>",
        "<p>Chapter and verse he told them, and went home again.</p>",
        "<p>Chapter three was the last that he read.</p>",
        "<p>4</p>",
    ],
)
def test_other_lines_divide_nothing(line: str) -> None:
    book = one_file(*([line] * 6))

    assert ["The Sea"] == titles(book)
    assert ("Nothing in the book passes for a chapter; the whole text is one.",) == book.warnings


def test_short_emphasized_paragraphs_are_no_chapters() -> None:
    book = one_file(*(f"<p><b>{tale}</b></p>" for tale in TALES), words=80)

    assert 1 == len(book.chapters)


def test_headings_that_name_the_chapters_are_believed() -> None:
    book = one_file(*(f"<h1>Chapter {name}</h1><p>Chapter {name} of the ledger</p>" for name in NAMES))

    assert [f"Chapter {name}" for name in NAMES] == titles(book)
