"""Every EPUB of the shared folder, compared with the folder's index."""

import io
import json
from typing import Any

import pytest

from bookbytes_pipeline.domain.errors import UnreadableBook
from bookbytes_pipeline.domain.words import count_words
from bookbytes_pipeline.epub.reader import read_cover, read_epub
from tests.conformance.shared import SHARED, needs_shared_data

EPUBS = SHARED / "epub"
pytestmark = needs_shared_data


def index() -> list[dict[str, Any]]:
    return json.loads((EPUBS / "index.json").read_text(encoding="utf-8")) if SHARED.is_dir() else []


BOOKS = {book["file"]: book for book in index()}
REAL = [name for name in BOOKS if not name.startswith("w3c_")]
EXPECTED = {
    "w3c_nav-spine_not-in-spine.epub": [
        "Test passes if you can see two links (first link)",
        "Test passes if you can see two links (second link)",
    ],
    "w3c_nav-spine_in-spine-hidden-toc-html.epub": ["The first link", "The second link"],
    "w3c_nav-non-text_img.epub": ["Start page", "Description of the Abbey of Sénanque"],
    "w3c_nav-non-text_img_title.epub": ["Start page", "Description of the Abbey of Sénanque"],
    "w3c_pkg-version-backward.epub": ["Link to main page"],
    "w3c_pkg-spine-duplicate-item-ui.epub": ["Link to first page", "Link to second page"],
    "w3c_pkg-meta-whitespace.epub": ["Link to main page"],
    "w3c_pub-foreign_xml-spine.epub": ["Link to main page"],
    "w3c_pub-xml-non-validating_unclosed.epub": ["Link to main page"],
    "w3c_pub-xml-external-id.epub": ["Link to main page"],
    "w3c_pkg-dir_rtl-root-unset.epub": ["Link to main page"],
}
REFUSED = {"w3c_ocf-zip-comp.epub"}


def opened(name: str) -> io.BytesIO:
    return io.BytesIO((EPUBS / name).read_bytes())


def original(name: str) -> dict[str, Any]:
    return BOOKS["walden.epub" if "walden" in name else "the-art-of-war.epub"]


def test_every_file_has_an_expectation() -> None:
    """These tests read every file of the folder."""
    assert {path.name for path in EPUBS.glob("*.epub")} == {*REAL, *EXPECTED, *REFUSED}


@pytest.mark.parametrize("name", REAL)
def test_real_books_have_exactly_their_body_matter(name: str) -> None:
    """A real book, and every variant made of it, has the chapters of its body matter and all of their words."""
    book = read_epub(opened(name))

    assert original(name)["chapters_bodymatter"] == [chapter.title for chapter in book.chapters]
    assert original(name)["title"] == [book.title]
    assert original(name)["creator"] == list(book.authors)
    left_out = [part for part in book.left_out if part.section and part.words > 150]
    assert left_out
    assert all(f"“{part.title}” ({part.words:,} words, {part.reason})" in book.warnings[-1] for part in left_out)
    words = sum(count_words(chapter.text) for chapter in book.chapters)
    assert round(words / (words + sum(part.words for part in left_out)), 6) == round(book.coverage, 6)


@pytest.mark.parametrize("name", REAL)
def test_real_chapters_have_their_length(name: str) -> None:
    """A chapter has the words counted in its page, except its heading and its note references."""
    counted = {entry["title"]: entry["words"] for entry in original(name)["toc"]}

    book = read_epub(opened(name))

    for chapter in book.chapters:
        assert 0.9 * counted[chapter.title] - 10 <= len(chapter.text.split()) <= 1.01 * counted[chapter.title]


@pytest.mark.parametrize("name", REAL)
def test_real_covers_are_vector_drawings(name: str) -> None:
    """An SVG cover is not used as a cover image."""
    assert read_cover(opened(name)) is None


@pytest.mark.parametrize("name", EXPECTED)
def test_w3c_books(name: str) -> None:
    """The chapters of a conformance test are the entries of its contents."""
    book = read_epub(opened(name))

    assert EXPECTED[name] == [chapter.title for chapter in book.chapters]
    assert BOOKS[name]["title"] == [book.title]
    assert all(chapter.text for chapter in book.chapters)


def test_forbidden_compression_is_refused() -> None:
    """Compression other than deflate is an error."""
    with pytest.raises(UnreadableBook, match="compression method 12"):
        read_epub(opened("w3c_ocf-zip-comp.epub"))


def test_the_fallback_of_foreign_xml_is_read() -> None:
    """The fallback page of foreign XML is read, and the XML is not."""
    assert "Test passes if you see this text." == read_epub(opened("w3c_pub-foreign_xml-spine.epub")).chapters[0].text


def test_the_external_entity_is_not_resolved() -> None:
    """The text has no failure statement after the paragraph."""
    text = read_epub(opened("w3c_pub-xml-external-id.epub")).chapters[0].text

    assert "Test passes unless a failure statement follows this paragraph." == text


def test_an_unclosed_paragraph_is_kept() -> None:
    """A page that is not well-formed is read as HTML."""
    text = read_epub(opened("w3c_pub-xml-non-validating_unclosed.epub")).chapters[0].text

    assert text.endswith("This paragraph has an unclosed tag.")


def test_metadata_has_single_spaces() -> None:
    """Extra white space is removed from title and author."""
    book = read_epub(opened("w3c_pkg-meta-whitespace.epub"))

    assert ("pkg-meta-whitespace", ("Dave Cramer",)) == (book.title, book.authors)
