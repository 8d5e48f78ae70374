"""The book in three minutes: asking for one summary of all chapters."""

from collections.abc import Iterable, Mapping

from bookbytes_pipeline.domain.book import Book, Chapter
from bookbytes_pipeline.domain.pace import summary_words
from bookbytes_pipeline.domain.summary import BookSummaries, Grounding, Summary
from bookbytes_pipeline.domain.words import count_words
from bookbytes_pipeline.domain.writing_request import WritingRequest
from bookbytes_pipeline.writing.chapter_summary import SCHEMA
from bookbytes_pipeline.writing.prompts import prompt

NUMBER = 0
"""Of its clip, which comes before that of chapter 1."""
MINUTES = 3.0
MIN_CHAPTERS = 2
"""The summary of one chapter says all that there is to say."""

_TITLES: Mapping[str, str] = {
    "da": "Bogen på tre minutter",
    "de": "Das Buch in drei Minuten",
    "en": "The book in three minutes",
    "es": "El libro en tres minutos",
    "fr": "Le livre en trois minutes",
    "it": "Il libro in tre minuti",
    "nb": "Boken på tre minutter",
    "nl": "Het boek in drie minuten",
    "no": "Boken på tre minutter",
    "pl": "Książka w trzy minuty",
    "pt": "O livro em três minutos",
    "ru": "Книга за три минуты",
    "sv": "Boken på tre minuter",
}


def book_as_chapter(book: Book, language: str) -> Chapter:
    """What stands for the whole book among its chapters; its title is the book's in a language that is not listed."""
    return Chapter(NUMBER, _TITLES.get(language.partition("-")[0].lower(), book.title))


def chapter_summaries_text(summaries: Iterable[Summary]) -> str:
    """All that is known of the chapters, as one text."""
    return "\n\n".join(f"{summary.title}\n\n{summary.text}" for summary in summaries if summary.known)


def book_summary_request(book: Book, text: str, language: str, full_length: int) -> WritingRequest:
    """Ask for the summary of the book whose chapters are summarised in `text`."""
    words = summary_words(count_words(text), full_length)
    asked = prompt("book_summary").fill(
        title=book.title, author=book.author or "unknown", language=language, words=words, text=text
    )
    return WritingRequest("book_summary", asked.instructions, asked.question, SCHEMA, text, words, language)


def grounding_of(summaries: BookSummaries) -> Grounding:
    """The weakest grounding among the chapters: what is made of memory is from memory."""
    known = {summary.grounding for summary in summaries.summaries if summary.known}
    return Grounding.MODEL_MEMORY if Grounding.MODEL_MEMORY in known else Grounding.FULL_TEXT
