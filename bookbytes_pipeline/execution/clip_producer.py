"""From a summary to a clip in the store, by way of a narrator."""

import asyncio
from collections.abc import Sequence
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
from bookbytes_pipeline.domain.transcript import Cue, Sentence
from bookbytes_pipeline.providers.response_cache import ResponseCache, forced_cache, read_cached
from bookbytes_pipeline.store.clips import ClipStore
from bookbytes_pipeline.writing.narration import narrated_sentences, narration_text

if TYPE_CHECKING:
    from bookbytes_pipeline.execution.spoken_narration import NarrationSpeaker

_CLIP = "clip"
_TIMES = "clip_times"
"""Beside the clip, which is kept in the format of 0.3.0."""
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
        words = (summary.number, summary.title, summary.text, self.language, self.pronunciations)
        narration, sentences = Narration(narration_text(*words), self.language), narrated_sentences(*words)
        tags = self._tags(summary)
        cache_key = self._cache_key(narration, tags)
        cached = await asyncio.to_thread(self._cached, sentences, cache_key)
        if cached is not None:
            await self.speaker.narrator.mark(narration)
            self.reused.add(summary.number)
            return cached if cached.cues else await self._with_cues(cached, narration, sentences, cache_key)
        encoded, starts = await self._encode(narration, sentences, tags)
        clip = await asyncio.to_thread(self._keep, summary, encoded, starts, cache_key)
        return replace(clip, cues=_cues(sentences, starts))

    async def _encode(
        self, narration: Narration, sentences: Sequence[Sentence], tags: ClipTags
    ) -> tuple[EncodedClip, Sequence[float]]:
        try:
            async with self.speaker.sound(narration, [sentence.spoken for sentence in sentences]) as spoken:
                return await asyncio.to_thread(encode_clip, spoken.sound, tags), spoken.starts
        except UnusableAnswer:
            await self.speaker.narrator.discard(narration)
            raise

    def _cached(self, sentences: Sequence[Sentence], cache_key: str) -> Clip | None:
        """Return the clip if it is still in the store; its cached length and loudness save decoding it."""
        clip = read_cached(self.cache.get(_CLIP, cache_key), Clip)
        if clip is None or not self.clips.has(clip.key):
            return None
        starts = read_cached(self.cache.get(_TIMES, cache_key), list[float]) or []
        return replace(clip, cues=_cues(sentences, starts))

    async def _with_cues(self, clip: Clip, narration: Narration, sentences: Sequence[Sentence], cache_key: str) -> Clip:
        """Return a clip of an older version with its times, as far as the recording that it was made of tells them."""
        starts = await self.speaker.starts(narration, [sentence.spoken for sentence in sentences], clip.seconds)
        if starts:
            await asyncio.to_thread(self.cache.set, _TIMES, cache_key, msgspec.json.encode(starts))
        return replace(clip, cues=_cues(sentences, starts))

    def _keep(self, summary: Summary, encoded: EncodedClip, starts: Sequence[float], cache_key: str) -> Clip:
        key = self._write(summary.number, encoded.audio, cache_key)
        clip = Clip(summary.number, summary.title, key, encoded.seconds, len(encoded.audio), encoded.loudness_lufs)
        self.cache.set(_TIMES, cache_key, msgspec.json.encode(starts))
        self.cache.set(_CLIP, cache_key, _in_format_of_0_3(clip))
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


def _cues(sentences: Sequence[Sentence], starts: Sequence[float]) -> tuple[Cue, ...]:
    """Return the sentences with their times; none where there are not as many times."""
    if len(sentences) != len(starts):
        return ()
    return tuple(Cue(start, sentence.text) for sentence, start in zip(sentences, starts, strict=True))


def _in_format_of_0_3(clip: Clip) -> bytes:
    stored = msgspec.to_builtins(clip)
    del stored["cues"]
    return msgspec.json.encode(stored)
