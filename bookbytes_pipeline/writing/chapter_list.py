"""The chapters of a book: from its text, its printed contents, or a language model that remembers them."""

from collections.abc import Mapping
from typing import Any

from bookbytes_pipeline.domain.book import Book, Chapter, ChapterList, ContentsSource
from bookbytes_pipeline.domain.corrections import ChosenChapters
from bookbytes_pipeline.domain.errors import NothingKnown
from bookbytes_pipeline.domain.writing_request import WritingRequest
from bookbytes_pipeline.writing.contents import plausible_chapters
from bookbytes_pipeline.writing.language import spoken_language
from bookbytes_pipeline.writing.prompts import prompt

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {"known": {"type": "boolean"}, "chapters": {"type": "array", "items": {"type": "string"}}},
    "required": ["known", "chapters"],
    "additionalProperties": False,
}
MAX_REMEMBERED_CHAPTERS = 100
"""No model remembers more than this many chapter titles of one book; a longer answer is a loop."""


def chapters_at_hand(book: Book, chosen: ChosenChapters | None) -> ChapterList | None:
    """The chapter list that costs nothing: the attached text's, else the printed contents if they can be believed."""
    if chosen is not None:
        return ChapterList(ContentsSource.EPUB, chosen.chapters)
    printed = plausible_chapters(book.contents, book.pages)
    return ChapterList(ContentsSource.OPEN_LIBRARY, printed) if printed else None


def chapter_list_request(book: Book) -> WritingRequest:
    """Ask a language model for the chapters it remembers."""
    language = spoken_language(book, None).tag
    asked = prompt("chapter_list").fill(
        title=book.title,
        author=book.author or "unknown",
        published=book.publish_date or "unknown",
        language=language,
        isbn=book.isbn,
    )
    return WritingRequest(
        "chapter_list", asked.instructions, asked.question, SCHEMA, text="", words=0, language=language
    )


def chapters_from_memory(book: Book, content: Mapping[str, Any], recipe: str) -> ChapterList:
    """The chapter list that the model answered with; raises `NothingKnown` if it does not know the book."""
    titles = [" ".join(str(title).split()) for title in content["chapters"]]
    named = [title for title in titles if title][:MAX_REMEMBERED_CHAPTERS]
    if not content["known"] or not named:
        raise NothingKnown(
            f"The language model does not know the chapters of {book.title!r} ({book.isbn}) and Open Library lists "
            f"none. Attach the book's text: bookbytes attach {book.isbn} FILE."
        )
    chapters = tuple(Chapter(number, title) for number, title in enumerate(named, start=1))
    return ChapterList(ContentsSource.LANGUAGE_MODEL, chapters, recipe)
