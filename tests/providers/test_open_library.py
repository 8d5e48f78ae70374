"""Looking up books at Open Library over HTTP."""

import asyncio
import socket
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any

import httpx
import pytest
from aiohttp.web import Application

from bookbytes_pipeline.domain.book import Book, ContentsRow
from bookbytes_pipeline.domain.errors import BookNotFound, Refused, Unavailable, UnusableAnswer
from bookbytes_pipeline.domain.work import Work
from bookbytes_pipeline.providers.metadata.open_library import OpenLibrary, connect
from bookbytes_pipeline.providers.metadata.open_library_http import ThrottledClient
from tests.fakes.open_library import (
    AGENTS,
    ASKED,
    QUERIES,
    SEARCH,
    Canned,
    Document,
    book_documents,
    open_library_app,
    search_result,
)
from tests.fakes.server import serving

ISBN = "9780140328721"
ISBN_10 = "0140328726"
IDENTIFIED = {"User-Agent": "BookBytes/1.0 (reader@books.example)"}
NO_PAUSE = {"Retry-After": "0"}
DOWN = Canned(503, b"<html><body><h1>503 Service Unavailable</h1></body></html>", NO_PAUSE)
EDITION, WORK, AUTHOR = "/books/OL1M.json", "/works/OL1W.json", "/authors/OL1A.json"


def edition(**more: Any) -> dict[str, Any]:
    """Return an edition that points to a work, with `more` in it."""
    return {"key": "/books/OL1M", "title": "Matilda", "isbn_13": [ISBN], "works": [{"key": "/works/OL1W"}], **more}


def matilda(**more: Any) -> dict[str, Document]:
    """Return the three documents of a book, with `more` in the edition."""
    return {
        EDITION: edition(**more),
        WORK: {"key": "/works/OL1W", "authors": [{"author": {"key": "/authors/OL1A"}}]},
        AUTHOR: {"key": "/authors/OL1A", "name": "Roald Dahl"},
    }


def find(documents: Mapping[str, Document], isbn: str = ISBN) -> Book:
    """Return the book that a server with `documents` has for `isbn`."""
    with serving(open_library_app(documents)) as url:
        return asyncio.run(_find(url, isbn))


async def _find(url: str, isbn: str) -> Book:
    async with httpx.AsyncClient(base_url=url, headers=IDENTIFIED) as client:
        return await OpenLibrary(client, spacing=0).find(isbn)


def request_once(document: Document, *, latency: float = 0, timeout_s: float = 5) -> Mapping[str, Any] | None:
    """Return the result of a single request for `document`, without retries."""
    with serving(open_library_app({"/it.json": document}, latency=latency)) as url:
        return asyncio.run(_request_once(url, timeout_s))


async def _request_once(url: str, timeout_s: float) -> Mapping[str, Any] | None:
    async with httpx.AsyncClient(base_url=url, headers=IDENTIFIED, timeout=timeout_s) as client:
        return await ThrottledClient(client, 0).document("/it.json")


def test_a_book_is_composed_of_edition_work_and_author() -> None:
    """A look-up follows the redirect to the edition, then requests its work and the work's author."""
    documents = book_documents(isbn=ISBN, title="Matilda", author="Roald Dahl", contents=["The Reader of Books"])

    book = find(documents)

    expected = Book(
        isbn=ISBN,
        title="Matilda",
        source="open_library",
        authors=("Roald Dahl",),
        language="en",
        work_key="/works/OL14032872W",
        edition_key="/books/OL14032872M",
        contents=(ContentsRow("The Reader of Books"),),
    )
    assert expected == book


def test_connect_identifies_the_client() -> None:
    """The client that `connect` makes sends the program, its version and the contact, and is accepted."""
    application = open_library_app(matilda())

    async def title(url: str) -> str:
        async with connect(url, "reader@books.example", "1.0") as library:
            return (await library.find(ISBN)).title

    with serving(application) as url:
        found = asyncio.run(title(url))

    assert found == "Matilda"
    assert application[AGENTS] == {"BookBytes/1.0 (reader@books.example)"}


def test_a_refusal_names_the_setting_that_fixes_it() -> None:
    """Without a contact Open Library answers 403; the error names the missing setting, and is not retryable."""

    async def ask(url: str) -> None:
        async with connect(url, "nobody", "1.0") as library:
            await library.find(ISBN)

    with serving(open_library_app(matilda())) as url, pytest.raises(Refused, match="OPENLIBRARY_CONTACT"):
        asyncio.run(ask(url))


def test_every_document_is_requested_once() -> None:
    """An ordinary book takes four requests: the look-up, its redirect, the work, the author."""
    application = open_library_app(matilda())

    with serving(application) as url:
        asyncio.run(_find(url, ISBN))

    assert [f"/isbn/{ISBN}.json", EDITION, WORK, AUTHOR] == application[ASKED]


def test_at_most_ten_authors_are_looked_up() -> None:
    """A work of twelve authors takes no more than ten look-ups for them."""
    rows = [{"author": {"key": f"/authors/OL{number}A"}} for number in range(12)]
    authors: dict[str, Document] = {f"/authors/OL{number}A.json": {"name": f"Person {number}"} for number in range(12)}

    book = find({**matilda(), **authors, WORK: {"key": "/works/OL1W", "authors": rows}})

    assert book.authors == tuple(f"Person {number}" for number in range(10))


def test_an_unknown_isbn_is_looked_up_in_both_forms() -> None:
    """If neither the 13 nor the 10 digits are known, the book is not found after exactly two requests."""
    application = open_library_app({})

    with serving(application) as url, pytest.raises(BookNotFound, match=f"{ISBN} was not found at Open Library"):
        asyncio.run(_find(url, ISBN))

    assert [f"/isbn/{ISBN}.json", f"/isbn/{ISBN_10}.json"] == application[ASKED]


def test_an_isbn_of_the_979_range_has_one_form() -> None:
    """There is no ISBN-10 for 979, so none is requested."""
    application = open_library_app({})

    with serving(application) as url, pytest.raises(BookNotFound):
        asyncio.run(_find(url, "9791032305690"))

    assert application[ASKED] == ["/isbn/9791032305690.json"]


def test_a_record_that_stores_only_the_ten_digits_is_found() -> None:
    """A book known by its ISBN-10 alone is found by its ISBN-13."""
    book = find(matilda(isbn_13=[], isbn_10=[ISBN_10]))

    assert book.title == "Matilda"


def test_a_record_of_other_isbns_is_not_the_book() -> None:
    """A look-up that ends at a record with only other ISBNs finds nothing."""
    documents = matilda(isbn_13=["9780141439518"]) | {f"/isbn/{ISBN}.json": Canned(302, headers={"Location": EDITION})}

    with pytest.raises(BookNotFound):
        find(documents)


def test_a_record_without_isbns_is_accepted() -> None:
    """A record without any valid ISBN is not contradicted, so it is used."""
    documents = matilda(isbn_13=["none"]) | {f"/isbn/{ISBN}.json": Canned(302, headers={"Location": EDITION})}

    book = find(documents)

    assert book.title == "Matilda"


def test_merged_records_are_followed() -> None:
    """Editions, works and authors that were merged into others are stubs; the others are read."""
    documents = {
        **matilda(),
        f"/isbn/{ISBN}.json": {"type": {"key": "/type/redirect"}, "location": "/books/OL1M"},
        WORK: {"type": {"key": "/type/redirect"}, "location": "/works/OL2W"},
        "/works/OL2W.json": {"key": "/works/OL2W", "authors": [{"author": {"key": "/authors/OL2A"}}]},
        "/authors/OL2A.json": {"type": {"key": "/type/redirect"}, "location": "/authors/OL1A"},
    }

    book = find(documents)

    assert (book.work_key, book.authors) == ("/works/OL2W", ("Roald Dahl",))


def test_a_live_record_with_a_location_is_not_a_merge() -> None:
    """A work of type work may still have the `location` of a reverted merge: the record itself is read."""
    work = {"type": {"key": "/type/work"}, "location": "/works/OL9W", "authors": [{"author": {"key": "/authors/OL1A"}}]}

    book = find(matilda() | {WORK: work})

    assert book.authors == ("Roald Dahl",)


def test_circular_merges_are_not_found() -> None:
    """Two editions merged into each other are not a book, and are not requested endlessly."""
    documents: dict[str, Document] = {
        f"/isbn/{ISBN}.json": {"type": {"key": "/type/redirect"}, "location": "/books/OL1M"},
        EDITION: {"type": {"key": "/type/redirect"}, "location": "/books/OL2M"},
        "/books/OL2M.json": {"type": {"key": "/type/redirect"}, "location": "/books/OL1M"},
    }

    with pytest.raises(BookNotFound):
        find(documents)


def test_a_long_chain_of_merges_is_not_found() -> None:
    """Five hops are followed and no more."""
    stubs = {
        f"/books/OL{hop}M.json": {"type": {"key": "/type/redirect"}, "location": f"/books/OL{hop + 1}M"}
        for hop in range(10, 20)
    }

    with pytest.raises(BookNotFound):
        find({**stubs, "/books/OL20M.json": edition(), f"/isbn/{ISBN}.json": stubs["/books/OL10M.json"]})


@pytest.mark.parametrize("location", ["http://books.example/OL1M", "/books/../admin", "/works/OL1W", None, 7])
def test_a_merge_leads_only_to_a_record_of_its_kind(location: object) -> None:
    """A stub whose location is not a key of the same kind counts as a deleted record."""
    documents: dict[str, Document] = {EDITION: {"type": {"key": "/type/redirect"}, "location": location}}

    with pytest.raises(BookNotFound):
        find({**documents, f"/isbn/{ISBN}.json": Canned(302, headers={"Location": EDITION})})


def test_a_deleted_record_is_skipped() -> None:
    """A record deleted under the 13 digits is looked up by the 10 digits, and found there."""
    deleted = {"title": "Matilda the Deleted", "type": {"key": "/type/delete"}}

    book = find({**matilda(), f"/isbn/{ISBN}.json": deleted, f"/isbn/{ISBN_10}.json": edition()})

    assert book.title == "Matilda"


def test_an_edition_without_a_title_has_its_work_s() -> None:
    """The work's title replaces the edition's."""
    documents = matilda(title="") | {WORK: {"title": "Matilda the Work", "authors": []}}

    book = find(documents)

    assert book.title == "Matilda the Work"


def test_a_book_without_any_title_is_not_found() -> None:
    """Neither edition nor work has a title: a retry would not fix it, so it counts as not found."""
    with pytest.raises(BookNotFound, match="not found at Open Library with a title"):
        find(matilda(title=None))


def test_a_missing_work_does_not_fail_the_book() -> None:
    """A book is returned without its missing work; the edition's own author is requested."""
    documents = {**matilda(authors=[{"key": "/authors/OL1A"}]), WORK: Canned(404, b"gone")}

    book = find(documents)

    assert (book.title, book.authors) == ("Matilda", ("Roald Dahl",))


def test_a_missing_author_does_not_fail_the_book() -> None:
    """A book whose author record is missing has no authors."""
    documents = {**matilda(), AUTHOR: Canned(404, b"gone")}

    book = find(documents)

    assert book.authors == ()


def test_the_edition_s_authors_replace_a_placeholder() -> None:
    """If the work's only author is a placeholder, the edition's authors are requested."""
    documents = {
        **matilda(authors=[{"key": "/authors/OL2A"}]),
        AUTHOR: {"name": "Unknown"},
        "/authors/OL2A.json": {"name": "Roald Dahl"},
    }

    book = find(documents)

    assert book.authors == ("Roald Dahl",)


def test_an_unavailable_work_fails_a_book_without_another_author() -> None:
    """The author would be unknown permanently, so an unavailable work is worth a retry later."""
    with pytest.raises(Unavailable):
        find({**matilda(), WORK: DOWN})


def test_the_edition_replaces_an_unavailable_work() -> None:
    """An unavailable work does not fail a book whose edition names its author."""
    documents = {**matilda(authors=[{"key": "/authors/OL1A"}]), WORK: DOWN}

    book = find(documents)

    assert book.authors == ("Roald Dahl",)


@pytest.mark.parametrize("path", [WORK, AUTHOR])
def test_the_title_page_replaces_unavailable_records(path: str) -> None:
    """An unavailable work or author does not fail a book whose title page is quoted."""
    book = find({**matilda(by_statement="by Roald Dahl ; illustrated by Quentin Blake."), path: DOWN})

    assert book.authors == ("Roald Dahl",)


def test_an_unavailable_author_fails_a_book_without_title_page() -> None:
    """An unavailable author without another source is worth a retry later."""
    with pytest.raises(Unavailable):
        find({**matilda(), AUTHOR: DOWN})


def test_a_temporary_failure_is_retried() -> None:
    """A request that fails twice and then succeeds is not a failure."""
    busy = Canned(429, b'{"status": 429}', NO_PAUSE)

    book = find({**matilda(), f"/isbn/{ISBN}.json": [DOWN, busy, edition()]})

    assert book.title == "Matilda"


def test_the_requested_pause_is_passed_on() -> None:
    """A pause longer than a run should wait stops the retries immediately and is part of the error."""
    with pytest.raises(Unavailable, match="too many requests") as failure:
        find({f"/isbn/{ISBN}.json": Canned(429, b"", {"Retry-After": "120"})})

    assert failure.value.retry_after == 120


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b'"text"', b'{"title": "Mat', b"<html></html>", b"\xff\xfe\x00", b"[" * 100_000],
    ids=["empty", "null", "list", "text", "cut short", "page", "bytes", "nested"],
)
def test_a_good_status_with_no_record_is_unusable(body: bytes) -> None:
    """A 200 with anything except a JSON object is not a record."""
    with pytest.raises(UnusableAnswer):
        request_once(Canned(200, body))


def test_an_endless_body_is_cut_off() -> None:
    """More than five megabytes are not read."""
    with pytest.raises(UnusableAnswer, match="more than"):
        request_once(Canned(200, b'{"title": "' + b"a" * 5_000_001 + b'"}'))


def test_circular_redirects_end() -> None:
    """A document that redirects to itself is an error."""
    with pytest.raises(UnusableAnswer, match="without end"):
        request_once(Canned(302, headers={"Location": "/it.json"}))


@pytest.mark.parametrize(
    "location", ["http://login.hotel.example/", "//books.example/it.json", "http://[", "http://localhost:1/"]
)
def test_redirects_stay_with_the_host(location: str) -> None:
    """No redirect to another host is followed."""
    with pytest.raises(UnusableAnswer):
        request_once(Canned(302, headers={"Location": location}))


def test_a_timeout_is_unavailable() -> None:
    """No response in time is worth a retry later."""
    with pytest.raises(Unavailable, match="in time"):
        request_once({"title": "Matilda"}, latency=1, timeout_s=0.05)


def test_a_truncated_body_is_unavailable() -> None:
    """A body that cannot be decompressed completely is worth a retry later."""
    with pytest.raises(Unavailable, match="cut off"):
        request_once(Canned(200, b"{}", {"Content-Encoding": "gzip"}))


def test_a_server_that_cannot_be_reached_is_unavailable() -> None:
    """No server listens at the address: the error says so and mentions the connection."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"

    with pytest.raises(Unavailable, match=r"Open Library cannot be reached \(.+\)"):
        asyncio.run(_request_once(url, 5))


def test_requests_are_spaced() -> None:
    """With an hour between requests the first is sent and the second is not."""
    application = open_library_app({"/it.json": {}})

    async def request_twice(url: str) -> None:
        async with httpx.AsyncClient(base_url=url, headers=IDENTIFIED) as client:
            throttled = ThrottledClient(client, spacing=3600)
            await throttled.document("/it.json")
            async with asyncio.timeout(0.1):
                await throttled.document("/it.json")

    with serving(application) as url, pytest.raises(TimeoutError):
        asyncio.run(request_twice(url))

    assert application[ASKED] == ["/it.json"]


def test_whoever_gives_up_waiting_leaves_no_gap() -> None:
    """Requests that nobody waits for any more do not delay those behind them."""

    async def request_behind_others(url: str) -> Mapping[str, Any] | None:
        async with httpx.AsyncClient(base_url=url, headers=IDENTIFIED) as client:
            throttled = ThrottledClient(client, spacing=0.2)
            await throttled.document("/it.json")
            impatient = [asyncio.create_task(throttled.document("/it.json")) for _ in range(100)]
            await asyncio.sleep(0)
            for task in impatient:
                task.cancel()
            async with asyncio.timeout(10):
                return await throttled.document("/it.json")

    with serving(open_library_app({"/it.json": {"title": "Matilda"}})) as url:
        assert {"title": "Matilda"} == asyncio.run(request_behind_others(url))


def search(document: Document, text: str = "matilda", *, retries: bool = True) -> tuple[Sequence[Work], Application]:
    """Return the works that a server whose search answers with `document` has, and the server."""
    application = open_library_app({SEARCH: document})

    async def ask(url: str) -> Sequence[Work]:
        async with connect(url, "reader@books.example", "1.0", retries=retries) as library:
            return await library.search(text)

    with serving(application) as url:
        return asyncio.run(ask(url)), application


def test_works_are_found_by_their_title() -> None:
    """With one request, for a bounded number of works, in the words that were given."""
    works, server = search(search_result({"title": "Matilda", "author_name": ["Roald Dahl"], "isbn": [ISBN]}))

    assert [("Matilda", ("Roald Dahl",), (ISBN,))] == [(work.title, work.authors, work.isbns) for work in works]
    assert [("matilda", "20")] == [(query["q"], query["limit"]) for query in server[QUERIES]]


def test_a_title_of_two_letters_is_searched_for() -> None:
    """Open Library refuses so short a query, but knows books that are called so."""
    works, _ = search(search_result({"title": "It", "isbn": [ISBN]}), "It")

    assert ["It"] == [work.title for work in works]


@pytest.mark.parametrize("retries", [True, False])
def test_a_search_is_repeated_only_if_somebody_has_the_time(retries: bool) -> None:
    """A run does; whoever waits for an answer rather tries again."""
    documents = [DOWN, search_result({"title": "Matilda", "isbn": [ISBN]})]

    if retries:
        works, server = search(documents)
        assert (1, 2) == (len(works), len(server[QUERIES]))
    else:
        with pytest.raises(Unavailable, match=r"server error \(503\)"):
            search(documents, retries=False)
