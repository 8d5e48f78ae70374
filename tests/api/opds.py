"""The catalogue as its clients see it: both versions read into the same facts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from lxml import etree

from tests.api.client import Api, User

ATOM = {"a": "http://www.w3.org/2005/Atom", "o": "http://a9.com/-/spec/opensearch/1.1/"}
ACQUISITION = "http://opds-spec.org/acquisition"
Headers = Mapping[str, str]


@dataclass(frozen=True)
class FeedFacts:
    """The ids of a feed's books in order, its links by their relation, and how many books there are in all."""

    books: list[str]
    links: dict[str, str]
    total: int


def create(api: Api, user: User, scope: str) -> str:
    """The secret of a new personal access token."""
    body = {"name": "reader", "scope": scope}
    return str(api.ask("POST", "/api/v1/auth/tokens", user, json=body).json()["token"])


def basic(secret: str) -> Headers:
    """What a reader sends that was given this password."""
    return {"Authorization": httpx.BasicAuth("anybody", secret)._auth_header}  # noqa: SLF001 - what httpx sends


def read_atom(document: bytes) -> FeedFacts:
    """Read a page of OPDS 1.2."""
    feed = etree.fromstring(document)
    links = {link.get("rel", ""): link.get("href", "") for link in feed.findall("a:link", ATOM)}
    total = feed.findtext("o:totalResults", "0", ATOM)
    ids = [entry.findtext("a:id", "", ATOM) for entry in feed.findall("a:entry", ATOM)]
    return FeedFacts(ids, links, int(total))


def read_json(document: dict[str, Any]) -> FeedFacts:
    """Read a page of OPDS 2.0, whose books are known by their addresses."""
    links = {link["rel"]: link["href"] for link in document["links"]}
    own = [link["href"] for book in document["publications"] for link in book["links"] if link["rel"] == "self"]
    ids = [f"urn:uuid:{address.rpartition('/')[2]}" for address in own]
    return FeedFacts(ids, links, document["metadata"]["numberOfItems"])


def pages(api: Api, user: User, path: str) -> Iterator[FeedFacts]:
    """The page at this path and all that follow it."""
    address: str | None = path
    while address:
        answer = api.ask("GET", address, user)
        assert answer.status_code == 200, answer.text
        is_json = answer.headers["Content-Type"].startswith("application/opds+json")
        facts = read_json(answer.json()) if is_json else read_atom(answer.content)
        yield facts
        address = facts.links.get("next")
