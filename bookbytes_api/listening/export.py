"""Bookmarks as files: Markdown for notes, and the CSV that Readwise imports."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from itertools import groupby

from bookbytes_api.listening.bookmarks import bookmark_seconds
from bookbytes_api.listening.books import HeardBook
from bookbytes_api.listening.models import BookmarkRow
from bookbytes_pipeline.domain.isbn import ISBN

COLUMNS = ("Highlight", "Title", "Author", "URL", "Note", "Location", "Date")
"""What Readwise's import knows, in its order. `Location` is a whole number, `Date` is in UTC."""
_FORMULA = re.compile(r"^[=+\-@\t\r]")
"""What a spreadsheet would take for a formula (OWASP, CSV injection)."""
_MARKUP = re.compile(r"([\\`*_\[\]<>#])")

Books = Mapping[ISBN, HeardBook]


def readwise(bookmarks: Iterable[BookmarkRow], books: Books, address: str) -> str:
    """Return the bookmarks as CSV. One without a sentence has its note as highlight, else its chapter's title."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for row in bookmarks:
        highlight = row.sentence or row.note or row.chapter_title
        note = "\n\n".join(filter(None, (row.note if highlight != row.note else None, row.passage)))
        date = row.created_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
        book = books.get(row.isbn)
        location = int(bookmark_seconds(row, book) if book else row.seconds)
        cells = highlight, row.title, row.author, link(row, books, address) or "", note, str(location), date
        writer.writerow([_FORMULA.sub(r"'\g<0>", cell) for cell in cells])
    return text.getvalue()


def markdown(bookmarks: Sequence[BookmarkRow], books: Books, address: str) -> str:
    """Return the bookmarks as Markdown, by book and chapter."""
    parts: list[str] = []
    for (_, title, author), of_book in groupby(bookmarks, lambda row: (row.isbn, row.title, row.author)):
        parts.append(f"# {_plain(title)}\n\n{_plain(author)}")
        for (number, chapter), of_chapter in groupby(of_book, lambda row: (row.chapter_number, row.chapter_title)):
            parts.append(f"## {number}. {_plain(chapter)}")
            parts += [_entry(row, books, address) for row in of_chapter]
    return "\n\n".join(parts) + "\n"


def link(row: BookmarkRow, books: Books, address: str) -> str | None:
    """Return the address of the second in the chapter's clip; None if there is none in the library any more.

    It has no permission in it: whoever follows it has to log in, or send a token.
    """
    book = books.get(row.isbn)
    chapter = book.chapters.get(row.chapter_number) if book else None
    if chapter is None or chapter.audio_key is None:
        return None
    return f"{address}/api/v1/chapters/{chapter.id}/audio#t={row.seconds:g}"


def _entry(row: BookmarkRow, books: Books, address: str) -> str:
    minutes, seconds = divmod(int(row.seconds), 60)
    time, url = f"{minutes}:{seconds:02d}", link(row, books, address)
    made = row.created_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    lines = [
        f"### {f'[{time}]({url})' if url else time}",
        _quote(row.sentence),
        f"From the book:\n\n{_quote(row.passage)}" if row.passage else None,
        _plain(row.note) if row.note else None,
        f"*{made}*",
    ]
    return "\n\n".join(filter(None, lines))


def _quote(text: str | None) -> str | None:
    return "\n".join(f"> {line}" for line in _plain(text).splitlines()) if text else None


def _plain(text: str) -> str:
    """Return text that means the same in Markdown."""
    return _MARKUP.sub(r"\\\1", text)
