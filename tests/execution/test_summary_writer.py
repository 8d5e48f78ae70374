"""Writing the summary of a chapter with a real model client against a server on loopback."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from bookbytes_pipeline.domain.book import Book, Chapter
from bookbytes_pipeline.domain.errors import PoorSummary, TooLong
from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.domain.summary import BookSummaries, Grounding, Summary, TokenUsage
from bookbytes_pipeline.domain.words import count_words
from bookbytes_pipeline.execution.summary_writer import SummaryWriter
from bookbytes_pipeline.providers.call_slots import CallSlots
from bookbytes_pipeline.providers.models.openai import connect
from bookbytes_pipeline.providers.response_cache import CachingModel
from bookbytes_pipeline.store.folder import Folder
from bookbytes_pipeline.store.store import Store
from tests.fakes.openai_api import Canned, OpenAIApi, canned_completion
from tests.fakes.server import serving
from tests.truth.measures import chapter_text, from_memory, from_text

T = TypeVar("T")

BOOK = Book(ISBN("9780306406157"), "The Crossing", "epub", authors=("Ada Ford",), language="en")
TEXT = chapter_text("canary/changed")
CHAPTER = Chapter(1, "Over the Ice", count_words(TEXT))
FAITHFUL, INVENTED = from_text(), from_memory()
LENGTH = count_words(FAITHFUL)


def told(summary: str, *, known: bool = True) -> Canned:
    return canned_completion(json.dumps({"known": known, "summary": summary}), tokens=(100, 10))


def use(
    api: OpenAIApi,
    tmp_path: Path,
    work: Callable[[SummaryWriter], Awaitable[T]],
    *,
    max_tokens: int = 100_000,
    full_length: int = LENGTH,
) -> tuple[T, list[str]]:
    """Return what `work` makes with a writer, and the writer's notes."""
    notes: list[str] = []

    async def run(base_url: str) -> T:
        async with connect("sk-test", f"{base_url}/v1", "made-up", 10.0, CallSlots(2)) as model:
            cached = CachingModel(model, Store(Folder(tmp_path)).responses)
            return await work(SummaryWriter(cached, BOOK, "en", full_length, max_tokens, notes.append))

    with serving(api.application()) as base_url:
        return asyncio.run(run(base_url)), notes


def write(api: OpenAIApi, tmp_path: Path, text: str = TEXT) -> Summary:
    """Return the summary of the chapter."""
    ((summary, _), _) = use(api, tmp_path, lambda writer: writer.write(CHAPTER, text))
    return summary


def part_number(question: str) -> int:
    """Return which part a question is about: two are asked at a time, and arrive in any order."""
    return int(question.partition(":")[0])


def questions(api: OpenAIApi) -> list[str]:
    """Return the instructions of all requests."""
    return [body["messages"][0]["content"] for body in api.requests]


def test_a_good_answer_is_asked_for_once(tmp_path: Path) -> None:
    """It has its passages, and nothing to review."""
    api = OpenAIApi(script=[told(FAITHFUL)])

    summary = write(api, tmp_path)

    assert (FAITHFUL, (), 1) == (summary.text, summary.review_reasons, len(api.requests))
    assert all(TEXT[span.start : span.end] == span.quote for found in summary.evidence for span in found.spans)
    assert all(found.spans for found in summary.evidence)


@pytest.mark.parametrize(
    ("faulty", "named"),
    [
        (f"Here is the summary of the chapter: {FAITHFUL}", "talks about itself"),
        (FAITHFUL[:-20], "breaks off"),
        (f"{FAITHFUL} (Word count: {LENGTH})", "talks about itself"),
        (INVENTED, "1897"),
        ("The Crossing, by Ada Ford", "only repeats titles"),
        ("DRAFT: write about 160 words here", "next to nothing"),
        ("They crossed the ice in the end. " * 48, "next to nothing"),
        ("I'm sorry, but I can't summarise this chapter.", "declines"),
    ],
)
def test_a_faulty_answer_is_asked_for_once_more(faulty: str, named: str, tmp_path: Path) -> None:
    """With the fault in the question; the good answer is kept, and nothing is to be reviewed."""
    api = OpenAIApi(script=[told(faulty), told(FAITHFUL)])

    summary = write(api, tmp_path)

    assert (FAITHFUL, (), 2) == (summary.text, summary.review_reasons, len(api.requests))
    assert [False, True] == [named in question for question in questions(api)]


def test_both_answers_are_paid_for_and_counted(tmp_path: Path) -> None:
    """Calls and tokens are those of both."""
    api = OpenAIApi(script=[told(FAITHFUL[:-20]), told(FAITHFUL)])

    (_, spent), _ = use(api, tmp_path, lambda writer: writer.write(CHAPTER, TEXT))

    assert TokenUsage(2, 200, 20) == spent.usage


def test_the_better_of_two_faulty_answers_is_kept_for_review(tmp_path: Path) -> None:
    """With what is wrong with it, and without what can be cut off."""
    worse = f"Here is the summary of the chapter: {FAITHFUL[:-20]}"
    api = OpenAIApi(script=[told(worse), told(f"Here is the summary of the chapter: {FAITHFUL}")])

    summary = write(api, tmp_path)

    assert FAITHFUL == summary.text
    (reason,) = summary.review_reasons
    assert reason.startswith("It talks about itself")


def test_kept_answers_are_not_asked_for_again(tmp_path: Path) -> None:
    """Also not a faulty one: it was paid for, and people know of it."""
    api = OpenAIApi(script=[told(INVENTED), told(INVENTED)])

    first, second = write(api, tmp_path), write(api, tmp_path)

    assert (first, 2) == (second, len(api.requests))
    assert first.needs_review


def test_a_sentence_without_a_passage_is_left_out_where_the_rest_holds(tmp_path: Path) -> None:
    """The other sentences are good, so there is nothing to review; a note says what was left out."""
    doubtful = f"{FAITHFUL} In 1897 Marta Lindqvist of Tolmen wrote an opera about it."
    api = OpenAIApi(script=[told(doubtful), told(doubtful)])

    (summary, _), notes = use(api, tmp_path, lambda writer: writer.write(CHAPTER, TEXT))

    assert (" ".join(FAITHFUL.split()), ()) == (" ".join(summary.text.split()), summary.review_reasons)
    assert ["opera" in note for note in notes] == [True]


@pytest.mark.parametrize(
    "poor",
    [
        "The Crossing, by Ada Ford",
        "DRAFT: write about 160 words here",
        "They crossed the ice in the end. " * 48,
        "I'm sorry, but I can't summarise this chapter.",
    ],
)
def test_what_is_never_worth_hearing_fails_and_is_forgotten(poor: str, tmp_path: Path) -> None:
    """The next run asks anew instead of failing for ever."""
    api = OpenAIApi(script=[told(poor), told(poor)])
    with pytest.raises(PoorSummary, match=r"asked twice.*OPENAI_MODEL"):
        write(api, tmp_path)

    api.script.append(told(FAITHFUL))

    assert FAITHFUL == write(api, tmp_path).text


def test_a_refusal_of_the_second_try_leaves_the_first(tmp_path: Path) -> None:
    """It has faults, and it is better than nothing."""
    refusal = Canned(400, {"error": {"message": "no", "code": "content_policy_violation"}})
    api = OpenAIApi(script=[told(FAITHFUL[:-20]), refusal])

    assert write(api, tmp_path).needs_review


def test_a_model_may_not_know_a_chapter(tmp_path: Path) -> None:
    """That is an answer, and not asked for again."""
    api = OpenAIApi(script=[told("", known=False)])

    summary = write(api, tmp_path, text="")

    assert (False, "", 1) == (summary.known, summary.text, len(api.requests))


def test_a_long_chapter_is_read_in_parts(tmp_path: Path) -> None:
    """All of its text is sent, part by part, and one summary is made of those of the parts."""
    api = OpenAIApi(script=[Canned(when="The summaries of its parts", body=told(FAITHFUL).body)])
    text = TEXT * 3

    (summary, _), _ = use(api, tmp_path, lambda writer: writer.write(CHAPTER, text), max_tokens=3_000)

    asked = [body["messages"][-1]["content"] for body in api.requests]
    about_parts = (question.partition("The text of part ")[2] for question in asked)
    parts = [part.partition(":\n\n")[2] for part in sorted(filter(None, about_parts), key=part_number)]
    assert len(parts) == len(asked) - 1 >= 2
    assert "".join(text.split()) == "".join("".join(parts).split())
    assert FAITHFUL == summary.text


def test_the_parts_of_a_chapter_need_less_room_than_the_chapter(tmp_path: Path) -> None:
    """A context with no room for a page and the summary of a whole chapter has room for a page and its own summary."""
    api = OpenAIApi()

    (summary, _), _ = use(
        api, tmp_path, lambda writer: writer.write(CHAPTER, TEXT * 2), max_tokens=2_500, full_length=540
    )

    asked = [body["messages"][-1]["content"] for body in api.requests]
    assert "The text of part" in asked[0]
    assert "The summaries of its parts" in asked[-1]
    assert summary.known


def test_what_a_server_says_of_its_context_is_learned(tmp_path: Path) -> None:
    """The second chapter is read in parts at once, and a note says why."""
    said = "This model's maximum context length is 3000 tokens. However, you requested 9000 tokens"
    api = OpenAIApi(script=[Canned(400, {"error": {"message": said, "code": "context_length_exceeded"}})])

    async def two(writer: SummaryWriter) -> int:
        await writer.write(CHAPTER, TEXT * 3)
        await writer.write(Chapter(2, "Again", CHAPTER.words), f"{TEXT}\n\nThe end. {TEXT} {TEXT}")
        return writer.max_tokens

    max_tokens, notes = use(api, tmp_path, two)

    whole = [body for body in api.requests if "The text of the chapter" in body["messages"][-1]["content"]]
    assert (3000, 1) == (max_tokens, len(whole))
    assert "Long chapters are summarised in parts." in notes[0]


def test_a_model_that_reads_less_than_a_page_is_refused(tmp_path: Path) -> None:
    """In a sentence that says what to do."""
    with pytest.raises(TooLong, match="larger context"):
        use(OpenAIApi(), tmp_path, lambda writer: writer.write(CHAPTER, TEXT), max_tokens=900)


def test_the_book_has_a_summary_of_its_own(tmp_path: Path) -> None:
    """Made of those of its chapters; it has the number 0, the weakest grounding, and no passages."""
    chapters = tuple(
        Summary(number, f"Part {number}", FAITHFUL, grounding)
        for number, grounding in ((1, Grounding.FULL_TEXT), (2, Grounding.MODEL_MEMORY))
    )
    book = BookSummaries("en", "openai", "m", "r", TokenUsage(), chapters)
    api = OpenAIApi(script=[told(FAITHFUL)])

    (summary, _), _ = use(api, tmp_path, lambda writer: writer.write_book(book))

    assert (0, "The book in three minutes", Grounding.MODEL_MEMORY, ()) == (
        summary.number,
        summary.title,
        summary.grounding,
        summary.evidence,
    )
    assert "Part 1\n\n" in api.requests[0]["messages"][-1]["content"]
