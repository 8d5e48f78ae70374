"""From a summary to a clip in the store, by way of a narrator."""

import asyncio
import os
from dataclasses import asdict, dataclass, field

from pydantic import TypeAdapter, ValidationError

from bookbytes_pipeline.audio.encoding import ENCODING, EncodedClip, encode_clip
from bookbytes_pipeline.audio.tags import ClipTags
from bookbytes_pipeline.domain.book import Book
from bookbytes_pipeline.domain.clip import Clip
from bookbytes_pipeline.domain.digest import digest
from bookbytes_pipeline.domain.errors import UnusableAnswer
from bookbytes_pipeline.domain.narration import Narration
from bookbytes_pipeline.domain.summary import BookSummaries, Summary
from bookbytes_pipeline.providers.ports import Narrator
from bookbytes_pipeline.providers.response_cache import ResponseCache
from bookbytes_pipeline.store.store import Store
from bookbytes_pipeline.writing.narration import narration_text

_CLIP = TypeAdapter(Clip)

CORES = os.cpu_count() or 1
"""Clips encoded at once. Encoding keeps a core busy; more at a time only take turns and twice the time."""


@dataclass(frozen=True)
class ClipProducer:
    """Makes the clips of one book with one narrator. Clips made with another `force_token` are not taken for these."""

    narrator: Narrator
    cache: ResponseCache
    store: Store
    book: Book
    summaries: BookSummaries
    cover: bytes | None
    force_token: str = ""
    encoders: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(CORES))

    async def produce(self, summary: Summary) -> Clip:
        """The chapter's clip; one that was already made from exactly this is not made again."""
        narration = Narration(narration_text(summary.number, summary.title, summary.text), self.summaries.language)
        tags = self._tags(summary)
        made_of = self._digest(narration, tags, self.force_token)
        kept = await asyncio.to_thread(self._kept, made_of)
        return kept or await self._made(summary, narration, tags, made_of)

    async def _made(self, summary: Summary, narration: Narration, tags: ClipTags, made_of: str) -> Clip:
        encoded = await self._encoded(narration, tags)
        key = self.store.clips.key(self.book.isbn, summary.number, made_of[:16])
        clip = Clip(summary.number, summary.title, key, encoded.seconds, len(encoded.audio), encoded.loudness_lufs)
        plain = self._digest(narration, tags, force_token="")  # who asks next without force gets the newest clip too
        await asyncio.to_thread(self._keep, clip, encoded.audio, {made_of, plain})
        return clip

    async def _encoded(self, narration: Narration, tags: ClipTags) -> EncodedClip:
        """A recording is remembered at once, for it may have been paid, and forgotten if it turns out useless."""
        spoken = digest(self.narrator.name, self.narrator.voice, narration.language, narration.text)
        speech = await asyncio.to_thread(self.cache.get, "speech", spoken)
        if speech is None:
            speech = await self.narrator.speak(narration)
            await asyncio.to_thread(self.cache.set, "speech", spoken, speech)
        try:
            async with self.encoders:
                return await asyncio.to_thread(encode_clip, speech, tags)
        except UnusableAnswer:
            await asyncio.to_thread(self.cache.delete, "speech", spoken)
            raise

    def _kept(self, made_of: str) -> Clip | None:
        """What is remembered of a clip saves decoding it to learn how long and how loud it is."""
        remembered = self.store.responses.get("clip", made_of)
        try:
            clip = _CLIP.validate_json(remembered or b"")
        except ValidationError:
            return None
        return clip if self.store.clips.has(clip.key) else None

    def _keep(self, clip: Clip, audio: bytes, made_of: set[str]) -> None:
        self.store.clips.write(clip.key, audio)
        for digested in made_of:
            self.store.responses.set("clip", digested, _CLIP.dump_json(clip))

    def _digest(self, narration: Narration, tags: ClipTags, force_token: str) -> str:
        words = {name: value for name, value in asdict(tags).items() if name != "cover"}
        heard = (narration.text, narration.language, self.narrator.name, self.narrator.voice, ENCODING)
        return digest(*heard, *words.values(), self.cover or b"", *filter(None, [force_token]))

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
