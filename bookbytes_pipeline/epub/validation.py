"""What a file must be to be attached as the text of a book."""

import os
from typing import BinaryIO

from bookbytes_pipeline.domain.book import BookText
from bookbytes_pipeline.domain.errors import UnreadableBook
from bookbytes_pipeline.epub.reader import read_epub

MAX_EPUB_BYTES = 50 * 1024 * 1024
"""Illustrated books stay below this; text alone is rarely above 5 MB."""


class EpubTooLarge(UnreadableBook):
    """The file is larger than any book that is read here. Another file helps."""


def validate_epub(file: BinaryIO) -> BookText:
    """Return what `file`, a seekable binary stream, holds; raise `UnreadableBook` if it cannot be attached."""
    size = file.seek(0, os.SEEK_END)
    if size > MAX_EPUB_BYTES:
        raise EpubTooLarge(f"The file has {size:,} bytes; {MAX_EPUB_BYTES:,} (50 MB) is the most.")
    return read_epub(file)
