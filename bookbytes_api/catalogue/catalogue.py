"""Open Library as requests ask it: not for long, not twice the same, and not while it asks to wait."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from importlib.metadata import version
from typing import Any, TypeVar

from cachetools import TTLCache

from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.book import Book
from bookbytes_pipeline.domain.errors import CatalogueOff, Unavailable
from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.domain.work import Work
from bookbytes_pipeline.library.usage_recorder import UsageRecorder
from bookbytes_pipeline.providers.metadata.open_library import OpenLibrary, connect
from bookbytes_pipeline.providers.metadata.open_library_search import search_words
from bookbytes_pipeline.settings import Settings

T = TypeVar("T")

LOOKUP_TIMEOUT_S = 10
"""For all that one lookup asks, and its turn: somebody is waiting."""
KEEP_S = 3600
"""Open Library asks clients to keep what they got. Nobody notices a new edition an hour late."""
MAX_KEPT = 256
MAX_PAUSE_S = 3600
"""A longer pause than this is not believed."""


class Catalogue:
    """Looks books up at Open Library; for everybody together within its limit of three requests a second.

    Each method raises `CatalogueOff`, `Unavailable` or `Refused`. Answers are kept for an hour; whoever asks the same
    meanwhile, or at the same time, costs no request. What failed is not kept.
    """

    def __init__(self, settings: Settings, database: Database, timeout_s: float = LOOKUP_TIMEOUT_S) -> None:
        self._settings = settings
        self._timeout_s = timeout_s
        self._recorder = UsageRecorder(database.session)
        self._answers: TTLCache[tuple[str, str], asyncio.Task[Any]] = TTLCache(MAX_KEPT, KEEP_S)
        self._connections = AsyncExitStack()
        self._library: OpenLibrary | None = None
        self._resumes_at = 0.0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Close the connection when the block ends. The first lookup opens it: a useless proxy stops no server."""
        async with self._connections:
            yield

    async def search(self, text: str) -> Sequence[Work]:
        """Return the works that fit these words best; raises `InvalidSearch` too."""
        url = self._url()
        words = search_words(text)
        return await self._once(("words", words), lambda library: library.search(words), url)

    async def find(self, isbn: ISBN) -> Book:
        """Return the book with this ISBN; raises `BookNotFound` too."""
        return await self._once(("isbn", isbn), lambda library: library.find(isbn), self._url())

    def _url(self) -> str:
        if self._settings.openlibrary_base_url is None:
            raise CatalogueOff("Open Library is switched off here, so books cannot be looked up. You need the ISBN.")
        return self._settings.openlibrary_base_url

    async def _once(self, key: tuple[str, str], ask: Callable[[OpenLibrary], Awaitable[T]], url: str) -> T:
        answer: asyncio.Task[T] | None = self._answers.get(key)
        if answer is None:
            answer = self._answers[key] = asyncio.create_task(self._ask(ask, url))
            answer.add_done_callback(partial(self._drop_failure, key))
        return await asyncio.shield(answer)  # others may wait for it, and the next one will ask for it again

    async def _ask(self, ask: Callable[[OpenLibrary], Awaitable[T]], url: str) -> T:
        pause = self._resumes_at - time.monotonic()
        if pause > 0:
            raise Unavailable("Open Library has asked us to wait. Try again later.", retry_after=pause)
        try:
            async with asyncio.timeout(self._timeout_s):
                return await ask(await self._connected(url))
        except TimeoutError as error:
            message = f"Open Library did not answer within {self._timeout_s:g} seconds. Try again later."
            raise Unavailable(message) from error
        except Unavailable as error:
            self._resumes_at = time.monotonic() + min(error.retry_after or 0, MAX_PAUSE_S)
            raise

    async def _connected(self, url: str) -> OpenLibrary:
        if self._library is None:
            connection = connect(url, self._settings.openlibrary_contact, version("bookbytes"), retries=False)
            library = await self._connections.enter_async_context(connection)
            await self._connections.enter_async_context(self._recorder.recording(library.meter))
            self._library = library
        return self._library

    def _drop_failure(self, key: tuple[str, str], answer: asyncio.Task[Any]) -> None:
        if answer.cancelled() or answer.exception():
            self._answers.pop(key, None)
