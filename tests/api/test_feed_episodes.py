"""The episodes of a feed: clips, files of whole books, covers and transcripts."""

from urllib.parse import urlsplit
from uuid import UUID

import pytest
from sqlalchemy import update

from bookbytes_pipeline.domain.book_file import BookFileFormat
from bookbytes_pipeline.library.models import BookRow, ChapterRow
from tests.api.client import Api, User, code, serving_api
from tests.api.factories import SOUND, publish_book
from tests.api.feeds import add_whole_file, by_feedparser, feed_of, fetch, path, texts


@pytest.fixture
def ada(api: Api) -> User:
    """A person who listens."""
    return api.user()


@pytest.mark.parametrize(("number", "sound"), [(0, SOUND), (1, SOUND[::-1])])
def test_each_enclosure_plays(api: Api, ada: User, number: int, sound: bytes) -> None:
    """Whole, by range, and its length is told before, as the feed tells it."""
    book = publish_book(api.settings)
    heard = by_feedparser(fetch(api, feed_of(api, ada, book)))[1][number]

    whole, head = api.client.get(heard.url), api.client.head(heard.url)
    part = api.client.get(heard.url, headers={"Range": "bytes=500-749"})
    beyond = api.client.get(heard.url, headers={"Range": "bytes=5000-"})
    again = api.client.get(heard.url, headers={"If-None-Match": whole.headers["ETag"]})

    assert (200, sound, str(heard.bytes)) == (whole.status_code, whole.content, head.headers["Content-Length"])
    assert (206, sound[500:750]) == (part.status_code, part.content)
    assert ((416, "RANGE_NOT_SATISFIABLE"), 304) == (code(beyond), again.status_code)
    assert ("no-referrer", "noindex") == (whole.headers["Referrer-Policy"], whole.headers["X-Robots-Tag"])


@pytest.mark.parametrize(("file_format", "kind"), [("mp3", "audio/mpeg"), ("m4b", "audio/x-m4a")])
def test_the_file_of_a_whole_book_is_an_episode(api: Api, ada: User, file_format: BookFileFormat, kind: str) -> None:
    """The last one, with chapters, in the season of its book; gone as soon as the book is another."""
    book = publish_book(api.settings, whole=SOUND[:300])
    add_whole_file(api, book, file_format)
    url = feed_of(api, ada, book)
    document = fetch(api, url)
    [*_, last] = by_feedparser(document)[1]
    [chapters] = texts(document, "//podcast:chapters/@url")
    whole, part = api.client.get(last.url), api.client.get(last.url, headers={"Range": "bytes=5000-"})
    listed = api.client.get(chapters)
    publish_book(api.settings)

    assert ("The whole book", 2580, 6000) == (last.title, last.seconds, last.bytes)
    assert (200, 206, SOUND * 3, SOUND[1000:]) == (whole.status_code, part.status_code, whole.content, part.content)
    assert [kind] == texts(document, "//item[last()]/enclosure/@type") == [whole.headers["Content-Type"]]
    assert "application/json+chapters" == listed.headers["Content-Type"]
    assert {
        "version": "1.2.0",
        "title": "On Rivers",
        "chapters": [
            {"startTime": 0.0, "endTime": 180.0, "title": "The book in three minutes"},
            {"startTime": 180.0, "endTime": 1380.0, "title": "Springs"},
            {"startTime": 1380.0, "endTime": 2580.0, "title": "Deltas"},
        ],
    } == listed.json()
    assert ["trailer", "full", "full", "bonus"] == texts(document, "//itunes:episodeType")
    assert ["Springs", "Deltas"] == [heard.title for heard in by_feedparser(fetch(api, url))[1]]
    assert [404, 404] == [api.client.get(address).status_code for address in (last.url, chapters)]


def test_a_feed_has_a_cover(api: Api, ada: User) -> None:
    """At an address that ends as directories want it, and that is asked for with HEAD first."""
    book = publish_book(api.settings)

    url = by_feedparser(fetch(api, feed_of(api, ada, book)))[0]["image"]["href"]
    whole, head = api.client.get(url), api.client.head(url)

    assert path(url).endswith("/cover.jpg")
    assert (200, "image/jpeg", b"\xff\xd8\xff") == (whole.status_code, whole.headers["Content-Type"], whole.content[:3])
    assert (200, str(len(whole.content))) == (head.status_code, head.headers["Content-Length"])
    assert ("no-referrer", "noindex") == (whole.headers["Referrer-Policy"], whole.headers["X-Robots-Tag"])


def test_guids_stay_where_addresses_change(api: Api, ada: User) -> None:
    """With a new token, a new host, and clips made anew: those have new addresses, and the old ones are gone."""
    book = publish_book(api.settings)
    old = fetch(api, feed_of(api, ada, book))
    publish_book(api.settings, chapters={"Springs": SOUND[:1500], "Rapids": None, "Deltas": SOUND[:1000]})
    moved = api.settings.model_copy(update={"public_url": "https://books.example.org"})
    with serving_api(moved) as elsewhere:
        new = fetch(elsewhere, feed_of(elsewhere, ada, book).removeprefix("https://books.example.org"))

    before, after = by_feedparser(old)[1], by_feedparser(new)[1]
    assert [(heard.guid, heard.published) for heard in before] == [(heard.guid, heard.published) for heard in after]
    assert texts(old, "//podcast:guid") == texts(new, "//podcast:guid")
    assert {"books.example.org"} == {urlsplit(heard.url).netloc for heard in after}
    assert not {path(heard.url) for heard in before} & {path(heard.url) for heard in after}
    assert [(404, "AUDIO_NOT_FOUND")] * 2 == [code(api.client.get(heard.url)) for heard in before]


def test_a_book_that_was_deleted_and_made_again_is_the_same_show(api: Api, ada: User) -> None:
    """Though it has another id."""
    documents = []
    for _ in range(2):
        book = publish_book(api.settings)
        documents.append(fetch(api, feed_of(api, ada, book)))
        with api.database.session() as session:
            session.delete(session.get_one(BookRow, book))

    old, new = ([heard.guid for heard in by_feedparser(document)[1]] for document in documents)
    assert old == new
    assert texts(documents[0], "//podcast:guid") == texts(documents[1], "//podcast:guid")


def test_a_transcript_is_named_where_there_is_one(api: Api, ada: User) -> None:
    """With its type and its language."""
    book = publish_book(api.settings)
    first = api.ask("GET", f"/api/v1/books/{book}/chapters", ada).json()[0]["id"]
    with api.database.session() as session:
        session.execute(update(ChapterRow).where(ChapterRow.id != UUID(first)).values(has_transcript=False))

    document = fetch(api, feed_of(api, ada, book))

    [url] = texts(document, "//podcast:transcript/@url")
    assert f"/api/v1/chapters/{first}/transcript.vtt" == path(url)
    assert ["text/vtt", "en"] == texts(document, "//podcast:transcript/@*[name()!='url']")
    assert "WEBVTT" == api.client.get(url).text[:6]


def test_an_unfinished_book_shows_what_is_ready(api: Api, ada: User) -> None:
    """And a chapter that comes later finds its place by its date."""
    book = publish_book(api.settings, chapters={"Springs": None, "Rapids": None, "Deltas": SOUND})
    with api.database.session() as session:
        session.execute(update(BookRow).values(chapters_expected=3))
    url = feed_of(api, ada, book)
    partial = fetch(api, url)
    publish_book(api.settings)
    [ready], [earlier, same] = by_feedparser(partial)[1], by_feedparser(fetch(api, url))[1]

    assert ("Deltas", ready.published) == (same.title, same.published)
    assert ("Springs", ready.published - 120) == (earlier.title, earlier.published)
    assert "Not all chapters are finished" in partial.decode()


def test_a_clip_that_is_missing_from_the_store_is_no_episode(api: Api, ada: User) -> None:
    """Its length is not known, and it would not play."""
    book = publish_book(api.settings)
    [clip] = api.settings.store_folder.glob("chapter_audio/*/01-*")
    clip.unlink()

    assert ["Deltas"] == [heard.title for heard in by_feedparser(fetch(api, feed_of(api, ada, book)))[1]]
