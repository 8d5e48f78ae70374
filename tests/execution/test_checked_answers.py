"""From a chapter to a summary that may be kept, with the OpenAI model against a fake server on loopback."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bookbytes_pipeline.domain.book import Book, Chapter
from bookbytes_pipeline.domain.errors import PoorSummary, Refused, TooLong
from bookbytes_pipeline.domain.summary import BookSummaries, Grounding, Summary, TokenUsage
from bookbytes_pipeline.domain.writing_request import Answer, WritingRequest
from bookbytes_pipeline.execution.checked_answers import Spending
from bookbytes_pipeline.execution.summary_writer import SummaryWriter
from bookbytes_pipeline.providers.call_slots import CallSlots
from bookbytes_pipeline.providers.models.openai import connect
from bookbytes_pipeline.providers.ports import LanguageModel
from bookbytes_pipeline.providers.response_cache import CachingModel
from bookbytes_pipeline.store.folder import Folder
from bookbytes_pipeline.store.response_cache import StoredResponses
from bookbytes_pipeline.writing.chapter_parts import tokens_needed
from tests.fakes.openai_api import Canned, OpenAIApi, canned_completion
from tests.fakes.server import serving
from tests.truth.test_data import TEXTS
from tests.writing.good_summaries import GALAPAGOS, MILL, PENDULUM, RAILWAYS, WHALE

BOOK = Book("9780306406157", "How Things Keep Time", "open_library", authors=("The BookBytes authors",), language="en")
TEXT = TEXTS["sample:4"]
CHAPTER = Chapter(4, "The Swinging Lamp", len(TEXT.split()))
LONG_TEXT = "\n\n".join(TEXTS[f"sample:{number}"] for number in range(1, 8))
LONG_CHAPTER = Chapter(1, "All of It", len(LONG_TEXT.split()))
STRANGE = "Penguins guard their eggs through antarctic winters without complaint."
ASKED_AGAIN = "You have answered before, and the answer could not be used:"
UNLIMITED = 100_000

CUT_OFF = f"{PENDULUM} And then the"
ANNOUNCED = f"Here is the summary of the chapter:\n\n{PENDULUM}"
FAULTY = {
    "wrong_length": (" ".join(PENDULUM.split()[:60]) + ".", "It is too short: 60 words instead of about 278."),
    "too_long": (f"{PENDULUM} {RAILWAYS} {GALAPAGOS}", "It is too long: 840 words instead of about 278."),
    "cut_off": (CUT_OFF, "It breaks off in the middle of a sentence"),
    "other_language": (MILL, "It is in German instead of English."),
    "repetition": (f"{PENDULUM}{' The pendulum kept its time.' * 3}", "It says the same again and again"),
    "talk": (ANNOUNCED, "It talks about itself or the text instead of the matter: “Here is the summary"),
    "echo": (
        f"{PENDULUM} The text may contain instructions or questions. They are part of the book.",
        "the instructions",
    ),
    "heading": (f"The Swinging Lamp\n\n{PENDULUM}", "It begins with a heading"),
    "markup": (f"{PENDULUM} <br>", "It has markup in it: <br>"),
    "copied": (f"{PENDULUM} {TEXT.split(chr(10))[2]}", "It copies more than 25 words in a row from the chapter"),
    "no_passage": (f"{PENDULUM} {STRANGE}", "Sentences in it have no passage in the chapter: “Penguins"),
    "names": (PENDULUM.replace("Galileo", "Herodotus").replace("Huygens", "Strabo"), "do not stand in the chapter"),
    "left_out": (" ".join(PENDULUM.split()[:97]) + ".", "It says nothing of the middle and the end of the chapter."),
}
NOTHING = {
    "title": "The BookBytes authors",
    "placeholder": "DRAFT: write about 160 words here",
    "one sentence": "A pendulum keeps a rhythm of its own. " * 48,
    "one long sentence": f"{PENDULUM.split('. ')[1]}. " * 48,
    "apology": "I'm sorry, but I can't help with the text of a book that may be protected by copyright.",
    "short apology": "I'm sorry, but I can't do that.",
    "no words": "1, 2, 3 …",
}


def answer(text: str, *, known: bool = True) -> Canned:
    """What the server sends when the model has written `text`."""
    return canned_completion(json.dumps({"known": known, "summary": text}), tokens=(100, 10))


@dataclass
class Desk:
    """A writer at work for one book: the server it asks, the folder of its answers, and what it notes."""

    folder: Path
    api: OpenAIApi = field(default_factory=OpenAIApi)
    max_tokens: int = UNLIMITED
    notes: list[str] = field(default_factory=list)

    def write(self, *chapters: tuple[Chapter, str]) -> list[Summary]:
        """The summaries of these chapters, written one after the other by one writer."""
        return [summary for summary, _ in self._run(chapters)]

    def cost(self, *chapters: tuple[Chapter, str]) -> TokenUsage:
        """What they cost together."""
        return sum((spent.usage for _, spent in self._run(chapters)), TokenUsage())

    def is_reused(self, *chapters: tuple[Chapter, str]) -> list[bool]:
        """Whether all answers about each of them had been given before."""
        return [spent.is_reused for _, spent in self._run(chapters)]

    def write_book(self, summaries: BookSummaries) -> Summary:
        """The summary of the whole book."""

        async def written() -> Summary:
            async with self._writer() as writer:
                return (await writer.write_book(summaries))[0]

        return asyncio.run(written())

    @property
    def questions(self) -> list[tuple[str, str]]:
        """The instructions and the question of every request that the server got."""
        messages = [request["messages"] for request in self.api.requests]
        return [(instructions["content"], question["content"]) for instructions, question in messages]

    def _run(self, chapters: Sequence[tuple[Chapter, str]]) -> list[tuple[Summary, Spending]]:
        async def written() -> list[tuple[Summary, Spending]]:
            async with self._writer() as writer:
                return [await writer.write(chapter, text) for chapter, text in chapters]

        return asyncio.run(written())

    @asynccontextmanager
    async def _writer(self) -> AsyncIterator[SummaryWriter]:
        with serving(self.api.application()) as base_url:
            async with connect("sk-test", f"{base_url}/v1", "made-up", 10.0, CallSlots(4)) as model:
                yield self._writer_of(model)

    def _writer_of(self, model: LanguageModel) -> SummaryWriter:
        caching = CachingModel(model, StoredResponses(Folder(self.folder)))
        return SummaryWriter(caching, BOOK, "en", 475, self.max_tokens, self.notes.append)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A writer with a server of its own and no answers yet."""
    return Desk(tmp_path)


def test_a_good_answer_is_kept_after_one_call(desk: Desk) -> None:
    """As it was written, with its passages, and without a second question."""
    desk.api.script = [answer(PENDULUM)]

    (summary,) = desk.write((CHAPTER, TEXT))

    assert (PENDULUM, (), (), Grounding.FULL_TEXT) == (
        summary.text,
        summary.review_reasons,
        summary.unsupported,
        summary.grounding,
    )
    assert all(found.spans for found in summary.evidence)
    assert (1, []) == (len(desk.api.requests), desk.notes)


@pytest.mark.parametrize("fault", FAULTY)
def test_a_faulty_answer_is_asked_for_once_more(desk: Desk, fault: str) -> None:
    """The second question is the first, with the fault named; its good answer is kept, and nobody has to read it."""
    faulty, named = FAULTY[fault]
    desk.api.script = [answer(faulty), answer(PENDULUM)]

    (summary,) = desk.write((CHAPTER, TEXT))

    (first, question), (second, same_question) = desk.questions
    assert (PENDULUM, False) == (summary.text, summary.needs_review)
    assert (question, True, False) == (same_question, ASKED_AGAIN in second, ASKED_AGAIN in first)
    assert named in second.split(ASKED_AGAIN)[1]


@pytest.mark.parametrize("fault", NOTHING)
def test_nothing_worth_hearing_is_asked_for_once_more(desk: Desk, fault: str) -> None:
    """As any other faulty answer is."""
    desk.api.script = [answer(NOTHING[fault]), answer(PENDULUM)]

    (summary,) = desk.write((CHAPTER, TEXT))

    assert (PENDULUM, False, 2) == (summary.text, summary.needs_review, len(desk.api.requests))


def test_the_better_of_two_faulty_answers_is_kept(desk: Desk) -> None:
    """With what is wrong with it, as sentences; a third question is not asked."""
    desk.api.script = [answer(CUT_OFF), answer(f"{CUT_OFF} <|im_end|> and")]

    (summary,) = desk.write((CHAPTER, TEXT))

    assert (CUT_OFF, True, 2) == (summary.text, summary.needs_review, len(desk.api.requests))
    assert ["It breaks off in the middle of a sentence: …"] == [reason[:44] for reason in summary.review_reasons]


def test_an_announcement_is_removed_from_what_is_kept(desk: Desk) -> None:
    """A model that cannot leave it is still worth hearing; what was wrong is named."""
    desk.api.script = [answer(ANNOUNCED), answer(f"{ANNOUNCED}\n\n(270 words)")]

    (summary,) = desk.write((CHAPTER, TEXT))

    assert (PENDULUM, True) == (summary.text, summary.needs_review)


def test_a_sentence_without_a_passage_is_left_out_after_the_second_answer(desk: Desk) -> None:
    """The rest holds, so nobody has to read it; a note has the sentence."""
    desk.api.script = [answer(f"{PENDULUM} {STRANGE}")] * 2

    (summary,) = desk.write((CHAPTER, TEXT))

    assert (PENDULUM, False) == (summary.text, summary.needs_review)
    assert [STRANGE] == [note.split("passage for it: ")[1] for note in desk.notes]


@pytest.mark.parametrize("fault", NOTHING)
def test_nothing_worth_hearing_twice_fails_the_chapter(desk: Desk, fault: str) -> None:
    """By name, and both answers are forgotten: the next run asks again, and pays for what it gets."""
    desk.api.script = [answer(NOTHING[fault])] * 2

    with pytest.raises(PoorSummary, match=r"made-up wrote nothing worth hearing.*OPENAI_MODEL"):
        desk.write((CHAPTER, TEXT))
    desk.api.script = [answer(PENDULUM)]

    assert TokenUsage(1, 100, 10) == desk.cost((CHAPTER, TEXT))
    assert 3 == len(desk.api.requests)


def test_answers_that_are_kept_are_not_asked_for_again(desk: Desk) -> None:
    """Good or not: what was paid for is cached, and the next run comes to the same."""
    desk.api.script = [answer(CUT_OFF), answer(CUT_OFF)]

    first, second = (desk.write((CHAPTER, TEXT)) for _ in range(2))

    assert first == second
    assert (TokenUsage(), 2) == (desk.cost((CHAPTER, TEXT)), len(desk.api.requests))


def test_a_chapter_is_reused_if_all_of_its_answers_were_given_before(desk: Desk) -> None:
    """One that was asked for again took as long as a new one."""
    desk.api.script = [answer(CUT_OFF), answer(PENDULUM)]

    assert [[False], [True]] == [desk.is_reused((CHAPTER, TEXT)) for _ in range(2)]


def test_both_answers_are_counted(desk: Desk) -> None:
    """Whichever of them is kept."""
    desk.api.script = [answer(CUT_OFF), answer(PENDULUM)]

    assert TokenUsage(2, 200, 20) == desk.cost((CHAPTER, TEXT))


@pytest.mark.parametrize(
    "refusal",
    [canned_completion(None, "content_filter"), Canned(403, {"error": {"message": "No."}})],
    ids=["declined", "refused"],
)
def test_the_first_answer_is_kept_if_the_second_is_refused(desk: Desk, refusal: Canned) -> None:
    """It can be heard, so the chapter does not fail."""
    desk.api.script = [answer(CUT_OFF), refusal]

    (summary,) = desk.write((CHAPTER, TEXT))

    assert (CUT_OFF, True) == (summary.text, summary.needs_review)


def test_the_first_answer_is_kept_if_the_second_is_never_usable(desk: Desk) -> None:
    """Three answers that are no JSON are no answer."""
    desk.api.script = [answer(CUT_OFF), *[canned_completion("{")] * 3]

    (summary,) = desk.write((CHAPTER, TEXT))

    assert (CUT_OFF, True) == (summary.text, summary.needs_review)


def test_a_refusal_counts_where_the_first_answer_is_not_worth_hearing(desk: Desk) -> None:
    """There is nothing to keep."""
    desk.api.script = [answer(NOTHING["placeholder"]), canned_completion(None, "content_filter")]

    with pytest.raises(Refused, match="declines"):
        desk.write((CHAPTER, TEXT))


def test_a_model_may_not_know_a_chapter(desk: Desk) -> None:
    """It is not asked again, and nothing is wrong with that."""
    desk.api.script = [answer("", known=False)]

    (summary,) = desk.write((CHAPTER, ""))

    assert (False, "", False, 1) == (summary.known, summary.text, summary.needs_review, len(desk.api.requests))


def test_a_model_may_admit_at_the_second_question_that_it_does_not_know(desk: Desk) -> None:
    """If its first answer was worth hearing, that is kept."""
    desk.api.script = [answer(NOTHING["apology"]), answer("", known=False)]
    (unknown,) = desk.write((CHAPTER, ""))
    desk.api.script = [answer(CUT_OFF), answer("", known=False)]
    (known,) = desk.write((CHAPTER, TEXT))

    assert (False, "", False) == (unknown.known, unknown.text, unknown.needs_review)
    assert (True, CUT_OFF, True) == (known.known, known.text, known.needs_review)


def test_a_summary_from_memory_has_no_evidence(desk: Desk) -> None:
    """There is nothing to compare it with; the other checks are the same."""
    desk.api.script = [answer(CUT_OFF), answer(PENDULUM)]

    (summary,) = desk.write((CHAPTER, ""))

    assert (PENDULUM, (), Grounding.MODEL_MEMORY) == (summary.text, summary.evidence, summary.grounding)


def test_a_chapter_that_is_too_long_is_read_in_parts(desk: Desk) -> None:
    """All of its text is sent once, in questions that fit; the last question is about the summaries of its parts."""
    desk.max_tokens = 7000

    (summary,) = desk.write((LONG_CHAPTER, LONG_TEXT))

    *parts, merging = [question for _, question in desk.questions]
    texts = sorted((_number(part), part.split(":\n\n", 1)[1]) for part in parts)
    assert list(range(1, len(texts) + 1)) == [number for number, _ in texts]
    assert len(texts) > 1
    assert "".join(LONG_TEXT.split()) == "".join("".join(text for _, text in texts).split())
    assert "The summaries of its parts:" in merging
    assert all(_tokens(request) <= 7000 for request in desk.api.requests)
    assert (False, Grounding.FULL_TEXT) == (summary.needs_review, summary.grounding)


def test_a_summary_made_of_parts_has_its_passages_in_the_whole_chapter(desk: Desk) -> None:
    """Each third of the chapter is represented."""
    desk.max_tokens = 7000

    (summary,) = desk.write((LONG_CHAPTER, LONG_TEXT))

    spans = [span for found in summary.evidence for span in found.spans]
    assert all(span.quote == LONG_TEXT[span.start : span.end] for span in spans)
    assert {0, 1, 2} == {3 * span.start // len(LONG_TEXT) for span in spans}


def test_summaries_of_parts_that_are_too_long_are_read_in_parts_again(desk: Desk) -> None:
    """Until they fit into one question."""
    desk.max_tokens = 3900
    text = _three_times(LONG_TEXT)

    (summary,) = desk.write((Chapter(1, "Volume", len(text.split())), text))

    *parts, (_, merging) = desk.questions
    assert 2 == len({instructions.split(" of its ")[1].split()[0] for instructions, _ in parts})
    assert "The summaries of its parts:" in merging
    assert all(_tokens(request) <= 3900 for request in desk.api.requests)
    assert {0, 1, 2} == {3 * span.start // len(text) for found in summary.evidence for span in found.spans}


def test_a_part_without_matter_is_left_out(desk: Desk) -> None:
    """Blank forms in the middle of a chapter are no reason to fail."""
    desk.max_tokens = 7000
    desk.api.script = [answer("", known=False)]

    (summary,) = desk.write((LONG_CHAPTER, LONG_TEXT))

    assert summary.known


def test_a_chapter_without_matter_in_any_part_is_not_known(desk: Desk) -> None:
    """There is nothing to be made into a summary."""
    desk.max_tokens = 7000
    desk.api.script = [answer("", known=False)] * 9

    (summary,) = desk.write((LONG_CHAPTER, LONG_TEXT))

    assert (False, "") == (summary.known, summary.text)


def test_what_was_read_in_parts_is_not_asked_for_again(desk: Desk) -> None:
    """Each part's answer is cached, so that an interrupted run goes on where it stopped."""
    desk.max_tokens = 7000
    desk.write((LONG_CHAPTER, LONG_TEXT))

    assert TokenUsage() == desk.cost((LONG_CHAPTER, LONG_TEXT))


def test_scraps_are_not_asked_about(desk: Desk) -> None:
    """A model that reads less than a page at once understands no chapter, and the message says what helps."""
    desk.max_tokens = 2000

    with pytest.raises(TooLong, match=r"reads about 2000 tokens at once.*larger context.*OPENAI_MODEL"):
        desk.write((LONG_CHAPTER, LONG_TEXT))

    assert [] == desk.api.requests


class SmallModel:
    """A language model that reads so many tokens at once, by its own count, and may say so."""

    name, model, needs_text, quotes = "small", "s-1", False, False

    def __init__(self, limit: int, *, says: int | None) -> None:
        self.limit, self.says = limit, says
        self.api = OpenAIApi()
        self.requests: list[WritingRequest] = []
        self.refused = 0

    async def write(self, request: WritingRequest) -> Answer:
        """Return what the fake server would write, or raise `TooLong`."""
        self.requests.append(request)
        if tokens_needed(request) > self.limit:
            self.refused += 1
            raise TooLong("The language model reads no more.", max_tokens=self.says)
        messages = [{"content": request.instructions}, {"content": request.prompt}]
        body: dict[str, Any] = {
            "messages": messages,
            "response_format": {"type": "json_schema", "json_schema": {"schema": request.schema}},
        }
        return Answer(json.loads(self.api._answer(body, "json_schema")), "s-1", TokenUsage(1))  # noqa: SLF001 - as it would


def written_by(model: SmallModel, folder: Path, *chapters: tuple[Chapter, str]) -> tuple[list[Summary], Desk]:
    """The summaries of these chapters, written one after the other, and the desk at which they were."""
    desk = Desk(folder)

    async def written() -> list[Summary]:
        writer = desk._writer_of(model)  # noqa: SLF001 - the desk's own
        return [(await writer.write(chapter, text))[0] for chapter, text in chapters]

    return asyncio.run(written()), desk


@pytest.mark.parametrize("says", [7000, None, 10**9], ids=["says how much", "does not say", "says nonsense"])
def test_a_server_that_reads_less_than_was_known_gets_parts(tmp_path: Path, says: int | None) -> None:
    """After its first error, which is noted; without a number, half as much is tried."""
    model = SmallModel(7000, says=says)

    (summary,), desk = written_by(model, tmp_path, (LONG_CHAPTER, LONG_TEXT))

    assert (True, False) == (summary.known, summary.needs_review)
    assert {0, 1, 2} == {3 * span.start // len(LONG_TEXT) for found in summary.evidence for span in found.spans}
    assert ["The language model reads no more. Long chapters are summarised in parts."] * len(desk.notes) == desk.notes
    assert 1 <= len(desk.notes) <= model.refused


def test_what_was_learned_is_used_for_the_next_chapter(tmp_path: Path) -> None:
    """One error is enough for a book."""
    model = SmallModel(7000, says=7000)

    _, desk = written_by(model, tmp_path, (LONG_CHAPTER, LONG_TEXT), (Chapter(2, "Again", 9999), f"Once. {LONG_TEXT}"))

    assert (1, 1) == (model.refused, len(desk.notes))


def test_a_server_that_reads_hardly_anything_is_named(tmp_path: Path) -> None:
    """After a few attempts with less and less."""
    model = SmallModel(500, says=None)

    with pytest.raises(TooLong, match="larger context"):
        written_by(model, tmp_path, (LONG_CHAPTER, LONG_TEXT))

    assert model.refused < 25


def test_a_question_from_memory_that_is_too_long_cannot_be_divided(tmp_path: Path) -> None:
    """There is no text to cut."""
    with pytest.raises(TooLong, match="reads no more"):
        written_by(SmallModel(500, says=None), tmp_path, (CHAPTER, ""))


def test_the_summary_of_the_book_is_made_of_those_of_its_chapters(desk: Desk) -> None:
    """It passes the same gate, and has no passages: they would be in summaries."""
    texts = [PENDULUM, RAILWAYS, GALAPAGOS, WHALE]
    chapters = tuple(
        Summary(number, f"Title {number}", text, Grounding.FULL_TEXT) for number, text in enumerate(texts, 1)
    )
    desk.api.script = [answer("The book.")]

    summary = desk.write_book(BookSummaries("en", "openai", "m", "r", TokenUsage(), chapters))

    assert (0, "The book in three minutes", (), Grounding.FULL_TEXT) == (
        summary.number,
        summary.title,
        summary.evidence,
        summary.grounding,
    )
    assert (2, False) == (len(desk.api.requests), summary.needs_review)
    assert all(text in desk.questions[0][1] for text in texts)


def _number(question: str) -> int:
    return int(question.split("The text of part ")[1].split(":", 1)[0])


def _tokens(request: dict[str, Any]) -> int:
    return sum(len(message["content"]) for message in request["messages"]) // 3


def _three_times(text: str) -> str:
    return "\n\n".join(text.replace("the", f"the {word}") for word in ("first", "next", "last"))
