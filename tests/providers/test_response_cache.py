"""What was answered once is not asked again, unless it cannot be read any more."""

import asyncio
from pathlib import Path

from bookbytes_pipeline.domain.book import Book, ContentsRow
from bookbytes_pipeline.domain.errors import Unavailable
from bookbytes_pipeline.domain.summary import TokenUsage
from bookbytes_pipeline.domain.writing_request import Answer, WritingRequest
from bookbytes_pipeline.providers.response_cache import CachingModel, StaleIfErrorSource
from bookbytes_pipeline.store.folder import Folder
from bookbytes_pipeline.store.response_cache import StoredResponses

TASK = WritingRequest("chapter_summary", "Be brief.", "Deltas?", {"type": "object"}, "", 475, "en")
BOOK = Book("9780306406157", "On Rivers", "open_library", authors=("Ada Ford",), contents=(ContentsRow("Springs"),))


class Writer:
    """A language model that counts what it is asked."""

    name, model, needs_text = "writer", "w-1", False

    def __init__(self) -> None:
        self.asked = 0

    async def write(self, task: WritingRequest) -> Answer:
        """The same words every time."""
        self.asked += 1
        return Answer({"known": True, "summary": f"{task.name}."}, "w-1-2026", TokenUsage(1, 100, 10))


class Catalogue:
    """A metadata source that can be away."""

    name = "open_library"

    def __init__(self) -> None:
        self.away = False

    async def find(self, isbn: str) -> Book:
        """The one book it knows."""
        if self.away:
            raise Unavailable(f"{isbn}: the catalogue is away.")
        return BOOK


def _memory(folder: Path) -> StoredResponses:
    return StoredResponses(Folder(folder))


def test_the_second_answer_is_the_first_one_and_costs_nothing(tmp_path: Path) -> None:
    """Also another instance, after a restart, asks nobody."""
    writer, cache = Writer(), _memory(tmp_path)

    first = asyncio.run(CachingModel(writer, cache).write(TASK))
    again = asyncio.run(CachingModel(writer, cache).write(TASK))

    assert writer.asked == 1
    assert (first.content, first.model) == (again.content, again.model)
    assert (TokenUsage(1, 100, 10), TokenUsage()) == (first.usage, again.usage)


def test_another_question_is_asked(tmp_path: Path) -> None:
    """Anything that changes the task makes it another one."""
    writer, cache = Writer(), _memory(tmp_path)
    model = CachingModel(writer, cache)

    asyncio.run(model.write(TASK))
    asyncio.run(
        model.write(WritingRequest("chapter_summary", "Be brief.", "Rapids?", {"type": "object"}, "", 475, "en"))
    )

    assert writer.asked == 2


def test_a_damaged_answer_counts_as_never_given(tmp_path: Path) -> None:
    """Half a file, as a power cut leaves it, does not stop a book for ever."""
    writer, cache = Writer(), _memory(tmp_path)
    model = CachingModel(writer, cache)
    asyncio.run(model.write(TASK))
    for kept in (tmp_path / "remembered" / "chapter_summary").iterdir():
        kept.write_bytes(kept.read_bytes()[:20])

    answer = asyncio.run(model.write(TASK))

    assert (2, "chapter_summary.") == (writer.asked, answer.content["summary"])


def test_a_catalogue_that_is_away_is_quoted_from_memory(tmp_path: Path) -> None:
    """The facts stay as they were, and with them every question that holds them."""
    catalogue = Catalogue()
    source = StaleIfErrorSource(catalogue, _memory(tmp_path))
    asyncio.run(source.find(BOOK.isbn))
    catalogue.away = True

    assert BOOK == asyncio.run(source.find(BOOK.isbn))
