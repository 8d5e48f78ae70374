"""The catalogue as OPDS 2.0: JSON, with the metadata of Readium's web publications."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from bookbytes_api.opds.catalogue import PAGE_SIZE, TITLE, Feed, Publication

PATH = "/opds/v2"
FEED = "application/opds+json"
PUBLICATION = "application/opds-publication+json"
AUTHENTICATION = "application/opds-authentication+json"
AUTHENTICATION_PATH = f"{PATH}/authentication"
_ACQUISITION_REL = "http://opds-spec.org/acquisition"
_COVER_SIDE = 1400

Document = dict[str, Any]


def write_feed(feed: Feed, server: str) -> bytes:
    """Return a feed with addresses at `server`, which is scheme and host."""
    base = f"{server}{PATH}"
    metadata: Document = {"identifier": feed.id.urn, "title": feed.title, "modified": _time(feed.updated)}
    links: list[Document] = [
        _link("self", f"{base}{feed.own_address}"),
        _link("start", base),
        {**_link("search", f"{base}/search{{?query}}"), "templated": True},
    ]
    document: Document = {"metadata": metadata, "links": links}
    if feed.page is None:
        document["navigation"] = [
            {**_link(section.rel, f"{base}{section.path}"), "title": section.title} for section in feed.sections
        ]
        return msgspec.json.encode(document)
    page = feed.page
    metadata |= {"numberOfItems": page.total, "itemsPerPage": PAGE_SIZE, "currentPage": page.number}
    links.append(_link("up", base))
    links += [_link(rel, f"{base}{feed.address(number)}") for rel, number in page.neighbours.items()]
    document["publications"] = [_publication(publication, server) for publication in feed.publications]
    return msgspec.json.encode(document)


def write_publication(publication: Publication, server: str) -> bytes:
    """Return a book as a document of its own."""
    return msgspec.json.encode(_publication(publication, server))


def write_authentication(server: str) -> bytes:
    """Return how to authenticate (Authentication for OPDS 1.0): a form for a name and a token."""
    return msgspec.json.encode(
        {
            "id": f"{server}{AUTHENTICATION_PATH}",
            "title": TITLE,
            "description": "Any name, and a personal access token that allows to listen as the password. "
            "The password of your account is not accepted here.",
            "links": [{"rel": "start", "href": f"{server}{PATH}", "type": FEED}],
            "authentication": [
                {
                    "type": "http://opds-spec.org/auth/basic",
                    "labels": {"login": "Any name", "password": "Personal access token"},
                }
            ],
        }
    )


def _publication(publication: Publication, server: str) -> Document:
    cover = {"href": f"{server}{publication.cover}", "type": "image/jpeg", "width": _COVER_SIDE, "height": _COVER_SIDE}
    return {
        "metadata": _metadata(publication),
        "links": [
            {**_link("self", f"{server}{PATH}{publication.path}"), "type": PUBLICATION},
            *(
                _present(
                    rel=_ACQUISITION_REL,
                    href=f"{server}{clip.path}",
                    type="audio/mpeg",
                    title=clip.title,
                    duration=clip.seconds,
                )
                for clip in publication.clips
            ),
        ],
        "images": [cover],
    }


def _metadata(publication: Publication) -> Document:
    """A year alone is no date for OPDS 2.0, so it is left out."""
    issued = publication.issued
    return _present(
        **{"@type": "http://schema.org/Audiobook"},
        identifier=f"urn:isbn:{publication.isbn}",
        title=publication.title,
        author=publication.author,
        language=publication.language,
        publisher=publication.publisher,
        published=issued if issued and "-" in issued else None,
        modified=_time(publication.updated),
        description=publication.summary,
        duration=publication.seconds or None,
    )


def _present(**members: object) -> Document:
    return {name: value for name, value in members.items() if value is not None}


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _link(rel: str, href: str) -> Document:
    return {"rel": rel, "href": href, "type": FEED}
