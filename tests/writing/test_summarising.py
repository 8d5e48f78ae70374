"""What is asked for a chapter, and what is made of the answer."""

import pytest

from bookbytes_pipeline.domain.book import Book, BookText, Chapter, ChapterText, ContentsRow, ContentsSource
from bookbytes_pipeline.domain.errors import NothingKnown
from bookbytes_pipeline.domain.summary import Grounding, Summary, TokenUsage
from bookbytes_pipeline.domain.writing_request import Answer
from bookbytes_pipeline.writing.chapter_list import chapter_list_request, chapters_at_hand, chapters_from_memory
from bookbytes_pipeline.writing.chapter_summary import collected, read_summary, summary_request, summary_words
from bookbytes_pipeline.writing.fingerprints import summaries_fingerprint
from bookbytes_pipeline.writing.language import spoken_language

BOOK = Book("9780306406157", "On Rivers", "open_library", authors=("Ada Ford",), language="en")
CHAPTER = Chapter(3, "Deltas", 1800)
TEXT = "The Nile has a delta. Herodotus named it in the 5th century."


@pytest.mark.parametrize(("chapter", "summary"), [(0, 475), (9000, 475), (1425, 475), (900, 300), (2, 1)])
def test_a_summary_is_at_most_a_third_of_its_chapter(chapter: int, summary: int) -> None:
    """Full length from 1,425 words on, or where the length is not known."""
    assert summary == summary_words(chapter)


def test_a_task_from_text_holds_the_text_and_forbids_the_rest() -> None:
    """The model is told where its summary has to come from, in which language and how long."""
    task = summary_request(BOOK, CHAPTER, TEXT, "pt-BR")

    assert TEXT in task.prompt
    assert "Invent nothing" in task.instructions
    assert '"pt-BR"' in task.instructions
    assert "475 words" in task.instructions
    assert "$" not in task.instructions + task.prompt


def test_a_task_from_memory_offers_not_to_know() -> None:
    """Without text the model may say that it does not know the chapter."""
    task = summary_request(BOOK, CHAPTER, "", "en")

    assert 'set "known" to false' in task.instructions
    assert (task.text, task.words) == ("", 475)


def test_a_dollar_in_a_book_is_only_a_dollar() -> None:
    """Text that looks like a placeholder is left alone."""
    task = summary_request(BOOK, CHAPTER, "It cost $title and $5.", "en")

    assert "It cost $title and $5." in task.prompt


def test_a_summary_says_where_it_comes_from() -> None:
    """Grounding follows from whether there was a text."""
    answer = {"known": True, "summary": " Deltas are where rivers end. "}

    assert Summary(3, "Deltas", "Deltas are where rivers end.", Grounding.FULL_TEXT) == read_summary(
        CHAPTER, "Deltas are where rivers end.", answer
    )
    assert read_summary(CHAPTER, "", answer).grounding == Grounding.MODEL_MEMORY


@pytest.mark.parametrize("answer", [{"known": False, "summary": "Something."}, {"known": True, "summary": "  "}])
def test_a_chapter_that_is_not_known_has_no_words(answer: dict[str, object]) -> None:
    """Nothing is narrated that the model does not stand by."""
    assert Summary(3, "Deltas", "", Grounding.MODEL_MEMORY, known=False) == read_summary(CHAPTER, "", answer)


def test_names_and_numbers_the_chapter_lacks_are_listed() -> None:
    """A summary that adds Strabo and the year 1872 gives itself away; what the text holds does not."""
    written = "The delta of the Nile was named by Herodotus in the 5th century and mapped by Strabo in 1872."

    assert ("1872", "Strabo") == read_summary(CHAPTER, TEXT, {"known": True, "summary": written}).unsupported


def test_a_changed_book_gives_itself_away() -> None:
    """Where the text says something else than the famous book, a summary from memory is caught."""
    altered = TEXT.replace("Nile", "Loire").replace("Herodotus", "Martha")
    from_memory = {"known": True, "summary": "It tells how the Nile was described by Herodotus."}

    assert ("Nile", "Herodotus") == read_summary(CHAPTER, altered, from_memory).unsupported


def test_a_book_of_which_nothing_is_known_is_an_error_with_a_way_out() -> None:
    """The sentence names the book and the command that helps."""
    unknown = Summary(1, "Deltas", "", Grounding.MODEL_MEMORY, known=False)

    with pytest.raises(NothingKnown, match="bookbytes attach 9780306406157 FILE"):
        collected(BOOK, "en", [(unknown, Answer({}, "m", TokenUsage(1)))], "openai", "recipe")


def test_what_all_summaries_cost_is_added_up() -> None:
    """Calls and tokens of all chapters stand together."""
    known = Summary(1, "Deltas", "Words.", Grounding.FULL_TEXT)
    written = [(known, Answer({}, "m", TokenUsage(1, 10, 5))), (known, Answer({}, "m", TokenUsage(2, 20, 7)))]

    assert TokenUsage(3, 30, 12) == collected(BOOK, "en", written, "openai", "recipe").usage


def test_chapters_come_from_the_text_first() -> None:
    """The attached text decides, whatever the catalogue prints."""
    text = BookText("On Rivers", (ChapterText(1, "Springs", "one two three"),))

    listed = chapters_at_hand(BOOK, text)

    assert listed is not None
    assert (ContentsSource.EPUB, (Chapter(1, "Springs", 3),)) == (listed.source, listed.chapters)


def test_chapters_come_from_the_printed_contents_next() -> None:
    """A believable table of contents needs no model."""
    rows = tuple(ContentsRow(title) for title in ("Springs", "Rapids", "Lakes", "Deltas"))

    listed = chapters_at_hand(Book("9780306406157", "On Rivers", "open_library", contents=rows, pages=200), None)

    assert listed is not None
    assert (ContentsSource.OPEN_LIBRARY, 4) == (listed.source, len(listed.chapters))


def test_chapters_come_from_the_models_memory_last() -> None:
    """What the model remembers is numbered from 1; blank titles are not chapters."""
    listed = chapters_from_memory(BOOK, {"known": True, "chapters": ["Springs", " ", "Rapids\n and falls"]}, "recipe")

    assert chapters_at_hand(BOOK, None) is None
    assert "On Rivers" in chapter_list_request(BOOK).prompt
    assert (Chapter(1, "Springs"), Chapter(2, "Rapids and falls")) == listed.chapters


@pytest.mark.parametrize("answer", [{"known": False, "chapters": ["Springs"]}, {"known": True, "chapters": []}])
def test_a_book_the_model_does_not_know_has_no_made_up_chapters(answer: dict[str, object]) -> None:
    """Not knowing is an answer, and the person is told what helps."""
    with pytest.raises(NothingKnown, match="bookbytes attach"):
        chapters_from_memory(BOOK, answer, "recipe")


def test_the_text_knows_its_language_best() -> None:
    """Text before metadata before English."""
    text = BookText("Über Flüsse", (), language="de")

    assert ["de", "en", "en"] == [
        spoken_language(BOOK, text),
        spoken_language(BOOK, None),
        spoken_language(Book("9780306406157", "X", "epub"), None),
    ]


def test_another_model_is_another_recipe() -> None:
    """What was made by one model is stale under another; the same model is the same recipe in every process."""
    assert summaries_fingerprint("openai", "a") != summaries_fingerprint("openai", "b")
    assert summaries_fingerprint("openai", "a") == summaries_fingerprint("openai", "a")
