"""The book in three minutes: what is asked, and what it is made of."""

import pytest

from bookbytes_pipeline.domain.book import Book
from bookbytes_pipeline.domain.summary import BookSummaries, Grounding, Summary, TokenUsage
from bookbytes_pipeline.writing.book_summary import (
    book_as_chapter,
    book_summary_request,
    chapter_summaries_text,
    grounding_of,
)

BOOK = Book("9780306406157", "On Rivers", "open_library", authors=("Ada Ford",), language="en")
SPRINGS = Summary(1, "Springs", "Rivers begin.", Grounding.FULL_TEXT)
RAPIDS = Summary(2, "Rapids", "", Grounding.MODEL_MEMORY, known=False)
DELTAS = Summary(3, "Deltas", "Rivers end.", Grounding.FULL_TEXT)
FALLS = Summary(4, "Falls", "Rivers fall.", Grounding.MODEL_MEMORY)


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("en", "The book in three minutes"),
        ("en-GB", "The book in three minutes"),
        ("de-AT", "Das Buch in drei Minuten"),
        ("FR", "Le livre en trois minutes"),
        ("ja", "On Rivers"),
    ],
)
def test_the_book_stands_before_its_chapters(language: str, title: str) -> None:
    """With the number 0 and a title that can be spoken in the language."""
    chapter = book_as_chapter(BOOK, language)

    assert (0, title) == (chapter.number, chapter.title)


def test_the_text_is_what_is_known_of_the_chapters() -> None:
    """In order, each under its title."""
    assert "Springs\n\nRivers begin.\n\nDeltas\n\nRivers end." == chapter_summaries_text([SPRINGS, RAPIDS, DELTAS])


def test_the_request_has_the_summaries_and_the_rules() -> None:
    """Book, author, language and length stand in it, and no placeholder."""
    text = "Rivers begin and end. " * 400
    request = book_summary_request(BOOK, text, "pt-BR", 475)

    assert ("book_summary", text, 475, "pt-BR") == (request.name, request.text, request.words, request.language)
    assert ["Book: On Rivers", "Author: Ada Ford"] == request.prompt.splitlines()[:2]
    assert (True, True) == ('"pt-BR"' in request.instructions, "475 words" in request.instructions)
    assert "$" not in request.instructions + request.prompt


def test_short_chapters_have_a_short_book() -> None:
    """At most a third of their summaries."""
    assert 40 == book_summary_request(BOOK, "word " * 120, "en", 475).words


def test_an_author_who_is_not_known_is_called_unknown() -> None:
    """A gap would be filled by the model."""
    request = book_summary_request(Book("9780306406157", "On Rivers", "epub"), "Rivers begin.", "en", 475)

    assert "Author: unknown" in request.prompt


@pytest.mark.parametrize(
    ("summaries", "grounding"),
    [
        ((SPRINGS, DELTAS), Grounding.FULL_TEXT),
        ((SPRINGS, RAPIDS), Grounding.FULL_TEXT),
        ((SPRINGS, FALLS), Grounding.MODEL_MEMORY),
    ],
)
def test_what_is_made_of_memory_is_from_memory(summaries: tuple[Summary, ...], grounding: Grounding) -> None:
    """The weakest grounding counts, but not that of a chapter of which nothing is known."""
    assert grounding == grounding_of(BookSummaries("en", "openai", "m", "r", TokenUsage(), summaries))
