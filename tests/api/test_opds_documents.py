"""What OPDS 1.2 (with RFC 4287) and the schemas of OPDS 2.0 require of the documents, in our own words."""

from datetime import datetime
from typing import Any

import pytest
from jsonschema import Draft7Validator
from lxml import etree
from lxml.etree import _Element

from tests.api.client import Api, User
from tests.api.factories import SOUND, publish_book
from tests.api.factories import numbered_book as numbered
from tests.api.opds import ACQUISITION, ATOM

AWKWARD = 'Rivers & <Deltas> "川と三角州" \u202bنهر\u202c \x0b\ufffe]]>'
READABLE = AWKWARD.replace("\x0b", "").replace("\ufffe", "")
LINK = {
    "type": "object",
    "required": ["href"],
    "properties": {
        "href": {"type": "string", "pattern": "^http://"},
        "type": {"type": "string"},
        "title": {"type": "string"},
        "rel": {"type": "string"},
        "templated": {"type": "boolean"},
        "duration": {"type": "number", "exclusiveMinimum": 0},
        "width": {"type": "integer", "exclusiveMinimum": 0},
        "height": {"type": "integer", "exclusiveMinimum": 0},
    },
    "additionalProperties": False,
}


def _with(rel: str) -> dict[str, Any]:
    return {"contains": {"required": ["rel"], "properties": {"rel": {"const": rel}}}}


PUBLICATION = {
    "type": "object",
    "required": ["metadata", "links", "images"],
    "properties": {
        "metadata": {
            "type": "object",
            "required": ["title", "@type", "identifier", "modified"],
            "properties": {
                "title": {"type": "string", "minLength": 1},
                "identifier": {"type": "string", "pattern": "^urn:isbn:[0-9]{13}$"},
                "published": {"type": "string", "format": "date"},
                "duration": {"type": "number", "exclusiveMinimum": 0},
            },
        },
        "links": {"type": "array", "items": LINK, "allOf": [_with("self"), _with(ACQUISITION)]},
        "images": {
            "type": "array",
            "minItems": 1,
            "items": LINK,
            "contains": {"properties": {"type": {"const": "image/jpeg"}}},
        },
    },
}
FEED = {
    "type": "object",
    "required": ["metadata", "links"],
    "anyOf": [{"required": ["publications"]}, {"required": ["navigation"]}],
    "properties": {
        "metadata": {
            "type": "object",
            "required": ["title"],
            "properties": {
                "numberOfItems": {"type": "integer", "minimum": 0},
                "itemsPerPage": {"type": "integer", "exclusiveMinimum": 0},
                "currentPage": {"type": "integer", "exclusiveMinimum": 0},
            },
        },
        "links": {"type": "array", "items": LINK, **_with("self")},
        "publications": {"type": "array", "items": PUBLICATION},
        "navigation": {"type": "array", "items": {**LINK, "required": ["href", "title"]}, "minItems": 1},
    },
}
AUTHENTICATION = {
    "type": "object",
    "required": ["id", "title", "authentication"],
    "properties": {
        "links": {"type": "array", "items": LINK},
        "authentication": {"type": "array", "minItems": 1, "items": {"type": "object", "required": ["type"]}},
    },
}
FEEDS = ["", "/books", "/new", "/search?query=rivers", "/search?query=nothing", "/books?page=3"]


@pytest.fixture
def ada(api: Api) -> User:
    """A user of a library with a book that has everything, one that has the least, and one with awkward titles."""
    publish_book(api.settings, numbered(1, publisher="Delta & Sons", publish_date="2001-05-03"), whole=SOUND)
    publish_book(api.settings, numbered(2, title="Little", authors=(), publish_date=None))
    publish_book(api.settings, numbered(3, title=AWKWARD, authors=(AWKWARD,)), {AWKWARD: SOUND})
    return api.user()


def texts(element: _Element, *names: str) -> list[str]:
    """The texts of its children of these names, each of which it must have once."""
    return [text for name in names for [text] in [[child.text or "" for child in element.findall(f"a:{name}", ATOM)]]]


@pytest.mark.parametrize("path", FEEDS)
def test_feeds_of_opds_1_are_atom(api: Api, ada: User, path: str) -> None:
    """Ids, titles, times and authors are there once; each entry leads somewhere, and each link says what to."""
    answer = api.ask("GET", f"/opds/v1.2{path}", ada)

    feed = etree.fromstring(answer.content)
    kind = "acquisition" if path else "navigation"
    assert f"application/atom+xml;profile=opds-catalog;kind={kind}" == answer.headers["Content-Type"]
    for element in (feed, *feed.findall("a:entry", ATOM)):
        identifier, title, updated = texts(element, "id", "title", "updated")
        assert identifier.startswith("urn:uuid:")
        assert title
        assert datetime.fromisoformat(updated).tzinfo
        assert all(link.get("href", "").startswith("http://") for link in element.findall("a:link", ATOM))
        assert all(link.get("type") for link in element.findall("a:link", ATOM))
    relations = {link.get("rel"): link for link in feed.findall("a:link", ATOM)}
    assert {"self", "start", "search"} <= relations.keys()
    assert ("up" in relations) == bool(path)
    assert kind in relations["self"].get("type", "")
    ids = [entry.findtext("a:id", "", ATOM) for entry in feed.findall("a:entry", ATOM)]
    assert len(ids) == len(set(ids))


def test_entries_of_opds_1_have_what_they_must(api: Api, ada: User) -> None:
    """An acquisition link, the two covers, and a document of their own that says the same."""
    feed = etree.fromstring(api.ask("GET", "/opds/v1.2/books", ada).content)
    entries = feed.findall("a:entry", ATOM)

    assert 3 == len(entries)
    for entry in entries:
        links: dict[str, list[_Element]] = {}
        for link in entry.findall("a:link", ATOM):
            links.setdefault(link.get("rel", ""), []).append(link)
        assert {"http://opds-spec.org/image", "http://opds-spec.org/image/thumbnail"} <= links.keys()
        assert all(link.get("type") == "audio/mpeg" and link.get("title") for link in links[ACQUISITION])
        [own] = links["alternate"]
        answer = api.ask("GET", own.get("href", ""), ada)
        assert own.get("type") == answer.headers["Content-Type"]
        alone = etree.fromstring(answer.content)
        assert [(e.tag, e.text, dict(e.attrib)) for e in entry] == [(e.tag, e.text, dict(e.attrib)) for e in alone]


@pytest.mark.parametrize("path", FEEDS)
def test_feeds_of_opds_2_are_as_their_schema_wants_them(api: Api, ada: User, path: str) -> None:
    """Required members, with values of the right kind."""
    answer = api.ask("GET", f"/opds/v2{path}", ada)

    assert "application/opds+json" == answer.headers["Content-Type"]
    assert [] == [error.message for error in Draft7Validator(FEED).iter_errors(answer.json())]


def test_publications_of_opds_2_are_documents_of_their_own(api: Api, ada: User) -> None:
    """Which say the same as the feed."""
    listed = api.ask("GET", "/opds/v2/books", ada).json()["publications"]
    answers = [api.ask("GET", book["links"][0]["href"], ada) for book in listed]

    assert listed == [answer.json() for answer in answers]
    assert {"application/opds-publication+json"} == {answer.headers["Content-Type"] for answer in answers}


def test_both_versions_say_the_same_of_a_book(api: Api, ada: User) -> None:
    """That of the whole book is its first clip, and its summary is the book's."""
    newer = next(
        book for book in api.ask("GET", "/opds/v2/books", ada).json()["publications"] if "published" in book["metadata"]
    )
    older = etree.fromstring(api.ask("GET", newer["links"][0]["href"].replace("/opds/v2", "/opds/v1.2"), ada).content)
    dublin = {name: older.findtext(f"{{http://purl.org/dc/terms/}}{name}") for name in ("publisher", "issued")}
    clips = [
        (link.get("href"), link.get("title"))
        for link in older.findall("a:link", ATOM)
        if link.get("rel") == ACQUISITION
    ]

    assert {"publisher": "Delta & Sons", "issued": "2001-05-03"} == dublin
    assert ("Delta & Sons", "2001-05-03") == (newer["metadata"]["publisher"], newer["metadata"]["published"])
    assert clips == [(link["href"], link["title"]) for link in newer["links"] if link["rel"] == ACQUISITION]
    assert ["The book in three minutes", "Springs", "Deltas"] == [title for _, title in clips]
    assert (
        "About the book in three minutes." == older.findtext("a:summary", "", ATOM) == newer["metadata"]["description"]
    )


def test_what_xml_cannot_say_is_left_out(api: Api, ada: User) -> None:
    """Other scripts and the marks of XML stay as they are."""
    feed = etree.fromstring(api.ask("GET", "/opds/v1.2/books", ada).content)
    titles = [entry.findtext("a:title", "", ATOM) for entry in feed.findall("a:entry", ATOM)]
    [found] = api.ask("GET", "/opds/v2/search?query=三角州", ada).json()["publications"]

    assert READABLE.strip() in [title.strip() for title in titles]
    assert "川と三角州" in found["metadata"]["title"]


def test_the_authentication_document_is_as_its_schema_wants_it(api: Api) -> None:
    """And it is at the address that it names, for anybody."""
    answer = api.ask("GET", "/opds/v2/authentication")

    assert [] == [error.message for error in Draft7Validator(AUTHENTICATION).iter_errors(answer.json())]
    assert "http://opds-spec.org/auth/basic" == answer.json()["authentication"][0]["type"]
    assert answer.json() == api.ask("GET", answer.json()["id"]).json()
