"""All pages, and the files that they load."""

from litestar import Router
from litestar.config.compression import CompressionConfig
from litestar.di import Provide
from litestar.middleware import DefineMiddleware
from litestar.middleware.compression import CompressionMiddleware

from bookbytes_api.web_app import (
    account,
    add,
    add_preview,
    book,
    bookmarks,
    chapter,
    feed_address,
    installation,
    kept,
    people,
    requests_pages,
    shelf,
    sign_in,
)
from bookbytes_api.web_app.assets import Assets
from bookbytes_api.web_app.page_errors import PAGE_ERRORS
from bookbytes_api.web_app.rendering import provide_page

COMPRESSION = DefineMiddleware(CompressionMiddleware, config=CompressionConfig(backend="gzip"))
"""Of pages and their files alone: clips are compressed already and sent in parts, and events must not wait."""


def routers(assets: Assets) -> list[Router]:
    """Return the routes of the pages and of their files."""
    pages = Router(
        "/",
        route_handlers=[
            sign_in.router,
            shelf.router,
            book.router,
            chapter.router,
            bookmarks.router,
            feed_address.router,
            add.router,
            add_preview.router,
            requests_pages.router,
            account.router,
            people.router,
            kept.router,
            installation.router,
        ],
        dependencies={
            "page": Provide(provide_page, sync_to_thread=False),
            "assets": Provide(lambda: assets, sync_to_thread=False),
        },
        exception_handlers=PAGE_ERRORS,
        middleware=[COMPRESSION],
        include_in_schema=False,
    )
    files = assets.router()
    return [pages, Router("/", route_handlers=[files], middleware=[COMPRESSION])]
