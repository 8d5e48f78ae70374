"""From a summary to a clip: made once, and only from sound."""

import asyncio
from pathlib import Path

import pytest

from bookbytes_pipeline.domain.book import Book
from bookbytes_pipeline.domain.errors import UnusableAnswer
from bookbytes_pipeline.domain.narration import Narration
from bookbytes_pipeline.domain.summary import BookSummaries, Grounding, Summary, TokenUsage
from bookbytes_pipeline.execution.clip_producer import ClipProducer
from bookbytes_pipeline.store.folder import Folder
from bookbytes_pipeline.store.store import Store
from tests.audio.speech import speech

SUMMARY = Summary(1, "Springs", "Rivers begin as springs.", Grounding.FULL_TEXT)
SUMMARIES = BookSummaries("en", "writer", "w", "r", TokenUsage(), (SUMMARY,))


class Reader:
    """A narrator that gives out recordings one after the other."""

    name, voice = "reader", "plain"

    def __init__(self, *recordings: bytes) -> None:
        self.recordings = list(recordings)

    async def speak(self, narration: Narration) -> bytes:
        """The next recording."""
        assert narration.text.startswith("Springs.")
        return self.recordings.pop(0)


def _producer(reader: Reader, store: Store) -> ClipProducer:
    return ClipProducer(reader, store.responses, store, Book("9780306406157", "On Rivers", "epub"), SUMMARIES, None)


def test_a_clip_is_made_once(tmp_path: Path) -> None:
    """The second time neither narrator nor encoder is asked, and the clip is the same."""
    store = Store(Folder(tmp_path))
    reader = Reader(speech(2.0))

    first = asyncio.run(_producer(reader, store).produce(SUMMARY))

    assert first == asyncio.run(_producer(reader, store).produce(SUMMARY))
    assert reader.recordings == []


def test_a_clip_that_was_deleted_is_made_from_the_remembered_recording(tmp_path: Path) -> None:
    """The narrator is not paid again for what is still there."""
    store = Store(Folder(tmp_path))
    producer = _producer(Reader(speech(2.0)), store)
    clip = asyncio.run(producer.produce(SUMMARY))
    store.clips.delete(clip.key)

    assert clip == asyncio.run(producer.produce(SUMMARY))
    assert store.clips.has(clip.key)


def test_a_recording_that_is_no_sound_is_forgotten(tmp_path: Path) -> None:
    """The rerun asks the narrator anew instead of failing for ever."""
    producer = _producer(Reader(b"no sound at all", speech(2.0)), Store(Folder(tmp_path)))
    with pytest.raises(UnusableAnswer):
        asyncio.run(producer.produce(SUMMARY))

    assert asyncio.run(producer.produce(SUMMARY)).seconds > 2
