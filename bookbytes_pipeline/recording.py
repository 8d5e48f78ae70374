"""From a summary to a clip in the store, by way of a narrator."""

import asyncio
import os
from dataclasses import asdict, dataclass, field

from bookbytes_pipeline.audio.encoding import ENCODING, EncodedClip, encode_clip, measured
from bookbytes_pipeline.audio.tags import ClipTags
from bookbytes_pipeline.domain.book import Book
from bookbytes_pipeline.domain.clip import Clip
from bookbytes_pipeline.domain.digest import digest
from bookbytes_pipeline.domain.narration import Narration
from bookbytes_pipeline.domain.summary import BookSummaries, Summary
from bookbytes_pipeline.providers.ports import Narrator
from bookbytes_pipeline.store.clips import ClipStore
from bookbytes_pipeline.writing.narration import narration_text

CORES = os.cpu_count() or 1
"""Clips encoded at once. Encoding keeps a core busy; more at a time only take turns and twice the time."""


@dataclass(frozen=True)
class Studio:
    """Records the chapters of one book with one narrator."""

    narrator: Narrator
    clips: ClipStore
    book: Book
    summaries: BookSummaries
    cover: bytes | None
    encoders: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(CORES))

    async def record(self, summary: Summary) -> Clip:
        """The chapter's clip; one that was already made from exactly this is not made again."""
        narration = Narration(narration_text(summary.number, summary.title, summary.text), self.summaries.language)
        tags = self._tags(summary)
        key = self.clips.key(self.book.isbn, summary.number, self._digest(narration, tags))
        kept = await asyncio.to_thread(self.clips.read, key)
        clip = await asyncio.to_thread(measured, kept) if kept is not None else await self._made(narration, tags, key)
        return Clip(summary.number, summary.title, key, clip.seconds, len(clip.audio), clip.loudness_lufs)

    async def _made(self, narration: Narration, tags: ClipTags, key: str) -> EncodedClip:
        speech = await self.narrator.speak(narration)
        async with self.encoders:
            clip = await asyncio.to_thread(encode_clip, speech, tags)
        await asyncio.to_thread(self.clips.write, key, clip.audio)
        return clip

    def _digest(self, narration: Narration, tags: ClipTags) -> str:
        words = {name: value for name, value in asdict(tags).items() if name != "cover"}
        heard = (narration.text, narration.language, self.narrator.name, self.narrator.voice, ENCODING)
        return digest(*heard, *words.values(), self.cover or b"")[:16]

    def _tags(self, summary: Summary) -> ClipTags:
        return ClipTags(
            title=summary.title,
            album=self.book.title,
            artist=self.book.author,
            track=summary.number,
            tracks=len(self.summaries.summaries),
            language=self.summaries.language,
            isbn=self.book.isbn,
            narrator=self.narrator.voice,
            cover=self.cover,
        )
