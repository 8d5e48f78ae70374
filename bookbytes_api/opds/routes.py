"""The addresses of the catalogue: each feed in each version, and `/opds`, where clients say which one they read."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from litestar import HttpMethod, Request, Response, Router, get, route
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter
from litestar.types import ControllerRouterHandler
from sqlalchemy.orm import Session

from bookbytes_api.books.audio import get_chapter_audio
from bookbytes_api.books.covers import get_book_cover
from bookbytes_api.books.queries import PRINTABLE
from bookbytes_api.opds import library, version_1, version_2
from bookbytes_api.opds.catalogue import Feed
from bookbytes_api.opds.responses import ANSWERING_EITHER, prefers_json, respond
from bookbytes_api.opds.versions import OPDS_1, OPDS_2, Version, documented
from bookbytes_api.web.access import ASKS_FOR_PASSWORD, NO_AUTH, NO_AUTH_SECURITY
from bookbytes_api.web.operation_ids import operation_id
from bookbytes_api.web.pagination import PageNumber
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.search_words import MAX_QUERY_CHARS

Words = Annotated[
    str,
    QueryParameter(
        name="query",
        max_length=MAX_QUERY_CHARS,
        pattern=PRINTABLE,
        description="Words, each of them in the title, the author or the chapters.",
    ),
]
_METHODS = [HttpMethod.GET, HttpMethod.HEAD]


def _send(request: Request[Any, Any, Any], version: Version, feed: Feed, server: str) -> Response[bytes]:
    return respond(request, version.write_feed(feed, server), version.feed_type(feed))


def _root(version: Version) -> HTTPRouteHandler:
    @route(
        "/",
        http_method=_METHODS,
        operation_id=operation_id(f"{version.name}_root"),
        responses=documented(version.feed, unauthorized=version.unauthorized),
        sync_to_thread=True,
    )
    def root(
        request: Request[Any, Any, Any], database: NamedDependency[Database], public_address: NamedDependency[str]
    ) -> Response[bytes]:
        """Get the feed that leads to all others."""
        with database.session() as session:
            feed = library.root(session)
        return _send(request, version, feed, public_address)

    return root


def _listing(
    version: Version, path: str, name: str, description: str, read: Callable[[Session, int], Feed]
) -> HTTPRouteHandler:
    """Return the route of a list of books, which `read` returns page by page."""

    @route(
        path,
        http_method=_METHODS,
        operation_id=operation_id(f"{version.name}_{name}"),
        description=description,
        responses=documented(version.feed, 422, unauthorized=version.unauthorized),
        sync_to_thread=True,
    )
    def listing(
        request: Request[Any, Any, Any],
        database: NamedDependency[Database],
        public_address: NamedDependency[str],
        page: PageNumber = 1,
    ) -> Response[bytes]:
        with database.session() as session:
            feed = read(session, page)
        return _send(request, version, feed, public_address)

    return listing


def _search(version: Version) -> HTTPRouteHandler:
    @route(
        "/search",
        http_method=_METHODS,
        operation_id=operation_id(f"{version.name}_search"),
        responses=documented(version.feed, 422, unauthorized=version.unauthorized),
        sync_to_thread=True,
    )
    def search(
        request: Request[Any, Any, Any],
        database: NamedDependency[Database],
        public_address: NamedDependency[str],
        words: Words = "",
        page: PageNumber = 1,
    ) -> Response[bytes]:
        """Find books by words, the best matches first."""
        with database.session() as session:
            feed = library.search(session, words, page)
        return _send(request, version, feed, public_address)

    return search


def _publication(version: Version) -> HTTPRouteHandler:
    @route(
        "/books/{book_id:uuid}",
        http_method=_METHODS,
        operation_id=operation_id(f"{version.name}_publication"),
        responses=documented(version.publication, 404, unauthorized=version.unauthorized),
        sync_to_thread=True,
    )
    def publication(
        request: Request[Any, Any, Any],
        database: NamedDependency[Database],
        public_address: NamedDependency[str],
        book_id: FromPath[UUID],
    ) -> Response[bytes]:
        """Get a book with the clips that can be played."""
        with database.session() as session:
            found = library.publication(session, book_id)
        return respond(request, version.write_publication(found, public_address), version.publication_type)

    return publication


def _feed_router(version: Version) -> Router:
    """Return the routes of a version."""
    return Router(
        version.path,
        route_handlers=[
            _root(version),
            _listing(version, "/books", "books", "Get a page of all books, by title.", library.all_books),
            _listing(version, "/new", "new_books", "Get a page of the books, the latest first.", library.new_books),
            _search(version),
            _publication(version),
        ],
        opt={ASKS_FOR_PASSWORD: True},
        exception_handlers=version.exception_handlers,
        tags=["opds"],
    )


@route(
    "/opds",
    http_method=_METHODS,
    operation_id=operation_id("opds"),
    opt={ASKS_FOR_PASSWORD: True},
    exception_handlers=ANSWERING_EITHER,
    responses=documented(version_1.ATOM),
    sync_to_thread=True,
    tags=["opds"],
)
def catalogue(
    request: Request[Any, Any, Any], database: NamedDependency[Database], public_address: NamedDependency[str]
) -> Response[bytes]:
    """Get the catalogue's first feed as OPDS 1.2, or as OPDS 2.0 if `Accept` prefers `application/opds+json`."""
    version = OPDS_2 if prefers_json(request) else OPDS_1
    with database.session() as session:
        feed = library.root(session)
    return respond(request, version.write_feed(feed, public_address), version.feed_type(feed))


@get(
    version_1.SEARCH_DESCRIPTION,
    operation_id="get_opds_search_description",
    opt={NO_AUTH: True},
    security=NO_AUTH_SECURITY,
    responses={200: ResponseSpec(bytes, media_type=version_1.OPENSEARCH, generate_examples=False)},
    tags=["opds"],
)
async def search_description(request: Request[Any, Any, Any], public_address: NamedDependency[str]) -> Response[bytes]:
    """Get the OpenSearch description: how the catalogue is searched."""
    return respond(request, version_1.write_search_description(public_address), version_1.OPENSEARCH)


@get(
    version_2.AUTHENTICATION_PATH,
    operation_id="get_opds_authentication",
    opt={NO_AUTH: True},
    security=NO_AUTH_SECURITY,
    responses={200: ResponseSpec(dict[str, Any], media_type=version_2.AUTHENTICATION, generate_examples=False)},
    tags=["opds"],
)
async def authentication(request: Request[Any, Any, Any], public_address: NamedDependency[str]) -> Response[bytes]:
    """Get what a client has to ask its user for (Authentication for OPDS 1.0)."""
    return respond(request, version_2.write_authentication(public_address), version_2.AUTHENTICATION)


linked = Router(
    "/opds", route_handlers=[get_chapter_audio, get_book_cover], opt={ASKS_FOR_PASSWORD: True}, include_in_schema=False
)
"""Clips and covers again, at addresses that ask for HTTP Basic: at their own, browsers would ask people for a
password."""
routers: list[ControllerRouterHandler] = [
    _feed_router(OPDS_1),
    _feed_router(OPDS_2),
    catalogue,
    search_description,
    authentication,
    linked,
]
