"""A cached answer is not requested again, unless it cannot be read or the run is forced."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bookbytes_pipeline.domain.book import Book, ContentsRow
from bookbytes_pipeline.domain.errors import Unavailable
from bookbytes_pipeline.domain.narration import Narration, SpokenPiece
from bookbytes_pipeline.domain.summary import TokenUsage
from bookbytes_pipeline.domain.writing_request import Answer, WritingRequest
from bookbytes_pipeline.providers.response_cache import (
    CachingModel,
    CachingNarrator,
    CallScope,
    NullCache,
    ResponseCache,
    StaleIfErrorSource,
    cache_for_run,
    read_cached,
)
from bookbytes_pipeline.store.folder import Folder
from bookbytes_pipeline.store.response_cache import StoredResponses

REQUEST = WritingRequest("chapter_summary", "Be brief.", "Deltas?", {"type": "object"}, "", 475, "en")
NARRATION = Narration("Deltas are wide.", "en")
FORCED = CallScope("", "a")
BOOK = Book("9780306406157", "On Rivers", "open_library", authors=("Ada Ford",), contents=(ContentsRow("Springs"),))


class MemoryCache:
    """A cache in a dictionary."""

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], bytes] = {}

    def get(self, kind: str, digest: str) -> bytes | None:
        """Return the bytes, or None."""
        return self.entries.get((kind, digest))

    def set(self, kind: str, digest: str, answer: bytes) -> None:
        """Store the bytes."""
        self.entries[kind, digest] = answer

    def delete(self, kind: str, digest: str) -> None:
        """Remove the bytes."""
        self.entries.pop((kind, digest), None)

    def mark(self, kind: str, digest: str) -> None:
        """Do nothing, as the store does."""


class Writer:
    """A language model that numbers its answers."""

    needs_text = quotes = False

    def __init__(self, name: str = "writer", model: str = "w-1") -> None:
        self.name, self.model = name, model
        self.calls = 0

    async def write(self, request: WritingRequest) -> Answer:
        """Return the next answer."""
        self.calls += 1
        return Answer({"known": True, "summary": f"{request.name} {self.calls}"}, "w-1-2026", TokenUsage(1, 100, 10))


class Reader:
    """A narrator that numbers its recordings."""

    def __init__(self, name: str = "reader", voice: str = "plain") -> None:
        self.name, self.voice = name, voice
        self.calls = 0

    async def speak(self, narration: Narration) -> list[SpokenPiece]:
        """Return the next recording."""
        self.calls += 1
        return [SpokenPiece(narration.text, f"{narration.text} {self.calls}".encode())]


class Catalogue:
    """A metadata source that can be unavailable."""

    name = "open_library"

    def __init__(self) -> None:
        self.is_down = False
        self.asked: list[str] = []

    async def find(self, isbn: str) -> Book:
        """Return the only book it has."""
        self.asked.append(isbn)
        if self.is_down:
            raise Unavailable(f"{isbn}: the catalogue is down.")
        return BOOK


def _write(writer: Writer, cache: ResponseCache, request: WritingRequest = REQUEST) -> str:
    return str(asyncio.run(CachingModel(writer, cache).write(request)).content["summary"])


def _speak(reader: Reader, cache: ResponseCache, narration: Narration = NARRATION) -> bytes:
    [piece] = asyncio.run(CachingNarrator(reader, cache).speak(narration))
    return piece.audio


def test_the_second_answer_is_the_first_and_costs_nothing() -> None:
    """Another instance, as after a restart, does not call the provider either."""
    writer, cache = Writer(), MemoryCache()

    first = asyncio.run(CachingModel(writer, cache).write(REQUEST))
    second = asyncio.run(CachingModel(writer, cache).write(REQUEST))

    assert writer.calls == 1
    assert (first.content, first.model) == (second.content, second.model)
    assert (TokenUsage(1, 100, 10), TokenUsage()) == (first.usage, second.usage)


@pytest.mark.parametrize(
    "changed",
    [
        {"instructions": "Be long."},
        {"prompt": "Rapids?"},
        {"schema": {"type": "array"}},
        {"text": "Deltas are wide."},
        {"words": 300},
        {"language": "de"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_another_request_is_sent(changed: dict[str, Any]) -> None:
    """Any change makes it another request."""
    writer, cache = Writer(), MemoryCache()
    _write(writer, cache)

    assert "chapter_summary 2" == _write(writer, cache, replace(REQUEST, **changed))


@pytest.mark.parametrize(("name", "model"), [("writer", "w-2"), ("other", "w-1")], ids=["model", "provider"])
def test_another_model_has_its_own_answers(name: str, model: str) -> None:
    """An answer of one provider's model is never used for another."""
    other, cache = Writer(name, model), MemoryCache()
    _write(Writer(), cache)

    _write(other, cache)

    assert 1 == other.calls


def test_a_damaged_answer_counts_as_not_cached(tmp_path: Path) -> None:
    """A truncated file, as after a power cut, does not block a book permanently."""
    writer, cache = Writer(), StoredResponses(Folder(tmp_path))
    _write(writer, cache)
    for path in (tmp_path / "remembered" / "chapter_summary").iterdir():
        path.write_bytes(path.read_bytes()[:20])

    assert "chapter_summary 2" == _write(writer, cache)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"content": 1}',
        b"\xff",
        b'{"content": {"a": "\xff"}, "model": "m", "usage": {}}',
        b"[" * 9999,
    ],
)
def test_invalid_content_is_not_read_as_an_answer(content: bytes) -> None:
    """Broken JSON, other JSON and JSON without end all count as not cached."""
    assert None is read_cached(content, Answer)


def test_a_cached_recording_is_not_requested_again() -> None:
    """A recording may have been paid for; it is returned byte for byte."""
    reader, cache = Reader(), MemoryCache()

    assert [b"Deltas are wide. 1"] * 2 == [_speak(reader, cache), _speak(reader, cache)]


@pytest.mark.parametrize(
    ("changed", "narration"),
    [
        pytest.param({}, Narration("Deltas are wide.", "en-GB"), id="language"),
        pytest.param({}, Narration("Deltas are flat.", "en"), id="text"),
        pytest.param({"voice": "deep"}, NARRATION, id="voice"),
        pytest.param({"name": "other"}, NARRATION, id="narrator"),
    ],
)
def test_other_speech_is_requested(changed: dict[str, str], narration: Narration) -> None:
    """A recording is valid for one text in one language by one voice of one narrator."""
    reader, cache = Reader(**changed), MemoryCache()
    _speak(Reader(), cache)

    _speak(reader, cache, narration)

    assert 1 == reader.calls


def test_a_discarded_recording_is_requested_again() -> None:
    """A recording that the encoder cannot use does not block a book permanently; other recordings stay."""
    reader, cache, other = Reader(), MemoryCache(), Narration("Springs.", "en")
    narrator = CachingNarrator(reader, cache)
    _speak(reader, cache)
    _speak(reader, cache, other)

    asyncio.run(narrator.discard(NARRATION))

    assert (b"Deltas are wide. 3", b"Springs. 2") == (_speak(reader, cache), _speak(reader, cache, other))


def test_a_discarded_answer_is_requested_again() -> None:
    """An answer without anything worth hearing does not fail a chapter permanently; other answers stay."""
    writer, cache, other = Writer(), MemoryCache(), replace(REQUEST, prompt="Springs?")
    _write(writer, cache)
    _write(writer, cache, other)

    asyncio.run(CachingModel(writer, cache).discard(REQUEST))

    assert ("chapter_summary 3", "chapter_summary 2") == (_write(writer, cache), _write(writer, cache, other))


def test_a_forced_run_requests_again_and_only_once() -> None:
    """It does not use older answers, and continues from its own if it was interrupted."""
    writer, cache = Writer(), MemoryCache()
    _write(writer, cache)

    answers = [_write(writer, cache_for_run(cache, CallScope(force_token=token))) for token in ("a", "a", "b")]

    assert ["chapter_summary 2", "chapter_summary 2", "chapter_summary 3"] == answers


def test_later_runs_get_the_answers_of_a_forced_run() -> None:
    """A later request without force gets the newest answer and costs nothing."""
    writer, cache = Writer(), MemoryCache()
    _write(writer, cache)
    _write(writer, cache_for_run(cache, FORCED))

    assert "chapter_summary 2" == _write(writer, cache_for_run(cache, CallScope()))


def test_a_recording_discarded_by_a_forced_run_is_gone_for_all_runs() -> None:
    """An unusable recording is unusable for a run without force too."""
    cache = MemoryCache()
    forced = cache_for_run(cache, FORCED)
    _speak(Reader(), forced)

    asyncio.run(CachingNarrator(Reader(), forced).discard(NARRATION))

    assert {} == cache.entries


def test_a_run_notes_which_book_uses_an_answer() -> None:
    """Whether the answer is new or known; who makes no book notes nothing."""
    cache, writer = MemoryCache(), Writer()
    _write(writer, cache_for_run(cache, CallScope()))
    assert not _users(cache)

    for isbn in ("9780306406157", "9780140328721"):
        _write(writer, cache_for_run(cache, CallScope(isbn)))
    _speak(Reader(), cache_for_run(cache, CallScope("9780306406157")))

    ((_, answer),) = (entry for entry in cache.entries if entry[0] == "chapter_summary")
    ((_, speech),) = (entry for entry in cache.entries if entry[0] == "speech_pieces")
    assert {
        f"chapter_summary-{answer}/9780306406157",
        f"chapter_summary-{answer}/9780140328721",
        f"speech_pieces-{speech}/9780306406157",
    } == _users(cache)


def test_a_forced_run_marks_what_later_runs_read_too() -> None:
    """Also when it goes on after an interruption and finds its own answer."""
    cache, writer = MemoryCache(), Writer()
    forced = cache_for_run(cache, CallScope("9780306406157", "a"))
    _write(writer, forced)
    noted = _users(cache)
    for name in noted:
        cache.delete("used_by", name)

    _write(writer, forced)

    assert (1, 2) == (writer.calls, len(noted))
    assert noted == _users(cache)


def test_a_recording_is_marked_without_being_read() -> None:
    """Its chapter has a clip already; another encoding would need the recording again."""
    cache = MemoryCache()
    scope = CallScope("9780306406157")
    _speak(Reader(), cache_for_run(cache, CallScope()))

    asyncio.run(CachingNarrator(Reader(), cache_for_run(cache, scope)).mark(NARRATION))

    ((_, speech),) = (entry for entry in cache.entries if entry[0] == "speech_pieces")
    assert f"speech_pieces-{speech}/9780306406157" in _users(cache)


def test_without_a_cache_everything_is_requested_again() -> None:
    """`doctor` has to know whether providers answer now."""
    reader, cache = Reader(), NullCache()

    assert [b"Deltas are wide. 1", b"Deltas are wide. 2"] == [_speak(reader, cache), _speak(reader, cache)]


def test_a_source_that_is_down_is_replaced_by_the_cache() -> None:
    """The metadata stays the same, and with it every request that contains it."""
    catalogue = Catalogue()
    source = StaleIfErrorSource(catalogue, MemoryCache())
    asyncio.run(source.find(BOOK.isbn))
    catalogue.is_down = True

    assert BOOK == asyncio.run(source.find(BOOK.isbn))


def test_a_source_that_is_down_without_a_cached_answer_is_unavailable() -> None:
    """There is no cached book to return."""
    catalogue = Catalogue()
    catalogue.is_down = True

    with pytest.raises(Unavailable, match="the catalogue is down"):
        asyncio.run(StaleIfErrorSource(catalogue, MemoryCache()).find(BOOK.isbn))


def test_a_forced_run_keeps_its_questions_apart() -> None:
    """The token says which run, the digest still which question."""
    cache = cache_for_run(MemoryCache(), FORCED)
    cache.set("speech", "first", b"1")
    cache.set("speech", "second", b"2")

    assert (b"1", b"2", None) == tuple(cache.get("speech", digest) for digest in ("first", "second", "third"))


def test_a_source_is_asked_for_the_book_itself() -> None:
    """By the ISBN of the caller."""
    catalogue = Catalogue()

    asyncio.run(StaleIfErrorSource(catalogue, MemoryCache()).find(BOOK.isbn))

    assert [BOOK.isbn] == catalogue.asked


def _users(cache: MemoryCache) -> set[str]:
    return {name for kind, name in cache.entries if kind == "used_by"}
