"""The edition that an ISBN names, its chapters and its text."""

import re
from dataclasses import dataclass
from enum import StrEnum

from bookbytes_pipeline.domain.isbn import ISBN


class ContentsSource(StrEnum):
    """Where a chapter list comes from, best first."""

    EPUB = "epub"
    OPEN_LIBRARY = "open_library"
    LANGUAGE_MODEL = "language_model"


@dataclass(frozen=True, slots=True)
class ContentsRow:
    """One row of a printed table of contents. `level` counts from 0; `label` is what stands before the title."""

    title: str
    label: str = ""
    level: int = 0


@dataclass(frozen=True, slots=True)
class Book:
    """What is known about the edition that `isbn` (13 digits) names.

    `language` is a BCP 47 tag such as `en` or `pt-BR`; `publish_date` is as printed, a year or a whole date.
    `isbns` are the other canonical ISBN-13s that the source gives for the same edition. `source` names the metadata
    source; `work_key` and `edition_key` are Open Library's (`/works/OL..W`, `/books/OL..M`).
    """

    isbn: ISBN
    title: str
    source: str
    subtitle: str | None = None
    authors: tuple[str, ...] = ()
    language: str | None = None
    edition: str | None = None
    publisher: str | None = None
    pages: int | None = None
    publish_date: str | None = None
    cover_url: str | None = None
    description: str | None = None
    work_key: str | None = None
    edition_key: str | None = None
    isbns: tuple[ISBN, ...] = ()
    contents: tuple[ContentsRow, ...] = ()

    @property
    def author(self) -> str:
        """The authors on one line, as a title page prints them; empty if none is named."""
        return ", ".join(self.authors)

    @property
    def publish_year(self) -> int | None:
        """The year in `publish_date`, however that is printed; None without one."""
        year = re.search(r"(?<!\d)(1[4-9]|20)\d\d(?!\d)", self.publish_date or "")
        return int(year[0]) if year else None


@dataclass(frozen=True, slots=True)
class Chapter:
    """A numbered part of a book, from 1. `words` is the length of its text, 0 where there is no text.

    `sections` are the numbers of the sections of the attached text that it is made of; none for a list of version
    0.3.0, where the chapter is that of the same number.
    """

    number: int
    title: str
    words: int = 0
    sections: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ChapterList:
    """The chapters of one book in reading order, and where the list comes from.

    `recipe` identifies the prompt and model of a list that a language model remembered, and `correction` what people
    had corrected when the list was made.
    """

    source: ContentsSource
    chapters: tuple[Chapter, ...]
    recipe: str | None = None
    correction: str = ""


@dataclass(frozen=True, slots=True)
class ChapterText:
    """The plain text of one chapter: paragraphs separated by blank lines, no footnotes and no markup.

    `section` numbers all sections of the book in reading order from 1, chapters and others; 0 in files of version
    0.3.0. `language` is a BCP 47 tag, None where nothing says.
    """

    number: int
    title: str
    text: str
    section: int = 0
    language: str | None = None


@dataclass(frozen=True, slots=True)
class PackageMetadata:
    """What an EPUB's own package document says about the book, each on one line without markup."""

    title: str
    authors: tuple[str, ...]
    language: str | None
    publisher: str | None
    publish_date: str | None
    description: str | None
    isbns: tuple[ISBN, ...]


@dataclass(frozen=True, slots=True)
class SkippedSection:
    """A section of an EPUB that is no chapter, with the reason in a few words (`imprint`, `endnotes`).

    `text` and `section` are as in `ChapterText`; the notes of a chapter have neither.
    """

    title: str
    words: int
    reason: str
    text: str = ""
    section: int = 0


@dataclass(frozen=True, slots=True)
class BookText:
    """What an attached EPUB holds.

    `title`, `authors`, `language`, `publisher`, `publish_date`, `description` and `isbns` are as its own package
    document says, but that `language` is what the text is judged to be in and `language_reason` a sentence that says
    why. `coverage` is the share (0..1) of the words that lies in `chapters`, among these and all that is left out and
    longer than 150 words; `warnings` are
    sentences for people about what the reader had to guess or leave out. `cover` names the image in the archive.
    """

    title: str
    chapters: tuple[ChapterText, ...]
    authors: tuple[str, ...] = ()
    language: str | None = None
    publisher: str | None = None
    publish_date: str | None = None
    description: str | None = None
    isbns: tuple[ISBN, ...] = ()
    left_out: tuple[SkippedSection, ...] = ()
    coverage: float = 1.0
    warnings: tuple[str, ...] = ()
    cover: str | None = None
    language_reason: str = ""
