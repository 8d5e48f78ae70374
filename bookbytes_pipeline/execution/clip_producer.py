"""From a summary to a clip in the store, by way of a narrator."""

import asyncio
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING

import msgspec

from bookbytes_pipeline.audio.encoding import ENCODING, EncodedClip, encode_clip
from bookbytes_pipeline.audio.tags import ClipTags
from bookbytes_pipeline.domain.book import Book
from bookbytes_pipeline.domain.clip import Clip
from bookbytes_pipeline.domain.digest import digest
from bookbytes_pipeline.domain.errors import UnusableAnswer
from bookbytes_pipeline.domain.narration import Narration
from bookbytes_pipeline.domain.pronunciations import Pronunciations
from bookbytes_pipeline.domain.summary import Summary
from bookbytes_pipeline.providers.response_cache import ResponseCache, forced_cache, read_cached
from bookbytes_pipeline.store.clips import ClipStore
from bookbytes_pipeline.writing.narration import narration_text

if TYPE_CHECKING:
    from bookbytes_pipeline.execution.spoken_narration import NarrationSpeaker

_CLIP = "clip"
MAX_COVER_BYTES = 100_000
"""Older releases copied the cover as it was: up to this size that does no harm."""


@dataclass(frozen=True)
class ClipProducer:
    """Makes the clips of one book in one voice, which has so many `chapters`.

    `cover` is the cover as it is in the book, which tells clips apart, and `picture` the JPEG that they are given.
    `cache` keeps what is known of clips that were made before.
    `reused` are the numbers of the chapters whose clips were there already, with those of a `forced` producer.
    """

    speaker: "NarrationSpeaker"
    cache: ResponseCache
    clips: ClipStore
    book: Book
    language: str
    chapters: int
    cover: bytes | None
    pronunciations: Pronunciations = field(default_factory=Pronunciations)
    picture: bytes | None = None
    reused: set[int] = field(default_factory=set)

    def forced(self, token: str) -> "ClipProducer":
        """Return a producer of the same book that uses no clip and no recording but those with this force token."""
        narrator = self.speaker.narrator.forced(token)
        return replace(self, speaker=replace(self.speaker, narrator=narrator), cache=forced_cache(self.cache, token))

    async def produce(self, summary: Summary) -> Clip:
        """Return the chapter's clip; one that was already made from exactly this is not made again."""
        text = narration_text(summary.number, summary.title, summary.text, self.language, self.pronunciations)
        narration = Narration(text, self.language)
        tags = self._tags(summary)
        cache_key = self._cache_key(narration, tags)
        cached = await asyncio.to_thread(self._cached, cache_key)
        if cached is not None:
            await self.speaker.narrator.mark(narration)
            self.reused.add(summary.number)
            return cached
        encoded = await self._encode(narration, tags)
        return await asyncio.to_thread(self._keep, summary, encoded, cache_key)

    async def _encode(self, narration: Narration, tags: ClipTags) -> EncodedClip:
        try:
            async with self.speaker.sound(narration) as sound:
                return await asyncio.to_thread(encode_clip, sound, tags)
        except UnusableAnswer:
            await self.speaker.narrator.discard(narration)
            raise

    def _cached(self, cache_key: str) -> Clip | None:
        """Return the clip if it is still in the store; its cached length and loudness save decoding it."""
        clip = read_cached(self.cache.get(_CLIP, cache_key), Clip)
        return clip if clip is not None and self.clips.has(clip.key) else None

    def _keep(self, summary: Summary, encoded: EncodedClip, cache_key: str) -> Clip:
        key = self._write(summary.number, encoded.audio, cache_key)
        clip = Clip(summary.number, summary.title, key, encoded.seconds, len(encoded.audio), encoded.loudness_lufs)
        self.cache.set(_CLIP, cache_key, msgspec.json.encode(clip))
        return clip

    def _write(self, number: int, audio: bytes, cache_key: str) -> str:
        """Keep the audio under a key that no other sound has: a forced run may make another clip of the same words."""
        key = self.clips.key(self.book.isbn, number, cache_key[:16])
        if not self.clips.write(key, audio) and self.clips.read(key) != audio:
            key = self.clips.key(self.book.isbn, number, digest(cache_key, audio)[:16])
            self.clips.write(key, audio)
        return key

    def _cache_key(self, narration: Narration, tags: ClipTags) -> str:
        words = {name: value for name, value in asdict(tags).items() if name != "cover"}
        sound = (narration.text, narration.language, self.speaker.narrator.name, self.speaker.narrator.voice, ENCODING)
        return digest(*sound, *words.values(), self._cover_identity)

    @property
    def _cover_identity(self) -> bytes:
        """The cover, marked where clips of older releases have it in full, so that they are not used any longer."""
        cover = self.cover or b""
        return cover if len(cover) <= MAX_COVER_BYTES else b"scaled" + cover

    def _tags(self, summary: Summary) -> ClipTags:
        return ClipTags(
            title=summary.title,
            album=self.book.title,
            artist=self.book.author,
            track=summary.number,
            tracks=self.chapters,
            language=self.language,
            isbn=self.book.isbn,
            narrator=self.speaker.narrator.voice,
            cover=self.picture,
        )
