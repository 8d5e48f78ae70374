"""Books with clips that can be heard, and the files that are made of them."""

from collections.abc import Mapping
from functools import cache
from io import BytesIO
from itertools import cycle, islice
from pathlib import Path
from typing import Any
from uuid import UUID

import av

from bookbytes_pipeline.audio.encoding import encode_clip
from bookbytes_pipeline.audio.speech import decode_speech, put_together
from bookbytes_pipeline.audio.tags import ClipTags
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.book_file import BookFileFormat
from bookbytes_pipeline.execution.book_files import MadeFile, make_book_file
from bookbytes_pipeline.library.models import BookRow
from bookbytes_pipeline.settings import Settings
from bookbytes_pipeline.store.folder import Folder
from bookbytes_pipeline.store.store import Store, open_store
from tests.api.factories import RIVERS, publish_book
from tests.audio.speech import speech


@cache
def clip(seconds: float, rate: int = 24000) -> tuple[bytes, float]:
    """A clip as the pipeline makes it, and how many seconds it lasts."""
    sound = put_together([(decode_speech(speech(seconds, rate=rate)), 0.0)])
    tags = ClipTags("Springs", "On Rivers", "Ada Ford", 1, 1, "en", RIVERS.isbn, "en")
    encoded = encode_clip(sound, tags)
    return encoded.audio, encoded.seconds


def publish_spoken(settings: Settings, titles: list[str], rates: tuple[int, ...] = (24000,), **more: Any) -> UUID:
    """Publish a book whose chapters are spoken, each at the next of these rates; returns its id."""
    lengths = [1.7 + 0.31 * (number % 3) for number in range(len(titles))]
    clips = [clip(length, rate) for length, rate in zip(lengths, islice(cycle(rates), len(lengths)), strict=True)]
    sounds: Mapping[str, bytes | None] = {title: audio for title, (audio, _) in zip(titles, clips, strict=True)}
    book_id = publish_book(settings, more.pop("book", RIVERS), sounds, **more)
    with Database(settings.library_url).session() as session:
        for chapter, (_, seconds) in zip(session.get_one(BookRow, book_id).chapters, clips, strict=True):
            chapter.duration = seconds
    return book_id


def make(settings: Settings, book_id: UUID, file_format: BookFileFormat) -> MadeFile:
    """Make a file of a book, as the asset does."""
    return make_book_file(open_store(settings.store_config), Database(settings.library_url), book_id, file_format)


def path_of(store: Store, file: MadeFile) -> Path:
    """Where a file lies in a store that is a folder."""
    assert isinstance(store.files, Folder)
    return store.files.path(file.key)


def decoded_seconds(audio: bytes) -> float:
    """How long the sound of a file is when it is decoded from its beginning to its end."""
    with av.open(BytesIO(audio), "r") as file:
        rate = file.streams.audio[0].rate
        return sum(frame.samples for frame in file.decode(audio=0)) / rate
