"""A whole book as an archive of its clips: with a playlist, or with the manifest of a W3C or Readium package.

Nothing is compressed: MP3 is, and so players can read a clip where it lies in the archive.
"""

from collections.abc import Iterable
from typing import BinaryIO
from zipfile import ZIP_STORED, ZipFile, ZipInfo

import msgspec

from bookbytes_pipeline.domain.audiobook_manifest import Described, readium_manifest, w3c_manifest
from bookbytes_pipeline.domain.book_file import BookFileContents, BookFileFormat, Presentation
from bookbytes_pipeline.domain.file_names import book_name, clip_name, file_name
from bookbytes_pipeline.domain.playlist import PLAYLIST, playlist

_COVER = "cover.jpg"
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The date of every entry: the same book gives the same bytes."""


def write_archive(
    file: BinaryIO,
    file_format: BookFileFormat,
    contents: BookFileContents,
    shown: Presentation,
    clips: Iterable[bytes],
) -> None:
    """Write the clips to an empty file, one at a time."""
    names = _names(contents, file_format)
    described = Described(contents, f"urn:isbn:{contents.isbn}", shown.narrator, names, _COVER if shown.cover else None)
    with ZipFile(file, "w", ZIP_STORED) as archive:
        for name, text in _texts(file_format, described):
            archive.writestr(ZipInfo(name, _EPOCH), text)
        if shown.cover:
            archive.writestr(ZipInfo(_COVER, _EPOCH), shown.cover)
        for name, clip in zip(names, clips, strict=True):
            archive.writestr(ZipInfo(name, _EPOCH), clip)


def _names(contents: BookFileContents, file_format: BookFileFormat) -> list[str]:
    """The files of the clips: as people read them, or as every reader of packages takes them for an address."""
    if file_format == "zip":
        return [file_name(clip_name(chapter.number, chapter.title), ".mp3") for chapter in contents.chapters]
    return [f"audio/{chapter.number:03d}.mp3" for chapter in contents.chapters]


def _texts(file_format: BookFileFormat, book: Described) -> list[tuple[str, bytes]]:
    if file_format == "lpf":
        return [("publication.json", msgspec.json.encode(w3c_manifest(book)))]
    if file_format == "audiobook":
        return [("manifest.json", msgspec.json.encode(readium_manifest(book)))]
    chapters = zip(book.contents.chapters, book.clips, strict=True)
    listed = [(chapter.seconds, chapter.title, name) for chapter, name in chapters]
    name = file_name(book_name(book.contents.title), PLAYLIST)
    return [(name, playlist(book.contents.title, listed).encode())]
