"""Asking for the summary of one chapter, and reading the answer."""

from collections.abc import Mapping, Sequence
from typing import Any

from bookbytes_pipeline.domain.book import Book, Chapter
from bookbytes_pipeline.domain.errors import NothingKnown
from bookbytes_pipeline.domain.summary import BookSummaries, Grounding, Summary, TokenUsage
from bookbytes_pipeline.domain.writing_request import Answer, WritingRequest
from bookbytes_pipeline.writing.grounding import unsupported_terms
from bookbytes_pipeline.writing.prompts import prompt

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {"known": {"type": "boolean"}, "summary": {"type": "string"}},
    "required": ["known", "summary"],
    "additionalProperties": False,
}
FULL_LENGTH = 475
"""Words: the middle of 450 to 500, three minutes of speech."""


def summary_words(chapter_words: int) -> int:
    """How long the summary of a chapter should be: at most a third of it. 0 stands for a chapter of unknown length."""
    return min(FULL_LENGTH, max(1, chapter_words // 3)) if chapter_words else FULL_LENGTH


def summary_request(book: Book, chapter: Chapter, text: str, language: str) -> WritingRequest:
    """Ask for the summary of `chapter`, from its `text` if there is any, else from memory."""
    words = summary_words(chapter.words)
    asked = prompt(f"chapter_summary_from_{'text' if text else 'memory'}").fill(
        title=book.title,
        author=book.author or "unknown",
        published=book.publish_date or "unknown",
        number=chapter.number,
        chapter=chapter.title,
        language=language,
        words=words,
        text=text,
    )
    return WritingRequest("chapter_summary", asked.instructions, asked.question, SCHEMA, text, words, language)


def read_summary(chapter: Chapter, text: str, content: Mapping[str, Any]) -> Summary:
    """The summary that the model answered with; one without words counts as not knowing the chapter."""
    grounding = Grounding.FULL_TEXT if text else Grounding.MODEL_MEMORY
    written = str(content["summary"]).strip() if content["known"] else ""
    doubts = unsupported_terms(written, text, chapter.title) if text else ()
    return Summary(chapter.number, chapter.title, written, grounding, known=bool(written), unsupported=doubts)


def collected(
    book: Book, language: str, written: Sequence[tuple[Summary, Answer]], provider: str, recipe: str
) -> BookSummaries:
    """All summaries of the book together; raises `NothingKnown` if the model knew not one of its chapters."""
    if not any(summary.known for summary, _ in written):
        raise NothingKnown(
            f"The language model knows no chapter of {book.title!r} ({book.isbn}). "
            f"Attach the book's text: bookbytes attach {book.isbn} FILE."
        )
    usage = sum((answer.usage for _, answer in written), TokenUsage())
    summaries = tuple(summary for summary, _ in written)
    return BookSummaries(language, provider, written[0][1].model, recipe, usage, summaries)
