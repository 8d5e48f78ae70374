"""Paid providers that never ask the same twice."""

import asyncio
import json
from dataclasses import asdict, replace
from typing import Protocol, TypeVar

from pydantic import TypeAdapter, ValidationError

from bookbytes_pipeline.domain.book import Book
from bookbytes_pipeline.domain.digest import digest
from bookbytes_pipeline.domain.errors import Unavailable
from bookbytes_pipeline.domain.summary import Usage
from bookbytes_pipeline.domain.writing_request import Answer, Task
from bookbytes_pipeline.providers.ports import LanguageModel, MetadataSource

Kept = TypeVar("Kept")

_ANSWER = TypeAdapter(Answer)
_BOOK = TypeAdapter(Book)


class Memory(Protocol):
    """Keeps bytes by kind and hash."""

    def recall(self, kind: str, digest: str) -> bytes | None:
        """What was kept, or None."""
        ...

    def remember(self, kind: str, digest: str, answer: bytes) -> None:
        """Keep it."""
        ...

    def forget(self, kind: str, digest: str) -> None:
        """Drop it."""
        ...


class Forgetful:
    """A memory that keeps nothing, for whoever wants to hear from the provider itself."""

    def recall(self, kind: str, digest: str) -> bytes | None:  # noqa: ARG002 - the protocol's
        """Nothing, ever."""
        return None

    def remember(self, kind: str, digest: str, answer: bytes) -> None:
        """Let it go."""

    def forget(self, kind: str, digest: str) -> None:
        """There is nothing to drop."""


class Afresh:
    """A memory of what was asked with the same `mark` only; what it keeps is there for whoever asks without one.

    So a book is made anew, and a run of it that was interrupted still goes on where it stopped.
    """

    def __init__(self, memory: Memory, mark: str) -> None:
        self._memory = memory
        self._mark = mark

    def recall(self, kind: str, digest: str) -> bytes | None:
        """What was kept with this mark, or None."""
        return self._memory.recall(kind, self._marked(digest))

    def remember(self, kind: str, digest: str, answer: bytes) -> None:
        """Keep it with the mark, and as the newest answer without."""
        self._memory.remember(kind, digest, answer)
        self._memory.remember(kind, self._marked(digest), answer)

    def forget(self, kind: str, digest: str) -> None:
        """Drop both."""
        self._memory.forget(kind, digest)
        self._memory.forget(kind, self._marked(digest))

    def _marked(self, key: str) -> str:
        return digest(self._mark, key)


def since(memory: Memory, mark: str) -> Memory:
    """The memory of a run with this mark; all of it for a run without."""
    return Afresh(memory, mark) if mark else memory


class RememberingModel:
    """A language model whose every answer is kept before it is given; a remembered one costs nothing."""

    def __init__(self, model: LanguageModel, memory: Memory) -> None:
        self.name, self.model, self.needs_text = model.name, model.model, model.needs_text
        self._inner = model
        self._memory = memory

    async def write(self, task: Task) -> Answer:
        """The remembered answer to exactly this task, else a new one."""
        key = digest(self.name, self.model, json.dumps(asdict(task), sort_keys=True))
        kept = _read(_ANSWER, await asyncio.to_thread(self._memory.recall, task.name, key))
        if kept is not None:
            return replace(kept, usage=Usage())
        answer = await self._inner.write(task)
        await asyncio.to_thread(self._memory.remember, task.name, key, _ANSWER.dump_json(answer))
        return answer


class RememberingSource:
    """A metadata source whose last word on a book stands in for it while it is away.

    Otherwise the next best source would word the facts in another way, and every summary would be a new question.
    """

    def __init__(self, source: MetadataSource, memory: Memory) -> None:
        self.name = source.name
        self._inner = source
        self._memory = memory

    async def find(self, isbn: str) -> Book:
        """The book as the source describes it now, else as it did last."""
        try:
            book = await self._inner.find(isbn)
        except Unavailable:
            kept = _read(_BOOK, await asyncio.to_thread(self._memory.recall, self.name, isbn))
            if kept is None:
                raise
            return kept
        await asyncio.to_thread(self._memory.remember, self.name, isbn, _BOOK.dump_json(book))
        return book


def _read(kind: TypeAdapter[Kept], content: bytes | None) -> Kept | None:
    """What was kept; what cannot be read any more counts as never kept."""
    try:
        return kind.validate_json(content) if content is not None else None
    except ValidationError:
        return None
