"""Podcast feeds: what apps list, and what they are told of it."""

from dataclasses import replace
from itertools import pairwise
from uuid import uuid4

import pytest
from lxml import etree
from sqlalchemy import update

from bookbytes_pipeline.library.models import ChapterRow
from tests.api.client import Api, User, code
from tests.api.factories import RIVERS, SOUND, publish_book
from tests.api.feeds import FEEDS, by_feedparser, by_podcastparser, feed_of, fetch, texts


@pytest.fixture
def ada(api: Api) -> User:
    """A person who listens."""
    return api.user()


def test_two_readers_list_the_chapters_of_a_book_in_order(api: Api, ada: User) -> None:
    """The summary of the whole first; a chapter without a clip is left out."""
    book = publish_book(api.settings, whole=SOUND[:300])

    document = fetch(api, feed_of(api, ada, book))
    (show, first), (read, second) = by_feedparser(document), by_podcastparser(document)

    assert first == sorted(first) == sorted(second)
    assert [("The book in three minutes", 180, 300), ("Springs", 1200, 2000), ("Deltas", 1200, 2000)] == [
        (heard.title, heard.seconds, heard.bytes) for heard in first
    ]
    assert [60, 120] == [later.published - heard.published for heard, later in pairwise(first)]
    assert ("On Rivers", "Ada Ford", "en") == (show["title"], show["author"], show["language"])
    assert ("On Rivers", "serial", False) == (read["title"], read["type"], read["explicit"])


def test_a_show_is_one_persons(api: Api, ada: User) -> None:
    """No app takes two people's for the same."""
    book, bob = publish_book(api.settings), api.user("bob")
    documents = [fetch(api, feed_of(api, user, chosen)) for user in (ada, bob) for chosen in (book, None)]

    assert 4 == len({guid for document in documents for guid in texts(document, "//podcast:guid")})


ODD = {
    "right to left": "ספר הנהרות",
    "Chinese": "河流之书",
    "markup": "Rivers <b>&</b> ]]> \"Lakes\" & 'Seas'",
    "astral": "𝔎 🌊",
}


@pytest.mark.parametrize("name", ODD)
def test_any_title_is_listed_as_it_is(api: Api, ada: User, name: str) -> None:
    """As a book's and as a chapter's, by a reader that takes titles for text."""
    title = ODD[name]
    book = publish_book(api.settings, replace(RIVERS, title=title), {title: SOUND})

    show, [heard] = by_podcastparser(fetch(api, feed_of(api, ada, book)))

    assert (title, title) == (show["title"], heard.title)


def test_what_xml_forbids_is_left_out(api: Api, ada: User) -> None:
    """Control characters come with texts of EPUBs; a book without author has no empty element, nor an author."""
    book = publish_book(api.settings, replace(RIVERS, authors=(), title="On\x0b \ufffeRivers"), {"\x01": SOUND})
    with api.database.session() as session:
        session.execute(update(ChapterRow).values(summary="A long\x0c story, with < and &. " * 500))

    document = fetch(api, feed_of(api, ada, book))

    [description] = texts(document, "//item/description")
    assert "On Rivers" == by_podcastparser(document)[0]["title"]
    assert 3900 < len(description.encode()) <= 4000
    assert description.startswith("A long story, with &lt; and &amp;. A long")
    assert [] == etree.fromstring(document).xpath("//*[not(node()) and not(@*)]")
    assert [] == texts(document, "//podcast:person[@role='author']")


def test_a_feed_says_what_it_is_and_for_whom(api: Api, ada: User) -> None:
    """An audiobook that a machine wrote and spoke, and that no directory may list."""
    book = publish_book(api.settings, voice="alloy", whole=SOUND, review_reasons=("A year is not in the chapter.",))

    document = fetch(api, feed_of(api, ada, book))

    expected = {
        "//channel/podcast:medium": ["audiobook"],
        "//channel/podcast:locked": ["yes"],
        "//channel/podcast:block": ["yes"],
        "//channel/itunes:block": ["Yes"],
        "//channel/itunes:category/@text": ["Arts"],
        "//channel/itunes:category/itunes:category/@text": ["Books"],
        "//podcast:txt[@purpose='ai-content']": ["true"] * 4,
        "//channel/podcast:person[@group='writing'][@role='author']": ["Ada Ford"],
        "//channel/podcast:person[@group='cast'][@role='narrator']": ["alloy"],
        "//item/itunes:episodeType": ["trailer", "full", "full"],
        "//item/itunes:episode": ["1", "3"],
        "//item/podcast:episode/@display": ["Ch. 1", "Ch. 3"],
        "//item/guid/@isPermaLink": ["false"] * 3,
        "//item/enclosure/@type": ["audio/mpeg"] * 3,
    }
    assert expected == {xpath: texts(document, xpath) for xpath in expected}
    assert "Something may be wrong in this summary. A year is not in the chapter." in document.decode()


def test_a_copy_is_valid_until_something_changes(api: Api, ada: User) -> None:
    """Known by the tag of its content or by its date; HEAD has the same headers."""
    book = publish_book(api.settings)
    url = feed_of(api, ada, book)
    first, head = api.client.get(url), api.client.head(url)
    known = {"If-None-Match": first.headers["ETag"]}, {"If-Modified-Since": first.headers["Last-Modified"]}
    unchanged = [api.client.get(url, headers=header) for header in known]
    publish_book(api.settings, chapters={"Springs": SOUND[:1500]})

    assert [(304, b"")] * 2 == [(answer.status_code, answer.content) for answer in unchanged]
    assert (b"", first.headers["Content-Length"]) == (head.content, head.headers["Content-Length"])
    assert ("application/rss+xml; charset=utf-8", "private, no-cache", "no-referrer", "noindex") == tuple(
        first.headers[name] for name in ("Content-Type", "Cache-Control", "Referrer-Policy", "X-Robots-Tag")
    )
    assert 200 == api.client.get(url, headers=known[0]).status_code


def test_a_feed_of_no_book_is_an_error(api: Api, ada: User) -> None:
    """Neither has it an address, nor is a token left of the attempt."""
    nothing = uuid4()
    created = api.ask("POST", FEEDS, ada, json={"book_id": str(nothing), "name": "my phone"})

    assert (404, "BOOK_NOT_FOUND") == code(created)
    assert [] == api.ask("GET", "/api/v1/auth/tokens", ada).json()
    assert (404, "BOOK_NOT_FOUND") == code(api.ask("GET", f"/feeds/books/{nothing}/feed.xml", ada))
