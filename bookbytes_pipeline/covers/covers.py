"""The cover of a book: the one in its EPUB, else one drawn from its title and author."""

from dataclasses import dataclass
from io import BytesIO

from bookbytes_pipeline.domain.errors import UnreadableBook
from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.epub.reader import read_cover
from bookbytes_pipeline.store.store import Store


@dataclass(frozen=True, slots=True)
class Cover:
    """A cover as two JPEG files: `square` for pages and feeds, and `tag` for clips, as `scaling.py` makes them."""

    square: bytes
    tag: bytes


def make_cover(picture: bytes | None, title: str, author: str) -> Cover:
    """Return the cover in `picture`, the bytes of a JPEG or PNG file; without a usable one it is drawn."""
    from bookbytes_pipeline.covers.drawing import draw_cover  # noqa: PLC0415 - Pillow, where there is a cover to make
    from bookbytes_pipeline.covers.picture import read_picture  # noqa: PLC0415 - as above
    from bookbytes_pipeline.covers.scaling import square_jpeg, tag_jpeg  # noqa: PLC0415 - as above

    image = (read_picture(picture) if picture else None) or draw_cover(title, author)
    return Cover(square_jpeg(image), tag_jpeg(image))


def picture_in_text(store: Store, isbn: ISBN) -> bytes | None:
    """Return the cover in the EPUB that is attached to `isbn`; None where there is none."""
    epub = store.sources.read(isbn)
    try:
        return None if epub is None else read_cover(BytesIO(epub))
    except UnreadableBook:
        return None
