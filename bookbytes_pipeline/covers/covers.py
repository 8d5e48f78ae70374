"""The cover of a book: the one in its EPUB, else one drawn from its title and author."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image


def cover_picture(content: bytes | None, title: str, author: str) -> "Image":
    """Return the cover in `content`, the bytes of a JPEG or PNG file, else one that is drawn for this book."""
    from bookbytes_pipeline.covers.drawing import draw_cover  # noqa: PLC0415 - Pillow, where there is a cover to make
    from bookbytes_pipeline.covers.picture import read_picture  # noqa: PLC0415 - as above

    found = read_picture(content) if content else None
    return found or draw_cover(title, author)
