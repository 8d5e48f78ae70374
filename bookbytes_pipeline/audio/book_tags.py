"""What the MP3 file of a whole book says about itself: an ID3v2.4 tag with its chapters.

Layout of the chapters: https://id3.org/id3v2-chapters-1.0
"""

from struct import pack
from typing import Any

from bookbytes_pipeline.audio.tags import (
    COMMENT,
    GENRE,
    UTF_8,
    frame,
    iso_639_2,
    picture_frame,
    size,
    text_frame,
    words,
)
from bookbytes_pipeline.domain.book_file import BookFileContents, Presentation

MAX_ENTRIES = 255
"""The number of entries in a table of contents has one byte: more chapters are in tables below the first."""
_TOP_LEVEL, _ORDERED = 2, 1
_NO_OFFSET = 0xFFFFFFFF


def book_id3(contents: BookFileContents, shown: Presentation) -> bytes:
    """The tag as it stands at the head of the file."""
    language = iso_639_2(contents.language)
    frames = b"".join(
        (
            text_frame("TIT2", contents.title),
            text_frame("TALB", contents.title),
            text_frame("TPE1", contents.author),
            text_frame("TCON", GENRE),
            text_frame("TLAN", language),
            text_frame("TCOM", shown.narrator),
            text_frame("TDRC", contents.date) if contents.date else b"",
            frame("TXXX", UTF_8 + words("ISBN") + words(contents.isbn)),
            frame("COMM", UTF_8 + language.encode() + words("") + words(COMMENT)),
            picture_frame(shown.cover),
            _tables([_element(number) for number in range(len(contents.chapters))]),
            *(_chapter(number, mark) for number, mark in enumerate(contents.marks)),
        )
    )
    return b"ID3\x04\x00\x00" + size(len(frames)) + frames


def _tables(chapters: list[str]) -> bytes:
    """The table of contents; where one cannot name all chapters it names tables that do."""
    if len(chapters) <= MAX_ENTRIES:
        return _table("toc", chapters, _TOP_LEVEL | _ORDERED)
    parts = [chapters[first : first + MAX_ENTRIES] for first in range(0, len(chapters), MAX_ENTRIES)]
    names = [f"toc{number}" for number in range(len(parts))]
    below = (_table(name, part, _ORDERED) for name, part in zip(names, parts, strict=True))
    return _table("toc", names, _TOP_LEVEL | _ORDERED) + b"".join(below)


def _table(name: str, entries: list[str], flags: int) -> bytes:
    return frame("CTOC", words(name) + bytes([flags, len(entries)]) + b"".join(map(words, entries)))


def _chapter(number: int, mark: dict[str, Any]) -> bytes:
    times = (round(1000 * mark[side]) for side in ("start", "end"))
    place = pack(">4I", *times, _NO_OFFSET, _NO_OFFSET)
    return frame("CHAP", words(_element(number)) + place + text_frame("TIT2", mark["title"]))


def _element(number: int) -> str:
    return f"chp{number}"
