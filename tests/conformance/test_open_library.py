"""Open Library's real records, tables of contents and error pages."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from bookbytes_pipeline.domain.book import Book
from bookbytes_pipeline.domain.errors import BookBytesError, BookNotFound, Refused, Unavailable, UnusableAnswer
from bookbytes_pipeline.providers.metadata.open_library import OpenLibrary
from bookbytes_pipeline.providers.metadata.open_library_contents import contents
from bookbytes_pipeline.providers.metadata.open_library_records import isbns, kind_of, read_book
from bookbytes_pipeline.providers.metadata.open_library_search import read_works
from bookbytes_pipeline.writing.contents import plausible_chapters
from tests.conformance.shared import SHARED, needs_shared_data
from tests.fakes.open_library import Canned, Document, open_library_app
from tests.fakes.server import serving

pytestmark = needs_shared_data

LIBRARY = SHARED / "openlibrary"
ISBN = "9780140328721"

ERRORS: Mapping[str, type[BookBytesError]] = {
    "200_api_books_javascript.js": UnusableAnswer,
    "200_python_repr.txt": UnusableAnswer,
    "403_nginx_user_agent.html": Refused,
    "404_api_books_regression.json": BookNotFound,
    "404_html_page.html": BookNotFound,
    "404_isbn_plain.txt": BookNotFound,
    "404_notfound.json": BookNotFound,
    "422_short_query.json": UnusableAnswer,
    "429_api.json": Unavailable,
    "429_covers.json": Unavailable,
    "500_502_offline.html": Unavailable,
    "503_haproxy.html": Unavailable,
}

CHAPTERS = {
    "edition_OL24605334M": 10,  # foreword and introduction at level 1, eight chapters at level 2; notes left out
    "edition_OL24405389M": 6,
    "edition_OL24503867M": 7,
    "edition_OL13569660M": 0,  # the 24 books of Mark Twain's complete works, "26 pages"
    "edition_OL24197430M": 0,  # a set of 26 volumes in one row
    "edition_OL2M": 0,  # a row without title
    "edition_OL24002170M": 21,
    "edition_OL26925052M": 0,  # whole books of essays in single rows
    "edition_OL5976650M": 4,  # the fifth row is a list "(p. xxv-xxvi)"
    "import_talis_multi_work_tiles": 0,  # one other book, with its author
    "import_ocm00400866": 0,  # 356 songs
    "import_secretcodeofsucc00stjo_meta": 14,
    "import_zweibchersatir01horauoft_meta": 0,  # three volumes in one row
    "edition_OL21058613M": 0,  # three parts of 1,193 pages
    "apibooks_details_9780980200447_rev23": 5,
    "toc_issue683": 0,  # two rows
    "toc_solr_chapter_cases": 3,
    "None": 0,  # two chapters
}


def records() -> Iterator[dict[str, Any]]:
    """Yield every JSON object of the records and the bulk files."""
    texts = [path.read_text() for path in sorted((LIBRARY / "records").glob("*.json"))]
    lines = [line for path in sorted((LIBRARY / "bulk").glob("*.jsonl")) for line in path.read_text().splitlines()]
    documents = (json.loads(text) for text in [*texts, *lines] if text.strip())
    return (document for document in documents if isinstance(document, dict))


def editions() -> list[dict[str, Any]]:
    """Return the records that are editions."""
    return [record for record in records() if kind_of(record) == "/type/edition"]


def read(record: Mapping[str, Any], role: str) -> Book | None:
    """Return the book read with `record` as the edition, the work or the author; None if there is none."""
    edition = {"title": "A title"} | (dict(record) if role == "edition" else {})
    try:
        return read_book(ISBN, edition, record if role == "work" else {}, [record] if role == "author" else [])
    except BookNotFound:
        return None


def toc_cases() -> list[dict[str, Any]]:
    """Return tables of contents as stored and as served."""
    return list(json.loads((LIBRARY / "toc_cases.json").read_text())) if SHARED.is_dir() else []


def name(case: Mapping[str, Any]) -> str:
    """Return the name of a case in `CHAPTERS`."""
    return Path(str(case["file"])).stem


def pages(case: Mapping[str, Any]) -> int | None:
    """Return the page count of the case's record, if there is such a record."""
    key = f"/books/{name(case).removeprefix('edition_')}"
    found = [edition.get("number_of_pages") for edition in editions() if edition["key"] == key]
    path = LIBRARY / "records" / f"{name(case)}.json"
    return found[0] if found else json.loads(path.read_text()).get("number_of_pages") if path.is_file() else None


@pytest.mark.parametrize("role", ["edition", "work", "author"])
def test_every_record_can_be_read_in_every_role(role: str) -> None:
    """No document, even of another kind, makes the reader fail: each gives a book that has a title."""
    books = [book for record in records() if (book := read(record, role))]

    assert len(books) > 1_600
    assert all(book.title for book in books)


def test_every_edition_is_identified_by_its_own_isbn() -> None:
    """An edition read by its first valid ISBN lists only its other ISBNs."""
    identified = [(valid[0], edition) for edition in editions() if (valid := isbns(edition))]

    assert len(identified) > 500
    for isbn, edition in identified:
        assert isbn not in read_book(isbn, edition, {}, []).isbns


@pytest.mark.parametrize("case", toc_cases(), ids=name)
def test_contents_are_the_same_stored_and_served(case: dict[str, Any]) -> None:
    """The rows do not depend on which of Open Library's paths served them."""
    assert contents(case["as_served"]) == contents(case["raw"])


@pytest.mark.parametrize("case", toc_cases(), ids=name)
def test_contents_are_accepted_or_not(case: dict[str, Any]) -> None:
    """Each real table of contents gives the number of chapters that a reader would count, or none."""
    assert CHAPTERS[name(case)] == len(plausible_chapters(contents(case["as_served"]), pages(case)))


@pytest.mark.parametrize("file", ERRORS)
def test_every_error_has_its_class(file: str) -> None:
    """Each real error page, served with its status, raises the error class that says whether to retry."""
    body = (LIBRARY / "errors" / file).read_bytes()
    response = Canned(int(file[:3]), body, {"Retry-After": "0"})
    documents: dict[str, Document] = {f"/isbn/{isbn}.json": response for isbn in (ISBN, "0140328726")}

    with serving(open_library_app(documents)) as url, pytest.raises(BookBytesError) as failure:
        asyncio.run(_find(url))

    assert ERRORS[file] is failure.type
    assert body.decode() not in str(failure.value)


def test_every_error_page_is_expected() -> None:
    """No error body of the collection is left untested."""
    assert set(ERRORS) == {path.name for path in (LIBRARY / "errors").iterdir() if path.name[0].isdigit()}


async def _find(url: str) -> Book:
    async with httpx.AsyncClient(base_url=url, headers={"User-Agent": "BookBytes/1.0 (a@books.example)"}) as client:
        return await OpenLibrary(client, spacing=0).find(ISBN)


def test_real_searches_are_read() -> None:
    """Works of several shapes of the search index, from before and after ISBNs were left out by default."""
    answers = [json.loads(path.read_text()) for path in sorted((LIBRARY / "records").glob("search_*.json"))]
    rings = json.loads((LIBRARY / "records" / "search_lotr_full.json").read_text())
    found = [work for answer in answers for work in read_works(answer)]
    first = read_works(rings)[0]

    assert len(found) > 10
    assert ("The Lord of the Rings", ("J. R. R. Tolkien",), 1954) == (first.title, first.authors, first.first_year)
    assert 10 == len(first.isbns)
    assert all(isbn.startswith(("9780", "9781")) for isbn in first.isbns)
