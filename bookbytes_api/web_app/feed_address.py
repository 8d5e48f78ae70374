"""The address of a podcast feed with its QR code, made when somebody asks for it and shown once."""

from typing import Any
from uuid import UUID

import segno
from litestar import MediaType, Request, Router, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from markupsafe import Markup

from bookbytes_api.accounts.user import User
from bookbytes_api.feeds.subscriptions import NewFeed, new_feed
from bookbytes_api.web.access import LOGIN_ONLY
from bookbytes_api.web_app.rendering import Page, PageTemplate
from bookbytes_pipeline.db.database import Database

FEED_ADDRESS = "/feed-address"


@post(FEED_ADDRESS, media_type=MediaType.HTML, status_code=200, opt={LOGIN_ONLY: True})
async def feed_address(
    request: Request[User, Any, Any],
    page: NamedDependency[Page],
    database: NamedDependency[Database],
    public_address: NamedDependency[str],
) -> PageTemplate:
    """Make the address of a book's feed, or of the shelf's where no book is named. It answers a POST alone.

    So the address, which is a permission, is in no other address, no history and no log.
    """
    wanted = NewFeed(_book_id(str((await request.form()).get("book_id", ""))))
    feed = await sync_to_thread(new_feed, database, request.user, public_address, wanted)
    return page.render("feed_address.html", feed=feed, qr_code=qr_code(feed.feed_url))


def qr_code(text: str) -> Markup:
    """Return a QR code as an SVG element, dark on light with a margin, as cameras need it in every colour scheme."""
    drawing = segno.make(text, error="m").svg_inline(
        border=4, omitsize=True, light="#fff", svgclass=None, lineclass=None
    )
    return Markup(drawing)  # noqa: S704 - numbers and commands of paths


def _book_id(said: str) -> UUID | None:
    try:
        return UUID(said) if said else None
    except ValueError:
        raise HTTPException(
            "This form names no book. Open the book again and try once more.", status_code=400
        ) from None


router = Router("/", route_handlers=[feed_address])
