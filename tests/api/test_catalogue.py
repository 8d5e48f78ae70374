"""Looking books up at Open Library: by title, and by ISBN before a job is spent on one."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from aiohttp import web

from bookbytes_api.catalogue.catalogue import Catalogue
from bookbytes_api.catalogue.limits import PER_USER
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.book import Book
from bookbytes_pipeline.domain.errors import Unavailable
from bookbytes_pipeline.domain.writing_model import WritingModel
from bookbytes_pipeline.library.usage import total_usage
from bookbytes_pipeline.store.store import Store, open_store
from tests.api.client import Api, User, code, offline_settings, serving_api
from tests.api.factories import numbered_book, publish_book
from tests.epub.building import epub, prose
from tests.fakes.open_library import (
    ASKED,
    FORBIDDEN,
    QUERIES,
    SEARCH,
    Canned,
    Document,
    book_documents,
    open_library_app,
    search_result,
)
from tests.fakes.server import serving
from tests.provider_usage import calls

ISBN, OTHER_ISBN = "9780140328721", "9780306406157"
MATILDA = {
    "key": "/works/OL45804W",
    "title": "Matilda",
    "author_name": ["Roald Dahl"],
    "first_publish_year": 1988,
    "cover_i": 8739161,
    "isbn": ["0140328726", "9780306406157", "not an isbn"],
}
UNAVAILABLE = (503, "PROVIDER_UNAVAILABLE")
UNUSABLE = (503, "PROVIDER_ANSWER_UNUSABLE")
DOWN = Canned(503, b"<html><body><h1>503 Service Unavailable</h1></body></html>", {"Retry-After": "0"})
_NUMBERS = count(1)


@dataclass
class Scene:
    """The API, and an Open Library whose documents a test may change."""

    api: Api
    library: web.Application
    documents: dict[str, Document] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        """Where texts are attached."""
        return open_store(self.api.settings.store_config)

    def user(self) -> User:
        """A user who has looked nothing up yet."""
        return self.api.user(f"reader{next(_NUMBERS)}")

    def search(self, q: str, user: User | None = None) -> httpx.Response:
        """Search as a new user, unless one is given."""
        return self.api.ask("GET", "/api/v1/search/books", user or self.user(), params={"q": q})

    def preview(self, isbn: str = ISBN) -> httpx.Response:
        """Ask what is known of a book, as a new user."""
        return self.api.ask("GET", f"/api/v1/books/isbn/{isbn}/preview", self.user())

    @property
    def searches(self) -> list[str]:
        """The words that Open Library was asked for."""
        return [query.get("q") or query["title"] for query in self.library[QUERIES]]


@contextmanager
def scene(home: Path, *, latency: float = 0) -> Iterator[Scene]:
    """An API with an empty library, and an Open Library that finds one work, whatever it is asked."""
    documents: dict[str, Document] = {SEARCH: search_result(MATILDA)}
    library = open_library_app(documents, latency=latency)
    with serving(library) as url:
        settings = offline_settings(home, openlibrary_base_url=url, openlibrary_contact="reader@books.example")
        with serving_api(settings) as api:
            yield Scene(api, library, documents)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, dagster_home: Path) -> Iterator[Scene]:
    """One scene for the tests that only search: each with words of its own, because answers are kept."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", str(dagster_home))
        with scene(tmp_path_factory.mktemp("home")) as running:
            yield running


@pytest.fixture
def here(shared: Scene) -> Scene:
    """The scene as it was at the beginning, but that kept answers stay."""
    shared.documents.clear()
    shared.documents[SEARCH] = search_result(MATILDA)
    shared.library[QUERIES].clear()
    shared.library[ASKED].clear()
    return shared


def test_a_search_finds_works_with_isbns(here: Scene) -> None:
    """With 13 digits and valid, for people who know the title; it takes an account."""
    found = here.search("matilda dahl")

    work = {
        "title": "Matilda",
        "authors": ["Roald Dahl"],
        "first_year": 1988,
        "cover_url": "https://covers.openlibrary.org/b/id/8739161-L.jpg",
        "isbns": [ISBN, OTHER_ISBN],
    }
    assert (200, {"items": [work]}) == (found.status_code, found.json())
    assert (401, "NOT_AUTHENTICATED") == code(here.api.ask("GET", "/api/v1/search/books?q=matilda"))


def test_nothing_found_is_an_empty_list(here: Scene) -> None:
    """Also where there are works, but none with an ISBN."""
    here.documents[SEARCH] = search_result({"title": "Hand-written"})

    assert {"items": []} == here.search("nothing at all").json()


def test_the_same_search_is_asked_once(here: Scene) -> None:
    """Whoever asks, and however it is written; another one is asked for."""
    answers = [here.search(q) for q in ("the twits", "  The TWITS ", '"The Twits"', "the witches")]

    assert [200] * 4 == [answer.status_code for answer in answers]
    assert ["the twits", "the witches"] == here.searches


def test_the_same_search_at_the_same_time_is_asked_once(tmp_path: Path) -> None:
    """Whoever comes second waits for the first one's answer; meanwhile others are served."""
    with scene(tmp_path, latency=1) as slow, ThreadPoolExecutor(5) as threads:
        ada = slow.user()
        searching = [threads.submit(slow.search, "matilda", ada) for _ in range(4)]
        live = slow.api.ask("GET", "/health/live")
        was_waiting = not any(search.done() for search in searching)
        found = [search.result().status_code for search in searching]

    assert (200, True) == (live.status_code, was_waiting)
    assert ([200] * 4, ["matilda"]) == (found, slow.searches)


def test_a_failed_search_is_asked_again(here: Scene) -> None:
    """Once; an answer is kept only if it is one."""
    here.documents[SEARCH] = DOWN
    failed = here.search("the minpins")
    here.documents[SEARCH] = search_result(MATILDA)

    assert UNAVAILABLE == code(failed)
    assert failed.headers["Retry-After"] == "30"
    assert 200 == here.search("the minpins").status_code
    assert ["the minpins"] * 2 == here.searches


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (DOWN, UNAVAILABLE),
        (Canned(429, b'{"status": 429}'), UNAVAILABLE),
        (FORBIDDEN, (502, "PROVIDER_REFUSED")),
        (Canned(404, b"gone"), UNUSABLE),
        (Canned(200, b"<html></html>"), UNUSABLE),
        (Canned(200, b'{"docs": {}}'), UNUSABLE),
        (Canned(200, b'{"docs": [' + b" " * 5_000_001 + b"]}"), UNUSABLE),
        (Canned(302, b"", {"Location": "http://login.hotel.example/"}), UNUSABLE),
    ],
    ids=["503", "429", "403", "404", "page", "no result", "too large", "another host"],
)
def test_what_open_library_does_is_told(here: Scene, answer: Document, expected: tuple[int, str]) -> None:
    """By a code and a sentence, without its body or its address."""
    here.documents[SEARCH] = answer
    told = here.search(f"number {next(_NUMBERS)}")

    assert expected == code(told)
    assert "127.0.0.1" not in told.text
    assert 1 == len(here.searches)


def test_nothing_is_asked_while_open_library_wants_a_pause(tmp_path: Path) -> None:
    """Whatever the question; the answer says how long that is, and what is known already is still served."""
    with scene(tmp_path) as busy:
        busy.search("matilda")
        busy.documents[SEARCH] = Canned(429, b"", {"Retry-After": "120"})
        refused = [busy.search("esio trot"), busy.search("danny"), busy.preview()]
        known = busy.search("matilda")

    assert [UNAVAILABLE] * 3 == [code(answer) for answer in refused]
    assert "120" == refused[0].headers["Retry-After"]
    assert all(60 < int(answer.headers["Retry-After"]) <= 120 for answer in refused[1:])
    assert (200, ["matilda", "esio trot"]) == (known.status_code, busy.searches)
    assert [SEARCH, SEARCH] == busy.library[ASKED]


def test_a_lookup_is_given_up_in_time(tmp_path: Path) -> None:
    """However long Open Library takes; the next one is a new attempt."""
    library = open_library_app({SEARCH: search_result(MATILDA)}, latency=5)

    async def search_twice(url: str) -> None:
        settings = offline_settings(tmp_path, openlibrary_base_url=url)
        catalogue = Catalogue(settings, Database(settings.library_url), timeout_s=2)
        async with catalogue.running():
            for _ in range(2):
                with pytest.raises(Unavailable, match="did not answer within 2 seconds"):
                    await catalogue.search("matilda")

    with serving(library) as url:
        asyncio.run(search_twice(url))

    assert [SEARCH, SEARCH] == library[ASKED]


@pytest.mark.parametrize("q", ["", "   ", "?!", "x" * 201, "mat\x00ilda", "mat\nilda", "\x7fmatilda", "the"])
def test_words_that_are_none_are_refused(here: Scene, q: str) -> None:
    """Before anybody is asked; the field is named."""
    answer = here.search(q)

    assert (422, "INVALID_Q") == code(answer)
    assert ["q"] == [detail["field"] for detail in answer.json()["error"]["details"]]
    assert 422 == here.api.ask("GET", "/api/v1/search/books", here.user()).status_code
    assert [] == here.searches


def test_lookups_are_limited_for_each_user(here: Scene) -> None:
    """Searches and previews together; the answers say how many are left."""
    greedy, paths = here.user(), ("/api/v1/search/books?q=matilda", "/api/v1/books/isbn/x/preview")
    answers = [here.api.ask("GET", paths[number % 2], greedy) for number in range(PER_USER.amount)]
    refused = [here.api.ask("GET", path, greedy) for path in paths]

    assert {200, 422} == {answer.status_code for answer in answers}
    assert [(str(PER_USER.amount), str(PER_USER.amount - 1))] == [
        (answer.headers["RateLimit-Limit"], answer.headers["RateLimit-Remaining"]) for answer in answers[:1]
    ]
    assert [(429, "RATE_LIMITED")] * 2 == [code(answer) for answer in refused]
    assert 1 <= int(refused[0].headers["Retry-After"]) <= 60
    assert 200 == here.search("matilda").status_code


def test_what_open_library_was_asked_is_counted(tmp_path: Path) -> None:
    """In the metrics, beside the calls of runs, at the latest when the server stops."""
    with scene(tmp_path) as counted:
        for _ in range(2):
            counted.search("matilda")

    with Database(counted.api.settings.library_url).session() as session:
        assert {("open_library", "", "ok"): 1} == calls(total_usage(session))


def test_without_open_library_a_search_says_so(tmp_path: Path) -> None:
    """It is no outage: waiting does not help."""
    with serving_api(offline_settings(tmp_path)) as api:
        ada = api.user()
        answer = api.ask("GET", "/api/v1/search/books?q=matilda", ada)
        preview = api.ask("GET", f"/api/v1/books/isbn/{ISBN}/preview", ada)

    assert (403, "CATALOGUE_OFF") == code(answer)
    assert "Open Library is switched off here" in answer.json()["error"]["message"]
    assert "Retry-After" not in answer.headers
    assert (404, "BOOK_NOT_FOUND") == code(preview)
    assert f"Attach one with PUT /api/v1/books/isbn/{ISBN}/text" in preview.json()["error"]["message"]


def known(scene: Scene, isbn: str, **more: Any) -> None:
    """Let Open Library know a book."""
    scene.documents.update(book_documents(isbn=isbn, title="Matilda", author="Roald Dahl", **more))


def test_a_preview_shows_the_book_before_it_is_requested(here: Scene) -> None:
    """As Open Library describes it, which is asked once; nothing is made of it here."""
    known(here, ISBN, publish_date="October 1, 1988", publishers=["Puffin"], covers=[8739161])
    first = here.preview("0-14-032872-6")
    asked = list(here.library[ASKED])
    second = here.preview()

    assert {
        "isbn": ISBN,
        "title": "Matilda",
        "authors": ["Roald Dahl"],
        "year": 1988,
        "language": "en",
        "publisher": "Puffin",
        "cover_url": "https://covers.openlibrary.org/b/id/8739161-L.jpg",
        "source": "open_library",
        "book_id": None,
        "has_text": False,
        "text_needed": None,
    } == first.json()
    assert (first.json(), asked) == (second.json(), here.library[ASKED])


def test_a_preview_says_whether_a_text_is_needed(tmp_path: Path) -> None:
    """As far as the pipeline has said which language model is in use: with the text there, none is needed."""
    with scene(tmp_path) as fresh:
        known(fresh, ISBN)
        fresh.store.write_writing_model(WritingModel("openai", needs_text=False))
        from_memory = fresh.preview().json()
        fresh.store.write_writing_model(WritingModel("extractive", needs_text=True))
        without = fresh.preview().json()
        fresh.store.sources.write(ISBN, epub({"1.xhtml": prose(60)}, [("Springs", "1.xhtml")]).getvalue())
        with_text = fresh.preview().json()

    assert [(False, False), (False, True), (True, False)] == [
        (preview["has_text"], preview["text_needed"]) for preview in (from_memory, without, with_text)
    ]


def test_a_published_book_is_previewed_without_asking(here: Scene) -> None:
    """By any of its ISBNs, as its last run found it."""
    book = numbered_book(1, isbns=(OTHER_ISBN,))
    book_id = publish_book(here.api.settings, book)
    here.store.files.write(f"book_metadata/{book.isbn}.json", msgspec.json.encode(book))
    previews = [here.preview(isbn).json() for isbn in (book.isbn, OTHER_ISBN)]

    assert [(isbn, "On Rivers", ["Ada Ford"], 2001, str(book_id)) for isbn in (book.isbn, OTHER_ISBN)] == [
        (preview["isbn"], preview["title"], preview["authors"], preview["year"], preview["book_id"])
        for preview in previews
    ]
    assert [] == here.library[ASKED]


def test_an_attached_text_describes_a_book_that_open_library_does_not(here: Scene) -> None:
    """Because it does not know it, or is down; without a text its own answer stands."""
    unknown, down, nothing = (numbered_book(number).isbn for number in (2, 3, 4))
    here.documents[f"/isbn/{down}.json"] = DOWN
    here.documents[f"/isbn/{nothing}.json"] = DOWN
    for isbn in (unknown, down):
        here.store.sources.write(isbn, epub({"1.xhtml": prose(60)}, [("Springs", "1.xhtml")]).getvalue())
    previews = [here.preview(isbn).json() for isbn in (unknown, down)]

    assert [("The Sea", ["Ann Author"], "epub", True)] * 2 == [
        (preview["title"], preview["authors"], preview["source"], preview["has_text"]) for preview in previews
    ]
    assert UNAVAILABLE == code(here.preview(nothing))
    assert (404, "BOOK_NOT_FOUND") == code(here.preview(numbered_book(5).isbn))
    assert (422, "INVALID_ISBN") == code(here.preview("9780140328722"))


def test_what_a_failed_run_found_is_shown_too(here: Scene) -> None:
    """Its metadata are in the store, although no book is in the library."""
    isbn = numbered_book(6).isbn
    here.store.files.write(f"book_metadata/{isbn}.json", msgspec.json.encode(Book(isbn, "On Lakes", "open_library")))

    assert ("On Lakes", None) == tuple(here.preview(isbn).json()[name] for name in ("title", "book_id"))
    assert [] == here.library[ASKED]
