"""Asking for the summary of one chapter, and reading the answer."""

from collections.abc import Iterable, Mapping
from typing import Any

from bookbytes_pipeline.domain.book import Book, Chapter
from bookbytes_pipeline.domain.errors import NothingKnown
from bookbytes_pipeline.domain.pace import FULL_LENGTH, summary_words
from bookbytes_pipeline.domain.summary import Grounding, Summary
from bookbytes_pipeline.domain.writing_request import WritingRequest
from bookbytes_pipeline.writing.prompts import prompt

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {"known": {"type": "boolean"}, "summary": {"type": "string"}},
    "required": ["known", "summary"],
    "additionalProperties": False,
}
MIN_PART_WORDS = 120
"""Of the summary of a part of a chapter."""


def summary_request(
    book: Book, chapter: Chapter, text: str, language: str, full_length: int = FULL_LENGTH
) -> WritingRequest:
    """Ask for the summary of `chapter`, from its `text` if there is any, else from memory."""
    name = f"chapter_summary_from_{'text' if text else 'memory'}"
    return _request(name, book, chapter, text, language, summary_words(chapter.words, full_length))


def part_request(
    book: Book, chapter: Chapter, text: str, language: str, *, part: int, parts: int, words: int
) -> WritingRequest:
    """Ask for the summary of part number `part` (from 1) of a chapter that is too long to be read at once."""
    return _request("chapter_part_summary", book, chapter, text, language, words, part=part, parts=parts)


def parts_request(book: Book, chapter: Chapter, summaries: str, language: str, words: int) -> WritingRequest:
    """Ask for one summary of a chapter, made from the `summaries` of its parts."""
    return _request("chapter_summary_from_parts", book, chapter, summaries, language, words)


def read_summary(chapter: Chapter, text: str, content: Mapping[str, Any]) -> Summary:
    """The summary that the model answered with; one without words counts as not knowing the chapter."""
    grounding = Grounding.FULL_TEXT if text else Grounding.MODEL_MEMORY
    written = str(content["summary"]).strip() if content["known"] else ""
    return Summary(chapter.number, chapter.title, written, grounding, known=bool(written))


def require_known(book: Book, summaries: Iterable[Summary]) -> None:
    """Raise `NothingKnown` if the model knew not one of the book's chapters, or saw in its text not one chapter."""
    written = tuple(summaries)
    if any(summary.known for summary in written):
        return
    if any(summary.grounding is Grounding.FULL_TEXT for summary in written):
        raise NothingKnown(
            f"The language model finds no chapter in the text of {book.title!r} ({book.isbn}), although it was given "
            "all of it. Choose another model (OPENAI_MODEL)."
        )
    raise NothingKnown(
        f"The language model knows no chapter of {book.title!r} ({book.isbn}). "
        f"Attach the book's text: bookbytes attach {book.isbn} FILE."
    )


def _request(
    prompt_name: str, book: Book, chapter: Chapter, text: str, language: str, words: int, **facts: int
) -> WritingRequest:
    asked = prompt(prompt_name).fill(
        title=book.title,
        author=book.author or "unknown",
        published=book.publish_date or "unknown",
        number=chapter.number,
        chapter=chapter.title,
        language=language,
        words=words,
        text=text,
        **facts,
    )
    return WritingRequest("chapter_summary", asked.instructions, asked.question, SCHEMA, text, words, language)
