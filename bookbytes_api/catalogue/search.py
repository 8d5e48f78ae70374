"""Finding the ISBN of a book by its title."""

from typing import Annotated

import msgspec
from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from bookbytes_api.catalogue.catalogue import Catalogue
from bookbytes_api.catalogue.limits import LimitLookups
from bookbytes_api.web.error_responses import error_responses
from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.domain.work import Work

SearchWords = Annotated[
    str,
    QueryParameter(
        min_length=1,
        max_length=200,
        pattern=r"^[^\x00-\x1f\x7f]+$",
        description="Words of the title, and of the author if you like; or an ISBN.",
    ),
]


class FoundWork(msgspec.Struct, frozen=True, kw_only=True):
    """A work with one to ten ISBNs of its editions: first that of the edition that fits the words best.

    `first_year` is when the work was first published, `cover_url` the address of a picture at Open Library.
    """

    title: str
    authors: list[str]
    first_year: int | None
    cover_url: str | None
    isbns: list[ISBN]


class FoundWorks(msgspec.Struct, frozen=True, kw_only=True):
    """At most 20 works, the best match first; those without an ISBN are left out."""

    items: list[FoundWork]


@get(
    "/search/books",
    operation_id="search_books",
    middleware=[LimitLookups()],
    responses=error_responses(400, 401, 403, 422, 429, 502, 503),
)
async def search_books(q: SearchWords, catalogue: NamedDependency[Catalogue]) -> FoundWorks:
    """Find the ISBN of a book by words of its title, at Open Library."""
    return FoundWorks(items=[_found(work) for work in await catalogue.search(q)])


def _found(work: Work) -> FoundWork:
    return FoundWork(
        title=work.title,
        authors=list(work.authors),
        first_year=work.first_year,
        cover_url=work.cover_url,
        isbns=list(work.isbns),
    )


router = Router("/", route_handlers=[search_books], tags=["catalogue"])
