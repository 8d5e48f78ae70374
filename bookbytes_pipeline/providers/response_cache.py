"""Providers that answer each question once: what was paid for is cached and used again."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import Protocol, TypeVar

import msgspec

from bookbytes_pipeline.domain.book import Book
from bookbytes_pipeline.domain.digest import digest
from bookbytes_pipeline.domain.errors import Unavailable
from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.domain.narration import Narration, SpokenPiece
from bookbytes_pipeline.domain.summary import TokenUsage
from bookbytes_pipeline.domain.writing_request import Answer, WritingRequest
from bookbytes_pipeline.providers.ports import LanguageModel, MetadataSource, Narrator

T = TypeVar("T")

_SPEECH_PIECES = "speech_pieces"
_SPEECH_0_3 = "speech"
"""What version 0.3.0 kept: the whole narration as one audio file."""
_USED_BY = "used_by"


class ResponseCache(Protocol):
    """Keeps bytes by kind and digest."""

    def get(self, kind: str, digest: str) -> bytes | None:
        """Return the cached bytes, or None."""
        ...

    def set(self, kind: str, digest: str, answer: bytes) -> None:
        """Cache `answer` in place of an older one."""
        ...

    def delete(self, kind: str, digest: str) -> None:
        """Drop the cached bytes, if there are any."""
        ...

    def mark(self, kind: str, digest: str) -> None:
        """Note that the book that is being made uses the cached bytes, without reading them."""
        ...


@dataclass(frozen=True)
class CallScope:
    """What calls are made for: the book, the force token of its run, empty for a run without force, and the root run.

    Without `isbn` nothing notes who uses an answer, and without `run_id` no run is said to have paid for it.
    """

    isbn: str = ""
    force_token: str = ""
    run_id: str = ""


class NullCache:
    """A cache that keeps nothing, so that the provider itself always answers."""

    def get(self, kind: str, digest: str) -> bytes | None:  # noqa: ARG002 - the protocol's
        """Return None."""
        return None

    def set(self, kind: str, digest: str, answer: bytes) -> None:
        """Do nothing."""

    def delete(self, kind: str, digest: str) -> None:
        """Do nothing."""

    def mark(self, kind: str, digest: str) -> None:
        """Do nothing."""


class MarkingCache:
    """Notes beside each answer that a book uses it, which the hash of a question does not tell.

    A note is as old as the answer's last use for that book. `bookbytes prune` deletes answers that no book uses.
    """

    def __init__(self, cache: ResponseCache, isbn: str) -> None:
        self._cache = cache
        self._isbn = isbn

    def get(self, kind: str, digest: str) -> bytes | None:
        """Return the cached bytes, or None."""
        answer = self._cache.get(kind, digest)
        if answer is not None:
            self.mark(kind, digest)
        return answer

    def set(self, kind: str, digest: str, answer: bytes) -> None:
        """Cache `answer`; the note comes first, because an answer without one may be pruned."""
        self.mark(kind, digest)
        self._cache.set(kind, digest, answer)

    def delete(self, kind: str, digest: str) -> None:
        """Drop the cached bytes; a note without an answer is pruned with the others."""
        self._cache.delete(kind, digest)

    def mark(self, kind: str, digest: str) -> None:
        """Note that the book uses the answer now."""
        self._cache.set(_USED_BY, f"{kind}-{digest}/{self._isbn}", b"")


class NamespacedCache:
    """Reads only what was cached with the same `force_token`; writes for runs without a token as well.

    So a forced run asks every question again, continues where it stopped if it is interrupted, and later runs without
    force get its answers.
    """

    def __init__(self, cache: ResponseCache, force_token: str) -> None:
        self._cache = cache
        self._force_token = force_token

    def get(self, kind: str, digest: str) -> bytes | None:
        """Return what was cached with this token, or None."""
        answer = self._cache.get(kind, self._namespaced(digest))
        if answer is not None:
            self._cache.mark(kind, digest)
        return answer

    def set(self, kind: str, digest: str, answer: bytes) -> None:
        """Cache `answer` with this token, and as the newest answer without one."""
        self._cache.set(kind, digest, answer)
        self._cache.set(kind, self._namespaced(digest), answer)

    def delete(self, kind: str, digest: str) -> None:
        """Drop both."""
        self._cache.delete(kind, digest)
        self._cache.delete(kind, self._namespaced(digest))

    def mark(self, kind: str, digest: str) -> None:
        """Mark both."""
        self._cache.mark(kind, digest)
        self._cache.mark(kind, self._namespaced(digest))

    def _namespaced(self, key: str) -> str:
        return digest(self._force_token, key)


def cache_for_run(cache: ResponseCache, scope: CallScope) -> ResponseCache:
    """Return the cache that a run reads and writes: its own part of `cache` if it is forced, else all of it."""
    marked = MarkingCache(cache, scope.isbn) if scope.isbn else cache
    return forced_cache(marked, scope.force_token)


def forced_cache(cache: ResponseCache, force_token: str) -> ResponseCache:
    """Return the part of `cache` that belongs to this token; without one, all of it."""
    return NamespacedCache(cache, force_token) if force_token else cache


def read_cached(content: bytes | None, kind: type[T]) -> T | None:
    """Decode cached JSON as a `kind`; bytes that can no longer be read count as not cached."""
    try:
        return msgspec.json.decode(content, type=kind) if content is not None else None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def encode_answer(answer: Answer) -> bytes:
    """Encode an answer as it is cached: in the format of 0.3.0, which does not know `is_cached`."""
    stored = msgspec.to_builtins(answer)
    del stored["is_cached"]
    return msgspec.json.encode(stored)


class CachingModel:
    """A language model whose answers are cached before they are returned; a cached answer costs nothing."""

    def __init__(self, model: LanguageModel, cache: ResponseCache) -> None:
        self.name, self.model, self.needs_text, self.quotes = model.name, model.model, model.needs_text, model.quotes
        self._inner = model
        self._cache = cache

    def forced(self, token: str) -> "CachingModel":
        """Return the same model, with no cached answers but those with this force token; without one, with all."""
        return CachingModel(self._inner, forced_cache(self._cache, token))

    async def write(self, request: WritingRequest) -> Answer:
        """Return the cached answer to exactly this request, else a new one."""
        key = self._key(request)
        cached = read_cached(await asyncio.to_thread(self._cache.get, request.name, key), Answer)
        if cached is not None:
            return replace(cached, usage=TokenUsage(), is_cached=True)
        answer = await self._inner.write(request)
        await asyncio.to_thread(self._cache.set, request.name, key, encode_answer(answer))
        return answer

    async def discard(self, request: WritingRequest) -> None:
        """Drop the answer to `request` because it cannot be used; the next `write` asks for another."""
        await asyncio.to_thread(self._cache.delete, request.name, self._key(request))

    def _key(self, request: WritingRequest) -> str:
        return digest(self.name, self.model, json.dumps(asdict(request), sort_keys=True))


class CachingNarrator:
    """A narrator whose recordings are cached before they are returned: each may have been paid for."""

    def __init__(self, narrator: Narrator, cache: ResponseCache) -> None:
        self.name, self.voice = narrator.name, narrator.voice
        self._inner = narrator
        self._cache = cache

    def forced(self, token: str) -> "CachingNarrator":
        """Return the same narrator, with no recordings but those cached with this token; without one, with all."""
        return CachingNarrator(self._inner, forced_cache(self._cache, token))

    async def speak(self, narration: Narration) -> Sequence[SpokenPiece]:
        """Return the cached recording of exactly this narration, else a new one."""
        cached = await asyncio.to_thread(self._cached, narration)
        if cached:
            return cached
        pieces = await self._inner.speak(narration)
        await self.keep(narration, pieces)
        return pieces

    async def remembered(self, narration: Narration) -> Sequence[SpokenPiece]:
        """Return the cached recording of exactly this narration; nothing where there is none."""
        return await asyncio.to_thread(self._cached, narration)

    async def speak_again(self, piece: SpokenPiece, language: str) -> Sequence[SpokenPiece]:
        """Return a new recording of one piece, in one part or several."""
        again = list(await self._inner.speak(Narration(piece.text, language)))
        ends = [*(part.ends_paragraph for part in again[:-1]), piece.ends_paragraph]
        return [replace(part, ends_paragraph=end) for part, end in zip(again, ends, strict=True)]

    async def keep(self, narration: Narration, pieces: Sequence[SpokenPiece]) -> None:
        """Cache `pieces` as the recording of `narration`."""
        await asyncio.to_thread(self._cache.set, _SPEECH_PIECES, self._key(narration), msgspec.msgpack.encode(pieces))

    async def mark(self, narration: Narration) -> None:
        """Note that the recording of `narration` is in use, though there is no need to hear it: it has a clip."""
        for kind in (_SPEECH_PIECES, _SPEECH_0_3):
            await asyncio.to_thread(self._cache.mark, kind, self._key(narration))

    async def discard(self, narration: Narration) -> None:
        """Drop the recording of `narration` because it cannot be used; the next `speak` asks for another."""
        for kind in (_SPEECH_PIECES, _SPEECH_0_3):
            await asyncio.to_thread(self._cache.delete, kind, self._key(narration))

    def _cached(self, narration: Narration) -> Sequence[SpokenPiece]:
        key = self._key(narration)
        content = self._cache.get(_SPEECH_PIECES, key)
        if content is not None:
            with suppress(msgspec.DecodeError):
                return msgspec.msgpack.decode(content, type=list[SpokenPiece])
        whole = self._cache.get(_SPEECH_0_3, key)
        return [SpokenPiece(narration.text, whole)] if whole is not None else []

    def _key(self, narration: Narration) -> str:
        return digest(self.name, self.voice, narration.language, narration.text)


class StaleIfErrorSource:
    """A metadata source whose last description of a book is used while the source is unavailable.

    Otherwise the next best source would word the facts in another way, and every summary would be a new question.
    """

    def __init__(self, source: MetadataSource, cache: ResponseCache) -> None:
        self.name = source.name
        self._inner = source
        self._cache = cache

    async def find(self, isbn: ISBN) -> Book:
        """Return the book as the source describes it now, else as it described it last."""
        try:
            book = await self._inner.find(isbn)
        except Unavailable:
            cached = read_cached(await asyncio.to_thread(self._cache.get, self.name, isbn), Book)
            if cached is None:
                raise
            return cached
        await asyncio.to_thread(self._cache.set, self.name, isbn, msgspec.json.encode(book))
        return book
