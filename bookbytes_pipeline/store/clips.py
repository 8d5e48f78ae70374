"""Finished clips: `chapter_audio/<isbn>/<NN>-<hash>.mp3`."""

from dataclasses import dataclass

from upath import UPath

from bookbytes_pipeline.store.base import read_whole, store_errors, write_whole


@dataclass(frozen=True)
class ClipStore:
    """The clips under one base. A clip's hash covers all that makes it sound as it does, so it never changes."""

    base: UPath

    def key(self, isbn: str, number: int, digest: str) -> str:
        """The place of chapter `number`'s clip, relative to the base."""
        return f"chapter_audio/{isbn}/{number:02d}-{digest}.mp3"

    def read(self, key: str) -> bytes | None:
        """The clip's bytes, or None where it has not been made."""
        return read_whole(self.base / key)

    def has(self, key: str) -> bool:
        """Whether the clip is there."""
        with store_errors(self.base):
            return self.path(key).is_file()

    def write(self, key: str, audio: bytes) -> None:
        """Keep a finished clip."""
        write_whole(self.base / key, audio)

    def delete(self, key: str) -> None:
        """Drop a clip; one that is gone already is no error."""
        with store_errors(self.base):
            self.path(key).unlink(missing_ok=True)

    def path(self, key: str) -> UPath:
        """Where the clip lies, to be opened or streamed."""
        return self.base / key
