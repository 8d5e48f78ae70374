"""The feeds, and what is at the addresses in them."""

from typing import Any
from uuid import UUID

from litestar import HttpMethod, Request, Router, route
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath
from starlette.responses import Response

from bookbytes_api.accounts.user import User
from bookbytes_api.feeds.addresses import FEEDS, Addresses
from bookbytes_api.feeds.books import book_to_hear
from bookbytes_api.feeds.content import book_show, shelf_show
from bookbytes_api.feeds.files import get_feed_chapters, get_feed_clip, get_feed_cover, get_feed_file
from bookbytes_api.feeds.responses import NOT_MODIFIED, private_response
from bookbytes_api.feeds.rss import rss
from bookbytes_api.feeds.shelf import shelf_of
from bookbytes_api.feeds.shows import Show
from bookbytes_api.web.access import LISTENS, TOKEN_IN_ADDRESS, TOKEN_IN_ADDRESS_SECURITY, TOKEN_PARAMETER
from bookbytes_api.web.error_responses import error_responses
from bookbytes_api.web.operation_ids import operation_id
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.store.store import Store

_RSS = "application/rss+xml"
_RSS_RESPONSES = {
    200: ResponseSpec(str, media_type=_RSS, description="The feed", generate_examples=False),
    **NOT_MODIFIED,
}


@route(
    "/shelf.xml",
    operation_id=operation_id("shelf_feed"),
    http_method=[HttpMethod.GET, HttpMethod.HEAD],
    media_type=_RSS,
    responses={**_RSS_RESPONSES, **error_responses(401, 403, 503)},
    sync_to_thread=True,
)
def get_shelf_feed(
    request: Request[Any, Any, Any],
    user: NamedDependency[User],
    database: NamedDependency[Database],
    store: NamedDependency[Store],
    public_address: NamedDependency[str],
) -> Response:
    """Get the podcast feed of your shelf: the books that you asked for, a season each; all books before you asked."""
    with database.session() as session:
        shelf = shelf_of(session, user.id)
    return _feed(request, shelf_show(shelf, user.id, _addresses(request, public_address), store))


@route(
    "/books/{book_id:uuid}/feed.xml",
    operation_id=operation_id("book_feed"),
    http_method=[HttpMethod.GET, HttpMethod.HEAD],
    media_type=_RSS,
    responses={**_RSS_RESPONSES, **error_responses(400, 401, 403, 404, 503)},
    sync_to_thread=True,
)
def get_book_feed(
    book_id: FromPath[UUID],
    request: Request[Any, Any, Any],
    user: NamedDependency[User],
    database: NamedDependency[Database],
    store: NamedDependency[Store],
    public_address: NamedDependency[str],
) -> Response:
    """Get the podcast feed of a book, with an episode for each chapter."""
    with database.session() as session:
        book = book_to_hear(session, book_id)
    return _feed(request, book_show(book, user.id, _addresses(request, public_address), store))


def _addresses(request: Request[Any, Any, Any], public_address: str) -> Addresses:
    return Addresses(public_address, request.query_params.get(TOKEN_PARAMETER))


def _feed(request: Request[Any, Any, Any], show: Show) -> Response:
    return private_response(request, rss(show), f"{_RSS}; charset=utf-8", show.changed)


router = Router(
    FEEDS,
    route_handlers=[get_shelf_feed, get_book_feed, get_feed_clip, get_feed_file, get_feed_chapters, get_feed_cover],
    opt={TOKEN_IN_ADDRESS: True, LISTENS: True},
    security=TOKEN_IN_ADDRESS_SECURITY,
    tags=["feeds"],
)
