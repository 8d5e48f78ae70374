"""The sample book as an EPUB file, zipped from the tree in `book/`, where its prose can be read and reviewed."""

from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from io import BytesIO
from zipfile import ZipFile, ZipInfo

from bookbytes_pipeline.domain.isbn import ISBN

SAMPLE_TITLE = "How Things Keep Time"

SAMPLE_ISBN = ISBN("9799999000016")
"""A well-formed number that no publisher has: registration groups of the 979 range end before 979-9."""

WRITTEN = (2026, 1, 1, 0, 0, 0)
"""One date for every file. None is compressed either: zlib's versions pack differently, and the bytes are to agree."""

UNIX = 3
READABLE = 0o644 << 16
"""What `zipfile` would otherwise take from the machine it runs on."""


def sample_epub() -> bytes:
    """The EPUB 3 file of the sample book, the same bytes every time."""
    book = BytesIO()
    with ZipFile(book, "w") as archive:
        for name, content in _in_order():
            archive.writestr(_entry(name), content)
    return book.getvalue()


def _in_order() -> list[tuple[str, bytes]]:
    """Every file of the tree with its path; readers know an EPUB by `mimetype` coming first."""
    return sorted(_tree(files(__package__) / "book", ""), key=lambda file: (file[0] != "mimetype", file[0]))


def _tree(folder: Traversable, path: str) -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _tree(entry, f"{path}{entry.name}/")
        else:
            yield path + entry.name, entry.read_bytes()


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name, WRITTEN)
    entry.create_system = UNIX
    entry.external_attr = READABLE
    return entry
