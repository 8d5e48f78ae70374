"""The chapters of a whole book's file as podcast apps read them: the podcast namespace's JSON chapters."""

import msgspec

from bookbytes_api.feeds.texts import shortened
from bookbytes_pipeline.library.models import BookFileRow, BookRow

CHAPTERS_TYPE = "application/json+chapters"
_VERSION = "1.2.0"


class FeedChapter(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A chapter, which begins at `startTime` and ends at `endTime` (seconds)."""

    start_time: float
    end_time: float
    title: str


class FeedChapters(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The chapters of a file in their order, in `version` 1.2.0 of the format, and the `title` of the book."""

    version: str
    title: str
    chapters: list[FeedChapter]


def chapters_of(book: BookRow, file: BookFileRow) -> bytes:
    """Return the chapters of a file as JSON."""
    chapters = [
        FeedChapter(
            start_time=round(chapter["start"], 3), end_time=round(chapter["end"], 3), title=shortened(chapter["title"])
        )
        for chapter in file.chapters
    ]
    return msgspec.json.encode(FeedChapters(version=_VERSION, title=shortened(book.title), chapters=chapters))
