"""Podcast feeds as two independent readers understand them."""

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import feedparser
import podcastparser
from lxml import etree

from bookbytes_pipeline.domain.book_file import BookFileFormat
from bookbytes_pipeline.library.book_files import book_file_contents, note_file
from bookbytes_pipeline.library.models import BookFileRow, BookRow
from bookbytes_pipeline.store.store import open_store
from tests.api.client import Api, User
from tests.api.factories import SOUND

FEEDS = "/api/v1/me/feeds"
_NAMES = {
    "atom": "http://www.w3.org/2005/Atom",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "podcast": "https://podcastindex.org/namespace/1.0",
}


@dataclass(frozen=True, order=True)
class Heard:
    """An episode as a reader lists it: when it was published, and what an app needs to play it."""

    published: int
    guid: str
    title: str
    seconds: int
    bytes: int
    url: str


def new_feed(api: Api, user: User, **body: Any) -> dict[str, Any]:
    """The address of a new feed, and the token in it."""
    answer = api.ask("POST", FEEDS, user, json=body)
    assert answer.status_code == 201, answer.text
    feed: dict[str, Any] = answer.json()
    return feed


def add_whole_file(api: Api, book: UUID, file_format: BookFileFormat = "mp3", sound: bytes = SOUND * 3) -> None:
    """Put a file of the whole book into the library and the store, as it is now."""
    with api.database.session() as session:
        row = session.get_one(BookRow, book)
        contents = book_file_contents(row)
        digest, files = contents.digest(file_format), open_store(api.settings.store_config).book_files
        key = files.key(row.isbn, digest, file_format)
        files.write(key, BytesIO(sound))
        file = BookFileRow(
            format=file_format,
            key=key,
            bytes=len(sound),
            seconds=contents.seconds,
            digest=digest,
            chapters=contents.marks,
        )
        note_file(session, row, file)


def fetch(api: Api, url: str) -> bytes:
    """The document at the address of a feed."""
    answer = api.client.get(url)
    assert answer.status_code == 200, answer.text
    return answer.content


def by_feedparser(document: bytes) -> tuple[Mapping[str, Any], list[Heard]]:
    """The show, and its episodes in the order of the document."""
    read = feedparser.parse(document)
    assert not read.bozo, read.bozo_exception
    return read.feed, [_of_feedparser(entry) for entry in read.entries]


def by_podcastparser(document: bytes) -> tuple[Mapping[str, Any], list[Heard]]:
    """The same; this reader lists the newest episode first."""
    read = podcastparser.parse("http://localhost/", BytesIO(document))
    return read, [_of_podcastparser(episode) for episode in read["episodes"]]


def _of_feedparser(entry: Any) -> Heard:
    [enclosure] = entry.enclosures
    published = int(podcastparser.parse_pubdate(entry.published))
    seconds = int(entry.itunes_duration)
    return Heard(published, entry.id, entry.title, seconds, int(enclosure.length), enclosure.href)


def _of_podcastparser(episode: Mapping[str, Any]) -> Heard:
    [enclosure] = episode["enclosures"]
    duration, size = episode["total_time"], enclosure["file_size"]
    return Heard(episode["published"], episode["guid"], episode["title"], duration, size, enclosure["url"])


def path(url: str) -> str:
    """The address without the server and without the token."""
    return urlsplit(url).path


def feed_of(api: Api, user: User, book: UUID | None = None) -> str:
    """The address of a new feed of this book, or of the shelf."""
    return str(new_feed(api, user, book_id=book and str(book))["feed_url"])


def texts(document: bytes, xpath: str) -> list[str]:
    """What these elements or attributes say."""
    found = etree.fromstring(document).xpath(xpath, namespaces=_NAMES)
    return [str(item if isinstance(item, str) else item.text) for item in found]
