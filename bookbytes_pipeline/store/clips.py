"""Finished clips: `chapter_audio/<isbn>/<NN>-<hash>.mp3`."""

import re
from dataclasses import dataclass

from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.store.files import Files, StoredFile

_KEY = re.compile(r"chapter_audio/[0-9]{13}/[0-9]{2,}-[0-9a-z]+\.mp3")


@dataclass(frozen=True)
class ClipStore:
    """The clips. A clip's hash covers all that makes it sound as it does, so it never changes.

    Keys rest in the library, where anybody who can write there can change them: one that `key` never made, which
    might lead elsewhere, raises `ValueError`.
    """

    files: Files

    def key(self, isbn: ISBN, number: int, digest: str) -> str:
        """The place of chapter `number`'s clip in the store."""
        return f"chapter_audio/{isbn}/{number:02d}-{digest}.mp3"

    def read(self, key: str) -> bytes | None:
        """The clip's bytes, or None where it has not been made."""
        return self.files.read(checked(key))

    def has(self, key: str) -> bool:
        """Whether the clip is there."""
        return self.files.has(checked(key))

    def write(self, key: str, audio: bytes) -> bool:
        """Keep a finished clip unless there is one already; False if there is."""
        return self.files.create(checked(key), audio)

    def of_book(self, isbn: ISBN) -> list[StoredFile]:
        """Every clip that was made for a book, whether anything plays it or not."""
        return [file for file in self.files.walk(f"chapter_audio/{isbn}") if _KEY.fullmatch(file.key)]

    def delete(self, key: str) -> None:
        """Drop a clip; one that is gone already is no error."""
        self.files.delete(checked(key))


def isbn_in(key: str) -> ISBN:
    """The book that a clip was made for; raises `ValueError` for what is no clip's key."""
    return ISBN(checked(key).split("/")[1])


def checked(key: str) -> str:
    """The key of a clip; raises `ValueError` for any other."""
    if not _KEY.fullmatch(key):
        raise ValueError(f"{key!r} is no clip's key")
    return key
