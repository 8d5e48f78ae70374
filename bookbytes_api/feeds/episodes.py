"""The episodes of a book: its summary, its chapters, and its file where there is one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bookbytes_api.books.audio import MEDIA_TYPE
from bookbytes_api.feeds.addresses import Addresses
from bookbytes_api.feeds.dates import chapter_date, whole_file_date
from bookbytes_api.feeds.descriptions import about_chapter, about_whole_file
from bookbytes_api.feeds.guids import episode_guid, whole_file_guid
from bookbytes_api.feeds.shows import Credits, Episode
from bookbytes_api.feeds.texts import shortened
from bookbytes_api.feeds.whole_files import PLAYED_TYPES, whole_file, whole_file_name
from bookbytes_pipeline.library.models import BookRow, ChapterRow

SYNTHETIC_VOICE = "Synthetic voice"
"""The narrator, unless somebody chose a voice by its name."""
_WHOLE_FILE_TITLE = "The whole book"


@dataclass(frozen=True, slots=True)
class ListedBook:
    """A book in a feed: its number as a season, the date of its first episode, and whether titles are to name it."""

    book: BookRow
    season: int
    first_date: datetime
    in_titles: bool

    def title(self, text: str) -> str:
        """Return the title of an episode."""
        return shortened(f"{self.book.title}: {text}" if self.in_titles else text) or shortened(self.book.title)


def episodes_of(listed: ListedBook, addresses: Addresses, sizes: Mapping[str, int]) -> Iterator[Episode]:
    """Yield the episodes of a book in their order; `sizes` are those of its clips, and what has none is left out."""
    shared = _shared(listed, addresses)
    for part in parts_of(listed.book):
        if (key := part.audio_key) is not None and key in sizes:
            yield Episode(
                **shared,
                guid=episode_guid(listed.book.isbn, part.chapter_number),
                kind="full" if part.chapter_number else "trailer",
                title=listed.title(part.title),
                description=about_chapter(part),
                published=chapter_date(listed.first_date, part.chapter_number),
                number=part.chapter_number,
                address=addresses.clip(part.id, key),
                media_type=MEDIA_TYPE,
                bytes=sizes[key],
                seconds=part.duration or 0,
                transcript=addresses.transcript(part.id) if part.has_transcript else None,
            )
    yield from _whole_file(listed, addresses, shared)


def parts_of(book: BookRow) -> list[ChapterRow]:
    """Return the summary of a book, if there is one, and its chapters."""
    return [*([book.book_summary] if book.book_summary else []), *book.chapters]


def credits_of(book: BookRow) -> Credits:
    """Return who wrote a book and who speaks it."""
    return Credits(author=book.author, narrator=book.voice or SYNTHETIC_VOICE)


def _whole_file(listed: ListedBook, addresses: Addresses, shared: Mapping[str, Any]) -> Iterator[Episode]:
    book = listed.book
    if (file := whole_file(book)) is not None:
        yield Episode(
            **shared,
            guid=whole_file_guid(book.isbn),
            kind="bonus",
            title=listed.title(_WHOLE_FILE_TITLE),
            description=about_whole_file(book),
            published=whole_file_date(listed.first_date, book),
            number=0,
            address=addresses.whole_file(book.id, whole_file_name(file)),
            media_type=PLAYED_TYPES[file.format],
            bytes=file.bytes,
            seconds=file.seconds,
            chapters=addresses.chapters(book.id),
        )


def _shared(listed: ListedBook, addresses: Addresses) -> dict[str, Any]:
    """Return what is the same in all episodes of a book."""
    book = listed.book
    return {
        "season": listed.season,
        "season_name": book.title,
        "cover": addresses.cover(book.id),
        "language": book.language,
        "credits": credits_of(book),
    }
