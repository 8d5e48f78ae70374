"""Open Library's answers, asked for over HTTP."""

import asyncio
import socket
from collections.abc import Mapping
from contextlib import closing
from typing import Any

import httpx
import pytest

from bookbytes_pipeline.domain.book import Book, ContentsRow
from bookbytes_pipeline.domain.errors import BookNotFound, Refused, Unavailable, UnusableAnswer
from bookbytes_pipeline.providers.metadata.open_library import OpenLibrary, connect
from bookbytes_pipeline.providers.metadata.open_library_http import ThrottledClient
from tests.fakes.open_library import AGENTS, ASKED, Canned, Document, book_documents, open_library_app
from tests.fakes.server import serving

ISBN = "9780140328721"
ISBN_10 = "0140328726"
IDENTIFIED = {"User-Agent": "BookBytes/1.0 (reader@books.example)"}
AT_ONCE = {"Retry-After": "0"}
DOWN = Canned(503, b"<html><body><h1>503 Service Unavailable</h1></body></html>", AT_ONCE)
EDITION, WORK, AUTHOR = "/books/OL1M.json", "/works/OL1W.json", "/authors/OL1A.json"


def edition(**more: Any) -> dict[str, Any]:
    """An edition that points to a work, with `more` in it."""
    return {"key": "/books/OL1M", "title": "Matilda", "isbn_13": [ISBN], "works": [{"key": "/works/OL1W"}], **more}


def shelf(**more: Any) -> dict[str, Document]:
    """One book's three documents, with `more` in the edition."""
    return {
        EDITION: edition(**more),
        WORK: {"key": "/works/OL1W", "authors": [{"author": {"key": "/authors/OL1A"}}]},
        AUTHOR: {"key": "/authors/OL1A", "name": "Roald Dahl"},
    }


def find(documents: Mapping[str, Document], isbn: str = ISBN) -> Book:
    """The book that a library holding `documents` gives for `isbn`."""
    with serving(open_library_app(documents)) as url:
        return asyncio.run(_find(url, isbn))


async def _find(url: str, isbn: str) -> Book:
    async with httpx.AsyncClient(base_url=url, headers=IDENTIFIED) as client:
        return await OpenLibrary(client, spacing=0).find(isbn)


def ask_once(answer: Document, *, latency: float = 0, patience: float = 5) -> Mapping[str, Any] | None:
    """What one request, not tried again, makes of `answer`; the caller waits `patience` seconds."""
    with serving(open_library_app({"/it.json": answer}, latency=latency)) as url:
        return asyncio.run(_ask_once(url, patience))


async def _ask_once(url: str, patience: float) -> Mapping[str, Any] | None:
    async with httpx.AsyncClient(base_url=url, headers=IDENTIFIED, timeout=patience) as client:
        return await ThrottledClient(client, 0).document("/it.json")


def test_a_book_is_put_together_from_edition_work_and_author() -> None:
    """One look-up follows the redirect to the edition, then asks for its work and for the work's author."""
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


def test_connect_says_who_is_asking() -> None:
    """The client that `connect` makes names the program, its version and the contact, and is answered."""
    application = open_library_app(shelf())

    async def title(url: str) -> str:
        async with connect(url, "reader@books.example", "1.0") as library:
            return (await library.find(ISBN)).title

    with serving(application) as url:
        answer = asyncio.run(title(url))

    assert answer == "Matilda"
    assert application[AGENTS] == {"BookBytes/1.0 (reader@books.example)"}


def test_a_refusal_names_the_setting_that_mends_it() -> None:
    """Without a contact Open Library answers 403; the error says which setting to fill, and trying again is no use."""

    async def ask(url: str) -> None:
        async with connect(url, "nobody", "1.0") as library:
            await library.find(ISBN)

    with serving(open_library_app(shelf())) as url, pytest.raises(Refused, match="OPENLIBRARY_CONTACT"):
        asyncio.run(ask(url))


def test_every_document_is_asked_for_once() -> None:
    """A plain book costs four requests: the look-up, where it leads, the work, the author."""
    application = open_library_app(shelf())

    with serving(application) as url:
        asyncio.run(_find(url, ISBN))

    assert [f"/isbn/{ISBN}.json", EDITION, WORK, AUTHOR] == application[ASKED]


def test_ten_authors_are_enough() -> None:
    """A work of a dozen authors costs no more than ten look-ups for them."""
    rows = [{"author": {"key": f"/authors/OL{number}A"}} for number in range(12)]
    people: dict[str, Document] = {f"/authors/OL{number}A.json": {"name": f"Person {number}"} for number in range(12)}

    book = find({**shelf(), **people, WORK: {"key": "/works/OL1W", "authors": rows}})

    assert book.authors == tuple(f"Person {number}" for number in range(10))


def test_an_unknown_isbn_is_asked_for_in_both_forms() -> None:
    """Neither the 13 nor the 10 digits are known: the book is not found, after exactly two requests."""
    application = open_library_app({})

    with serving(application) as url, pytest.raises(BookNotFound, match=f"{ISBN} was not found at Open Library"):
        asyncio.run(_find(url, ISBN))

    assert [f"/isbn/{ISBN}.json", f"/isbn/{ISBN_10}.json"] == application[ASKED]


def test_an_isbn_of_the_979_range_has_one_form() -> None:
    """There is no ISBN-10 for 979, so none is asked for."""
    application = open_library_app({})

    with serving(application) as url, pytest.raises(BookNotFound):
        asyncio.run(_find(url, "9791032305690"))

    assert application[ASKED] == ["/isbn/9791032305690.json"]


def test_a_record_that_stores_only_the_ten_digits_is_found() -> None:
    """A book known by its ISBN-10 alone is found by its ISBN-13."""
    book = find(shelf(isbn_13=[], isbn_10=[ISBN_10]))

    assert book.title == "Matilda"


def test_a_record_of_other_isbns_is_not_the_book() -> None:
    """A look-up that ends at a record naming other books only finds nothing."""
    documents = shelf(isbn_13=["9780141439518"]) | {f"/isbn/{ISBN}.json": Canned(302, headers={"Location": EDITION})}

    with pytest.raises(BookNotFound):
        find(documents)


def test_a_record_without_isbns_is_taken_at_its_word() -> None:
    """Where the record found lists no readable ISBN, nothing speaks against it."""
    documents = shelf(isbn_13=["none"]) | {f"/isbn/{ISBN}.json": Canned(302, headers={"Location": EDITION})}

    book = find(documents)

    assert book.title == "Matilda"


def test_merged_records_are_followed() -> None:
    """Editions, works and authors that were merged into others answer with a stub; the others are read."""
    documents = {
        **shelf(),
        f"/isbn/{ISBN}.json": {"type": {"key": "/type/redirect"}, "location": "/books/OL1M"},
        WORK: {"type": {"key": "/type/redirect"}, "location": "/works/OL2W"},
        "/works/OL2W.json": {"key": "/works/OL2W", "authors": [{"author": {"key": "/authors/OL2A"}}]},
        "/authors/OL2A.json": {"type": {"key": "/type/redirect"}, "location": "/authors/OL1A"},
    }

    book = find(documents)

    assert (book.work_key, book.authors) == ("/works/OL2W", ("Roald Dahl",))


def test_a_live_record_with_a_location_is_no_merge() -> None:
    """A work of type work may carry the `location` of a merge long undone: it is read where it stands."""
    work = {"type": {"key": "/type/work"}, "location": "/works/OL9W", "authors": [{"author": {"key": "/authors/OL1A"}}]}

    book = find(shelf() | {WORK: work})

    assert book.authors == ("Roald Dahl",)


def test_merges_in_a_circle_lead_nowhere() -> None:
    """Two editions merged into each other are no book, and are not asked for for ever."""
    documents: dict[str, Document] = {
        f"/isbn/{ISBN}.json": {"type": {"key": "/type/redirect"}, "location": "/books/OL1M"},
        EDITION: {"type": {"key": "/type/redirect"}, "location": "/books/OL2M"},
        "/books/OL2M.json": {"type": {"key": "/type/redirect"}, "location": "/books/OL1M"},
    }

    with pytest.raises(BookNotFound):
        find(documents)


def test_a_long_row_of_merges_leads_nowhere() -> None:
    """Five hops are followed and no more."""
    stubs = {
        f"/books/OL{hop}M.json": {"type": {"key": "/type/redirect"}, "location": f"/books/OL{hop + 1}M"}
        for hop in range(10, 20)
    }

    with pytest.raises(BookNotFound):
        find({**stubs, "/books/OL20M.json": edition(), f"/isbn/{ISBN}.json": stubs["/books/OL10M.json"]})


@pytest.mark.parametrize("location", ["http://books.example/OL1M", "/books/../admin", "/works/OL1W", None, 7])
def test_a_merge_leads_only_to_a_record_of_its_kind(location: object) -> None:
    """A stub whose location is no key of the same kind is a record that is gone."""
    documents: dict[str, Document] = {EDITION: {"type": {"key": "/type/redirect"}, "location": location}}

    with pytest.raises(BookNotFound):
        find({**documents, f"/isbn/{ISBN}.json": Canned(302, headers={"Location": EDITION})})


def test_a_deleted_record_is_gone() -> None:
    """What was deleted under the 13 digits is looked for under the 10, and found where it is alive."""
    deleted = {"title": "Matilda the Deleted", "type": {"key": "/type/delete"}}

    book = find({**shelf(), f"/isbn/{ISBN}.json": deleted, f"/isbn/{ISBN_10}.json": edition()})

    assert book.title == "Matilda"


def test_an_edition_without_a_title_takes_its_work_s() -> None:
    """The work's title stands in for the edition's."""
    documents = shelf(title="") | {WORK: {"title": "Matilda the Work", "authors": []}}

    book = find(documents)

    assert book.title == "Matilda the Work"


def test_a_book_without_any_title_is_not_found() -> None:
    """Neither edition nor work has a title: asking again would not mend it, so it counts as not found."""
    with pytest.raises(BookNotFound, match="not found at Open Library with a title"):
        find(shelf(title=None))


def test_a_lost_work_makes_the_book_poorer_only() -> None:
    """A work that Open Library has lost is done without; the edition's own author is asked for."""
    documents = {**shelf(authors=[{"key": "/authors/OL1A"}]), WORK: Canned(404, b"gone")}

    book = find(documents)

    assert (book.title, book.authors) == ("Matilda", ("Roald Dahl",))


def test_a_lost_author_makes_the_book_poorer_only() -> None:
    """An author that Open Library has lost leaves the book without authors."""
    documents = {**shelf(), AUTHOR: Canned(404, b"gone")}

    book = find(documents)

    assert book.authors == ()


def test_the_edition_s_authors_stand_in_for_nobody() -> None:
    """Where the work's only author is a placeholder, the edition's are asked for."""
    documents = {
        **shelf(authors=[{"key": "/authors/OL2A"}]),
        AUTHOR: {"name": "Unknown"},
        "/authors/OL2A.json": {"name": "Roald Dahl"},
    }

    book = find(documents)

    assert book.authors == ("Roald Dahl",)


def test_an_outage_of_the_work_fails_a_book_without_other_author() -> None:
    """Who wrote it would be unknown for good, so an unavailable work is worth another try later."""
    with pytest.raises(Unavailable):
        find({**shelf(), WORK: DOWN})


def test_an_outage_of_the_work_is_bridged_by_the_edition() -> None:
    """An unavailable work does not stop a book whose edition names its author."""
    documents = {**shelf(authors=[{"key": "/authors/OL1A"}]), WORK: DOWN}

    book = find(documents)

    assert book.authors == ("Roald Dahl",)


@pytest.mark.parametrize("lost", [WORK, AUTHOR])
def test_an_outage_is_bridged_by_the_title_page(lost: str) -> None:
    """An unavailable work or author does not stop a book whose title page is quoted."""
    book = find({**shelf(by_statement="by Roald Dahl ; illustrated by Quentin Blake."), lost: DOWN})

    assert book.authors == ("Roald Dahl",)


def test_an_outage_of_the_authors_fails_a_book_without_title_page() -> None:
    """An unavailable author whom nothing else names is worth another try later."""
    with pytest.raises(Unavailable):
        find({**shelf(), AUTHOR: DOWN})


def test_a_stumble_is_asked_again() -> None:
    """An answer that fails once and then comes is no failure."""
    busy = Canned(429, b'{"status": 429}', AT_ONCE)

    book = find({**shelf(), f"/isbn/{ISBN}.json": [DOWN, busy, edition()]})

    assert book.title == "Matilda"


def test_the_pause_asked_for_is_passed_on() -> None:
    """A pause longer than a run should wait ends the attempts at once and travels in the error."""
    with pytest.raises(Unavailable, match="too many requests") as failure:
        find({f"/isbn/{ISBN}.json": Canned(429, b"", {"Retry-After": "120"})})

    assert failure.value.retry_after == 120


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b'"text"', b'{"title": "Mat', b"<html></html>", b"\xff\xfe\x00", b"[" * 100_000],
    ids=["empty", "null", "list", "text", "cut short", "page", "bytes", "nested"],
)
def test_a_good_status_with_no_record_is_unusable(body: bytes) -> None:
    """A 200 that holds anything but a JSON object is no record."""
    with pytest.raises(UnusableAnswer):
        ask_once(Canned(200, body))


def test_an_endless_answer_is_cut_off() -> None:
    """More than five megabytes are not read."""
    with pytest.raises(UnusableAnswer, match="more than"):
        ask_once(Canned(200, b'{"title": "' + b"a" * 5_000_001 + b'"}'))


def test_redirects_in_a_circle_end() -> None:
    """A document that redirects to itself is given up."""
    with pytest.raises(UnusableAnswer, match="without end"):
        ask_once(Canned(302, headers={"Location": "/it.json"}))


@pytest.mark.parametrize(
    "elsewhere", ["http://login.hotel.example/", "//books.example/it.json", "http://[", "http://localhost:1/"]
)
def test_redirects_stay_with_the_host(elsewhere: str) -> None:
    """No redirect to another host is followed."""
    with pytest.raises(UnusableAnswer):
        ask_once(Canned(302, headers={"Location": elsewhere}))


def test_a_silent_library_is_unavailable() -> None:
    """No answer in time is worth another try later."""
    with pytest.raises(Unavailable, match="in time"):
        ask_once({"title": "Matilda"}, latency=1, patience=0.05)


def test_an_answer_that_breaks_off_is_unavailable() -> None:
    """A body that cannot be unpacked to its end is worth another try later."""
    with pytest.raises(Unavailable, match="cut off"):
        ask_once(Canned(200, b"{}", {"Content-Encoding": "gzip"}))


def test_a_library_that_cannot_be_reached_is_unavailable() -> None:
    """Nobody listens at the address: the error says so and asks after the connection."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"

    with pytest.raises(Unavailable, match=r"Open Library cannot be reached \(.+\)"):
        asyncio.run(_ask_once(url, 5))


def test_requests_wait_for_their_turn() -> None:
    """With an hour between requests the first goes out and the second does not."""
    application = open_library_app({"/it.json": {}})

    async def ask_twice(url: str) -> None:
        async with httpx.AsyncClient(base_url=url, headers=IDENTIFIED) as client:
            desk = ThrottledClient(client, spacing=3600)
            await desk.document("/it.json")
            async with asyncio.timeout(0.1):
                await desk.document("/it.json")

    with serving(application) as url, pytest.raises(TimeoutError):
        asyncio.run(ask_twice(url))

    assert application[ASKED] == ["/it.json"]
