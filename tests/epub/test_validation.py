"""Which files may be attached, and what is read from them."""

import os
from io import BytesIO
from pathlib import Path

import pytest

from bookbytes_pipeline.domain.errors import UnreadableBook
from bookbytes_pipeline.epub.reader import read_epub, read_package_metadata
from bookbytes_pipeline.epub.validation import MAX_EPUB_BYTES, EpubTooLarge, validate_epub
from tests.epub.building import epub, prose


def test_the_content_of_a_valid_file_is_returned() -> None:
    """Whatever the current position in the file."""
    book = epub({"1.xhtml": prose(60)}, [("One", "1.xhtml")])
    book.seek(0, os.SEEK_END)

    assert read_epub(book) == validate_epub(book)


def test_a_file_that_is_not_an_epub_is_refused() -> None:
    """The error says what is wrong with the file."""
    with pytest.raises(UnreadableBook, match="is no zip archive"):
        validate_epub(BytesIO(b"no zip"))


@pytest.mark.parametrize(("size", "expected"), [(MAX_EPUB_BYTES, UnreadableBook), (MAX_EPUB_BYTES + 1, EpubTooLarge)])
def test_only_a_file_above_the_limit_is_too_large(tmp_path: Path, size: int, expected: type[UnreadableBook]) -> None:
    """Exactly fifty megabytes are read; these are zeros, which are not an EPUB."""
    with (tmp_path / "book.epub").open("w+b") as file:
        file.truncate(size)

        with pytest.raises(UnreadableBook) as refused:
            validate_epub(file)

    assert expected is type(refused.value)


def test_the_package_document_is_read_without_the_pages() -> None:
    """It has the same metadata as the whole book, although its only page is empty."""
    whole = read_epub(epub({"1.xhtml": prose(60)}, [("One", "1.xhtml")]))
    metadata = read_package_metadata(epub({"1.xhtml": ""}, [("One", "1.xhtml")]))

    assert (whole.title, whole.authors, whole.language) == (metadata.title, metadata.authors, metadata.language)
