"""A cache written by release 0.3.0 is read without calling any provider again.

Digests and bytes are literals written by 0.3.0 itself, whose JSON came from pydantic.
"""

import asyncio

import msgspec

from bookbytes_pipeline.domain.book import Book, ContentsRow
from bookbytes_pipeline.domain.errors import Unavailable
from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.domain.narration import Narration, SpokenPiece
from bookbytes_pipeline.domain.summary import TokenUsage
from bookbytes_pipeline.domain.writing_request import Answer, WritingRequest
from bookbytes_pipeline.providers.response_cache import (
    CachingModel,
    CachingNarrator,
    StaleIfErrorSource,
    encode_answer,
)

SUMMARY = (
    '{"content":{"known":true,"summary":"Éau."},"model":"gpt-x-1",'
    '"usage":{"calls":1,"input_tokens":100,"output_tokens":10}}'
).encode()
CHAPTERS = (
    b'{"content":{"known":true,"chapters":["A","B"]},"model":"gpt-x-1",'
    b'"usage":{"calls":1,"input_tokens":100,"output_tokens":10}}'
)
BOOK = (
    b'{"isbn":"9780306406157","title":"On Rivers","source":"open_library","subtitle":null,"authors":["Ada Ford"],'
    b'"language":"en-GB","edition":null,"publisher":null,"pages":null,"publish_date":null,"cover_url":null,'
    b'"description":null,"work_key":null,"edition_key":null,"isbns":[],'
    b'"contents":[{"title":"Springs","label":"","level":0}]}'
)
CACHED = {
    ("chapter_summary", "662c89fd1b019a09da3be30c5b6b4620"): SUMMARY,
    ("chapter_list", "89fc46f04c33acce5ba1b16237fc1936"): CHAPTERS,
    ("speech", "2d293011ef8c4e39b1a37c18bf7c50ba"): b"a recording",
    ("open_library", "9780306406157"): BOOK,
}

SUMMARY_REQUEST = WritingRequest(
    "chapter_summary",
    "Be brief.",
    "Deltas?",
    {
        "type": "object",
        "properties": {"known": {"type": "boolean"}, "summary": {"type": "string"}},
        "required": ["known", "summary"],
        "additionalProperties": False,
    },
    "Deltas are wide.",
    475,
    "en-GB",
)
CHAPTERS_REQUEST = WritingRequest(
    "chapter_list",
    "Be brief.",
    "Chapters?",
    {
        "type": "object",
        "properties": {"known": {"type": "boolean"}, "chapters": {"type": "array", "items": {"type": "string"}}},
        "required": ["known", "chapters"],
        "additionalProperties": False,
    },
    "",
    0,
    "en-GB",
)
RIVERS = Book(
    ISBN("9780306406157"),
    "On Rivers",
    "open_library",
    authors=("Ada Ford",),
    language="en-GB",
    contents=(ContentsRow("Springs"),),
)


class CacheOf03:
    """The cache entries of 0.3.0; new entries are an error."""

    def get(self, kind: str, digest: str) -> bytes | None:
        """Return the bytes, or None."""
        return CACHED.get((kind, digest))

    def set(self, kind: str, digest: str, answer: bytes) -> None:
        """Fail: must not be called."""
        raise AssertionError(f"{kind}/{digest} is not a key of 0.3.0: {answer!r}")

    def delete(self, kind: str, digest: str) -> None:
        """Fail: must not be called."""
        raise AssertionError(f"{kind}/{digest} must be kept")


class Offline:
    """A model, a narrator and a catalogue that cannot be reached."""

    name, model, needs_text, quotes = "openai", "gpt-x", False, False

    def __init__(self, name: str = "openai", voice: str = "") -> None:
        self.name, self.voice = name, voice

    async def write(self, request: WritingRequest) -> Answer:
        """Fail: the provider cannot be reached."""
        raise Unavailable(request.name)

    async def speak(self, narration: Narration) -> bytes:
        """Fail: the provider cannot be reached."""
        raise Unavailable(narration.text)

    async def find(self, isbn: str) -> Book:
        """Fail: called every time before the cache is used."""
        raise Unavailable(isbn)


def test_cached_answers_are_found() -> None:
    """The same requests to the same model have the same digests, and their answers are read."""
    model = CachingModel(Offline(), CacheOf03())

    answers = [asyncio.run(model.write(request)) for request in (SUMMARY_REQUEST, CHAPTERS_REQUEST)]

    assert [
        Answer({"known": True, "summary": "Éau."}, "gpt-x-1", TokenUsage()),
        Answer({"known": True, "chapters": ["A", "B"]}, "gpt-x-1", TokenUsage()),
    ] == answers


def test_cached_recordings_are_found() -> None:
    """A recording that gTTS made for 0.3.0 is not requested again."""
    narrator = CachingNarrator(Offline("gtts", "translate.google.com"), CacheOf03())

    speech = asyncio.run(narrator.speak(Narration("Springs.\n\nRivers begin as springs.", "en-GB")))

    assert [SpokenPiece("Springs.\n\nRivers begin as springs.", b"a recording")] == speech


def test_cached_books_are_found() -> None:
    """The catalogue's last answer about a book is kept by the new release."""
    assert RIVERS == asyncio.run(StaleIfErrorSource(Offline("open_library"), CacheOf03()).find(RIVERS.isbn))


def test_0_3_can_read_the_current_format() -> None:
    """The bytes are the same, so that a release can be rolled back."""
    answers = (
        Answer({"known": True, "summary": "Éau."}, "gpt-x-1", TokenUsage(1, 100, 10)),
        Answer({"known": True, "chapters": ["A", "B"]}, "gpt-x-1", TokenUsage(1, 100, 10)),
    )
    written = [*map(encode_answer, answers), msgspec.json.encode(RIVERS)]

    assert [SUMMARY, CHAPTERS, BOOK] == written
