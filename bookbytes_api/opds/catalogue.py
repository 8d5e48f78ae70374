"""What a feed of the catalogue says, whichever version of OPDS it is written in; paths are below the version's."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from uuid import NAMESPACE_OID, UUID, uuid5

PAGE_SIZE = 20
"""Books on a page: their chapters and summaries are written with them."""
TITLE = "BookBytes"
_FEEDS = uuid5(NAMESPACE_OID, "bookbytes/opds")
"""What the ids of feeds are made from: not their addresses, which change with the server's name."""


@dataclass(frozen=True, slots=True)
class Section:
    """A feed that another one leads to. `rel` says which of those that OPDS knows it is."""

    path: str
    title: str
    description: str
    rel: str

    @property
    def id(self) -> UUID:
        """That of the feed."""
        return uuid5(_FEEDS, self.path)


@dataclass(frozen=True, slots=True)
class Clip:
    """The clip of a chapter, and how many seconds it takes."""

    chapter_id: UUID
    title: str
    seconds: float | None

    @property
    def path(self) -> str:
        """Where it is played."""
        return f"/opds/chapters/{self.chapter_id}/audio"


@dataclass(frozen=True, slots=True)
class Publication:
    """A book with the clips that can be played, that of the whole book first. `issued` is a date or a year."""

    id: UUID
    isbn: str
    title: str
    author: str
    language: str
    publisher: str | None
    issued: str | None
    published: datetime
    updated: datetime
    summary: str | None
    clips: tuple[Clip, ...]

    @property
    def path(self) -> str:
        """Where its entry is."""
        return f"/books/{self.id}"

    @property
    def cover(self) -> str:
        """Where its cover is."""
        return f"/opds/books/{self.id}/cover"

    @property
    def seconds(self) -> float:
        """How long all of it takes."""
        return sum(clip.seconds or 0 for clip in self.clips)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list, from 1; `total` counts the books of all pages."""

    number: int
    total: int

    @property
    def last(self) -> int:
        """The number of the last page; an empty list has one."""
        return max(1, -(-self.total // PAGE_SIZE))

    @property
    def counts(self) -> dict[str, int]:
        """What OpenSearch says of it."""
        first = (self.number - 1) * PAGE_SIZE + 1
        return {"totalResults": self.total, "startIndex": first, "itemsPerPage": PAGE_SIZE}

    @property
    def neighbours(self) -> dict[str, int]:
        """The pages that it leads to, by their relation; beyond the end, the last one is the previous."""
        pages = {"first": 1, "last": self.last}
        if self.number > 1:
            pages["previous"] = min(self.number - 1, self.last)
        if self.number < self.last:
            pages["next"] = self.number + 1
        return pages


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed: of sections, or a page of books, where `page` says which."""

    path: str
    title: str
    updated: datetime
    sections: tuple[Section, ...] = ()
    publications: tuple[Publication, ...] = ()
    page: Page | None = None
    query: str | None = None

    @property
    def id(self) -> UUID:
        """The same for every page of a list."""
        return uuid5(_FEEDS, self.address(1))

    def address(self, page: int) -> str:
        """Return the path of one of its pages."""
        parameters = {"query": self.query, "page": page if page > 1 else None}
        asked = urlencode({name: value for name, value in parameters.items() if value is not None})
        return f"{self.path}?{asked}" if asked else self.path

    @property
    def own_address(self) -> str:
        """The path of this page."""
        return self.address(self.page.number if self.page else 1)
