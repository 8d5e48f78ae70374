"""Finished clips: `chapter_audio/<isbn>/<NN>-<hash>.mp3`."""

import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from upath import UPath

from bookbytes_pipeline.store.base import read_whole, store_errors, write_whole

_KEY = re.compile(r"chapter_audio/[0-9]{13}/[0-9]{2,}-[0-9a-z]+\.mp3")


@dataclass(frozen=True)
class ClipStore:
    """The clips under one base. A clip's hash covers all that makes it sound as it does, so it never changes.

    Keys rest in the library, where anybody who can write there can change them: one that `key` never made, which
    might lead out of the base, raises `ValueError`.
    """

    base: UPath

    def key(self, isbn: str, number: int, digest: str) -> str:
        """The place of chapter `number`'s clip, relative to the base."""
        return f"chapter_audio/{isbn}/{number:02d}-{digest}.mp3"

    def read(self, key: str) -> bytes | None:
        """The clip's bytes, or None where it has not been made."""
        return read_whole(self.path(key))

    def has(self, key: str) -> bool:
        """Whether the clip is there."""
        with store_errors(self.base):
            return self.path(key).is_file()

    def write(self, key: str, audio: bytes) -> None:
        """Keep a finished clip."""
        write_whole(self.path(key), audio)

    def delete(self, key: str) -> None:
        """Drop a clip, and the book's folder with the last one; a clip that is gone already is no error."""
        path = self.path(key)
        with store_errors(path):
            path.unlink(missing_ok=True)
        if isinstance(path, Path):
            with suppress(OSError):  # not the last one
                path.parent.rmdir()

    def path(self, key: str) -> UPath:
        """Where the clip lies, to be opened or streamed."""
        if not _KEY.fullmatch(key):
            raise ValueError(f"{key!r} is no clip's key")
        return self.base / key
