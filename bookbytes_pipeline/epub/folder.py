"""EPUBs on disk: files, and the folders that macOS and unpacking tools make of them."""

import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

from bookbytes_pipeline.domain.errors import UnreadableBook
from bookbytes_pipeline.epub.archive import CHUNK_BYTES, MAX_BOOK_BYTES, MAX_ENTRIES

MIMETYPE = "mimetype"


@contextmanager
def open_epub(path: Path) -> Iterator[BinaryIO]:
    """Open the EPUB at `path`; a folder is packed as one, the same bytes every time.

    Raises `UnreadableBook` for a folder with more files or bytes than a book may have. Links are not followed.
    """
    if not path.is_dir():
        with path.open("rb") as file:
            yield file
        return
    with TemporaryFile() as packed:
        _pack(path, packed)
        packed.seek(0)
        yield packed


def _pack(folder: Path, packed: BinaryIO) -> None:
    files = sorted(_files(folder), key=lambda file: (file != folder / MIMETYPE, file))
    size = 0
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            size += file.lstat().st_size
            if size > MAX_BOOK_BYTES:
                raise UnreadableBook(f"{folder} holds more than {MAX_BOOK_BYTES // 1024**2} MB; no book does.")
            entry = zipfile.ZipInfo(file.relative_to(folder).as_posix())
            entry.compress_type = zipfile.ZIP_STORED if file.name == MIMETYPE else zipfile.ZIP_DEFLATED
            with file.open("rb") as source, archive.open(entry, "w") as target:
                while chunk := source.read(CHUNK_BYTES):
                    target.write(chunk)


def _files(folder: Path) -> list[Path]:
    found: list[Path] = []
    for parent, _, names in os.walk(folder):
        files = (Path(parent, name) for name in names)
        found += [file for file in files if file.is_file() and not file.is_symlink()]
        if len(found) > MAX_ENTRIES:
            raise UnreadableBook(f"{folder} holds more than {MAX_ENTRIES} files; no book does.")
    return found
