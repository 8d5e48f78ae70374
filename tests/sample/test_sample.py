"""The sample book: a valid EPUB with its own ISBN, and everything that an EPUB reader has to handle."""

from io import BytesIO
from zipfile import ZIP_STORED, ZipFile

import pytest
from lxml import etree

from bookbytes_pipeline.domain.book import ChapterText
from bookbytes_pipeline.domain.isbn import parse_isbn
from bookbytes_pipeline.epub.reader import read_cover, read_epub
from bookbytes_pipeline.sample.epub import SAMPLE_ISBN, SAMPLE_TITLE, sample_epub

BOOK = read_epub(BytesIO(sample_epub()))


def test_its_first_bytes_identify_it_as_an_epub() -> None:
    """The file `mimetype` comes first, uncompressed, and contains only the media type."""
    with ZipFile(BytesIO(sample_epub())) as archive:
        first = archive.infolist()[0]
        content = archive.read(first)

    assert (first.filename, first.compress_type, first.extra) == ("mimetype", ZIP_STORED, b"")
    assert content == b"application/epub+zip"


def test_it_is_the_same_every_time() -> None:
    """Two calls return the same bytes, so that cached answers about the book stay valid."""
    assert sample_epub() == sample_epub()


def test_every_document_is_well_formed() -> None:
    """All XHTML, the package document and the container parse strictly, and there are at least ten of them."""
    with ZipFile(BytesIO(sample_epub())) as archive:
        documents = [name for name in archive.namelist() if name.endswith((".xhtml", ".opf", ".xml"))]
        roots = [etree.fromstring(archive.read(name), etree.XMLParser(resolve_entities=False)) for name in documents]

    assert len(roots) >= 10


def test_its_isbn_has_the_right_check_digit() -> None:
    """The digits weighted 1 and 3 in turn add up to a multiple of ten."""
    weighted = sum(int(digit) * (1, 3)[position % 2] for position, digit in enumerate(SAMPLE_ISBN))

    assert weighted % 10 == 0
    assert parse_isbn(SAMPLE_ISBN) == SAMPLE_ISBN


def test_its_isbn_is_not_assigned() -> None:
    """Registration groups of the 979 range end before 979-9."""
    assert SAMPLE_ISBN.startswith("9799")


def test_it_has_its_own_metadata() -> None:
    """Title, author, language and ISBN in the package document are those that the demo shows."""
    assert (BOOK.title, BOOK.authors, BOOK.language) == (SAMPLE_TITLE, ("The BookBytes authors",), "en")
    assert BOOK.isbns == (SAMPLE_ISBN,)


def test_it_has_seven_chapters() -> None:
    """Front and back matter are not chapters, and the chapter in two files is one."""
    titles = [chapter.title for chapter in BOOK.chapters]

    assert titles == [
        "Shadows on the Ground",
        "Water, Fire and Sand",
        "The Wheel That Hesitates",
        "The Swinging Lamp",
        "A Clock for the Sea",
        "Noon at the Station",
        "Crystals and Atoms",
    ]
    assert not BOOK.warnings


@pytest.mark.parametrize("chapter", BOOK.chapters, ids=lambda chapter: str(chapter.number))
def test_every_chapter_is_long_enough_for_a_summary(chapter: ChapterText) -> None:
    """A chapter has 700 to 1000 words in at least six paragraphs."""
    assert 700 <= len(chapter.text.split()) <= 1000
    assert len(chapter.text.split("\n\n")) >= 6


def test_the_chapter_in_two_files_is_complete() -> None:
    """The fifth chapter starts in one file and ends in the next."""
    text = BOOK.chapters[4].text

    assert text.startswith("On a clear night")
    assert text.endswith("Soon the land would have to follow.")


def test_the_footnote_is_not_read_aloud() -> None:
    """Neither the number in the text nor the note after the chapters is part of the fourth chapter."""
    text = BOOK.chapters[3].text

    assert "does not keep even time. He found" in text
    assert "vanishingly small" not in text


def test_its_cover_is_small_enough_for_a_clip() -> None:
    """The cover is a PNG below 30 kB."""
    cover = read_cover(BytesIO(sample_epub())) or b""

    assert cover.startswith(b"\x89PNG\r\n\x1a\n")
    assert len(cover) < 30_000
