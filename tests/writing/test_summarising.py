"""Requests for chapter summaries and chapter lists, and how their answers are read."""

from dataclasses import replace

import pytest

from bookbytes_pipeline.domain.book import Book, BookText, Chapter, ChapterText, ContentsRow, ContentsSource
from bookbytes_pipeline.domain.corrections import choose_chapters
from bookbytes_pipeline.domain.errors import NothingKnown
from bookbytes_pipeline.domain.pace import summary_words
from bookbytes_pipeline.domain.summary import Grounding, Summary
from bookbytes_pipeline.writing.chapter_list import SCHEMA as LIST_SCHEMA
from bookbytes_pipeline.writing.chapter_list import chapter_list_request, chapters_at_hand, chapters_from_memory
from bookbytes_pipeline.writing.chapter_summary import SCHEMA as SUMMARY_SCHEMA
from bookbytes_pipeline.writing.chapter_summary import read_summary, require_known, summary_request
from bookbytes_pipeline.writing.fingerprints import summaries_fingerprint
from bookbytes_pipeline.writing.language import spoken_language

BOOK = Book("9780306406157", "On Rivers", "open_library", authors=("Ada Ford",), language="en")
DATED = replace(BOOK, publish_date="1987")
CHAPTER = Chapter(3, "Deltas", 1800)
TEXT = "The Nile has a delta. Herodotus named it in the 5th century."


@pytest.mark.parametrize(("chapter", "summary"), [(0, 475), (9000, 475), (1425, 475), (900, 300), (2, 1)])
def test_a_summary_is_at_most_a_third_of_its_chapter(chapter: int, summary: int) -> None:
    """Full length from 1,425 words, or if the length is not known."""
    assert summary == summary_words(chapter)


def test_a_request_with_text_contains_the_text_and_forbids_inventing() -> None:
    """The model gets the source of the summary, its language and its length."""
    request = summary_request(BOOK, CHAPTER, TEXT, "pt-BR")

    assert TEXT in request.prompt
    assert "Invent nothing" in request.instructions
    assert '"pt-BR"' in request.instructions
    assert "475 words" in request.instructions
    assert "$" not in request.instructions + request.prompt


def test_a_request_without_text_allows_not_knowing() -> None:
    """Without text the model may answer that it does not know the chapter."""
    request = summary_request(BOOK, CHAPTER, "", "en")

    assert 'set "known" to false' in request.instructions
    assert (request.text, request.words) == ("", 475)


@pytest.mark.parametrize(
    ("text", "published"), [(TEXT, []), ("", ["Published: 1987"])], ids=["from text", "from memory"]
)
def test_a_summary_request_names_the_book_and_the_chapter(text: str, published: list[str]) -> None:
    """Every fact stands in the prompt, and the request carries what the answer is checked against."""
    request = summary_request(DATED, CHAPTER, text, "pt-BR")

    facts = ["Book: On Rivers", "Author: Ada Ford", "Chapter 3: Deltas", *published]
    assert [] == [fact for fact in facts if fact not in request.prompt.splitlines()]
    assert (True, True) == ("pt-BR" in request.instructions, "475 words" in request.instructions)
    assert ("chapter_summary", SUMMARY_SCHEMA, text, 475, "pt-BR") == (
        request.name,
        request.schema,
        request.text,
        request.words,
        request.language,
    )


def test_a_chapter_list_request_names_the_book() -> None:
    """Title, author, date, language and ISBN: enough to tell one edition from another."""
    request = chapter_list_request(DATED)

    facts = ["Book: On Rivers", "Author: Ada Ford", "Published: 1987", "Language: en", "ISBN: 9780306406157"]
    assert facts == request.prompt.splitlines()
    assert ("chapter_list", LIST_SCHEMA, "", 0, "en") == (
        request.name,
        request.schema,
        request.text,
        request.words,
        request.language,
    )


def test_what_is_not_known_of_a_book_is_called_unknown() -> None:
    """A gap in a prompt would be filled by the model."""
    plain = Book("9780306406157", "On Rivers", "open_library")

    for request in (chapter_list_request(plain), summary_request(plain, CHAPTER, "", "en")):
        assert 2 == f"{request.instructions}\n{request.prompt}".count("unknown")


def test_a_dollar_in_a_book_is_not_a_placeholder() -> None:
    """Text that looks like a placeholder is unchanged."""
    request = summary_request(BOOK, CHAPTER, "It cost $title and $5.", "en")

    assert "It cost $title and $5." in request.prompt


def test_a_summary_has_its_grounding() -> None:
    """The grounding depends on whether there was a text."""
    answer = {"known": True, "summary": " Deltas are where rivers end. "}

    assert Summary(3, "Deltas", "Deltas are where rivers end.", Grounding.FULL_TEXT) == read_summary(
        CHAPTER, "Deltas are where rivers end.", answer
    )
    assert read_summary(CHAPTER, "", answer).grounding == Grounding.MODEL_MEMORY


@pytest.mark.parametrize("answer", [{"known": False, "summary": "Something."}, {"known": True, "summary": "  "}])
def test_an_unknown_chapter_has_no_words(answer: dict[str, object]) -> None:
    """Nothing is narrated that the model says it does not know."""
    assert Summary(3, "Deltas", "", Grounding.MODEL_MEMORY, known=False) == read_summary(CHAPTER, "", answer)


def test_an_unknown_book_is_an_error_with_a_remedy() -> None:
    """The message names the book and the command that helps."""
    unknown = Summary(1, "Deltas", "", Grounding.MODEL_MEMORY, known=False)

    with pytest.raises(NothingKnown, match="bookbytes attach 9780306406157 FILE"):
        require_known(BOOK, [unknown])


def test_a_text_in_which_the_model_finds_no_chapter_is_not_asked_for_again() -> None:
    """Whoever has attached the text is told to choose another model."""
    unknown = Summary(1, "Deltas", "", Grounding.FULL_TEXT, known=False)

    with pytest.raises(NothingKnown, match=r"although it was given all of it\. Choose another model"):
        require_known(BOOK, [unknown])


def test_one_known_chapter_is_enough() -> None:
    """A book of which the model knows something is made, wherever that stands; without it the book is refused."""
    unknown = Summary(1, "Deltas", "", Grounding.MODEL_MEMORY, known=False)
    known = Summary(2, "Springs", "Words.", Grounding.MODEL_MEMORY)

    for summaries in ([unknown, known], [known, unknown], [known]):
        require_known(BOOK, summaries)
    with pytest.raises(NothingKnown):
        require_known(BOOK, [unknown])


def test_chapters_come_from_the_text_first() -> None:
    """The attached text takes precedence over the catalogue."""
    text = BookText("On Rivers", (ChapterText(1, "Springs", "one two three"),))

    chapter_list = chapters_at_hand(BOOK, choose_chapters(text))

    assert chapter_list is not None
    assert (ContentsSource.EPUB, (Chapter(1, "Springs", 3),)) == (chapter_list.source, chapter_list.chapters)


def test_chapters_come_from_the_printed_contents_next() -> None:
    """A plausible table of contents needs no model."""
    rows = tuple(ContentsRow(title) for title in ("Springs", "Rapids", "Lakes", "Deltas"))

    chapter_list = chapters_at_hand(Book("9780306406157", "On Rivers", "open_library", contents=rows, pages=200), None)

    assert chapter_list is not None
    assert (ContentsSource.OPEN_LIBRARY, 4) == (chapter_list.source, len(chapter_list.chapters))


def test_chapters_come_from_the_models_memory_last() -> None:
    """The model's chapters are numbered from 1; blank titles are not chapters."""
    chapter_list = chapters_from_memory(
        BOOK, {"known": True, "chapters": ["Springs", " ", "Rapids\n and falls"]}, "recipe"
    )

    assert chapters_at_hand(BOOK, None) is None
    assert "On Rivers" in chapter_list_request(BOOK).prompt
    assert (Chapter(1, "Springs"), Chapter(2, "Rapids and falls")) == chapter_list.chapters


@pytest.mark.parametrize("answer", [{"known": False, "chapters": ["Springs"]}, {"known": True, "chapters": []}])
def test_a_book_the_model_does_not_know_has_no_made_up_chapters(answer: dict[str, object]) -> None:
    """Not knowing is a valid answer, and the error says what helps."""
    with pytest.raises(NothingKnown, match="bookbytes attach"):
        chapters_from_memory(BOOK, answer, "recipe")


def test_the_language_of_the_text_takes_precedence() -> None:
    """The text's language is used before the metadata's, and English last."""
    text = BookText("Über Flüsse", (), language="de")

    assert ["de", "en", "en"] == [
        spoken_language(BOOK, text).tag,
        spoken_language(BOOK, None).tag,
        spoken_language(Book("9780306406157", "X", "epub"), None).tag,
    ]


def test_another_model_has_another_fingerprint() -> None:
    """Results of one model are stale under another; the same model always has the same fingerprint."""
    assert summaries_fingerprint("openai", "a") != summaries_fingerprint("openai", "b")
    assert summaries_fingerprint("openai", "a") == summaries_fingerprint("openai", "a")


@pytest.mark.parametrize(
    ("book", "text", "tag", "reason", "doubtful"),
    [
        ({"language": "en"}, "de", "de", "The text is German. The catalogue says English.", True),
        ({"language": "de"}, "de-AT", "de-AT", "The text is German.", False),
        ({"language": "fr"}, None, "fr", "The catalogue says French.", False),
        ({"title": "Eine Geschichte des Salzes und der See"}, None, "de", "The title is German", False),
        ({"title": "X"}, None, "en", "Neither text, catalogue nor title", True),
    ],
)
def test_the_language_is_chosen_with_a_reason(
    book: dict[str, str], text: str | None, tag: str, reason: str, doubtful: bool
) -> None:
    """Text, catalogue, title: the first that tells decides, and a disagreement is doubtful."""
    known = BookText("X", (), language=text, language_reason="The text is German.") if text else None
    choice = spoken_language(replace(Book("9780306406157", "X", "open_library"), **book), known)

    assert (tag, doubtful) == (choice.tag, choice.doubtful)
    assert choice.reason.startswith(reason)
