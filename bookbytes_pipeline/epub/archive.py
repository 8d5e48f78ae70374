"""The zip file around an EPUB, read within limits that hold whatever the file says about itself."""

import io
import struct
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass, field
from typing import BinaryIO
from urllib.parse import unquote

from bookbytes_pipeline.domain.errors import UnreadableBook
from bookbytes_pipeline.epub.hrefs import is_safe

MOST_ENTRIES = 10_000
LARGEST_ENTRY = 50 * 1024 * 1024
LARGEST_BOOK = 300 * 1024 * 1024
LARGEST_DIRECTORY = 4 * 1024 * 1024
STEEPEST_RATIO = 200
"""Prose deflates to a third, markup to a tenth; only padding reaches hundreds."""
RATIO_COUNTS_FROM = 1024 * 1024
CHUNK = 64 * 1024

_ENCRYPTED = 0x1
_READABLE = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
# What zipfile lets through when the bytes are damaged; an OSError is the store's own and passes.
_DAMAGE = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, RuntimeError, OverflowError)


class _Guarded:
    """The file under the zip. zipfile loads the whole directory in one read of the size that the file declares."""

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
        if size > LARGEST_DIRECTORY:
            raise zipfile.BadZipFile("a directory larger than any book's")
        return self._file.read(size if size >= 0 else LARGEST_DIRECTORY)


@dataclass(slots=True)
class Archive:
    """The files of one EPUB by name. Every `read` counts against `LARGEST_BOOK`."""

    _zip: zipfile.ZipFile
    _spellings: dict[str, str]
    _spent: int = field(default=0)

    @classmethod
    def open(cls, file: BinaryIO) -> "Archive":
        """The archive in `file`; raises `UnreadableBook` if it is no zip, damaged, or has too many entries."""
        try:
            opened = zipfile.ZipFile(_Guarded(file))
        except _DAMAGE as fault:
            raise UnreadableBook(
                "This is not an EPUB: the file is no zip archive, or it is damaged or cut short. Download it again."
            ) from fault
        names = opened.namelist()
        if len(names) > MOST_ENTRIES:
            raise UnreadableBook(f"The EPUB holds {len(names)} files; more than {MOST_ENTRIES} are refused.")
        return cls(opened, {_spelling(name): name for name in names if not _is_litter(name)})

    def names(self) -> tuple[str, ...]:
        """All entries apart from what a Mac leaves behind."""
        return tuple(name for name in self._zip.namelist() if not _is_litter(name))

    def find(self, path: str) -> str | None:
        """The entry at `path`, tolerating another case, Unicode form or percent-encoding; None if there is none.

        Raises `UnreadableBook` if only an entry with an unsafe name would answer.
        """
        name = path if path in self._zip.NameToInfo else self._spellings.get(_spelling(path))
        if name is not None and not is_safe(name):
            raise UnreadableBook(
                f"The book needs the entry {name[:80]!r}, whose path is absolute or has a backslash or a drive letter. "
                "Such paths are refused: attach a clean EPUB."
            )
        return name

    def read(self, name: str) -> bytes:
        """The bytes of an entry; raises `UnreadableBook` if it is encrypted, damaged, too large or oddly packed."""
        entry = self._zip.getinfo(name)
        _check_packing(entry)
        content = bytearray()
        try:
            with self._zip.open(entry) as stream:
                while chunk := stream.read(CHUNK):
                    content += chunk
                    self._spend(len(chunk))
                    _check_size(entry, len(content))
        except _DAMAGE as fault:
            raise UnreadableBook(f"The EPUB is damaged: {name!r} cannot be unpacked. Download it again.") from fault
        return bytes(content)

    def _spend(self, size: int) -> None:
        self._spent += size
        if self._spent > LARGEST_BOOK:
            raise UnreadableBook(f"The EPUB unpacks to more than {LARGEST_BOOK // 1024**2} MB: refused as a zip bomb.")


def _check_packing(entry: zipfile.ZipInfo) -> None:
    if entry.flag_bits & _ENCRYPTED:
        raise UnreadableBook(f"The EPUB is locked with a password ({entry.filename!r}). Attach one that is not.")
    if entry.compress_type not in _READABLE:
        raise UnreadableBook(
            f"{entry.filename!r} is packed with compression method {entry.compress_type}; an EPUB may only use deflate."
        )


def _check_size(entry: zipfile.ZipInfo, size: int) -> None:
    if size > LARGEST_ENTRY:
        raise UnreadableBook(
            f"{entry.filename!r} unpacks to more than {LARGEST_ENTRY // 1024**2} MB: refused as a zip bomb."
        )
    if size > RATIO_COUNTS_FROM and size > STEEPEST_RATIO * max(entry.compress_size, 1):
        raise UnreadableBook(
            f"{entry.filename!r} unpacks to over {STEEPEST_RATIO} times its size: refused as a zip bomb."
        )


def _spelling(name: str) -> str:
    return unicodedata.normalize("NFC", unquote(name)).replace("\\", "/").casefold()


def _is_litter(name: str) -> bool:
    return name.startswith("__MACOSX/") or name.rpartition("/")[2] == ".DS_Store"
