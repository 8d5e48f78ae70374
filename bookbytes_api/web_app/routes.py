"""All pages, and the files that they load."""

from litestar import Router
from litestar.di import Provide

from bookbytes_api.web_app import account, add, add_preview, bookmarks, chapter, people, requests_pages, shelf, sign_in
from bookbytes_api.web_app.assets import Assets
from bookbytes_api.web_app.page_errors import PAGE_ERRORS
from bookbytes_api.web_app.rendering import provide_page


def routers(assets: Assets) -> list[Router]:
    """Return the routes of the pages and of their files."""
    pages = Router(
        "/",
        route_handlers=[
            sign_in.router,
            shelf.router,
            add.router,
            add_preview.router,
            requests_pages.router,
            chapter.router,
            bookmarks.router,
            account.router,
            people.router,
        ],
        dependencies={"page": Provide(provide_page, sync_to_thread=False)},
        exception_handlers=PAGE_ERRORS,
        include_in_schema=False,
    )
    return [pages, assets.router()]
