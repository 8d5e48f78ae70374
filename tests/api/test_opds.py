"""The catalogue: what it lists, page by page, and as both versions write it."""

from collections.abc import Sequence
from uuid import UUID, uuid4

import feedparser
import pytest
from lxml import etree

from bookbytes_api.opds.catalogue import PAGE_SIZE
from tests.api.client import Api, User, code
from tests.api.factories import RIVERS, publish_book
from tests.api.factories import numbered_book as numbered
from tests.api.opds import ACQUISITION, ATOM, pages, read_atom, read_json
from tests.api.statements import statements_of_requests

VERSIONS = ["/opds/v1.2", "/opds/v2"]
ENOUGH = 45


def fill(api: Api, count: int) -> list[UUID]:
    """Publish books, whose titles are in another order than their publication; returns their ids by title."""
    titles = {f"Title {number * 7 % count:02}": number for number in range(count)}
    ids = {
        title: publish_book(api.settings, numbered(number, title=title, authors=(f"Author {number}",)))
        for title, number in titles.items()
    }
    return [ids[title] for title in sorted(ids)]


def urns(ids: Sequence[UUID]) -> list[str]:
    """The ids as entries have them."""
    return [book_id.urn for book_id in ids]


def test_pages_have_every_book_once(api: Api) -> None:
    """Both versions in the same order; the last page has no next one."""
    ada, ids = api.user(), fill(api, ENOUGH)

    first, second = ([*pages(api, ada, f"{version}/books")] for version in VERSIONS)

    for read in (first, second):
        assert urns(ids) == [book for page in read for book in page.books]
        assert [PAGE_SIZE, PAGE_SIZE, ENOUGH - 2 * PAGE_SIZE] == [len(page.books) for page in read]
        assert {ENOUGH} == {page.total for page in read}
        assert [False, True, True] == ["previous" in page.links for page in read]


def test_new_books_come_first(api: Api) -> None:
    """In the order of their publication, in both versions."""
    ada = api.user()
    published = [publish_book(api.settings, numbered(number, title=f"T{9 - number}")) for number in range(3)]

    read = [[page.books for page in pages(api, ada, f"{version}/new")] for version in VERSIONS]

    assert [[urns(published[::-1])]] * 2 == read


@pytest.mark.parametrize("version", VERSIONS)
def test_a_search_finds_books_by_their_words(api: Api, version: str) -> None:
    """By title and author; with nothing to look for, and where nothing is found, it is an empty feed."""
    ada, ids = api.user(), fill(api, 3)

    found = {
        words: [page.books for page in pages(api, ada, f"{version}/search?query={words}")]
        for words in ("Title 01", "nothing like it", "", "&<>\"'")
    }

    assert {"Title 01": [[ids[1].urn]], "nothing like it": [[]], "": [[]], "&<>\"'": [[]]} == found


@pytest.mark.parametrize("version", VERSIONS)
def test_a_page_beyond_the_end_is_empty_and_leads_back(api: Api, version: str) -> None:
    """A book may have been deleted since the page before was read."""
    ada, _ = api.user(), fill(api, 2)

    [page] = pages(api, ada, f"{version}/books?page=9")

    assert ([], 2, "next" in page.links) == (page.books, page.total, False)
    assert page.links["previous"].endswith(f"{version}/books")


@pytest.mark.parametrize("version", VERSIONS)
def test_books_without_a_clip_are_not_listed(api: Api, version: str) -> None:
    """There is nothing in them that could be played."""
    ada, silent = api.user(), publish_book(api.settings, numbered(1), {"Springs": None})

    assert [[]] == [page.books for page in pages(api, ada, f"{version}/books")]
    assert (404, "BOOK_NOT_FOUND") == code(api.ask("GET", f"{version}/books/{silent}", ada))
    assert (404, "BOOK_NOT_FOUND") == code(api.ask("GET", f"{version}/books/{uuid4()}", ada))


@pytest.mark.parametrize("version", VERSIONS)
def test_a_page_costs_the_same_statements_whatever_is_on_it(api: Api, version: str) -> None:
    """One for the page, one for its length, one for the time of the last change, three for what is on it."""
    ada, counts = api.user(), []
    for more in ([0], range(1, 8)):
        for number in more:
            publish_book(api.settings, numbered(number), whole=b"whole")
        with statements_of_requests(api, "books", "chapters", "(SELECT") as statements:
            api.ask("GET", f"{version}/books", ada)
        counts.append(len(statements))

    assert counts[0] == counts[1] <= 6


@pytest.mark.parametrize("path", ["/opds", *(f"{version}{path}" for version in VERSIONS for path in ("", "/books"))])
def test_a_client_that_has_the_same_is_told_so(running: Api, ada: User, path: str) -> None:
    """And HEAD says what GET would, without a body."""
    whole = running.ask("GET", path, ada)
    head = running.ask("HEAD", path, ada)
    known = running.ask("GET", path, ada, headers={"If-None-Match": f"W/{whole.headers['ETag']}"})
    other = running.ask("GET", path, ada, headers={"If-None-Match": '"another"'})

    assert [200, 200, 304, 200] == [answer.status_code for answer in (whole, head, known, other)]
    assert (b"", b"") == (head.content, known.content)
    for name in ("ETag", "Content-Type", "Content-Length"):
        assert whole.headers[name] == head.headers[name]


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("*/*", "application/atom+xml"),
        ("application/atom+xml", "application/atom+xml"),
        ("application/opds+json", "application/opds+json"),
        ("application/opds+json;q=0.4, application/atom+xml;q=0.9", "application/atom+xml"),
        ("text/html", "application/atom+xml"),
    ],
)
def test_the_client_says_which_version_it_reads(running: Api, ada: User, accept: str, expected: str) -> None:
    """The older one where it does not say."""
    answer = running.ask("GET", "/opds", ada, headers={"Accept": accept})

    assert expected == answer.headers["Content-Type"].partition(";")[0]


def test_the_first_feed_leads_to_all_others(running: Api, ada: User) -> None:
    """With their titles, in both versions; each of them answers."""
    atom = etree.fromstring(running.ask("GET", "/opds/v1.2", ada).content)
    entries = atom.findall("a:entry", ATOM)
    of_atom = {
        entry.findtext("a:title", "", ATOM): entry.xpath("string(a:link/@href)", namespaces=ATOM) for entry in entries
    }
    of_json = {link["title"]: link["href"] for link in running.ask("GET", "/opds/v2", ada).json()["navigation"]}

    assert ["All books", "New"] == list(of_atom) == list(of_json)
    addresses = [*of_atom.values(), *of_json.values()]
    assert {200} == {running.ask("GET", str(address), ada).status_code for address in addresses}


def test_the_description_of_the_search_leads_to_it(running: Api, ada: User) -> None:
    """And so does the template of OPDS 2.0."""
    description = etree.fromstring(running.ask("GET", "/opds/search.xml").content)
    template = str(description.xpath("string(*/@template)"))
    older = template.replace("{searchTerms}", "rivers").replace("{startPage?}", "1")
    [link] = [link for link in running.ask("GET", "/opds/v2", ada).json()["links"] if link["rel"] == "search"]
    newer = link["href"].replace("{?query}", "?query=rivers")

    assert link["templated"] is True
    assert 1 == read_atom(running.ask("GET", older, ada).content).total
    assert 1 == read_json(running.ask("GET", newer, ada).json()).total


def test_feedparser_reads_the_catalogue(running: Api, ada: User) -> None:
    """With the facts of the book, and its clips in order."""
    feed = feedparser.parse(running.ask("GET", "/opds/v1.2/books", ada).content)

    [entry] = feed.entries
    clips = [link for link in entry.links if link.rel == ACQUISITION]
    assert not feed.bozo
    assert (RIVERS.title, "Ada Ford") == (entry.title, entry.author)
    assert [("Springs", "audio/mpeg"), ("Deltas", "audio/mpeg")] == [(clip.title, clip.type) for clip in clips]
