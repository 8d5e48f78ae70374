"""Paid providers that never ask the same twice."""

import asyncio
import json
from dataclasses import asdict, replace
from typing import Protocol, TypeVar

from pydantic import TypeAdapter, ValidationError

from bookbytes_pipeline.domain.book import Book
from bookbytes_pipeline.domain.digest import digest
from bookbytes_pipeline.domain.errors import Unavailable
from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.domain.summary import TokenUsage
from bookbytes_pipeline.domain.writing_request import Answer, WritingRequest
from bookbytes_pipeline.providers.ports import LanguageModel, MetadataSource

Kept = TypeVar("Kept")

_ANSWER = TypeAdapter(Answer)
_BOOK = TypeAdapter(Book)


class ResponseCache(Protocol):
    """Keeps bytes by kind and hash."""

    def get(self, kind: str, digest: str) -> bytes | None:
        """What was kept, or None."""
        ...

    def set(self, kind: str, digest: str, answer: bytes) -> None:
        """Keep it."""
        ...

    def delete(self, kind: str, digest: str) -> None:
        """Drop it."""
        ...


class NullCache:
    """A memory that keeps nothing, for whoever wants to hear from the provider itself."""

    def get(self, kind: str, digest: str) -> bytes | None:  # noqa: ARG002 - the protocol's
        """Nothing, ever."""
        return None

    def set(self, kind: str, digest: str, answer: bytes) -> None:
        """Let it go."""

    def delete(self, kind: str, digest: str) -> None:
        """There is nothing to drop."""


class NamespacedCache:
    """A memory of what was asked with the same `force_token` only; what it keeps is there for whoever asks without one.

    So a book is made anew, and a run of it that was interrupted still goes on where it stopped.
    """

    def __init__(self, cache: ResponseCache, force_token: str) -> None:
        self._cache = cache
        self._force_token = force_token

    def get(self, kind: str, digest: str) -> bytes | None:
        """What was kept with this mark, or None."""
        return self._cache.get(kind, self._marked(digest))

    def set(self, kind: str, digest: str, answer: bytes) -> None:
        """Keep it with the mark, and as the newest answer without."""
        self._cache.set(kind, digest, answer)
        self._cache.set(kind, self._marked(digest), answer)

    def delete(self, kind: str, digest: str) -> None:
        """Drop both."""
        self._cache.delete(kind, digest)
        self._cache.delete(kind, self._marked(digest))

    def _marked(self, key: str) -> str:
        return digest(self._force_token, key)


def cache_for_run(cache: ResponseCache, force_token: str) -> ResponseCache:
    """The memory of a run with this mark; all of it for a run without."""
    return NamespacedCache(cache, force_token) if force_token else cache


class CachingModel:
    """A language model whose every answer is kept before it is given; a remembered one costs nothing."""

    def __init__(self, model: LanguageModel, cache: ResponseCache) -> None:
        self.name, self.model, self.needs_text = model.name, model.model, model.needs_text
        self._inner = model
        self._cache = cache

    async def write(self, request: WritingRequest) -> Answer:
        """The remembered answer to exactly this task, else a new one."""
        key = digest(self.name, self.model, json.dumps(asdict(request), sort_keys=True))
        kept = _read(_ANSWER, await asyncio.to_thread(self._cache.get, request.name, key))
        if kept is not None:
            return replace(kept, usage=TokenUsage())
        answer = await self._inner.write(request)
        await asyncio.to_thread(self._cache.set, request.name, key, _ANSWER.dump_json(answer))
        return answer


class StaleIfErrorSource:
    """A metadata source whose last word on a book stands in for it while it is away.

    Otherwise the next best source would word the facts in another way, and every summary would be a new question.
    """

    def __init__(self, source: MetadataSource, cache: ResponseCache) -> None:
        self.name = source.name
        self._inner = source
        self._cache = cache

    async def find(self, isbn: ISBN) -> Book:
        """The book as the source describes it now, else as it did last."""
        try:
            book = await self._inner.find(isbn)
        except Unavailable:
            kept = _read(_BOOK, await asyncio.to_thread(self._cache.get, self.name, isbn))
            if kept is None:
                raise
            return kept
        await asyncio.to_thread(self._cache.set, self.name, isbn, _BOOK.dump_json(book))
        return book


def _read(kind: TypeAdapter[Kept], content: bytes | None) -> Kept | None:
    """What was kept; what cannot be read any more counts as never kept."""
    try:
        return kind.validate_json(content) if content is not None else None
    except ValidationError:
        return None
