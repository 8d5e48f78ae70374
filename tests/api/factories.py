"""Published books with their clips, written as the pipeline writes them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.book import Book, ContentsSource
from bookbytes_pipeline.domain.clip import Clip, ClipManifest
from bookbytes_pipeline.domain.summary import BookSummaries, BookSummary, Grounding, Summary, TokenUsage
from bookbytes_pipeline.domain.transcript import Cue
from bookbytes_pipeline.library.publishing import publish
from bookbytes_pipeline.settings import Settings
from bookbytes_pipeline.store.store import open_store
from tests.dagster_stack.books import isbn_of
from tests.fakes.sound import seconds_of

ISBN, ISBN_10 = "9780306406157", "0306406152"
SOUND = bytes(number % 251 for number in range(2000))
"""A clip in which no two neighbouring parts are equal."""
RIVERS = Book(ISBN, "On Rivers", "open_library", authors=("Ada Ford",), language="en", publish_date="2001")
CHAPTERS: Mapping[str, bytes | None] = {"Springs": SOUND, "Rapids": None, "Deltas": SOUND[::-1]}
"""The chapters of a book by title; one that the model did not know has no sound."""


def publish_book(
    settings: Settings,
    book: Book = RIVERS,
    chapters: Mapping[str, bytes | None] = CHAPTERS,
    *,
    whole: bytes | None = None,
    minutes: float | None = None,
    voice: str | None = None,
    cues: tuple[Cue, ...] | None = None,
    **first: Any,
) -> UUID:
    """Publish a book; returns its id. A minute of each clip is a hundred bytes, unless it is a real recording.

    `whole` is the sound of a summary of the book. `first` is what else there is in the first chapter's summary, and
    `cues` is when its sentences are spoken.
    """
    clips = [_clip(settings, book.isbn, *item) for item in enumerate(chapters.items(), 1)]
    if cues is not None:
        clips[:1] = [replace(clip, cues=cues) for clip in clips[:1] if clip]
    summaries = [_summary(*item) for item in enumerate(chapters.items(), 1)]
    summaries[:1] = [replace(summary, **first) for summary in summaries[:1]]
    language = book.language or "en"
    with Database(settings.library_url).session() as session:
        return publish(
            session,
            book=book,
            source=ContentsSource.OPEN_LIBRARY,
            summaries=BookSummaries(
                language, "extractive", "lexrank", "recipe", TokenUsage(), tuple(summaries), minutes=minutes
            ),
            clips=ClipManifest("espeak", "en", "recipe", tuple(clip for clip in clips if clip), voice),
            whole=_whole(settings, book.isbn, whole) if whole else BookSummary(),
            recipe="recipe",
        )


def numbered_book(number: int, **facts: Any) -> Book:
    """A book with an ISBN of its own for each number below ten million."""
    return replace(RIVERS, isbn=isbn_of(30_000_000 + number), **facts)


def _summary(number: int, chapter: tuple[str, bytes | None]) -> Summary:
    title, sound = chapter
    text = "" if sound is None else f"About {title.lower()}."
    return Summary(number, title, text, Grounding.MODEL_MEMORY, known=sound is not None)


def _whole(settings: Settings, isbn: str, sound: bytes) -> BookSummary:
    item = ("The book in three minutes", sound)
    return BookSummary(_summary(0, item), _clip(settings, isbn, 0, item))


def _clip(settings: Settings, isbn: str, number: int, chapter: tuple[str, bytes | None]) -> Clip | None:
    title, sound = chapter
    if sound is None:
        return None
    clips = open_store(settings.store_config).clips
    key = clips.key(isbn, number, f"{len(sound):08x}")
    clips.write(key, sound)
    cues = (Cue(0.5, title), Cue(2.5, f"About {title.lower()}."))
    return Clip(number, title, key, _seconds(sound), len(sound), -19.0, cues)


def _seconds(sound: bytes) -> float:
    is_recording = sound.startswith((b"ID3", b"\xff"))
    return seconds_of(sound) if is_recording else len(sound) * 0.6
