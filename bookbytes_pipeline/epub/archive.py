"""The zip file around an EPUB, read within limits that hold whatever the file says about itself."""

import io
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import BinaryIO
from urllib.parse import unquote

from bookbytes_pipeline.domain.errors import UnreadableBook
from bookbytes_pipeline.epub.hrefs import is_safe

MAX_ENTRIES = 10_000
MAX_ENTRY_BYTES = 50 * 1024 * 1024
MAX_BOOK_BYTES = 300 * 1024 * 1024
MAX_DIRECTORY_BYTES = 4 * 1024 * 1024
MAX_COMPRESSION_RATIO = 200
"""Prose deflates to a third, markup to a tenth; only padding reaches hundreds."""
MIN_BYTES_FOR_RATIO = 1024 * 1024
CHUNK_BYTES = 64 * 1024
MAX_OUTER_FOLDERS = 4
"""A link that begins with a slash is looked for below so many folders."""

_ENCRYPTED = 0x1
_UTF_8 = 0x800
_CONTAINER = "meta-inf/container.xml"
_SYSTEM_FILES = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
_LEGACY_ENCODINGS = ("cp932", "gb18030", "cp866", "cp1251", "cp1252")
_SUPPORTED_COMPRESSION = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
# What zipfile raises for damaged bytes; an OSError comes from the file system and is raised as it is.
_DAMAGE_ERRORS = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, RuntimeError, OverflowError)


class _BoundedFile:
    """A file with bounded reads: zipfile reads the whole directory at once, in the size that the file declares."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.tell = file.tell

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        if whence == io.SEEK_SET and offset < 0:
            raise zipfile.BadZipFile("an offset before the start of the file")
        return self._file.seek(offset, whence)

    def read(self, size: int = -1, /) -> bytes:
        if size > MAX_DIRECTORY_BYTES:
            raise zipfile.BadZipFile("a directory larger than any book's")
        return self._file.read(size if size >= 0 else MAX_DIRECTORY_BYTES)


@dataclass(slots=True)
class Archive:
    """The files of one EPUB by name: a path with forward slashes inside the book. Others cannot be named.

    Every `read` counts against `MAX_BOOK_BYTES`.
    """

    _zip: zipfile.ZipFile
    _entries: dict[str, zipfile.ZipInfo]
    _names_by_spelling: dict[str, str]
    _names_below_folders: dict[str, str | None]
    _bytes_read: int = field(default=0)

    @classmethod
    def open(cls, file: BinaryIO) -> "Archive":
        """Open the archive in `file`; raise `UnreadableBook` if it is no zip, damaged, or has too many entries."""
        try:
            opened = zipfile.ZipFile(_BoundedFile(file))
        except _DAMAGE_ERRORS as fault:
            raise UnreadableBook(
                "This is not an EPUB: the file is no zip archive, or it is damaged or cut short. Download it again."
            ) from fault
        if len(opened.infolist()) > MAX_ENTRIES:
            raise UnreadableBook(f"The EPUB holds {len(opened.infolist())} files; more than {MAX_ENTRIES} are refused.")
        entries = _in_its_folder({name: entry for entry in opened.infolist() if (name := _name(entry))})
        spellings = {_normalized(other): name for name, entry in entries.items() for other in _legacy_names(entry)}
        spellings |= {_normalized(name): name for name in entries}
        return cls(opened, entries, spellings, _below_folders(spellings))

    def names(self) -> tuple[str, ...]:
        """Return all entries but those that operating systems add."""
        return tuple(self._entries)

    def find(self, path: str) -> str | None:
        """Return the entry at `path`, tolerating another case, Unicode form or percent-encoding; None if there is none.

        A path that begins with a slash counts from the root, or from the only folder that has it.
        """
        name = path.removeprefix("/")
        if name in self._entries:
            return name
        spelling = _normalized(name)
        if path.startswith("/") and spelling not in self._names_by_spelling:
            return self._names_below_folders.get(spelling)
        return self._names_by_spelling.get(spelling)

    def read(self, name: str) -> bytes:
        """Return the bytes of an entry; raise `UnreadableBook` if it is encrypted, damaged or too large."""
        entry = self._entries[name]
        _check_compression(entry)
        content = bytearray()
        try:
            with self._zip.open(entry) as stream:
                while chunk := stream.read(CHUNK_BYTES):
                    content += chunk
                    self._count(len(chunk))
                    _check_size(entry, len(content))
        except _DAMAGE_ERRORS as fault:
            raise UnreadableBook(f"The EPUB is damaged: {name!r} cannot be unpacked. Download it again.") from fault
        return bytes(content)

    def _count(self, size: int) -> None:
        self._bytes_read += size
        if self._bytes_read > MAX_BOOK_BYTES:
            raise UnreadableBook(
                f"The EPUB unpacks to more than {MAX_BOOK_BYTES // 1024**2} MB: refused as a zip bomb."
            )


def _check_compression(entry: zipfile.ZipInfo) -> None:
    if entry.flag_bits & _ENCRYPTED:
        raise UnreadableBook(f"The EPUB is locked with a password ({entry.filename!r}). Attach one that is not.")
    if entry.compress_type not in _SUPPORTED_COMPRESSION:
        raise UnreadableBook(
            f"{entry.filename!r} is packed with compression method {entry.compress_type}; an EPUB may only use deflate."
        )


def _check_size(entry: zipfile.ZipInfo, size: int) -> None:
    if size > MAX_ENTRY_BYTES:
        raise UnreadableBook(
            f"{entry.filename!r} unpacks to more than {MAX_ENTRY_BYTES // 1024**2} MB: refused as a zip bomb."
        )
    if size > MIN_BYTES_FOR_RATIO and size > MAX_COMPRESSION_RATIO * max(entry.compress_size, 1):
        raise UnreadableBook(
            f"{entry.filename!r} unpacks to over {MAX_COMPRESSION_RATIO} times its size: refused as a zip bomb."
        )


def _normalized(name: str) -> str:
    return unicodedata.normalize("NFC", unquote(name)).replace("\\", "/").casefold()


def _below_folders(names_by_spelling: dict[str, str]) -> dict[str, str | None]:
    """Return the entries by their paths without the outer folders; None for a path that several folders have.

    Made once: a hostile book can have as many links as it likes.
    """
    found: dict[str, str | None] = {}
    for spelling, name in names_by_spelling.items():
        below = spelling
        for _ in range(MAX_OUTER_FOLDERS):
            below = below.partition("/")[2]
            if below:
                found[below] = name if found.get(below, name) == name else None
    return found


def _name(entry: zipfile.ZipInfo) -> str | None:
    """Return the path of an entry inside the book; None for folders, what is outside, and systems' files."""
    name = _decoded(entry).replace("\\", "/").removeprefix("./")
    file = name.rpartition("/")[2]
    added = name.startswith("__MACOSX/") or file.startswith("._") or file in _SYSTEM_FILES
    return name if file and is_safe(name) and not added else None


def _decoded(entry: zipfile.ZipInfo) -> str:
    """Return the name as UTF-8, which many tools write without the flag that says so."""
    if entry.flag_bits & _UTF_8:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return entry.filename


def _legacy_names(entry: zipfile.ZipInfo) -> Iterator[str]:
    """Yield what an entry without UTF-8 may be called, by the encodings of old systems."""
    if entry.filename.isascii() or entry.flag_bits & _UTF_8:
        return
    for encoding in _LEGACY_ENCODINGS:
        with suppress(UnicodeError):
            yield entry.filename.encode("cp437").decode(encoding).replace("\\", "/")


def _in_its_folder(entries: dict[str, zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    """Return the entries as the book names them, where the whole book lies in a folder of the archive."""
    containers = [name for name in entries if f"/{name.lower()}".endswith(f"/{_CONTAINER}")]
    if len(containers) != 1:
        return entries
    folder = containers[0][: -len(_CONTAINER)]
    return {name.removeprefix(folder): entry for name, entry in entries.items() if name.startswith(folder)}
