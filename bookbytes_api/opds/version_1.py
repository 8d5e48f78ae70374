"""The catalogue as OPDS 1.2: Atom (RFC 4287), and a description of the search (OpenSearch 1.1)."""

import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from lxml import etree
from lxml.etree import _Element

from bookbytes_api.opds.catalogue import TITLE, Feed, Page, Publication, Section

PATH = "/opds/v1.2"
ATOM = "application/atom+xml"
NAVIGATION = f"{ATOM};profile=opds-catalog;kind=navigation"
ACQUISITION = f"{ATOM};profile=opds-catalog;kind=acquisition"
ENTRY = f"{ATOM};type=entry;profile=opds-catalog"
OPENSEARCH = "application/opensearchdescription+xml"
SEARCH_DESCRIPTION = "/opds/search.xml"
MP3 = "audio/mpeg"
_ATOM, _DC = "http://www.w3.org/2005/Atom", "http://purl.org/dc/terms/"
_OPENSEARCH = "http://a9.com/-/spec/opensearch/1.1/"
_NAMESPACES: Any = {None: _ATOM, "dc": _DC, "opensearch": _OPENSEARCH}
_OPENSEARCH_ALONE: Any = {None: _OPENSEARCH}
"""`Any`: the types of lxml know no namespace without a prefix, and some readers know no prefix."""
_ACQUISITION_REL = "http://opds-spec.org/acquisition"
_IMAGE_REL = "http://opds-spec.org/image"
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot say: titles and summaries come from files of all kinds."""


def feed_type(feed: Feed) -> str:
    """Return the media type of a feed."""
    return NAVIGATION if feed.page is None else ACQUISITION


def write_feed(feed: Feed, server: str) -> bytes:
    """Return a feed with addresses at `server`, which is scheme and host."""
    root = etree.Element(f"{{{_ATOM}}}feed", nsmap=_NAMESPACES)
    _begin(root, feed.id, feed.title, feed.updated)
    _add(_add(root, "author"), "name", TITLE)
    _link(root, "self", f"{server}{PATH}{feed.own_address}", feed_type(feed))
    _link(root, "start", f"{server}{PATH}", NAVIGATION)
    _link(root, "search", f"{server}{SEARCH_DESCRIPTION}", OPENSEARCH)
    if feed.page is not None:
        _add_page(root, feed, feed.page, server)
    for section in feed.sections:
        _add_section(root, section, feed.updated, server)
    for publication in feed.publications:
        _add_publication(etree.SubElement(root, f"{{{_ATOM}}}entry"), publication, server)
    return _written(root)


def write_publication(publication: Publication, server: str) -> bytes:
    """Return a book as a document of its own."""
    root = etree.Element(f"{{{_ATOM}}}entry", nsmap=_NAMESPACES)
    _add_publication(root, publication, server)
    return _written(root)


def write_search_description(server: str) -> bytes:
    """Return how the catalogue is searched."""
    root = etree.Element(f"{{{_OPENSEARCH}}}OpenSearchDescription", nsmap=_OPENSEARCH_ALONE)
    for name, text in (
        ("ShortName", TITLE),
        ("Description", "Books by words of title, author and chapters"),
        ("InputEncoding", "UTF-8"),
        ("OutputEncoding", "UTF-8"),
    ):
        etree.SubElement(root, f"{{{_OPENSEARCH}}}{name}").text = text
    template = f"{server}{PATH}/search?query={{searchTerms}}&page={{startPage?}}"
    etree.SubElement(root, f"{{{_OPENSEARCH}}}Url", type=ACQUISITION, template=template)
    return _written(root)


def _add_page(root: _Element, feed: Feed, page: Page, server: str) -> None:
    _link(root, "up", f"{server}{PATH}", NAVIGATION)
    for rel, number in page.neighbours.items():
        _link(root, rel, f"{server}{PATH}{feed.address(number)}", ACQUISITION)
    for name, number in page.counts.items():
        etree.SubElement(root, f"{{{_OPENSEARCH}}}{name}").text = str(number)


def _add_section(root: _Element, section: Section, updated: datetime, server: str) -> None:
    entry = etree.SubElement(root, f"{{{_ATOM}}}entry")
    _begin(entry, section.id, section.title, updated)
    _add(entry, "content", section.description, type="text")
    _link(entry, section.rel, f"{server}{PATH}{section.path}", ACQUISITION)


def _add_publication(entry: _Element, publication: Publication, server: str) -> None:
    _begin(entry, publication.id, publication.title, publication.updated)
    _add(_add(entry, "author"), "name", publication.author)
    _add(entry, "published", _time(publication.published))
    for name, text in (
        ("language", publication.language),
        ("identifier", f"urn:isbn:{publication.isbn}"),
        ("publisher", publication.publisher),
        ("issued", publication.issued),
    ):
        if text:
            etree.SubElement(entry, f"{{{_DC}}}{name}").text = _clean(text)
    if publication.summary:
        _add(entry, "summary", publication.summary, type="text")
    _link(entry, "alternate", f"{server}{PATH}{publication.path}", ENTRY)
    for rel in (_IMAGE_REL, f"{_IMAGE_REL}/thumbnail"):
        _link(entry, rel, f"{server}{publication.cover}", "image/jpeg")
    for clip in publication.clips:
        _link(entry, _ACQUISITION_REL, f"{server}{clip.path}", MP3, title=_clean(clip.title))


def _begin(element: _Element, element_id: UUID, title: str, updated: datetime) -> None:
    _add(element, "id", element_id.urn)
    _add(element, "title", title, type="text")
    _add(element, "updated", _time(updated))


def _add(parent: _Element, name: str, text: str | None = None, **attributes: str) -> _Element:
    element = etree.SubElement(parent, f"{{{_ATOM}}}{name}", attributes)
    element.text = None if text is None else _clean(text)
    return element


def _link(parent: _Element, rel: str, href: str, media_type: str, **attributes: str) -> None:
    etree.SubElement(parent, f"{{{_ATOM}}}link", {"rel": rel, "href": href, "type": media_type, **attributes})


def _clean(text: str) -> str:
    return _NOT_XML.sub("", text)


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _written(root: _Element) -> bytes:
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)
