"""Making the address of a feed, by those who are logged in."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Router, post
from litestar.datastructures import CacheControlHeader
from litestar.di import NamedDependency
from litestar.params import JSONBody
from sqlalchemy.orm import Session

from bookbytes_api.accounts.models import MAX_TOKEN_NAME_CHARS
from bookbytes_api.accounts.personal_tokens import TokenScope, create_token, tokens_lock
from bookbytes_api.accounts.user import User
from bookbytes_api.errors import UnknownBook
from bookbytes_api.feeds.addresses import Addresses
from bookbytes_api.feeds.texts import shortened
from bookbytes_api.web.access import LOGIN_ONLY
from bookbytes_api.web.error_responses import error_responses
from bookbytes_api.web.strict_json import NO_NULL_BYTES_PATTERN, strict_json
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.library.models import BookRow

_SHELF_NAME = "Podcast feed of my shelf"

_Name = Annotated[
    str,
    msgspec.Meta(min_length=1, max_length=MAX_TOKEN_NAME_CHARS, pattern=NO_NULL_BYTES_PATTERN, examples=["AntennaPod"]),
]


class NewFeed(msgspec.Struct):
    """The book whose feed it is to be, your shelf's if null, and the name of the token in its address."""

    book_id: UUID | None = None
    name: _Name | None = None


class CreatedFeed(msgspec.Struct, kw_only=True):
    """The address of a feed, which is shown this once, and the token in it, which ends it when it is revoked."""

    token_id: UUID
    name: str
    book_id: UUID | None
    feed_url: str


@post(
    "/",
    operation_id="create_feed",
    before_request=strict_json,
    opt={LOGIN_ONLY: True},
    cache_control=CacheControlHeader(no_store=True),
    responses=error_responses(400, 401, 403, 404, 409, 413, 422, 503),
    sync_to_thread=True,
)
def create_feed(
    data: JSONBody[NewFeed],
    user: NamedDependency[User],
    database: NamedDependency[Database],
    public_address: NamedDependency[str],
) -> CreatedFeed:
    """Make the address of a podcast feed for one of your apps, with a personal access token in it that may listen."""
    return new_feed(database, user, public_address, data)


def new_feed(database: Database, user: User, public_address: str, wanted: NewFeed) -> CreatedFeed:
    """Make the address of a feed; raises `UnknownBook` and `TooManyTokens`."""
    with database.session(tokens_lock(user.id)) as session:
        usual_name = _usual_name(session, wanted.book_id)
        name = wanted.name or usual_name
        row, secret = create_token(session, user.id, name, TokenScope.LISTEN)
    addresses = Addresses(public_address, secret)
    feed_url = addresses.book(wanted.book_id) if wanted.book_id else addresses.shelf
    return CreatedFeed(token_id=row.id, name=name, book_id=wanted.book_id, feed_url=feed_url)


def _usual_name(session: Session, book_id: UUID | None) -> str:
    if book_id is None:
        return _SHELF_NAME
    book = session.get(BookRow, book_id)
    if book is None:
        raise UnknownBook(f"There is no book {book_id} in the library.")
    return shortened(f"Podcast feed of {book.title}", MAX_TOKEN_NAME_CHARS)


router = Router("/me/feeds", route_handlers=[create_feed], tags=["feeds"])
