"""A whole book as one file: what is in it, and in which formats there is one."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Literal, get_args

from bookbytes_pipeline.domain.digest import digest
from bookbytes_pipeline.domain.isbn import ISBN

BookFileFormat = Literal["m4b", "mp3", "zip", "lpf", "audiobook"]
BOOK_FILE_FORMATS: tuple[BookFileFormat, ...] = get_args(BookFileFormat)
"""MP4 and MP3 with chapters; the clips with a playlist; W3C's and Readium's packages of the clips with a manifest."""

MEDIA_TYPES: dict[BookFileFormat, str] = {
    "m4b": "audio/mp4",
    "mp3": "audio/mpeg",
    "zip": "application/zip",
    "lpf": "application/lpf+zip",
    "audiobook": "application/audiobook+zip",
}
LAYOUT = "2026-11"
"""Names the way in which files are laid out: a file of another layout is made anew."""


@dataclass(frozen=True, slots=True)
class BookFileChapter:
    """A chapter that can be listened to; `key` is that of its clip, which is so many `seconds` long."""

    number: int
    title: str
    key: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Presentation:
    """What a player shows of a book beside its contents: who speaks, and the cover as the bytes of a picture file."""

    narrator: str
    cover: bytes | None


@dataclass(frozen=True, slots=True)
class BookFileContents:
    """What the library knows of a complete book that goes into a file; the chapter 0 is the summary of the whole."""

    isbn: ISBN
    title: str
    author: str
    language: str
    date: str
    chapters: tuple[BookFileChapter, ...]

    @property
    def seconds(self) -> float:
        """The length of all clips together."""
        return sum(chapter.seconds for chapter in self.chapters)

    @property
    def marks(self) -> list[dict[str, Any]]:
        """Where each chapter begins and ends, in seconds: `number`, `title`, `start`, `end`."""
        return [
            {"number": chapter.number, "title": chapter.title, "start": start, "end": end}
            for chapter, (start, end) in zip(self.chapters, self._spans(), strict=True)
        ]

    def digest(self, file_format: BookFileFormat) -> str:
        """Return a hash of all that a file is made of. A clip's key is one of its sound, its tags and its cover."""
        chapters = [[chapter.number, chapter.title, chapter.key] for chapter in self.chapters]
        return digest(LAYOUT, file_format, self.isbn, self.title, self.author, self.language, self.date, chapters)

    def _spans(self) -> Iterator[tuple[float, float]]:
        ends = list(accumulate(chapter.seconds for chapter in self.chapters))
        return zip([0.0, *ends], ends, strict=False)
