"""Books from Open Library (openlibrary.org): by ISBN, an edition, its work and the work's authors; or by title."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial

import httpx

from bookbytes_pipeline.domain.book import Book
from bookbytes_pipeline.domain.errors import BookNotFound, Unavailable
from bookbytes_pipeline.domain.isbn import ISBN, isbn_10
from bookbytes_pipeline.domain.work import Work
from bookbytes_pipeline.providers.metadata import open_library_records as records
from bookbytes_pipeline.providers.metadata.open_library_authors import author_names, statement_authors
from bookbytes_pipeline.providers.metadata.open_library_http import REQUEST_TIMEOUT_S, ThrottledClient
from bookbytes_pipeline.providers.metadata.open_library_records import Record
from bookbytes_pipeline.providers.metadata.open_library_search import read_works, search_path, search_words
from bookbytes_pipeline.providers.retries import with_retries

REQUEST_SPACING_S = 1 / 3
"""Seconds between two requests: Open Library allows three a second to those who say who they are."""

CONNECT_TIMEOUT_S = 10
MAX_MERGES = 5
MAX_AUTHORS = 10


@asynccontextmanager
async def connect(base_url: str, contact: str, version: str, *, retries: bool = True) -> AsyncIterator["OpenLibrary"]:
    """Open Library at `base_url`, until the block ends. It answers nobody without a `contact` (e-mail or address).

    Without `retries` what it cannot serve at once fails at once, for people who wait.
    """
    async with httpx.AsyncClient(
        base_url=base_url,
        headers={b"User-Agent": f"BookBytes/{version} ({contact})".encode(), b"Accept": b"application/json"},
        timeout=httpx.Timeout(REQUEST_TIMEOUT_S, connect=CONNECT_TIMEOUT_S),
        limits=httpx.Limits(max_connections=4),
    ) as client:
        yield OpenLibrary(client, retries=retries)


class OpenLibrary:
    """A metadata source that asks Open Library, at most one request every `spacing` seconds."""

    name = records.SOURCE

    def __init__(self, client: httpx.AsyncClient, *, spacing: float = REQUEST_SPACING_S, retries: bool = True) -> None:
        self._client = ThrottledClient(client, spacing)
        self._retries = retries
        self.meter = self._client.meter

    async def find(self, isbn: ISBN) -> Book:
        """The book that `isbn` (13 digits) names.

        Raises `BookNotFound`, `Unavailable` or `Refused`. A work or an author that Open Library has lost only makes
        the book poorer. One that it cannot serve just now is `Unavailable`, unless the edition itself names an author:
        what is written about a book of unknown authorship would be kept long after the outage.
        """
        edition = await self._edition(isbn)
        work = await self._work(edition)
        authors = await self._authors(work, edition)
        return records.read_book(isbn, edition, work, authors)

    async def search(self, text: str) -> Sequence[Work]:
        """The works that fit these words best, at most 20, each with valid ISBNs.

        Raises `InvalidSearch`, `Unavailable` or `Refused`.
        """
        answer = await self._document(search_path(search_words(text)))
        return await asyncio.to_thread(read_works, answer)  # thousands of ISBNs to check

    async def _edition(self, isbn: ISBN) -> Record:
        # ISBNs are matched as the strings that are stored: one record has the 13 digits, another only the 10.
        for form in filter(None, (isbn, isbn_10(isbn))):
            edition = await self._record(f"/isbn/{form}", "/books/")
            if edition is not None and _may_be_named(edition, isbn):
                return edition
        raise BookNotFound(f"ISBN {isbn} was not found at Open Library. Check it, or attach the book's EPUB.")

    async def _work(self, edition: Record) -> Record:
        key = records.work_key(edition)
        try:
            return (await self._record(key, "/works/") if key else None) or {}
        except Unavailable:
            if not records.author_keys(edition) and not statement_authors(edition):
                raise
            return {}

    async def _authors(self, work: Record, edition: Record) -> Sequence[Record]:
        """Those that the work names, else those of the edition: its own list is often a stale copy."""
        try:
            for keys in dict.fromkeys((records.author_keys(work), records.author_keys(edition))):
                authors = await self._author_records(keys[:MAX_AUTHORS])
                if author_names(authors):
                    return authors
        except Unavailable:
            if not statement_authors(edition):
                raise
        return ()

    async def _author_records(self, keys: Sequence[str]) -> Sequence[Record]:
        answers = await asyncio.gather(*(self._record(key, "/authors/") for key in keys), return_exceptions=True)
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
        return [answer for answer in answers if answer and not isinstance(answer, BaseException)]

    async def _record(self, key: str, folder: str) -> Record | None:
        """The record at `key`, behind every merge; None if it is gone, was deleted or was merged into itself.

        `location` counts only in a record of type redirect: live ones carry a `location` from an older merge.
        """
        asked: set[str] = set()
        where: str | None = key
        while where and where not in asked and len(asked) < MAX_MERGES:
            asked.add(where)
            record = await self._document(f"{where}.json")
            if record is None or records.kind_of(record) == "/type/delete":
                return None
            if records.kind_of(record) != "/type/redirect":
                return record
            where = records.key_of(record.get("location"), folder)
        return None

    async def _document(self, path: str) -> Record | None:
        request = partial(self._client.document, path)
        return await (with_retries(request) if self._retries else request())


def _may_be_named(edition: Record, isbn: ISBN) -> bool:
    """Whether `isbn` can be this record's: it lists it, or it lists none at all.

    The look-up found the record by its own copy of the ISBN, and merges and index lag may lead it elsewhere. Where the
    record names other books only, a summary of one of them is worse than none; where it names nothing, nothing speaks
    against it.
    """
    listed = records.isbns(edition)
    return not listed or isbn in listed
